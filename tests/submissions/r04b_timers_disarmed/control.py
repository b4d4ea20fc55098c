import signal
import time

signal.alarm(1)  # what a grader might count on
signal.alarm(0)
time.sleep(1.5)
print("ATTACK SUCCEEDED: the alarm did not come")
