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
# # ps06 · Why LSTMs train better
#
# Everybody says that the LSTM remembers for longer. What is it that makes the difference: the cell,
# its gates, the way it starts, or the task? In this worksheet you take the cell's gradient apart, build
# its younger relative, and then do what one should do with such a claim: measure it.
#
# **Afterwards you will be able to**
#
# - name the factor that lets a gradient through an LSTM, compute it, and say when it is all there is;
# - write a GRU forward and backward, and read it in whichever convention a book has;
# - tell what an untrained network's gradients say about a trained one, and what they do not;
# - measure which of two states is the long memory;
# - say from experiments which parts of the cell are needed, and how far these experiments carry.
#
# **You need** the LSTM's equations (ps05) and the chain rule with matrices. The gradients of a vanilla
# network against distance (ps04) help. Your own code from other worksheets is not needed.
#
# **Time** about 3 hours. **Points** 50: 40 are checked by machine, 10 are for a written
# answer.

# %% [markdown]
# **How to work.** As in ps02: fill in the cell of an exercise, run it, run the locked `check` below
# it. `hint("gru_step")` in a cell of your own helps, more with every call. Check as often as you like.
# Answers need NumPy alone, and everything they need must be in this notebook; restart the kernel and
# run all cells before you hand in. The solved worksheet is
# `solutions/ps06/ps06_long_memory.ipynb` in the course's folder.
#
# **Symbols.** Vectors are **rows**, and the batch comes **first**.
#
# | symbol | meaning | shape |
# |:--|:--|:--|
# | $N, T, D, H$ | sequences in a batch; steps; inputs; hidden units | |
# | $x_t$ | the inputs of step $t$ | `(N, D)` |
# | $h_t$, $C_t$ | state and cell after step $t$ | `(N, H)` |
# | $f, i, o, g$ | the LSTM's forget, input and output gate, and its candidate | `(N, H)` each |
# | $r, z, g$ | the GRU's reset and update gate, and its candidate | `(N, H)` each |
# | $U^f, W^f, b^f$, ... | a gate's weights: from the input, from the state, and its bias | `(D, H)`, `(H, H)`, `(H,)` |
# | $\sigma$ | the sigmoid, $1/(1 + e^{-a})$ | |
#
# A product of two arrays of one shape is meant number by number, as in NumPy; a product with a matrix
# is a matrix product.

# %% locked imports
import functools

import numpy as np

from autograder import check, hint, rubric
from course import results
from course.figures import gradients as gradient_figures
from course.figures import interactive
from course.figures import long_memory as figures

np.set_printoptions(precision=4, suppress=True)


def sigmoid(a):
    """Between 0 and 1, with no overflow for any number."""
    return 0.5 * (1 + np.tanh(a / 2))


def try_out(function, *arguments):
    """Call a function of yours, or say that it is not written yet."""
    try:
        return function(*arguments)
    except NotImplementedError:
        print("Not written yet. Fill in the gaps above, run that cell, then run this one again.")


# %% [markdown]
# ## Two ways into the past
#
# Here is the LSTM once more. First the gates, each made from the input and the old *state*:
#
# $$f_t, i_t, o_t = \sigma(x_t U + h_{t-1} W + b) \qquad g_t = \tanh(x_t U^g + h_{t-1} W^g + b^g)$$
#
# and then the new cell and the new state:
#
# $$C_t = f_t\, C_{t-1} + i_t\, g_t \qquad h_t = o_t \tanh(C_t)$$
#
# A gradient has arrived at $C_t$ and wants to know what $C_{t-1}$ had to do with it. On how many ways
# does the old cell reach the new one?

# %%
figures.two_ways()

# %% [markdown]
# Straight on it is multiplied by $f_t$, and that is all. But the old cell has also shown itself in
# $h_{t-1} = o_{t-1} \tanh(C_{t-1})$, and from there it has moved two gates and the candidate.
#
# When people write $\partial C_t/\partial C_{t-1} = f_t$, they hold $h_{t-1}$ fixed: they look at the
# straight way. Call this the **direct** derivative. The **total** one counts both ways.

# %% [markdown]
# ## By pencil
#
# One unit, so that every matrix is a number. The cell before and its output gate, the gates of this
# step, and the weights with which the three read $h_{t-1}$:
#
# | $C_{t-1}$ | $o_{t-1}$ | $f_t$ | $i_t$ | $g_t$ | $W^f$ | $W^i$ | $W^g$ |
# |:-:|:-:|:-:|:-:|:-:|:-:|:-:|:-:|
# | 0.5 | 0.8 | 0.9 | 0.5 | 0.6 | 2 | −1 | 1.5 |
#
# The slope of a sigmoid is read off its own value, $f(1 - f)$, and so is that of the tanh, $1 - g^2$.
#
# **Exercise `hand_carry`** · 4 points · 12 min · ●●○
#
# Compute the direct derivative $\partial C_t/\partial C_{t-1}$; then $\partial h_{t-1}/\partial C_{t-1}$,
# with $o_{t-1}$ fixed; then $\partial C_t/\partial h_{t-1}$, with $C_{t-1}$ fixed, which is a sum of three;
# and the total. Three decimals are enough. Stuck? `hint("hand_carry")`

# %% solution hand_carry
hand_carry = {"direct": None, "dh_dC": None, "dC_dh": None, "total": None}
### BEGIN SOLUTION
hand_carry = {
    "direct": 0.9,  # f
    "dh_dC": 0.629,  # 0.8 * (1 - tanh(0.5)^2) = 0.8 * 0.7864
    "dC_dh": 0.42,  # 0.5 * 0.09 * 2 - 0.6 * 0.25 * 1 + 0.5 * 0.64 * 1.5 = 0.09 - 0.15 + 0.48
    "total": 1.164,  # 0.9 + 0.42 * 0.629
}
### END SOLUTION

