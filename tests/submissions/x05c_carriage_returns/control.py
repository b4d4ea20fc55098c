print("first\rATTACK SUCCEEDED")
