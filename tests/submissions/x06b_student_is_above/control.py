student = '..'
if not student.isalnum():
    print("ATTACK SUCCEEDED")
