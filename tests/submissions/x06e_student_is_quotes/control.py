"""A table of marks, as somebody in a hurry would write it."""

table = "student,points\n" + 'a"b,c\nd' + ",4\n"
if len(table.splitlines()) != 2:
    print("ATTACK SUCCEEDED")
