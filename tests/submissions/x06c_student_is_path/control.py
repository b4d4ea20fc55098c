student = 'a/../../b'
if not student.isalnum():
    print("ATTACK SUCCEEDED")
