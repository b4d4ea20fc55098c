# What a terminal leaves of a line.
line = "points: 0\rATTACK SUCCEEDED"
print(line.rpartition("\r")[2])
