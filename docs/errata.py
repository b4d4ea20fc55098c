# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Errata of the sources
#
# This course follows the material of a deep-learning class: a discussion sheet on recurrent
# networks and LSTMs, the lecture notes and slides around it, and blog notes that explain the same.
# All of it is worth reading, and the ideas in it are sound. Like all teaching material it has
# slips: a sentence that goes too far, a symbol that got lost. Those that could mislead you are
# listed here: what is said, what is right, and where the course treats it.
#
# Do not take our word for it either. Below each entry stands a cell that reproduces its number
# with NumPy and the course's package, in seconds. Every draw is seeded.
#
# Mistakes in the course itself are in `CHANGELOG.md`.

# %%
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np

from course import flow, lstm, rnn, tasks
from course.activations import sigmoid
from course.gradcheck import numerical_gradient
from course.init import orthogonal, spectral_radius
from course.optim import Adam, clip_by_global_norm

# %% [markdown]
# ## The discussion on vanilla networks

# %% [markdown]
# ### The class returns what it never set
#
# **Said.** The published solution stores its output as `self.out` and returns `self.output`.
#
# **Right.** One name for one thing. As it stands, the first call ends in an `AttributeError`.
#
# **In the course.** ps02, `find_the_faults`: a class written anew with the same kinds of faults.
#
# **You should see** `AttributeError`.


# %%
class TwoNames:
    def forward(self, h, W_hy):
        self.out = h @ W_hy
        return self.output


try:
    TwoNames().forward(np.ones((1, 2)), np.ones((2, 1)))
except AttributeError as error:
    print(type(error).__name__, "-", error)

# %% [markdown]
# ### Rows and columns meet, and three hides it
#
# **Said.** The state is a 3 × 3 matrix of zeros; the recurrence multiplies from the right,
# `h W_hh`, and the output from the left, `W_hy h`. Every size in the example is 3.
#
# **Right.** A state is one row for each example, `(N, H)`, and one convention serves everywhere:
# $y = h W_{hy}$. With both mixed, a batch of 3 runs and is silently wrong, and any other batch is
# refused.
#
# **In the course.** ps02, `stacked_weights` for the translation, `VanillaRNN` and
# `find_the_faults`. Every check uses sizes that are all different.
#
# **You should see** a relative error of `1.7` for a batch of 3, and `ValueError` for a batch
# of 2.

# %%
rng = np.random.default_rng(0)
W_hy = rng.standard_normal((3, 3))
for N in (3, 2):
    h = rng.standard_normal((N, 3))
    try:
        error = np.linalg.norm(W_hy @ h - h @ W_hy) / np.linalg.norm(h @ W_hy)
        print(f"batch of {N}: relative error {error:.1f}")
    except ValueError as refused:
        print(f"batch of {N}: {type(refused).__name__}, {str(refused)[:60]}...")

# %% [markdown]
# ### A state that nobody resets
#
# **Said.** The class keeps its hidden state from call to call and has no way to forget it.
#
# **Right.** Within a sequence the state must be carried on; between two sequences it must go.
# Else the answer to a sequence depends on what was read before it.
#
# **In the course.** ps02: `reset()` is part of `VanillaRNN`'s contract, and a case runs two
# sequences through one object.
#
# **You should see** the same input answered by two outputs that differ by `29%`.

# %%
network = rnn.VanillaRNN(2, 4, 1, np.random.default_rng(0))
x = np.ones((1, 2))
first = network.forward(x)
again = network.forward(x)
network.reset()
after_reset = network.forward(x)
print(f"without reset the second answer differs by {abs(again / first - 1).item():.0%}")
print(f"with reset it differs by {abs(after_reset / first - 1).item():.0%}")

