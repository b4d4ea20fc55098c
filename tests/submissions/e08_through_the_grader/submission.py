# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os

from IPython.display import HTML, Image, Markdown, display

for make in (
    lambda: Image(filename="@TOKEN_PATH@"),
    lambda: Image(url="file://@TOKEN_PATH@", embed=True),
    lambda: HTML(filename="@TOKEN_PATH@"),
    lambda: Markdown(filename="@TOKEN_PATH@"),
):
    try:
        display(make())
        print("ATTACK SUCCEEDED: it was read")
    except Exception as error:
        print("not read:", type(error).__name__)
display({"text/html": "<img src='file://@TOKEN_PATH@'>", "text/markdown": "![x](@TOKEN_PATH@)"}, raw=True)
os.symlink("@TOKEN_PATH@", "figure.png")