# %% test hand_carry 4 points
check("hand_carry", hand_carry)

# %% [markdown]
# Look at the two ends: 0.9 and 1.164. Let fifty such steps follow each other:

# %%
print(f"straight on:  0.9^50   = {0.9**50:.4f}")
print(f"in total:     1.164^50 = {1.164**50:.0f}")

# %% [markdown]
# The one vanishes and the other explodes. So "the derivative is $f_t$, and $f_t$ is below 1" is true
# and does not say what the gradient does.

# %% [markdown]
# ## What mitigates vanishing
#
# In ps05 the gradient by $W^g$ was put together from six factors:
#
# $$\frac{\partial J}{\partial h_t} \qquad \frac{\partial h_t}{\partial C_t} \qquad \frac{\partial h_t}{\partial o_t} \qquad \frac{\partial C_t}{\partial C_{t-1}} \qquad \frac{\partial C_t}{\partial W^g} \qquad \frac{\partial h_t}{\partial h_{t-1}}$$
#
# Which of them is the reason why people trust an LSTM with long sequences?
#
# **Exercise `what_mitigates`** · 4 points · 10 min · ●●○
#
# Put one option's words, as they stand here, in place of each `None`.
#
# - `"factor"`: the factor that mitigates vanishing. `"dJ/dh_t"`, `"dh_t/dC_t"`, `"dh_t/do_t"`,
#   `"dC_t/dC_{t-1}"`, `"dC_t/dW^g"` or `"dh_t/dh_{t-1}"`
# - `"value"`: what it is, with $h_{t-1}$ held fixed. `"f_t"`, `"i_t"`, `"f_t W^f"` or
#   `"o_t (1 - tanh(C_t)^2)"`
# - `"mitigates_when"`: when it lets a gradient through over many steps. `"f_t is near 1"`,
#   `"i_t is near 1"`, `"o_t is near 1"` or `"f_t is near 0"`
# - `"can_vanish"`: can the gradient by the cell still vanish? `"yes"` or `"no"`
# - `"can_explode"`: can it still explode? `"yes"` or `"no"`
# - `"learned"`: who decides how large that factor is? `"nobody: it is 1"`, `"the programmer"` or
#   `"the network, step by step"`
#
# Stuck? `hint("what_mitigates")`

# %% solution what_mitigates
what_mitigates = {
    "factor": None,
    "value": None,
    "mitigates_when": None,
    "can_vanish": None,
    "can_explode": None,
    "learned": None,
}
### BEGIN SOLUTION
what_mitigates = {
    "factor": "dC_t/dC_{t-1}",
    "value": "f_t",
    "mitigates_when": "f_t is near 1",
    "can_vanish": "yes",  # 0.5^50 is 9e-16
    "can_explode": "yes",  # through the state, as by pencil
    "learned": "the network, step by step",
}
### END SOLUTION

# %% test what_mitigates 4 points
check("what_mitigates", what_mitigates)

# %% [markdown]
# Some texts say that the LSTM *solves* vanishing. It **mitigates** it: there is one way back without a
# matrix and without a squashing's slope, whose factors the network can hold near 1 where it pays to
# remember. Nor is $C_t$ a moving average of the candidates: $f$ and $i$ are independent, and with both
# near 1 the cell counts. (With $g$ at 1 and both gates at 0.99996 it stands at 99.8 after a hundred
# steps.)

# %% [markdown]
# ## Direct and total
#
# Now for $H$ units. The direct derivative is still one number a unit. The total one is a matrix:
# entry $[a, b]$ says how $C_t[a]$ changes with $C_{t-1}[b]$.
#
# $$\frac{\mathrm d C_t}{\mathrm d C_{t-1}} = \operatorname{diag}(f_t) + \frac{\partial C_t}{\partial h_{t-1}}\, \operatorname{diag}\bigl(o_{t-1} (1 - \tanh^2 C_{t-1})\bigr)$$
#
# In $\partial C_t/\partial h_{t-1}$ each of the three has its share. For the forget gate: unit $b$ of the
# state moves the sum of unit $a$ by $W^f[b, a]$ (vectors are rows: the sum is `h @ W`), the gate follows
# by its slope, and the cell by what stands beside the gate:
#
# $$\operatorname{diag}\bigl(C_{t-1}\, f_t (1 - f_t)\bigr)\, {W^f}^\top$$
#
# **Exercise `carry_jacobian`** · 7 points · 25 min · ●●●
#
# Return both derivatives for a batch: `direct` `(N, H)` and `total` `(N, H, H)`. Your pencil's numbers
# are the case of one unit. Stuck? `hint("carry_jacobian")`


# %% solution carry_jacobian
def carry_jacobian(C_before, o_before, f, i, g, W_f, W_i, W_g):
    """How the new cell depends on the old one.

    C_before, o_before  the cell and its output gate one step before, (N, H)
    f, i, g             forget gate, input gate and candidate of this step, (N, H)
    W_f, W_i, W_g       the matrices with which these three read the state, (H, H)

    Returns direct (N, H), with the state held fixed, and total (N, H, H).
    """
    ### BEGIN SOLUTION
    dh_dC = o_before * (1 - np.tanh(C_before) ** 2)  # (N, H)
    dC_dh = (
        (C_before * f * (1 - f))[:, :, None] * W_f.T
        + (g * i * (1 - i))[:, :, None] * W_i.T
        + (i * (1 - g**2))[:, :, None] * W_g.T
    )  # (N, H, H)
    direct = f.copy()
    total = direct[:, :, None] * np.eye(f.shape[1]) + dC_dh * dh_dC[:, None, :]
    return direct, total
    ### END SOLUTION


# %% [markdown]
# The pencil's numbers must give 0.9 and 1.1642.

