# base: solved

# %%
import logging

logging.basicConfig(level=logging.DEBUG)
logging.debug("a word from logging")
for number in range(3000):
    print(f"epoch {number:5d} \x1b[32mloss\x1b[0m {3000 - number}", end="\r" if number % 2 else "\n")

# %% solution sequence_loss
def sequence_loss(y, target):
    for n in range(50):
        print("DEBUG", n, y, target)
        logging.warning("DEBUG %s", y)
    per_step = ((y - target) ** 2).sum(axis=(0, 2)) / (2 * len(y))
    return per_step, per_step.sum(), per_step[-1]
