"""A table of verdicts, as anybody would write it."""

import csv
import io

table = io.StringIO()
error = type("=HYPERLINK(1)", (Exception,), {})("no")
csv.writer(table).writerow([f"{type(error).__name__}: {error}"])
if table.getvalue().startswith("="):
    print("ATTACK SUCCEEDED")