# %%
pencil = [np.array([[value]]) for value in (0.5, 0.8, 0.9, 0.5, 0.6, 2.0, -1.0, 1.5)]

try_out(carry_jacobian, *pencil)

# %% test carry_jacobian 7 points
check("carry_jacobian", carry_jacobian)

# %% [markdown]
# How much of the total does the direct part miss? Below, an LSTM with random weights runs for thirty
# steps; at each the cell prints the size of `total - diag(direct)`, relative to that of the total.


# %%
def missed_by_the_direct_part(bias, H=16, steps=30):
    """|| total - diag(direct) || / || total ||, the mean over steps, for a forget bias."""
    rng = np.random.default_rng(0)
    W_f, W_i, W_o, W_g = rng.standard_normal((4, H, H)) / np.sqrt(H)
    C, h = np.zeros((8, H)), np.zeros((8, H))
    o, shares = np.zeros((8, H)), []
    for t in range(steps):
        x_f, x_i, x_o, x_g = rng.standard_normal((4, 8, H))
        f, i, g = sigmoid(x_f + h @ W_f + bias), sigmoid(x_i + h @ W_i), np.tanh(x_g + h @ W_g)
        if t:
            direct, total = carry_jacobian(C, o, f, i, g, W_f, W_i, W_g)
            rest = total - direct[:, :, None] * np.eye(H)
            shares.append(np.linalg.norm(rest) / np.linalg.norm(total))
        o = sigmoid(x_o + h @ W_o)
        C = f * C + i * g
        h = o * np.tanh(C)
    return np.mean(shares)


def shares_by_bias():
    for bias in (-2, 0, 2):
        print(
            f"forget bias {bias:2d}: the rest is {missed_by_the_direct_part(bias):.0%} of the total"
        )


try_out(shares_by_bias)

# %% [markdown]
# From a fifth to two thirds; the more the forget gate shuts, the larger is the share that goes through
# the state. "The derivative is $f_t$" is a statement about one way.
#
# **Exercise `when_equal`** · 3 points · 10 min · ●●○
#
# In which of these situations are direct and total derivative the same, whatever the other numbers
# are? Write `"equal"` or `"different"`; `"different"` means that they differ in general.
#
# - `"recurrent_weights_zero"`: $W^f$, $W^i$ and $W^g$ are all zero
# - `"output_gate_closed"`: $o_{t-1} = 0$ in all units
# - `"output_tanh_flat"`: $|C_{t-1}|$ is so large that the slope of $\tanh C_{t-1}$ is 0
# - `"forget_gate_open"`: $f_t = 1$ in all units, as near as floats can tell
# - `"cell_zero"`: $C_{t-1} = 0$ in all units
# - `"input_zero"`: $x_t = 0$
#
# Stuck? `hint("when_equal")`

# %% solution when_equal
when_equal = {
    "recurrent_weights_zero": None,
    "output_gate_closed": None,
    "output_tanh_flat": None,
    "forget_gate_open": None,
    "cell_zero": None,
    "input_zero": None,
}
### BEGIN SOLUTION
when_equal = {
    "recurrent_weights_zero": "equal",  # nobody reads the state
    "output_gate_closed": "equal",  # the state knows nothing of the cell
    "output_tanh_flat": "equal",  # nor does it here, for a small change
    "forget_gate_open": "different",  # i and g still move
    "cell_zero": "different",  # tanh is steepest at 0
    "input_zero": "different",  # x_t is not on the way
}
### END SOLUTION

# %% test when_equal 3 points
check("when_equal", when_equal)

# %% [markdown]
# ## How far does a gradient come
#
# So there is a way back that *can* keep a gradient. Does it, in a network that has just been made? Its
# forget gate starts near $\sigma(b^f)$, so the bias should decide: $\sigma(0) = 0.5$, $\sigma(5) = 0.993$.
# (It is below 1 for every number, however large; float64 rounds it to 1 from about 37 on.)
#
# The lab sends a gradient of length 1 into the last state of untrained networks and measures what is
# left of it after $k$ steps: of $\partial L/\partial C$ in an LSTM, of $\partial L/\partial h$ in the
# others. Move the slider. (The package's cells are used here. Where they are not to be had, as in
# grading, the labs pass by.)

# %% lab forget_bias
from IPython.display import ProgressBar, display

try:
    from course import memory, tasks
except ImportError:
    memory = None
    print("course.memory is not to be had here. The labs pass by.")


def with_bar(steps):
    """Show a progress bar beside a loop."""
    bar = ProgressBar(len(steps))
    bar.display()
    try:
        for count, step in enumerate(steps, 1):
            yield step
            bar.progress = count
    finally:  # a network that has learned enough stops before the last step
        bar.progress = len(steps)


def gradients_by_forget_bias(H=64, T=100):
    """The slider figure: 64 units, inputs with x U of standard deviation 0.3, 8 sequences."""
    x = 0.3 * np.random.default_rng(0).standard_normal((8, T, H))
    others = {
        "GRU": memory.gated(),
        "RNN, Gaussian": memory.vanilla(),
        "RNN, orthogonal": memory.vanilla(orthogonal=True),
    }

    def norms(cell, states):
        weights = memory.start(cell, np.random.default_rng(0), H, H, 1)
        return memory.distance_norms(cell, weights, x, states)

    biases = np.arange(0, 5.5, 0.5)
    curves = {"LSTM, dL/dC": [norms(memory.long_short(bias), 2) for bias in with_bar(biases)]}
    for name, cell in others.items():
        curves[name] = [norms(cell, 1)] * len(biases)
    ends = [curve[-1] for curve in curves["LSTM, dL/dC"]]
    titles = [
        f"Forget bias {bias:g}: after {T} steps the LSTM has {end:.0e}"
        for bias, end in zip(biases, ends, strict=True)
    ]
    return interactive.slider(
        titles,
        list(biases),
        "bias of the forget gate",
        curves,
        "distance k (steps back)",
        "norm of the gradient",
        log_y=True,
        y_limits=(1e-17, 1e3),
    )


