# base: solved

# %%
from IPython.display import display

display(
    {
        "text/html": "<iframe srcdoc='<script>1</script>'></iframe><form action='/api/shutdown'><button>Next</button></form><object data='/x'></object>",
        "text/plain": "-",
    },
    raw=True,
)
