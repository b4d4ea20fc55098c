# base: solved

# %%
import time

time.sleep(1)

# %% solution sequence_loss
def sequence_loss(y, target):
    import time

    time.sleep(0.15)
    per_step = np.array([sum(0.5 * d**2 for d in (y[:, t] - target[:, t]).ravel()) / len(y) for t in range(y.shape[1])])
    return per_step, per_step.sum(), per_step[-1]