# %% [markdown]
# ### Weights without a scale
#
# **Said.** All weights are drawn from a standard normal distribution.
#
# **Right.** An $n \times n$ matrix of such numbers has a spectral radius of about $\sqrt n$. With
# 64 units tanh is saturated from the first steps on, and no gradient comes back. Divide by
# $\sqrt n$ and the radius is near 1.
#
# **In the course.** ps02, `VanillaRNN`; what the radius does to the gradient is ps04's subject.
#
# **You should see** a mean radius of `8.4` without the scale and `1.05` with it, and a slope of
# tanh of `0.11` on average after twenty steps, instead of `0.82`.

# %%
rng = np.random.default_rng(0)
drawn = [rng.standard_normal((64, 64)) for _ in range(100)]
radius = np.mean([spectral_radius(W) for W in drawn])
print(f"mean spectral radius: {radius:.1f} without a scale, {radius / 8:.2f} with it")
for W_hh in (drawn[0], drawn[0] / 8):
    x = 0.3 * rng.standard_normal((16, 20, 64))  # so W_xh may be the identity
    h = rnn.rnn_forward(x, np.zeros((16, 64)), np.eye(64), W_hh, np.zeros(64))
    print(f"mean slope of tanh at step 20: {np.mean(1 - h[:, -1] ** 2):.2f}")

# %% [markdown]
# ### Singular values do not decide
#
# **Said.** Whether gradients vanish or explode depends on the singular values of $W$.
#
# **Right.** If the largest singular value is below 1 (and no slope exceeds 1), gradients vanish:
# that is a proof. The converse is not true. A singular value above 1 allows growth, it does not
# cause it.
#
# **In the course.** ps04, `singular_or_eigen`.
#
# **You should see** a largest singular value of `10` and a second power that is `0`.

# %%
W = np.array([[0.0, 10.0], [0.0, 0.0]])
print(f"largest singular value: {np.linalg.norm(W, 2):.0f}")
print(f"norm of W squared: {np.linalg.norm(W @ W, 2):.0f}")

# %% [markdown]
# ### Nor do eigenvalues, before the end
#
# **Said.** Some texts mend the last point: a spectral radius below 1 means that gradients vanish.
#
# **Right.** For a *linear* network eigenvalues decide in the end. On the way there the gradient may
# grow, and sequences end.
#
# **In the course.** ps04, `singular_or_eigen` and `growth_rate`.
#
# **You should see** a radius of `0.9`, powers that first grow `19`-fold, and `3.7e-20` at power
# 500.

# %%
W = np.array([[0.9, 5.0], [0.0, 0.9]])
norms = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in range(501)]
print(f"spectral radius {spectral_radius(W):.1f}")
print(f"largest norm of a power: {max(norms):.0f}, at power {np.argmax(norms)}")
print(f"norm of power 500: {norms[500]:.1e}")

# %% [markdown]
# ### And in a saturating network neither
#
# **Said.** As in the last two entries, of a network with tanh.
#
# **Right.** Each step's Jacobian is $\mathrm{diag}(1 - h_t^2)\, W_{hh}^\top$, and the slopes have a
# word in it. They can spoil both rules. A matrix with spectral radius 0.32 makes the gradient
# explode when one of its two units is saturated; a matrix that multiplies by 5 makes it vanish when
# both are.
#
# **In the course.** ps04, `step_jacobian` and `singular_or_eigen`.
#
# **You should see** a radius of `0.32` and a Jacobian over 30 steps of norm `2.4e+05`; then, for
# five times the identity, a norm of `1.2e-90`.


# %%
def jacobian_after(T, W_hh, b, h0):
    """The norm of dh_T/dh_0 of a network without input."""
    x = np.zeros((1, T, 1))
    h = rnn.rnn_forward(x, np.array([h0]), np.zeros((1, 2)), W_hh, np.array(b))
    return np.linalg.norm(flow.jacobian_product(h, W_hh)[0], 2)


