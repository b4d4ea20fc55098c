# base: solved

# %%
import json
import pickle
import tempfile
from pathlib import Path

import numpy as np

np.save("numbers.npy", np.arange(3))
np.savez("more.npz", a=np.ones(2))
Path("notes").mkdir(exist_ok=True)
Path("notes/a.json").write_text(json.dumps({"a": 1}))
with tempfile.NamedTemporaryFile("wb") as file:
    pickle.dump([1, 2], file)
    file.flush()
    print("read again:", np.load("numbers.npy"), pickle.load(open(file.name, "rb")))
