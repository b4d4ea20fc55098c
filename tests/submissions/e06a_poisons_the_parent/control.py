import os
import sys

import numpy as np


def graded():
    return float(np.tanh(0.5))


honest = graded()
np.tanh = lambda x: 0.0  # the first submission, in the process that serves the second
if graded() != honest:
    print("ATTACK SUCCEEDED: the next one is graded by another tanh")