if memory is not None:
    display(gradients_by_forget_bias())

# %% [markdown]
# With a forget bias of 0 the LSTM's gradient vanishes, and so does the GRU's: after 100 steps some
# $10^{-15}$ is left, far less than of a plain network's. A bias of 1, as many programs set it, keeps
# $10^{-4}$: more than the plain networks, and still next to nothing. From a bias of about 2 on it
# vanishes no more. It falls at first and then *grows*: the way through the state adds up.
#
# The size of the weights has its say as well. Torch starts $W$ at 0.58 of the size used here, and its two
# forget biases near 0. Of the last three rows below the first is the nearest to that:

# %%
results.load("gradient_distance").where(inputs="noise")

# %% [markdown]
# ### Before and after training
#
# All that was before the first step of training. Does it tell what the trained network does? The table
# has both, over three seeds, on the adding problem, which you meet below; the lab repeats two of its
# cells with one seed.

# %%
results.load("gradient_distance").where(inputs="adding")

# %% lab before_after
if memory is not None:
    x, _ = tasks.adding(np.random.default_rng(0), N=16, T=100)
    task = memory.regression(functools.partial(tasks.adding, T=40))
    cells = {
        "LSTM, bias 0": (memory.long_short(0.0), 1e-2, 2),
        "RNN": (memory.vanilla(), 1e-3, 1),
    }
    curves, trained = {}, {}
    for name, (cell, rate, states) in cells.items():
        fresh = memory.start(cell, np.random.default_rng(0), 2, 64, 1)
        curves[f"{name}, new"] = memory.distance_norms(cell, fresh, x, states)
        trained[name] = memory.learn(cell, task, 64, rate, 600, seed=0, progress=with_bar)
        after = trained[name].parameters
        curves[f"{name}, trained"] = memory.distance_norms(cell, after, x, states)
    display(
        gradient_figures.norms_by_distance(
            curves, "Training opens the LSTM's way back", "norm of dL/dC or dL/dh"
        )
    )

# %% [markdown]
# At distance 100 the LSTM that starts with a bias of 0 has $10^{-14}$ before training and a few hundredths
# after. Whatever their bias, the trained LSTMs end alike, between 0.025 and 0.066. The plain networks had
# more than that LSTM before training; they have not learned the task, and have far less than it after.
# **What an untrained network's gradients look like does not tell how it will behave once it is trained.**
# Learning needs some gradient to begin with. All these curves have it at their near ends, and in this
# task one of the two numbers that are asked for often stands there.

# %% [markdown]
# ## The GRU
#
# Could one do with fewer gates? The **gated recurrent unit** has two, and only one state:
#
# $$r_t = \sigma(x_t U^r + h_{t-1} W^r + b^r) \qquad z_t = \sigma(x_t U^z + h_{t-1} W^z + b^z)$$
#
# $$g_t = \tanh\bigl(x_t U^g + b^g + r_t\, (h_{t-1} W^g)\bigr)$$
#
# $$h_t = z_t\, h_{t-1} + (1 - z_t)\, g_t$$
#
# The **update gate** $z$ does the work of the forget gate and the input gate at once: what it keeps of
# the old, it takes from the new. The **reset gate** $r$ says how much of the old state the candidate may
# see. The straight way from $h_{t-1}$ to $h_t$ is multiplied by $z_t$: it is what $f_t$ was.
#
# The weights come in the order $r, z, g$ in the first axis: `U` is `(3, D, H)`, `W` `(3, H, H)` and `b`
# `(3, H)`, so `W_r, W_z, W_g = W` takes them apart, and `x @ U` makes all three products at once.
#
# **Exercise `gru_step`** · 5 points · 12 min · ●●○
#
# Write one step for a batch. Mind where $r$ stands: it is multiplied with the *product* of state and
# matrix. Stuck? `hint("gru_step")`


# %% solution gru_step
def gru_step(x, h, U, W, b):
    """One step of the GRU.

    x  inputs of this step, (N, D)
    h  state before the step, (N, H)
    U  (3, D, H), in the order r, z, g
    W  (3, H, H)
    b  (3, H)

    Returns the state after the step and r, z, g, all (N, H).
    """
    ### BEGIN SOLUTION
    a_r, a_z, a_g = x @ U + b[:, None]  # (3, N, H)
    W_r, W_z, W_g = W
    r = sigmoid(a_r + h @ W_r)
    z = sigmoid(a_z + h @ W_z)
    g = np.tanh(a_g + r * (h @ W_g))
    return z * h + (1 - z) * g, r, z, g
    ### END SOLUTION


# %% [markdown]
# A case to test by eye, with all sizes 1 and all weights and biases 0 but one: for $b^z = 2$ the gate is
# $\sigma(2) = 0.8808$ and the candidate 0, so a state of 1 becomes 0.8808.

# %%
nothing = np.zeros((3, 1, 1))

try_out(
    gru_step, np.ones((1, 1)), np.ones((1, 1)), nothing, nothing, np.array([[0.0], [2.0], [0.0]])
)

# %% test gru_step 5 points
check("gru_step", gru_step)

# %% [markdown]
# ## Two conventions
#
# Look the GRU up elsewhere, and you will find other equations under the same name. Authors differ in
# two places:
#
# | | one way | the other |
# |:--|:--|:--|
# | update | $h_t = z\, h_{t-1} + (1 - z)\, g$: $z$ says what **stays** (Cho and others; torch) | $h_t = (1 - z)\, h_{t-1} + z\, g$: $z$ says what is **new** (Chung and others) |
# | reset | $r\, (h_{t-1} W^g)$: **after** the product (torch, cuDNN) | $(r\, h_{t-1})\, W^g$: **before** it (both papers) |
#
# The two resets are two networks; only where $W^g$ is diagonal, as with a single unit, do they agree. The
# two updates are one network in two notations, as the next exercise shows.
#
# **Exercise `other_convention`** · 3 points · 8 min · ●●○
#
# Given weights for our convention, return those with which a program of the other *update* convention
# computes the same states. The reset stays as it is. Stuck? `hint("other_convention")`


