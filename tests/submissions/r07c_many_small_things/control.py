held = [[float(number)] for number in range(5_000_000)]
print("ATTACK SUCCEEDED: half a gigabyte of small things")
