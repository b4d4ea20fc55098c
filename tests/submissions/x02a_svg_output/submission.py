# base: solved

# %%
from IPython.display import display

display(
    {
        "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script><foreignObject><b/></foreignObject></svg>",
        "text/plain": "a picture",
    },
    raw=True,
)
display(
    {
        "text/html": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script><foreignObject><b/></foreignObject></svg>",
        "text/plain": "a page",
    },
    raw=True,
)