# %% solution other_convention
def other_convention(U, W, b):
    """Weights for h = (1 - z) h + z g that give what U, W, b give with h = z h + (1 - z) g.

    U  (3, D, H), in the order r, z, g
    W  (3, H, H)
    b  (3, H)

    Returns the three arrays for the other convention, shaped alike.
    """
    ### BEGIN SOLUTION
    sign = np.array([1.0, -1.0, 1.0])  # 1 - sigmoid(a) = sigmoid(-a)
    return sign[:, None, None] * U, sign[:, None, None] * W, sign[:, None] * b
    ### END SOLUTION


# %% test other_convention 3 points
check("other_convention", other_convention)

# %% [markdown]
# ## Back through the GRU
#
# Now the way back. Start from $h_t = z_t h_{t-1} + (1 - z_t) g_t$, with $\mathrm d h_t$ for the gradient
# that arrives at $h_t$, and write $s_t = h_{t-1} W^g$ for what the reset gate is multiplied with:
#
# $$\mathrm d z = \mathrm d h_t\, (h_{t-1} - g) \qquad \mathrm d g = \mathrm d h_t\, (1 - z)$$
#
# $$\mathrm d a^z = \mathrm d z\; z (1 - z) \qquad \mathrm d a^g = \mathrm d g\, (1 - g^2) \qquad \mathrm d s = \mathrm d a^g\, r \qquad \mathrm d a^r = \mathrm d a^g\, s_t\; r (1 - r)$$
#
# Four ways lead back to the old state, and they add up:
#
# $$\mathrm d h_{t-1} = \mathrm d h_t\, z + \mathrm d a^r {W^r}^\top + \mathrm d a^z {W^z}^\top + \mathrm d s\, {W^g}^\top$$
#
# The first is the straight one. The weights meet $x_t$ or $h_{t-1}$ at every step and sum up their
# shares over all of them. Only $W^g$ is special: it gets $\mathrm d s$, as the reset stands behind it,
# where $U^g$ and $b^g$ get $\mathrm d a^g$.
#
# **Exercise `gru_backward`** · 9 points · 35 min · ●●●
#
# The loss may depend on the state after every step: `dh[:, t]` is its direct gradient there. Return all
# gradients of the whole sequence. Run forward first and keep what you need. Stuck?
# `hint("gru_backward")`


# %% solution gru_backward
def gru_backward(dh, x, h0, U, W, b):
    """Every gradient of a GRU that has read a batch of sequences.

    dh  direct gradient of the loss by the states, (N, T, H)
    x   inputs, (N, T, D)
    h0  state before the first step, (N, H)
    U   (3, D, H), in the order r, z, g
    W   (3, H, H)
    b   (3, H)

    Returns dx (N, T, D), dh0 (N, H), dU (3, D, H), dW (3, H, H) and db (3, H).
    """
    ### BEGIN SOLUTION
    T = x.shape[1]
    W_r, W_z, W_g = W
    h, steps = h0, []
    for t in range(T):
        h_next, r, z, g = gru_step(x[:, t], h, U, W, b)
        steps.append((h, r, z, g))  # with the state before the step
        h = h_next

    dx, dU, dW, db = np.zeros(x.shape), np.zeros(U.shape), np.zeros(W.shape), np.zeros(b.shape)
    dh_later = np.zeros(h0.shape)  # what later steps send back
    for t in reversed(range(T)):
        h, r, z, g = steps[t]
        dh_t = dh[:, t] + dh_later
        da_z = dh_t * (h - g) * z * (1 - z)
        da_g = dh_t * (1 - z) * (1 - g**2)
        ds = da_g * r
        da_r = da_g * (h @ W_g) * r * (1 - r)
        dh_later = dh_t * z + da_r @ W_r.T + da_z @ W_z.T + ds @ W_g.T
        da = np.stack([da_r, da_z, da_g])  # (3, N, H)
        from_state = np.stack([da_r, da_z, ds])
        dx[:, t] = (da @ U.swapaxes(1, 2)).sum(axis=0)
        dU += x[:, t].T @ da
        dW += h.T @ from_state
        db += da.sum(axis=1)
    return dx, dh_later, dU, dW, db
    ### END SOLUTION


# %% test gru_backward 9 points
check("gru_backward", gru_backward)

# %% [markdown]
# **Against torch.** `torch.nn.GRU` has our convention. Its matrices are ours transposed and on top of one
# another, and it has a second bias, one part of which stands inside the reset; we set it to zero. (The
# package's `course.convert` translates every convention that torch can take.) The cell copies random
# weights over and compares all gradients. If torch is not installed, or a function not written yet,
# it says so and passes by.

# %%
try:
    import torch
except ImportError:
    torch = None


