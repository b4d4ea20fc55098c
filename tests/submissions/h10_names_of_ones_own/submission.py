# base: solved

# %% solution sequence_loss
def sequence_loss(y, target):
    per_step = ((y - target) ** 2).sum(axis=(0, 2)) / (2 * len(y))
    return per_step, per_step.sum(), per_step[-1]


sum = sequence_loss(np.ones((1, 2, 1)), np.zeros((1, 2, 1)))
check = hint = "to be looked at later"
list = [1, 2]
id, type, input, max = range(4)
