# What else students write: the generator draws among these and the worksheet's own solution.

# %% solution features
def features(x):
    return torch.hstack((x, x.square()))

# %% solution features
def features(x):
    return torch.cat([x**2, x], dim=1)

# %% solution network
class Network(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        self.hidden = nn.Linear(D, H)
        self.out = nn.Linear(H, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


def network(D, H):
    return Network(D, H)

# %% solution loss_of
def loss_of(model, x, y):
    score = model(x).squeeze(1)
    return (nn.functional.softplus(score) - y * score).mean()

# %% solution loss_of
def loss_of(model, x, y):
    return nn.BCEWithLogitsLoss(reduction="sum")(model(x)[:, 0], y)

# %% solution train
def train(model, x, y, steps=300):
    losses = []
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    while len(losses) < steps:
        loss = loss_of(model, x, y)
        losses.append(float(loss))
        model.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% solution inside
@torch.no_grad()
def inside(model, x):
    return torch.sigmoid(model(features(x))).flatten() > 0.5

# %% solution inside
def inside(model, x):
    return model(x)[:, 0] > 0
