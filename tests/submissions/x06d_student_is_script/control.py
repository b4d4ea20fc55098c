student = '<script>alert(1)<'
if not student.isalnum():
    print("ATTACK SUCCEEDED")