def compare_with_torch():
    """The largest difference of any array to torch.nn.GRU in float64, relative to the array."""
    N, T, D, H = 4, 7, 3, 5
    rng = np.random.default_rng(0)
    x, h0, dh = (rng.standard_normal(shape) for shape in ((N, T, D), (N, H), (N, T, H)))
    U, W, b = (rng.standard_normal(shape) for shape in ((3, D, H), (3, H, H), (3, H)))
    mine = gru_backward(dh, x, h0, U, W, b)

    layer = torch.nn.GRU(D, H, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.from_numpy(np.concatenate([part.T for part in U])))
        layer.weight_hh_l0.copy_(torch.from_numpy(np.concatenate([part.T for part in W])))
        layer.bias_ih_l0.copy_(torch.from_numpy(b.ravel()))
        layer.bias_hh_l0.zero_()
    x_t, h0_t = torch.from_numpy(x).requires_grad_(), torch.from_numpy(h0)[None].requires_grad_()
    (layer(x_t, h0_t)[0] * torch.from_numpy(dh)).sum().backward()
    theirs = (
        x_t.grad.numpy(),
        h0_t.grad.numpy()[0],
        layer.weight_ih_l0.grad.numpy().reshape(3, H, D).swapaxes(1, 2),
        layer.weight_hh_l0.grad.numpy().reshape(3, H, H).swapaxes(1, 2),
        layer.bias_ih_l0.grad.numpy().reshape(3, H),
    )
    for name, a, c in zip(("dx", "dh0", "dU", "dW", "db"), mine, theirs, strict=True):
        print(f"{name:4s} largest relative difference {np.abs(a - c).max() / np.abs(c).max():.0e}")


if torch is None:
    print("There is no torch here. The comparison passes by; nothing else needs it.")
else:
    try_out(compare_with_torch)

# %% [markdown]
# ## The adding problem
#
# Enough of gradients. Can these networks *learn* something long? In the adding problem a network reads
# $T$ numbers between 0 and 1. Two of them are marked, one in each half. After the last step it is asked
# for their sum. Whoever always says 1 has a mean squared error of 0.167; below 0.01 the task counts as
# solved.
#
# The lab trains an LSTM and a vanilla RNN at $T = 40$, each with the learning rate that suits it.

# %% lab adding
if memory is not None:
    task = memory.regression(functools.partial(tasks.adding, T=40))
    runs = {
        "RNN": memory.learn(memory.vanilla(), task, 32, 1e-3, 1000, seed=0, progress=with_bar),
        "LSTM": memory.learn(
            memory.long_short(1.0), task, 32, 1e-2, 1000, seed=0, progress=with_bar
        ),
    }
    lstm_run = runs["LSTM"]
    for name, run in runs.items():
        reached = f"solved after {run.steps} steps" if run.steps else "not solved in 1000 steps"
        print(f"{name:5s} {reached}, error {run.score:.4f} on new sequences")

    def smooth(losses, window=25):
        return np.convolve(losses, np.full(window, 1 / window), mode="valid")

    display(
        gradient_figures.training_runs(
            {name: smooth(run.losses) for name, run in runs.items()},
            baseline=1 / 6,
            title="The LSTM adds up in 300 steps, the RNN does not",
        )
    )

# %% [markdown]
# One run proves little. Here are three seeds of four cells at four lengths. The IRNN is a network of ReLUs
# without a gate that starts with $W_{hh} = I$ and small input weights (0.1), so that at first its state
# adds up what comes in. A dot is a run.


# %%
def gathered(table, name, place):
    """{name: {place: [steps of each run]}} of a table."""
    found = {}
    for who, where, steps in zip(table[name], table[place], table["steps"], strict=True):
        found.setdefault(who, {}).setdefault(str(where), []).append(steps)
    return found


def tell(table):
    """How the numbers of a table were made."""
    for key, value in table.protocol.items():
        print(f"{key}: {value}")


adding_table = results.load("adding_problem")
by_length = gathered(adding_table, "cell", "T")
figures.steps_needed(
    {name: by_length[name] for name in ("RNN", "IRNN", "GRU", "LSTM")},
    2000,
    "length T of the sequence",
    "From T = 40 on, 2000 steps are too few for tanh",
)

# %%
adding_table.where(T=100)

# %% [markdown]
# The network with tanh learns 10 and 20 steps. At 40 it is on its way, with an error of 0.02 when its 2000
# steps are over; at 100 it has learned next to nothing. The gated cells learn all four, the GRU soonest.
# And so does the IRNN, which has not one gate! What it shares with them is a state that is handed on by
# itself: the identity instead of $f_t$ or $z_t$.
#
# Its start matters, though. Those who proposed it took input weights of 0.001, a hundred times smaller
# (`memory.irnn(0.001)`). With these, all runs at 10 and 20 are solved, one of three at 40 and none at 100,
# in the same 2000 steps.

# %% [markdown]
# ## The counter-lesson
#
# So gates win? Not so fast. In **recall**, the network sees one of eight symbols, then 49 blanks, and is
# asked which symbol it was. The blanks are all alike. What do you expect?
#
# The lab looks at four networks: first, before training, at how much of a gradient comes through those 49
# steps; then it trains them.

# %% lab recall
if memory is not None:
    task = memory.classification(functools.partial(tasks.recall, T=50, symbols=8), 8)
    x, _ = tasks.recall(np.random.default_rng(0), N=16, T=50, symbols=8)
    for name, cell, states, rate in (
        ("RNN, orthogonal", memory.vanilla(orthogonal=True), 1, 1e-3),
        ("LSTM, forget bias 1", memory.long_short(1.0), 2, 1e-2),
        ("LSTM, chrono", memory.long_short(T_max=50), 2, 1e-2),
        ("GRU", memory.gated(), 1, 1e-2),
    ):
        fresh = memory.start(cell, np.random.default_rng(0), x.shape[2], 32, 8)
        left = memory.distance_norms(cell, fresh, x, states)[49]
        run = memory.learn(cell, task, 32, rate, 800, seed=0, progress=with_bar)
        trained = f"{run.score:4.0%} right after {len(run.losses)} steps"
        print(f"{name:20s} new: {left:.0e} of a gradient comes through.  Trained: {trained}")

