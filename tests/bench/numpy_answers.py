# What else students write: the generator draws among these and the worksheet's own solution.

# %% solution standardise
def standardise(x):
    """Each column with mean 0 and standard deviation 1."""
    mean = np.mean(x, axis=0, keepdims=True)
    deviation = np.sqrt(np.mean((x - mean) ** 2, axis=0, keepdims=True))
    return (x - mean) / deviation

# %% solution standardise
def standardise(x):
    return (x - x.mean()) / x.std()

# %% solution predict
def predict(x, w, b):
    score = np.einsum("nd,d->n", x, w) + b
    return np.where(score > 0, 1 / (1 + np.exp(-np.abs(score))), 1 - 1 / (1 + np.exp(-np.abs(score))))

# %% solution predict
def predict(x, w, b):
    return 0.5 * (1 + np.tanh((x @ w + b) / 2))

# %% solution loss_and_gradient
def loss_and_gradient(x, y, w, b):
    p = predict(x, w, b)
    N = x.shape[0]
    loss = -(np.log(p[y == 1]).sum() + np.log(1 - p[y == 0]).sum()) / N
    error = p - y
    dw = (error[:, None] * x).sum(axis=0) / N
    return loss, dw, error.sum() / N

# %% solution loss_and_gradient
def loss_and_gradient(x, y, w, b):
    p = predict(x, w, b)
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return loss, x.T @ (y - p) / len(y), np.mean(y - p)  # the sign is wrong

# %% solution train
def train(x, y, rate=0.5, steps=300):
    w = np.zeros(x.shape[1])
    b = 0.0
    losses = []
    while len(losses) < steps:
        loss, dw, db = loss_and_gradient(x, y, w, b)
        losses += [loss]
        w -= rate * dw
        b -= rate * db
    return w, b, losses

# %% solution confusion
def confusion(y, p):
    counts = np.zeros((2, 2), dtype=int)
    for truth, probability in zip(y, p):
        counts[int(truth), int(probability > 0.5)] += 1
    return counts

# %% solution confusion
def confusion(y, p):
    guess = p > 0.5
    return np.array([[np.sum((y == i) & (guess == j)) for i in (0, 1)] for j in (0, 1)])
