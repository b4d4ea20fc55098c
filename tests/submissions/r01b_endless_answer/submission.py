# base: solved

# %% solution sequence_loss
def sequence_loss(y, target):
    while True:
        pass
