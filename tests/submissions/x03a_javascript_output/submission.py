# base: solved

# %%
from IPython.display import display

display({"application/javascript": "alert(1)", "text/plain": "a text beside it"}, raw=True)
display({"application/javascript": "alert(1)"}, raw=True)
