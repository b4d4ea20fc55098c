# base: solved

# %%
from IPython.display import display

display({"text/latex": "$\\href{javascript:alert(1)}{x}$", "text/plain": "x"}, raw=True)
display({"text/html": "$&#92;href{javascript:alert(2)}{x}$", "text/plain": "x"}, raw=True)