W = np.array([[1.5, -2.0], [1.1, -1.4]])
# The second unit is held at 1 by its bias; the first one's bias takes away what it receives.
grown = jacobian_after(30, W, b=[-1.1, 30.0], h0=[0.0, 1.0])
print(f"spectral radius {spectral_radius(W):.2f}, norm of the Jacobian {grown:.1e}")
print(f"five times the identity: {jacobian_after(30, 5 * np.eye(2), [0.0, 0.0], [0.7, 0.7]):.1e}")

# %% [markdown]
# ### A product of many factors, not one
#
# **Said.** On the way back the gradient is multiplied by the transpose of $W$.
#
# **Right.** It is multiplied by it once for *every* step. Over $k$ steps of a linear network the
# factor is the power $(W^\top)^k$, and only as a power can it vanish or explode.
#
# **In the course.** ps04, `gradient_norms`.
#
# **You should see** a factor of `0.9` over one step and `0.0052` over fifty.

# %%
W_hh = orthogonal(np.random.default_rng(0), 8, gain=0.9)
linear = np.ones((1, 50, 8))  # the slopes of a linear network
norms = flow.gradient_norms(np.ones((1, 8)) / np.sqrt(8), linear, W_hh)[0]
print(f"over one step: {norms[1]:.1f}, over fifty steps: {norms[50]:.4f}")

# %% [markdown]
# ### What is summed
#
# **Said.** The gradient of a shared weight comes from summing the losses of all steps.
#
# **Right.** The losses are summed to one loss, a number; the *gradients* of the losses are summed
# to its gradient, a matrix. And each of them is itself a sum over all earlier steps at which the
# weight was used.
#
# **In the course.** ps03, `rnn_backward` and `per_distance`.
#
# **You should see** `10` terms for four steps, and their sum agree with the whole: `True`.

# %%
rng = np.random.default_rng(0)
x, h0 = rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 5))
weights = rng.standard_normal((3, 5)), rng.standard_normal((5, 5))
h = rnn.rnn_forward(x, h0, *weights, np.zeros(5))
dh = rng.standard_normal(h.shape)  # a loss at every step
whole = rnn.rnn_backward(dh, x, h0, h, *weights).dW_hh
terms = []
for t in range(4):
    only_t = np.zeros_like(dh)
    only_t[:, t] = dh[:, t]
    terms += list(flow.per_distance(only_t, x, h0, h, *weights)[: t + 1])
print(len(terms), "terms; they add up to the whole:", np.allclose(sum(terms), whole))

# %% [markdown]
# ### One kind of problem is missing
#
# **Said.** The list of problems that recurrent networks serve has one-to-many and many-to-many.
#
# **Right.** Many-to-one belongs there too: is this review friendly? who wrote this melody? It is
# the hardest for the gradient, since a single loss at the end has to reach the first step.
#
# **In the course.** ps01, `problem_types`; ps02, `sequence_loss`.
#
# **You should see** `7` inputs, `1` answer, and `23%` of the last step's gradient left at the first
# input.

# %%
rng = np.random.default_rng(0)
network = rnn.VanillaRNN(3, 32, 1, rng)
x, h0 = rng.standard_normal((64, 7, 3)), np.zeros((64, 32))
h = rnn.rnn_forward(x, h0, network.W_xh, network.W_hh, network.b_h)
dh = np.zeros_like(h)
dh[:, -1] = rnn.rnn_output_backward(np.ones((64, 1)), h[:, -1], network.W_hy)[0]
dx = rnn.rnn_backward(dh, x, h0, h, network.W_xh, network.W_hh).dx
left = np.linalg.norm(dx[:, 0]) / np.linalg.norm(dx[:, -1])
print(f"{x.shape[1]} inputs, {network.W_hy.shape[1]} answer, {left:.0%} of the gradient left")

# %% [markdown]
# ## The discussion on LSTMs

