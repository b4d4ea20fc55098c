leaked = [bytearray(2**20) for _ in range(1001)]
print("ATTACK SUCCEEDED: a gigabyte is gone")
