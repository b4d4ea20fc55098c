student = "=cmd|' !A0"
if not student.isalnum():
    print("ATTACK SUCCEEDED")
