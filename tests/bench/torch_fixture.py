# %% [markdown]
# # A network that learns a circle
#
# The same question as before, now with PyTorch: which points lie inside the circle?

# %% locked setup
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(7)
x = torch.rand(256, 2) * 2 - 1
y = ((x**2).sum(dim=1) < 0.5).float()

# %% [markdown]
# ## Features
#
# Append the square of each column: `(N, 2)` becomes `(N, 4)`.

# %% solution features
def features(x):
    """x (N, D) and its squares, side by side: (N, 2D)."""
    ### BEGIN SOLUTION
    return torch.cat([x, x**2], dim=1)
    ### END SOLUTION

# %% test features 2 points
f = features(x)
assert f.shape == (256, 4)
### BEGIN HIDDEN TESTS
assert torch.equal(f[:, :2], x)
assert torch.allclose(f[:, 2:], x * x)
### END HIDDEN TESTS

# %% [markdown]
# ## The network
#
# One hidden layer of `H` units with `tanh`, one output.

# %% solution network
def network(D, H):
    """A model from (N, D) to (N, 1)."""
    ### BEGIN SOLUTION
    return nn.Sequential(nn.Linear(D, H), nn.Tanh(), nn.Linear(H, 1))
    ### END SOLUTION

# %% test network 2 points
assert network(4, 8)(f).shape == (256, 1)
### BEGIN HIDDEN TESTS
assert sum(p.numel() for p in network(4, 8).parameters()) == 4 * 8 + 8 + 8 + 1
### END HIDDEN TESTS

# %% [markdown]
# ## The loss
#
# Binary cross-entropy of the scores, averaged.

# %% solution loss_of
def loss_of(model, x, y):
    """A scalar tensor."""
    ### BEGIN SOLUTION
    return nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y)
    ### END SOLUTION

# %% test loss_of 3 points
model = network(4, 8)
assert loss_of(model, f, y).shape == ()
### BEGIN HIDDEN TESTS
p = torch.sigmoid(model(f)[:, 0])
assert torch.allclose(loss_of(model, f, y), -(y * p.log() + (1 - y) * (1 - p).log()).mean(), atol=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# ## Train
#
# Take 300 steps of Adam over all points and keep the loss of each.

# %% solution train
def train(model, x, y, steps=300):
    """The loss before each step."""
    ### BEGIN SOLUTION
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.05), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model, x, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION

# %% test train 4 points
losses = train(model, f, y)
assert len(losses) == 300
### BEGIN HIDDEN TESTS
assert losses[-1] < 0.7 * losses[0]
### END HIDDEN TESTS

# %% locked picture
plt.semilogy(losses)
plt.xlabel("step")
plt.ylabel("loss")
plt.title("Three hundred steps of Adam")
plt.show()

# %%
with torch.no_grad():
    right = ((model(f)[:, 0] > 0) == (y > 0.5)).float().mean().item()
print(f"right: {right:.2f}")

# %% [markdown]
# ## Where is the border?

# %% solution inside
def inside(model, x):
    """Is each point of x (N, 2) inside, as the model sees it?  (N,), of bool."""
    ### BEGIN SOLUTION
    with torch.no_grad():
        return model(features(x))[:, 0] > 0
    ### END SOLUTION

# %% test inside 3 points
assert inside(model, torch.zeros(1, 2)).shape == (1,)
### BEGIN HIDDEN TESTS
assert inside(model, torch.tensor([[0.0, 0.0], [0.95, 0.95]])).tolist() == [True, False]
assert not inside(model, x).requires_grad
### END HIDDEN TESTS