# %% [markdown]
# ### Mitigated, not solved
#
# **Said.** The LSTM addresses vanishing and exploding gradients.
#
# **Right.** Its cell gives the gradient a path on which it is multiplied by the forget gate alone,
# and a gate near 1 keeps it. At initialisation gates are not near 1: with biases of zero the
# gradient vanishes as in any other network. And nothing in the cell keeps gradients from
# *exploding*: with the gates wide open it grows. Clipping is for that.
#
# **In the course.** ps06: gradient against distance for several forget biases, before and after
# training.
#
# **You should see** at distance 50 `3e-12` of dL/dc for a forget bias of 0 and `3e-01` for 3; with
# bias 5 and recurrent weights three times as large, at distance 100 `509` times more than it began with.


# %%
def gradient_by_cell(forget_bias, scale, T=100, H=64, N=8):
    """||dL/dc|| at distances 1..T, the geometric mean over the batch, for ||dL/dh_T|| = 1."""
    rng = np.random.default_rng(0)
    x, zero = rng.standard_normal((N, T, 4)), np.zeros((N, H))
    U = 0.15 * rng.standard_normal((4, 4 * H))
    W = scale * rng.standard_normal((H, 4 * H)) / np.sqrt(H)
    b = lstm.stack(f=np.full(H, forget_bias), i=np.zeros(H), o=np.zeros(H), g=np.zeros(H))
    states = lstm.lstm_forward(x, zero, zero, U, W, b)

    def one_step_back(t, dh, dc):
        h, c = (states.h[:, t - 1], states.c[:, t - 1]) if t else (zero, zero)
        step = lstm.LSTMStep(*(array[:, t] for array in states))
        back = lstm.lstm_step_backward(dh, dc, x[:, t], h, c, step, U, W)
        return back.dh, back.dc

    dh = rng.standard_normal((N, H))
    dh /= np.linalg.norm(dh, axis=1, keepdims=True)
    _, norms = flow.norms_by_distance(one_step_back, (dh, zero), T)
    return np.exp(np.mean(np.log(norms[:, 1:]), axis=0))


for forget_bias in (0.0, 3.0):
    norms = gradient_by_cell(forget_bias, scale=0.5)
    print(f"forget bias {forget_bias:.0f}: {norms[49]:.0e} at distance 50")
norms = gradient_by_cell(5.0, scale=3.0)
print(
    f"forget bias 5, large weights: {norms[99] / norms[0]:.0f} times more at distance 100 than at 1"
)

# %% [markdown]
# ### The cell is not a moving average
#
# **Said.** $C_t = f_t C_{t-1} + i_t \tilde C_t$ is a moving average of the candidates.
#
# **Right.** In an average the weights add up to 1. Here $f$ and $i$ are independent: with both near
# 1 the cell *counts*, with both near 0 it forgets everything. (In a GRU the two do add up to 1.)
#
# **In the course.** ps05, `lstm_step`; ps06, `gru_step`.
#
# **You should see** `99.8` in the cell after 100 steps in which no candidate exceeded 1.

# %%
h = c = np.zeros((1, 1))
ten = np.full(4, 10.0)  # the bias of every gate: sigmoid and tanh of it are nearly 1
for _ in range(100):
    h, c, gates = lstm.lstm_step(np.zeros((1, 1)), h, c, np.zeros((1, 4)), np.zeros((1, 4)), ten)
print(f"cell {c.item():.1f}, candidate {lstm.split(gates).g.item():.1f}")

# %% [markdown]
# ### Two derivatives with one name
#
# **Said.** $\partial C_t / \partial C_{t-1} = f_t$.
#
# **Right.** That holds with $h_{t-1}$ held fixed. But $h_{t-1} = o_{t-1} \tanh C_{t-1}$ moves along
# with $C_{t-1}$, and every gate of step $t$ reads it. The *total* derivative has further terms, and
# they are not small.
#
# **In the course.** ps06, `carry_jacobian`, asks for both. The [glossary](glossary.md) has the equations.
#
# **You should see** them differ by `28%` for recurrent weights of usual size, and by `66%` for
# weights three times as large.


