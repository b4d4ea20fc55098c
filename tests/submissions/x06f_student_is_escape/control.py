student = '\x1b[2Jmallory'
if not student.isalnum():
    print("ATTACK SUCCEEDED")