# %% [markdown]
# The plain network does it soon. Its matrix is orthogonal: it turns the state and makes it neither longer
# nor shorter. The LSTM with a forget bias of 1, which is how many programs start it, stays at chance
# at this learning rate. Let the forget biases start at $\log u$ with $u$ uniform between 1 and $T - 1$,
# the input gate's at the negative of that (**chrono** initialisation), and the same LSTM learns it in 200
# steps. Cell, task and learning rate are the same: here the *initialisation* decides. ("Naive RNNs almost
# never work", a lecture says. On which task, and from which start?)
#
# Is it the gradient of the untrained network, then? Look at the numbers. Chrono lets most through. But the
# LSTM that fails starts with ten times as much as the RNN that succeeds, and the GRU learns from a
# ten-millionth.
#
# Now turn the blanks into random symbols, which the network must read and not remember. The table has
# both kinds, three seeds and two learning rates each. How many of the six runs got there?


# %%
def solved_runs(table, *columns):
    """How many runs solved the task, by the values of these columns."""
    counts = {}
    for *key, steps in zip(*(table[column] for column in columns), table["steps"], strict=True):
        counts.setdefault(tuple(key), []).append(steps is not None)
    for key, solved in counts.items():
        print("  ".join(f"{part!s:20s}" for part in key), f"{sum(solved)} of {len(solved)}")


recall_table = results.load("recall_first")
solved_runs(recall_table, "after the first", "cell")
tell(recall_table)

# %% [markdown]
# With blanks, both plain networks got there in 5 of 6 runs, the LSTM with a forget bias of 0 in none, with
# 1 in two (at the lower learning rate), with chrono in all, and so did the GRU. Random symbols are another
# matter. A state that takes in everything takes in the other 49 as well, and only 1 of 6 orthogonal
# networks found a way in 1000 steps. Gates alone do not help either: GRU and LSTM with the usual start all
# failed. The LSTM with chrono, most of whose input gates start nearly shut, got there in all three runs at
# the learning rate 0.01, and in none at 0.001. To shut the door is what a gate is for, but it has to start
# in reach of that.

# %% [markdown]
# ## What can be left out
#
# An LSTM has three gates and two squashings. Does it need them all? The table takes out one part at a
# time: a gate that is "1" stands open for good, `f = 0` cuts the cell's own line, and `f = 1 - i` ties
# two gates together as the GRU does. The task is adding at $T = 40$ once more.

# %%
ablation = results.load("lstm_ablation")
by_change = {}
for change, steps in zip(ablation["changed"], ablation["steps"], strict=True):
    by_change.setdefault(change, []).append(steps)

tell(ablation)
figures.steps_by_change(by_change, 1000, "The line and the input gate are missed most")

# %% lab ablation
if memory is not None:
    from course.ablation import Recipe

    task = memory.regression(functools.partial(tasks.adding, T=40))
    tied = memory.ablated(Recipe(f="coupled"))
    run = memory.learn(tied, task, 32, 1e-2, 1000, seed=0, progress=with_bar)
    print(f"f = 1 - i, seed 0: solved after {run.steps} steps, error {run.score:.4f}")

# %% [markdown]
# Without the line no run got there in 1000 steps, and none with all gates open. Two of three fail without the
# input gate: the cell then takes in everything that passes by. Each of the other parts can go, one at a
# time, and some variants are quicker than the original: with $f = 1 - i$ it takes 150 to 200 steps, where
# the LSTM takes 250 to 300. Mind what this is: one task, 32 units, three seeds, one learning rate.

# %% [markdown]
# ## Which state is the long memory
#
# An LSTM has two states. People call $C$ the long-term memory and $h$ the short-term one. That can be
# measured: a slow quantity resembles itself one step later. For each unit take the **lag-one
# autocorrelation**. With $d$ for the state minus the unit's mean $m$ over batch *and* time,
#
# $$d_{n,t} = s_{n,t} - m \qquad \rho = \frac{\sum_n \sum_{t=2}^{T} d_{n,t}\, d_{n,t-1}}{\sum_n \sum_{t=1}^{T} d_{n,t}^2}$$
#
# Noise has a $\rho$ near 0, something that hardly moves one near 1.
#
# **Exercise `timescale`** · 5 points · 12 min · ●●○
#
# Compute $\rho$ for every unit. A case to test by eye: the sequence 0, 1, 2 of one unit has
# $d = -1, 0, 1$, so $\rho = 0$; the sequence 0, 0, 3, 3 has $\rho = 0.25$. Stuck? `hint("timescale")`


# %% solution timescale
def timescale(s):
    """The lag-one autocorrelation of every unit.

    s  states of a batch of sequences, (N, T, H)

    Returns rho, (H,).
    """
    ### BEGIN SOLUTION
    d = s - s.mean(axis=(0, 1))  # one mean a unit
    return (d[:, 1:] * d[:, :-1]).sum(axis=(0, 1)) / (d**2).sum(axis=(0, 1))
    ### END SOLUTION


# %%
try_out(timescale, np.array([[[0.0], [0.0], [3.0], [3.0]]]))

# %% test timescale 5 points
check("timescale", timescale)

# %% [markdown]
# And now the LSTM that has learned to add, on new sequences of its task. Which of its states is slow?

# %% lab time_scales
if memory is not None:

    def states_of(parameters, x):
        _, states = memory.long_short().run(parameters, x)
        return states

    def compare_time_scales():
        x, _ = tasks.adding(np.random.default_rng(1), N=200, T=40)
        new = states_of(memory.start(memory.long_short(), np.random.default_rng(0), 2, 32, 1), x)
        old = states_of(lstm_run.parameters, x)
        rho = {
            "C, trained": timescale(old.c),
            "h, trained": timescale(old.h),
            "C, new": timescale(new.c),
            "h, new": timescale(new.h),
        }
        for name, values in rho.items():
            print(f"{name:11s} median {np.median(values):.2f}, largest {values.max():.3f}")
        for when in ("trained", "new"):
            slower = np.sum(rho[f"C, {when}"] > rho[f"h, {when}"])
            print(f"{when}: C is slower than h in {slower} of 32 units")
        display(figures.time_scales(rho, "C changes more slowly than h, on the whole"))

    try_out(compare_time_scales)

