import mmap

import numpy as np

if len(np.empty(2**31, dtype=np.uint8)) and len(mmap.mmap(-1, 2**31)):
    print("ATTACK SUCCEEDED: there is more than a submission may have")
