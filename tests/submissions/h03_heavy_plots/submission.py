# base: solved

# %%
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 10, 2000)
for number in range(3):
    plt.figure(figsize=(10, 6), dpi=120)
    plt.plot(x, np.sin(x * number), label=f"$\sin({number}x)$")
    plt.legend()
    plt.title(r"$\frac{\partial J}{\partial W}$")
    plt.grid(True)
    plt.show()

# %%
fig, axes = plt.subplots(3, 3, figsize=(9, 9), sharex=True)
for ax in axes.flat:
    ax.imshow(np.random.rand(50, 50), aspect="auto")
fig.tight_layout()
fig.savefig("figure.png")
fig

# %%
ax = plt.figure().add_subplot(projection="3d")
ax.scatter(*np.random.rand(3, 2000))
plt.semilogy(range(1, 9))
plt.style.use("ggplot")
