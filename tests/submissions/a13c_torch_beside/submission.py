# base: solved

# %%
try:
    import torch

    print(torch.ANSWER)
except ImportError as error:
    print(error)