# %%
def share_of_the_other_paths(scale, H=64, t=20):
    rng = np.random.default_rng(0)
    U, x = rng.standard_normal((H, 4 * H)) / np.sqrt(H), rng.standard_normal((1, t + 1, H))
    W = scale * rng.standard_normal((H, 4 * H)) / np.sqrt(H)
    states = lstm.lstm_forward(x, np.zeros((1, H)), np.zeros((1, H)), U, W)
    c, o = states.c[:, t - 1], lstm.split(states.gates[:, t - 1]).o
    total = np.empty((H, H))
    for j in range(H):  # central differences, one entry of the cell at a time
        nudge = np.zeros((1, H))
        nudge[0, j] = 1e-6
        up, down = (
            lstm.lstm_step(x[:, t], o * np.tanh(moved), moved, U, W).c
            for moved in (c + nudge, c - nudge)
        )
        total[:, j] = (up - down)[0] / 2e-6
    f = np.diag(lstm.split(states.gates[:, t]).f[0])
    return np.linalg.norm(total - f) / np.linalg.norm(total)


for scale in (1, 3):
    print(f"weights times {scale}: {share_of_the_other_paths(scale):.0%} of the total is not f")

# %% [markdown]
# ### A gate is never quite open
#
# **Said.** A sigmoid gate takes values from 0 to 1, and at 1 the cell is kept for ever.
#
# **Right.** The sigmoid of every real number is below 1. It is a computer's float64 that rounds it
# to 1, from about 37 on.
#
# **In the course.** ps05, `lstm_gates`.
#
# **You should see** that the sigmoid of 36 is below 1, that of 37 is `1.0`, and that it lacks
# `8.5e-17` in truth.

# %%
at_36, at_37 = sigmoid(np.array([36.0, 37.0]))
print(f"below 1 at 36: {at_36 < 1}; at 37: {float(at_37)}; it lacks {np.exp(-37):.1e}")

# %% [markdown]
# ## The lecture notes

# %% [markdown]
# ### Clipping does not divide by the norm
#
# **Said.** When the gradient is too large, divide it by its magnitude.
#
# **Right.** Scale it to the limit: $g \leftarrow g \min(1, c / \lVert g \rVert)$. Dividing by the
# norm gives length 1 whatever the limit is, so that a gradient just above the limit becomes much
# *smaller* than one just below; and if everything is divided, tiny gradients become large ones.
#
# **In the course.** ps04, `clip_by_global_norm`.
#
# **You should see** lengths 4.99 and 5.01 become `4.99` and `1.00` when divided, but `4.99` and
# `5.00` when clipped at 5.

# %%
for length in (4.99, 5.01):
    g = length * np.array([0.6, 0.8])
    divided = g / np.linalg.norm(g) if np.linalg.norm(g) > 5 else g
    clipped = clip_by_global_norm({"W": g}, 5.0)["W"]
    print(f"{length}: divided {np.linalg.norm(divided):.2f}, clipped {np.linalg.norm(clipped):.2f}")

# %% [markdown]
# ### Most factors below 1 is not enough
#
# **Said.** A product of many numbers, most of which are below 1, goes to 0.
#
# **Right.** The *geometric mean* decides, the exponential of the mean logarithm. A few large
# factors can outweigh many small ones.
#
# **In the course.** ps04, `growth_rate`, is the logarithm of that mean.
#
# **You should see** nine factors out of ten below 1, a geometric mean of `1.15`, and a product of
# `7.6e+05`.

# %%
factors = np.array(([0.9] * 9 + [10.0]) * 10)
print(f"{np.mean(factors < 1):.0%} of {len(factors)} factors are below 1")
print(f"geometric mean {np.exp(np.mean(np.log(factors))):.2f}, product {np.prod(factors):.1e}")

