# base: solved

# %%
from IPython.display import display

display(
    {
        "text/html": "<b onmouseover=\"document.title = 'x'\">hover</b><img alt='a' src='x' onerror=\"document.title = 'x'\"><script>1</script>",
        "text/plain": "hover",
    },
    raw=True,
)
