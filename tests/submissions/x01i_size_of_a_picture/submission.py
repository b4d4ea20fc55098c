# base: solved

# %%
from IPython.display import display

display(
    {"image/png": "none", "text/plain": "a picture"},
    raw=True,
    metadata={"image/png": {"width": "9 onerror=alert(1)"}},
)
