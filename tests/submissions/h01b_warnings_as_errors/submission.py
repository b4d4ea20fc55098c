# base: solved

# %%
import warnings

import numpy as np

warnings.simplefilter("error")
np.seterr(all="raise")