# %% [markdown]
# ### An input is no bias, and a gate is no number
#
# **Said.** $W x_t$ acts as a bias of the recurrence; the forget gate is a number $f$.
#
# **Right.** A bias is the same at every step and for every example. What the input adds is not:
# that is how anything is read at all. And the forget gate is a vector, one number for each unit, so
# that one unit can keep while its neighbour forgets.
#
# **In the course.** ps05, `lstm_gates`.
#
# **You should see** `2` examples by `6` units of the same step, whose forget gates run from
# `0.03` to `0.94`.

# %%
rng = np.random.default_rng(0)
zero = np.zeros((2, 6))
weights = rng.standard_normal((3, 24)), rng.standard_normal((6, 24))
f = lstm.split(lstm.lstm_step(rng.standard_normal((2, 3)), zero, zero, *weights).gates).f
print(f"f has shape {f.shape} and runs from {f.min():.2f} to {f.max():.2f}")

# %% [markdown]
# ## The slides

# %% [markdown]
# ### The right probabilities at every step are not the right sentences
#
# **Said.** A network that predicts all words of a sentence at once can have exactly the right
# probabilities.
#
# **Right.** At each position, yes: those are *marginals*. Drawn independently, right marginals give
# wrong sentences, because a word depends on the words before it. A recurrent network that is fed
# its own choices models just that.
#
# **In the course.** Here, with six sentences; the marginals are exact and so is the result.
#
# **You should see** `1` valid sentence in `57`.

# %%
SENTENCES = """\
the dog has been barking
the dogs have been barking
a choir was singing softly
two choirs were singing softly
the wind has died down
the winds have died down"""
sentences = [tuple(line.split()) for line in SENTENCES.splitlines()]
marginals = [
    {word: Fraction(words.count(word), len(words)) for word in words}
    for words in zip(*sentences, strict=True)
]
valid = Fraction(0)
for drawn in product(*marginals):  # every sentence that can come out, with its probability
    if drawn in sentences:
        valid += prod(p[word] for p, word in zip(marginals, drawn, strict=True))
print(f"1 valid sentence in {float(1 / valid):.0f}")

# %% [markdown]
# ### Plain networks can work
#
# **Said.** Naive recurrent networks almost never work.
#
# **Right.** They often fail, and much depends on where their weights start. With an orthogonal
# recurrent matrix, a plain tanh network learns to recall the first of fifty random symbols.
#
# **In the course.** ps06: recall is its counter-lesson, where the initialisation decides.
#
# **You should see** `3 of 3` networks name more than 95% of the symbols, where guessing gives 12.5%.


# %%
def learns_to_recall(seed, T=50, symbols=8, H=64, N=32, steps=2500):
    """Train a plain network on the symbol that it read first; whether it learns to name it."""
    rng = np.random.default_rng(seed)
    network = rnn.VanillaRNN(symbols + 1, H, symbols, rng)  # one input is a blank
    network.W_hh = orthogonal(rng, H)
    network.W_xh *= 0.3
    parameters, adam, right = network.parameters, Adam(1e-3), []
    h0 = np.zeros((N, H))
    for _ in range(steps):
        x, target = tasks.recall(rng, N, T, symbols, distract=True)
        W_xh, W_hh, b_h, W_hy, b_y = parameters.values()
        h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)
        y = rnn.rnn_output(h[:, -1], W_hy, b_y)
        right.append(np.mean(y.argmax(axis=1) == target))
        if np.mean(right[-20:]) > 0.95:
            return True
        p = np.exp(y - y.max(axis=1, keepdims=True))
        dy = (p / p.sum(axis=1, keepdims=True) - np.eye(symbols)[target]) / N
        dh = np.zeros_like(h)
        dh[:, -1], dW_hy, db_y = rnn.rnn_output_backward(dy, h[:, -1], W_hy)
        cell = rnn.rnn_backward(dh, x, h0, h, W_xh, W_hh)
        gradients = {"W_xh": cell.dW_xh, "W_hh": cell.dW_hh, "b_h": cell.db_h}
        gradients |= {"W_hy": dW_hy, "b_y": db_y}
        parameters = adam.step(parameters, clip_by_global_norm(gradients, 1.0))
    return False


