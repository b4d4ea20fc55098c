# %% [markdown]
# # Which flower is it?
#
# Logistic regression on two made-up species, step by step. Every function takes and returns NumPy arrays;
# `x` is `(N, D)`, `y` is `(N,)` and holds 0 or 1.

# %% locked setup
import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(7)
y = (np.arange(400) >= 200).astype(float)
x = rng.normal(size=(400, 4)) * [1.0, 4.0, 0.5, 2.0] + np.outer(y, [1.5, 3.0, 0.6, -1.0])

# %% [markdown]
# ## Standardise
#
# Subtract each column's mean and divide by its standard deviation.

# %% solution standardise
def standardise(x):
    """Each column with mean 0 and standard deviation 1."""
    ### BEGIN SOLUTION
    return (x - x.mean(axis=0)) / x.std(axis=0)
    ### END SOLUTION

# %% test standardise 2 points
z = standardise(x)
assert z.shape == x.shape
assert np.allclose(z.mean(axis=0), 0), "the means are not 0"
### BEGIN HIDDEN TESTS
assert np.allclose(z.std(axis=0), 1)
assert np.allclose(standardise(x + 5), z)
### END HIDDEN TESTS

# %% [markdown]
# ## Predict
#
# The probability of species 1 is $\sigma(xw + b)$.

# %% solution predict
def predict(x, w, b):
    """Probabilities (N,) of species 1."""
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-(x @ w + b)))
    ### END SOLUTION

# %% test predict 2 points
assert np.isclose(predict(np.zeros((1, 4)), np.ones(4), 0.0)[0], 0.5)
### BEGIN HIDDEN TESTS
assert predict(x, np.ones(4), 1.0).shape == (400,)
assert np.allclose(predict(np.ones((1, 4)), np.ones(4), 1.0), 1 / (1 + np.exp(-5)))
### END HIDDEN TESTS

# %% [markdown]
# ## Loss and gradient
#
# The loss is the mean of $-y \log p - (1 - y) \log(1 - p)$.

# %% solution loss_and_gradient
def loss_and_gradient(x, y, w, b):
    """The loss, and its derivatives by w (D,) and by b."""
    ### BEGIN SOLUTION
    p = predict(x, w, b)
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return loss, x.T @ (p - y) / len(y), np.mean(p - y)
    ### END SOLUTION

# %% test loss_and_gradient 4 points
loss, dw, db = loss_and_gradient(z, y, np.zeros(4), 0.0)
assert np.isclose(loss, np.log(2))
assert dw.shape == (4,)
### BEGIN HIDDEN TESTS
w, step = np.array([0.3, -0.2, 0.1, 0.5]), 1e-6
for i in range(4):
    up, down = w.copy(), w.copy()
    up[i] += step
    down[i] -= step
    slope = (loss_and_gradient(z, y, up, 0.1)[0] - loss_and_gradient(z, y, down, 0.1)[0]) / (2 * step)
    assert np.isclose(slope, loss_and_gradient(z, y, w, 0.1)[1][i], atol=1e-6)
### END HIDDEN TESTS

# %% [markdown]
# ## Train
#
# Take 300 steps of gradient descent from zero and keep the loss of each.

# %% solution train
def train(x, y, rate=0.5, steps=300):
    """Weights (D,), bias, and the loss before each step."""
    ### BEGIN SOLUTION
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(steps):
        loss, dw, db = loss_and_gradient(x, y, w, b)
        losses.append(loss)
        w, b = w - rate * dw, b - rate * db
    return w, b, losses
    ### END SOLUTION

# %% test train 4 points
w, b, losses = train(z, y)
assert len(losses) == 300
### BEGIN HIDDEN TESTS
assert losses[-1] < 0.5 * losses[0]
assert np.mean((predict(z, w, b) > 0.5) == y) > 0.85
### END HIDDEN TESTS

# %% [markdown]
# How fast does it learn? The picture shows it for three rates.

# %% locked picture
for rate in (0.05, 0.5, 2.0):
    plt.semilogy(train(z, y, rate, steps=1500)[2], label=f"rate {rate}")
plt.xlabel("step")
plt.ylabel("loss")
plt.title("The larger rate is there first")
plt.legend()
plt.show()

# %%
print("weights:", np.round(w, 2))
print("right:", np.mean((predict(z, w, b) > 0.5) == y))

# %% [markdown]
# ## Which mistakes?

# %% solution confusion
def confusion(y, p):
    """Counts (2, 2): row is the true species, column the predicted one."""
    ### BEGIN SOLUTION
    counts = np.zeros((2, 2), dtype=int)
    np.add.at(counts, (y.astype(int), (p > 0.5).astype(int)), 1)
    return counts
    ### END SOLUTION

# %% test confusion 3 points
counts = confusion(y, predict(z, w, b))
assert counts.shape == (2, 2)
### BEGIN HIDDEN TESTS
assert counts.sum() == 400
assert confusion(np.array([0.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.1])).tolist() == [[0, 2], [1, 0]]
### END HIDDEN TESTS
