"""A table of marks, as anybody would write it."""

import csv
import io

table = io.StringIO()
csv.writer(table).writerow(["=cmd|' !A0", 4])
if table.getvalue().startswith("="):
    print("ATTACK SUCCEEDED")
