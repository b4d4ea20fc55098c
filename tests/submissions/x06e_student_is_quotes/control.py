student = 'a"b,c\nd'
if not student.isalnum():
    print("ATTACK SUCCEEDED")