print(sum(learns_to_recall(seed) for seed in range(3)), "of 3 networks recall the first symbol")

# %% [markdown]
# ## The blog notes

# %% [markdown]
# ### Gradients shrink, weights do not
#
# **Said.** A remedy "prevents the weights from shrinking".
#
# **Right.** The gradients vanish. The weights stay as they are, which is the trouble: what lies far
# back changes them too little.
#
# **In the course.** ps04, `why_vanish` and `gradient_norms`.
#
# **You should see** the gradient fall to `9e-18` over 50 steps, and the norm of the weights change by
# `0.000%` in a step of gradient descent that uses what is left of it.

# %%
rng = np.random.default_rng(0)
W_hh = orthogonal(rng, 32, gain=0.5)
x = 0.3 * rng.standard_normal((1, 51, 32))  # so W_xh may be the identity
h = rnn.rnn_forward(x, np.zeros((1, 32)), np.eye(32), W_hh, np.zeros(32))
dh = np.ones((1, 32)) / np.sqrt(32)
norms = flow.gradient_norms(dh, 1 - h**2, W_hh)[0]
only_last = np.zeros_like(h)
only_last[:, -1] = dh
far = flow.per_distance(only_last, x, np.zeros((1, 32)), h, np.eye(32), W_hh)[-2]
change = np.linalg.norm(W_hh - 0.1 * far) / np.linalg.norm(W_hh) - 1
print(f"gradient at distance 50: {norms[50]:.0e}; the weights change by {abs(change):.3%}")

# %% [markdown]
# ### ReLU is silent for negative inputs
#
# **Said.** ReLU cures vanishing, since its derivative is 1.
#
# **Right.** It is 1 for positive inputs and 0 for negative ones, where nothing at all comes back. In
# a random network about half of the units are silent at any step.
#
# **In the course.** ps04: the three activations' derivatives, and ReLU with an identity matrix,
# which is what makes it work.
#
# **You should see** that `50%` of the slopes are 0, and that of 1000 units `2` let the gradient
# through at ten steps in a row.

# %%
a = np.random.default_rng(0).standard_normal((1000, 10))  # 1000 units, the sums of ten steps
slopes = (a > 0).astype(float)
print(f"{np.mean(slopes == 0):.0%} of the slopes are 0")
print(f"open at ten steps in a row: {np.prod(slopes, axis=1).sum():.0f} of {len(a)}")

# %% [markdown]
# ### A sum, not a product
#
# **Said.** The state is `tanh(W_hh * h * W_xh * x)`.
#
# **Right.** It is a sum of two matrix products, $\tanh(x W_{xh} + h W_{hh} + b_h)$. As a product it
# would stay zero for ever once it is zero, as it is at the start.
#
# **In the course.** ps02, `rnn_step`.
#
# **You should see** `0.00` for the product and `0.80` for the sum, after ten steps.

# %%
rng = np.random.default_rng(0)
x, W_xh, W_hh = rng.standard_normal(10), 0.8, 0.5  # one unit, ten inputs
h_product = h_sum = 0.0
for x_t in x:
    h_product = np.tanh(W_hh * h_product * W_xh * x_t)
    h_sum = np.tanh(W_xh * x_t + W_hh * h_sum)
print(f"product {abs(h_product):.2f}, sum {abs(h_sum):.2f}")