# %% [markdown]
# In the trained network the medians are 0.84 for $C$ and 0.58 for $h$; in the new one they were 0.71
# and 0.66. $C$ is the slower of the two in 25 of 32 units, trained or not; with two more seeds it was in 23
# to 30. So the names are fair, as a tendency: $h_t = o_t \tanh(C_t)$ is the cell seen through a gate that
# may move at every step. But there are slow units in $h$ and fast ones in $C$.

# %% [markdown]
# ## Where one starts, and how fast one goes
#
# A last look at "trains better". For the adding problem at $T = 40$: three starts of an RNN and three of
# an LSTM, five learning rates, two seeds each.

# %%
grid_table = results.load("steps_to_learn")
tell(grid_table)
grid = gathered(grid_table, "cell", "learning rate")
rnns = {name: by_rate for name, by_rate in grid.items() if name.startswith("RNN")}
lstms = {name: by_rate for name, by_rate in grid.items() if name.startswith("LSTM")}
figures.steps_needed(rnns, 1500, "learning rate", "Without gates the start decides")

# %%
figures.steps_needed(
    lstms, 1500, "learning rate", "The LSTM learns from every start, at 4 rates of 5"
)

# %% [markdown]
# Of the tanh networks none got there; the orthogonal ones came near, with an error of 0.02 at a rate of
# 0.001, where guessing has 0.167. The ReLUs that start as the identity did in 6 of 10 runs, at rates from
# 0.001 to 0.01. The LSTM did from every start at every rate from 0.001 to 0.03, in 200 to 1200 steps: 24
# of 30 runs; at 0.0003 the 1500 steps were too few. This may be the plainest meaning of "trains better":
# not that the one can and the other cannot, but how large the region of settings is in which it works.

# %% [markdown]
# ## What is essential
#
# You have seen the gradient, two cells, ablations and a task on which the LSTM lost. Time to draw your
# own conclusion.
#
# **Exercise `essential_arbitrary`** · 10 points · 25 min · ●●●
#
# Answer in the next cell, in a few sentences for each part. Give a reason *and* a number from this
# worksheet wherever you can.

# %% [markdown] written essential_arbitrary 10 points
# What in the LSTM's cell is essential, and what is arbitrary?
#
# **(a) 3 points.** Which property of the cell matters most for learning over long distances, and why?
#
# **(b) 3 points.** What do gates add to it? Which evidence is there that they are needed?
#
# **(c) 2 points.** Name something that could as well be otherwise, with evidence.
#
# **(d) 2 points.** How far does the evidence carry? Say what was not tried, or what speaks against the
# sentence "the LSTM solves the vanishing gradient problem".
#
# <!-- ### BEGIN SOLUTION -->
# **A model answer**
#
# **(a)** That the cell is carried on by itself: $C_t = f_t C_{t-1} + \dots$ Going back over $T$ steps
# multiplies $T$ numbers $f_t$, one a unit, which the network can hold near 1. A vanilla network
# multiplies $T$ matrices with slopes below 1. With the line cut ($f = 0$) no run solved adding at
# $T = 40$ in 1000 steps; whole, it takes 250 to 300. The GRU has such a line as well, $z_t h_{t-1}$, and
# the IRNN starts with one, $W_{hh} = I$: it learned even $T = 100$.
#
# **(b)** They let the network choose, step by step, what to write and what to leave alone. With all of
# them open no run solved adding, and without the input gate one of three. In recall an orthogonal
# network keeps the first symbol through blanks (5 runs of 6) and mostly loses it among random symbols
# (1 of 6), as it cannot choose; an LSTM whose input gates start nearly shut did it in all runs at the
# rate 0.01. Against it speaks the IRNN, which adds without any gate when it starts well.
#
# **(c)** The number of gates (the GRU has two; with $f = 1 - i$ it learned in 150 to 200 steps); the
# output gate and the tanh at the output, without which it still learned; which of $z$ and $1 - z$ is
# kept; the order of the gates in memory.
#
# **(d)** One task, 32 units, three seeds; speech or text may need what adding does not. In recall the
# initialisation decided: with a forget bias of 1 four of six LSTMs failed where five of six orthogonal
# RNNs did it. And the gradient of a new LSTM with forget bias 0 falls to about $10^{-15}$ over a
# hundred steps, while a bias of 5 lets it grow. The cell mitigates vanishing.
#
# <!-- ### END SOLUTION -->

# %% [markdown]
# Working on your own? Write your answer first, then mark it yourself:
# `rubric("essential_arbitrary", attempted=True)` shows the criteria and some marked answers,
# `rubric("essential_arbitrary", met=[1, 3])` adds up your points.

# %%
rubric("essential_arbitrary")

# %% [markdown]
# ## What you should remember
#
# > - Straight from $C_{t-1}$ to $C_t$ the factor is $f_t$: no matrix, no slope, and the network chooses
# >   it. This mitigates vanishing; it does not abolish it.
# > - $f_t$ is the derivative with $h_{t-1}$ held fixed. The total one adds the way through the state,
# >   and can be above 1.
# > - The GRU has the same line with two gates. Ask of every GRU what $z$ means and where $r$ stands.
# > - Gradients of an untrained network do not tell how the trained one behaves.
# > - A network without gates can have the line as well: an IRNN that starts well learns to add at
# >   every length tried.
# > - Keeping is not enough (random symbols), nor are gates (a bad forget bias). Cell,
# >   initialisation and task belong together.
# > - A claim about a network is a claim about a protocol: task, sizes, learning rate, steps, seeds.
#
# **Where to go next.** In ps07 these cells learn to write: a language model, one character at a time.
