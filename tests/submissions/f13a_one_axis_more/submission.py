# base: released

# %% solution sequence_loss
def sequence_loss(y, target):
    per_step = ((y - target) ** 2).sum(axis=(0, 2)) / (2 * len(y))
    return per_step[None], per_step.sum(), per_step[-1]