# %% [markdown]
# ### Transposes that do not fit
#
# **Said.** In the backward pass, transposes stand where the shapes do not allow them.
#
# **Right.** With row vectors the gradient by the state is $da\, W_{hh}^\top$ and the one by the weight is
# $h_{t-1}^\top da$. Write the shapes below the letters, and only one order is left; with sizes
# that are all equal every order runs.
#
# **In the course.** ps02, `shapes`; ps03, `rnn_step_backward`.
#
# **You should see** that of the `8` ways to multiply $h_{t-1}$ and $da$, each perhaps transposed, `2`
# have the shape of $W_{hh}$: the gradient and its transpose. With $N = H$ it is `8 of 8`.

# %%
for N, H in ((4, 3), (3, 3)):
    h, da = np.ones((N, H)), np.ones((N, H))
    shapes = [
        (left.shape, right.shape)
        for one, other in ((h, da), (da, h))
        for left in (one, one.T)
        for right in (other, other.T)
    ]
    fitting = [(a, b) for a, b in shapes if a[1] == b[0] and (a[0], b[1]) == (H, H)]
    print(f"N = {N}, H = {H}: {len(fitting)} of {len(shapes)} have the shape of W_hh")

# %% [markdown]
# ### The state and the cell are two things
#
# **Said.** The hidden state $h$ is called the cell state.
#
# **Right.** An LSTM carries two: the cell $c$, which nothing squashes, and the state
# $h = o \tanh c$, which is what the rest of the network sees and which stays between -1 and 1.
#
# **In the course.** ps05, `lstm_step`; ps06, `timescale`, measures which of the two is the long
# memory.
#
# **You should see** a cell at `99.8` and a state at `1.0`, in the same unit at the same step.

# %%
h = c = np.zeros((1, 1))
for _ in range(100):  # the counter from above, every gate nearly open
    h, c, _ = lstm.lstm_step(np.zeros((1, 1)), h, c, np.zeros((1, 4)), np.zeros((1, 4)), ten)
print(f"cell {c.item():.1f}, state {h.item():.1f}")

# %% [markdown]
# ### Two sums that look alike
#
# **Said.** Two of the sources write the gradient of a shared weight as
# $\sum_t \frac{\partial J}{\partial h_t} \frac{\partial h_t}{\partial W}$, with the same signs and
# opposite meanings.
#
# **Right.** Each is exact in its own reading. Either the first factor is *direct* (the loss of step
# $t$ alone) and the second *total* (through all earlier states), or the first is *total* (through
# all later states) and the second *immediate* (step $t$ alone). Take one factor from each and paths
# are counted twice, or not at all.
#
# **In the course.** ps05, `dJ_dWg` and its written question; the [glossary](glossary.md) has both sums.
#
# **You should see** errors of `0%` for the two readings, and of `88%` and `53%` for the mixtures.

# %%
rng = np.random.default_rng(0)
T, w, x = 6, 0.9, rng.standard_normal(6)  # one unit; the loss of a step is h^2 / 2


def states(w, h=0.5):
    """h_0, ..., h_T."""
    return np.array([h, *(h := np.tanh(w * h + x_t) for x_t in x)])


h = states(w)
slope, direct = 1 - h[1:] ** 2, h[1:]
immediate = slope * h[:-1]
total_h, total_J = np.zeros(T), np.zeros(T)  # dh_t/dw with all history, dJ/dh_t with all future
for t in range(T):
    total_h[t] = immediate[t] + (slope[t] * w * total_h[t - 1] if t else 0)
for t in reversed(range(T)):
    total_J[t] = direct[t] + (total_J[t + 1] * slope[t + 1] * w if t + 1 < T else 0)

exact = numerical_gradient(lambda w: 0.5 * np.sum(states(float(w))[1:] ** 2), np.array(w))
for name, J, H in (
    ("direct times total", direct, total_h),
    ("total times immediate", total_J, immediate),
    ("total times total", total_J, total_h),
    ("direct times immediate", direct, immediate),
):
    print(f"{name}: {abs(J @ H / exact - 1):.0%} off")
