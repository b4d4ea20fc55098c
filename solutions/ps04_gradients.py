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
# # ps04 · Vanishing and exploding gradients
#
# A network reads a hundred words and errs at the end. The fault may lie with any of them, and the
# gradient is to say with which. On its way back it passes every step in between. Of what set out, the
# first word may get $10^{-35}$, or $10^{17}$ times as much. In this worksheet you measure it, find out
# what decides, and try what people do about it.
#
# **Afterwards you will be able to**
#
# - write down how one state depends on an earlier one, and follow a gradient back through it;
# - measure how fast gradients fall or grow, and predict it where it can be predicted;
# - say what singular values and eigenvalues have to do with it, and what they have not;
# - clip a gradient without changing its direction;
# - name three cures for vanishing, and say what each of them does to the factor of one step;
# - explain why a gradient that vanishes is an issue although the weights still learn.
#
# **You need** the vanilla RNN of ps02 and the chain rule; eigenvalues and singular values from linear
# algebra (a sentence recalls each). Backpropagation through time, ps03, helps; your code from there
# is not needed.
#
# **Time** about 2 hours 45 minutes. **Points** 50: 40 are checked by machine, 10 are for a written
# answer.

# %% [markdown]
# **How to work.** As in ps02: fill in the cell of an exercise, run it, run the locked `check` below
# it. `hint("step_jacobian")` in a cell of your own helps, more with every call. Check as often as
# you like. Answers need NumPy alone, and everything they need must be in this notebook; restart the
# kernel and run all cells before you hand in. The solved worksheet is
# `solutions/ps04/ps04_gradients.ipynb` in the course's folder.
#
# **Symbols.** Vectors are **rows**, and the batch comes **first**.
#
# | symbol | meaning | shape |
# |:--|:--|:--|
# | $N, T, H$ | sequences in a batch; steps; hidden units | |
# | $h$, $h_t$ | all states; those after step $t$ | `(N, T, H)`, `(N, H)` |
# | $W_{hh}$ | weights from state to state | `(H, H)` |
# | $L$, $\partial L/\partial h_t$ | the loss; its gradient by the state after step $t$ | a number, `(N, H)` |
# | $J_t$ | $\partial h_t/\partial h_{t-1}$, the Jacobian of step $t$ | `(N, H, H)` |
# | $k$ | distance: how many steps back from the last one | |
# | $\rho$ | spectral radius: the largest size of an eigenvalue | a number |
# | $\sigma$ | the largest singular value | a number |
#
# Steps are counted from 1 in the equations and from 0 in the code: $h_1$ is `h[:, 0]`, and $h_T$ is
# `h[:, -1]`.

# %% locked imports
import numpy as np

from autograder import check, hint, rubric
from course.figures import gradients as figures

np.set_printoptions(precision=4, suppress=True)


def try_out(function, *arguments):
    """Call a function of yours, or say that it is not written yet."""
    try:
        return function(*arguments)
    except NotImplementedError:
        print("Not written yet. Fill in the gaps above, run that cell, then run this one again.")


# %% [markdown]
# ## A message on its way back
#
# Let the loss read the last state only. It knows at once how it would like $h_T$ to change: that is
# $\partial L/\partial h_T$. But $h_T$ was made from $h_{T-1}$, and that from $h_{T-2}$. What should
# have been different ten steps ago?
#
# The chain rule passes the message on, one step at a time. Each step multiplies it by one matrix,
# the Jacobian of that step.

# %%
figures.gradient_path(steps=3)

# %% [markdown]
# Three steps back there are three factors, a hundred steps back a hundred. Multiply a hundred
# numbers: if each is 0.9, you get 0.00003; if each is 1.1, you get 14,000. This worksheet is about
# that, with matrices for numbers.

# %% [markdown]
# ## By pencil
#
# Take one unit, $H = 1$, so that a Jacobian is a single number. The weight is $W_{hh} = 1.5$. The
# network has run, and you know its last two states and what the loss says at the end:
#
# | $W_{hh}$ | $h_1$ | $h_2$ | $\partial L/\partial h_2$ |
# |:-:|:-:|:-:|:-:|
# | 1.5 | 0.5 | 0.8 | 2 |
#
# $$h_t = \tanh(a_t), \qquad a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h$$
#
# A small change of $h_{t-1}$ changes $a_t$ by $W_{hh}$ times as much, and a small change of $a_t$
# changes $h_t$ by the slope of tanh. That slope can be read off the result: it is $1 - h_t^2$. Inputs
# and bias do not matter here.
#
# **Exercise `hand_chain`** · 2 points · 8 min · ●○○
#
# Compute $J_2 = \partial h_2/\partial h_1$ and $J_1 = \partial h_1/\partial h_0$, then
# $\partial L/\partial h_1$ and $\partial L/\partial h_0$. Three decimals are enough. Put your four
# numbers in place of `None`. Stuck? `hint("hand_chain")`

# %% solution hand_chain
hand_chain = {"J_2": None, "J_1": None, "dL_dh_1": None, "dL_dh_0": None}
### BEGIN SOLUTION
hand_chain = {
    "J_2": 0.54,  # (1 - 0.64) * 1.5
    "J_1": 1.125,  # (1 - 0.25) * 1.5
    "dL_dh_1": 1.08,  # 2 * 0.54
    "dL_dh_0": 1.215,  # 1.08 * 1.125
}
### END SOLUTION

# %% test hand_chain 2 points
check("hand_chain", hand_chain)

# %% [markdown]
# The message halved in one step and grew in the other, with the same weight. Two things make the
# factor: the weight, and where on the tanh the unit stands. A unit near ±1 lets almost nothing
# through.

# %% [markdown]
# ## One step back
#
# Now $H$ units. How does unit $i$ after the step depend on unit $j$ before it? Write out the sum:
#
# $$h_t[i] = \tanh\Bigl(\cdots + \sum_j h_{t-1}[j]\; W_{hh}[j, i]\Bigr)$$
#
# The Jacobian $J_t$ gathers all these derivatives, with $i$ for the row and $j$ for the column:
#
# $$J_t[i, j] = \frac{\partial h_t[i]}{\partial h_{t-1}[j]}, \qquad
# J_t = \operatorname{diag}(1 - h_t^2)\; W_{hh}^\top$$
#
# Check with your eyes that the second formula says what the sum says: which axis does the slope
# multiply, and why is $W_{hh}$ transposed? (Books that write columns have $a_t = W_{hh} h_{t-1}$, and
# $W_{hh}$ as it is in the Jacobian. Their matrix is ours transposed.)
#
# With this layout a gradient, being a row, goes back by standing on the left:
#
# $$\frac{\partial L}{\partial h_{t-1}} = \frac{\partial L}{\partial h_t}\, J_t$$
#
# **Exercise `step_jacobian`** · 4 points · 12 min · ●●○
#
# Compute the Jacobians of a step for a batch: one matrix for each example, since each example has
# states of its own. Stuck? `hint("step_jacobian")`


# %% solution step_jacobian
def step_jacobian(h_t, W_hh):
    """The Jacobian of one step, for each example.

    h_t   states after the step, (N, H)
    W_hh  (H, H)

    Returns J, (N, H, H): J[n, i, j] is the derivative of h_t[n, i] by h_{t-1}[n, j].
    """
    ### BEGIN SOLUTION
    slopes = 1 - h_t**2  # (N, H)
    return slopes[:, :, None] * W_hh.T  # row i times the slope of unit i: (N, H, H)
    ### END SOLUTION


# %% [markdown]
# Your pencil's numbers first: with $h_2 = 0.8$ and the weight 1.5 the cell must show your $J_2$.

# %%
try_out(step_jacobian, np.array([[0.8]]), np.array([[1.5]]))

# %% test step_jacobian 4 points
check("step_jacobian", step_jacobian)

# %% [markdown]
# ## Many steps back
#
# How does the last state depend on the very first? Chain the steps. The message is a row and meets the
# latest step first, so the latest stands leftmost:
#
# $$\frac{\partial h_T}{\partial h_0} = J_T\, J_{T-1} \cdots J_2\, J_1$$
#
# Matrices do not commute, so the order matters.
#
# **Exercise `jacobian_product`** · 4 points · 12 min · ●●○
#
# You get the states $h_1$ to $h_T$ and $W_{hh}$. Compute $\partial h_T/\partial h_0$ for each example.
# You may call `step_jacobian`. Stuck? `hint("jacobian_product")`


# %% solution jacobian_product
def jacobian_product(h, W_hh):
    """How the last state depends on the state before the first step.

    h     states after each step, (N, T, H)
    W_hh  (H, H)

    Returns dh_T/dh_0, (N, H, H).
    """
    ### BEGIN SOLUTION
    product = step_jacobian(h[:, 0], W_hh)  # J_1
    for t in range(1, h.shape[1]):
        product = step_jacobian(h[:, t], W_hh) @ product  # the later step on the left
    return product
    ### END SOLUTION


# %% [markdown]
# Is it true? A derivative is a promise about small changes, and that can be tried: run a network,
# nudge one unit of $h_0$ by a millionth, run it again. Both rows below must be the same.


# %%
def nudge():
    """How h_T answers to a nudge of unit 2 of h_0: by trying, and by your product."""
    rng = np.random.default_rng(0)
    T, H = 6, 4
    W_hh, drive = rng.standard_normal((H, H)), rng.standard_normal((T, H))

    def run(h_t):
        states = []
        for t in range(T):
            h_t = np.tanh(drive[t] + h_t @ W_hh)
            states.append(h_t)
        return np.array(states)

    h0, small = np.zeros(H), np.zeros(H)
    small[2] = 1e-6
    product = jacobian_product(run(h0)[None], W_hh)
    print("tried:       ", (run(h0 + small)[-1] - run(h0 - small)[-1]) / 2e-6)
    print("your product:", product[0, :, 2])


try_out(nudge)

# %% test jacobian_product 4 points
check("jacobian_product", jacobian_product)

# %% [markdown]
# ## How much is left
#
# A product of a hundred matrices of 64 × 64 is a lot of numbers. One would do: how *long* is the
# message after $k$ steps? And for that you need no matrix product at all. A row times
# $\operatorname{diag}(s_t)\, W_{hh}^\top$ is the row times the slopes, number by number, and then
# times $W_{hh}^\top$:
#
# $$\frac{\partial L}{\partial h_{t-1}} = \Bigl(\frac{\partial L}{\partial h_t} \odot s_t\Bigr)
# W_{hh}^\top \qquad\qquad s_t = 1 - h_t^2 \text{ for tanh}$$
#
# That is what backpropagation does. The function below takes the slopes $s$ as an argument, so that
# it serves tanh as well as ReLU, with slopes 0 and 1, or no activation at all, with slopes 1.
#
# **Exercise `gradient_norms`** · 5 points · 15 min · ●●○
#
# Starting from $\partial L/\partial h_T$, go back to $h_0$ and return the length of the gradient at
# each distance $k = 0, 1, \dots, T$, for each example. Column 0 is the length of `dh_T` itself, the
# last column belongs to $h_0$. The length is the root of the sum of squares. Stuck?
# `hint("gradient_norms")`


# %% solution gradient_norms
def gradient_norms(dh_T, slopes, W_hh):
    """The norm of dL/dh_{T-k} for k = 0..T, for each example.

    dh_T    dL/dh_T, (N, H)
    slopes  the activation's derivative at each step, (N, T, H)
    W_hh    (H, H)

    Returns the norms, (N, T + 1).
    """
    ### BEGIN SOLUTION
    dh = dh_T
    norms = [np.linalg.norm(dh, axis=1)]
    for t in reversed(range(slopes.shape[1])):
        dh = (dh * slopes[:, t]) @ W_hh.T
        norms.append(np.linalg.norm(dh, axis=1))
    return np.stack(norms, axis=1)
    ### END SOLUTION


# %% [markdown]
# A case to test by eye: no activation, and $W_{hh} = 2 I$. Each step doubles the length, so from a
# gradient of length 5 you get 5, 10, 20, 40.

# %%
try_out(gradient_norms, np.array([[3.0, 4.0]]), np.ones((1, 3, 2)), 2 * np.eye(2))

# %% test gradient_norms 5 points
check("gradient_norms", gradient_norms)

# %% [markdown]
# Time for the first experiment. The network below gets random input at each step; `simulate` is the
# loop of ps02 with a choice of activation, and returns the states and the slopes.

# %% locked simulate from course.flow: simulate
from collections.abc import Callable

from course.shapes import Array

# %% [markdown]
# A matrix of random numbers can be scaled to any **spectral radius** $\rho$: the size of its largest
# eigenvalue. Divide by the one it has, multiply by the one you want. All networks here have 64 units,
# and what arrives at each unit from outside, $x_t W_{xh}$, has the standard deviation 0.3. The
# curves are medians over 32 sequences.


# %%
def gaussian(rho, H=64, seed=0):
    """A matrix of random numbers with the spectral radius rho."""
    W = np.random.default_rng(seed).standard_normal((H, H))
    return W * (rho / np.max(np.abs(np.linalg.eigvals(W))))


def norms_of(W_hh, activation="tanh", drive=0.3, T=100, N=32, seed=1):
    """The norm of dL/dh_{T-k} for a random dL/dh_T of length 1, by your gradient_norms."""
    rng = np.random.default_rng(seed)
    H = len(W_hh)
    _, slopes = simulate(drive * rng.standard_normal((N, T, H)), W_hh, activation)
    dh_T = rng.standard_normal((N, H))
    dh_T /= np.linalg.norm(dh_T, axis=1, keepdims=True)
    return np.median(gradient_norms(dh_T, slopes, W_hh), axis=0)


def five_radii():
    curves = {f"radius {rho}": norms_of(gaussian(rho)) for rho in (0.5, 0.9, 1.0, 1.1, 1.5)}
    print("  radius     k = 10     k = 50    k = 100")
    for name, norms in curves.items():
        print(f"{name[7:]:>8s}" + "".join(f"{norms[k]:11.1e}" for k in (10, 50, 100)))
    return figures.norms_by_distance(curves, "With tanh, even radius 1.1 vanishes")


try_out(five_radii)

# %% [markdown]
# Read the axis: these are powers of ten. At radius 0.5 you should find about $10^{-35}$ at distance
# 100, at radius 1 about $10^{-9}$; at 1.5 the gradient keeps its size. A float64 still holds
# $10^{-35}$. But add it to a contribution of size 1 from a nearer step, and nothing of it is left.
#
# Which radius is the safe one? Move the slider, and watch the three activations part.

# %% lab slider
from course.figures import interactive


def slide():
    """Gradient norms for 21 radii and three activations, by your gradient_norms."""
    radii = np.round(np.arange(0.5, 1.51, 0.05), 2)
    names = ("linear", "tanh", "ReLU")
    curves = {name: [norms_of(gaussian(rho), name, N=16) for rho in radii] for name in names}
    titles = []
    for position, rho in enumerate(radii):
        ends = [curves[name][position][-1] for name in names]
        said = ["grows" if end > 10 else "vanishes" if end < 0.1 else "stays" for end in ends]
        titles.append(
            f"Radius {rho:g}: " + ", ".join(f"{n} {s}" for n, s in zip(names, said, strict=True))
        )
    return interactive.slider(
        titles,
        list(radii),
        "spectral radius of W_hh",
        curves,
        "distance k (steps back)",
        "norm of dL/dh",
        start=int(np.argmin(np.abs(radii - 1))),
        log_y=True,
        y_limits=(1e-20, 1e20),
    )


try_out(slide)

# %% [markdown]
# Each activation has a radius at which the gradient neither falls nor grows much. The linear network
# turns at 1. tanh and ReLU, with this input, turn between 1.4 and 1.5, because their slopes only ever
# take away. About half of the ReLU's slopes are 0, and half of the squares are gone with them: the
# length shrinks by $\sqrt{1/2}$ a step, and $\sqrt{2} \approx 1.4$ makes up for it.
#
# More runs, ten matrices for each row, were made beforehand. Your own powers of ten should be near
# those in the rows for tanh. (Without the `where` you see other matrices too.)

# %%
from course import results

results.load("gradient_flow").where(matrix="Gaussian")

# %% [markdown]
# ## How fast
#
# Curves that are straight on a logarithmic axis have one number each: their slope, in powers of ten
# a step. Where does it come from?
#
# Without activation the product of Jacobians is a power, $(W_{hh}^\top)^k$. (Mind the letters: $\top$
# transposes, $k$ is the power. Slides that write $W^T$ for either invite a mix-up.) In the long run
# the largest eigenvalue outgrows all others, so a step should multiply the length by $\rho$:
#
# $$\log_{10} \Bigl\lVert \frac{\partial L}{\partial h_{T-k}} \Bigr\rVert
# \approx \text{constant} + k \log_{10} \rho$$
#
# Measured from distance `start` to the last one, $K$, the slope is a mean over all factors in
# between. It is the *geometric* mean that counts: factors of 4 and 1/4 together change nothing.
#
# $$\text{measured} = \frac{\log_{10} \lVert\cdot\rVert_K - \log_{10} \lVert\cdot\rVert_{\text{start}}}
# {K - \text{start}} \qquad\qquad \text{predicted} = \log_{10} \rho$$
#
# **Exercise `growth_rate`** · 4 points · 10 min · ●●○
#
# Return both numbers, the measured one first. `norms` is one row of norms at the distances
# $0, 1, \dots, K$. Eigenvalues can be negative or complex; their size counts. Stuck?
# `hint("growth_rate")`


# %% solution growth_rate
def growth_rate(norms, W_hh, start):
    """Powers of ten a step: as measured from distance `start` on, and as predicted from W_hh.

    norms  norms at the distances 0, 1, ..., K, all above zero
    W_hh   (H, H)
    start  the first distance of the window, a whole number

    Returns measured and predicted, two numbers.
    """
    ### BEGIN SOLUTION
    steps = len(norms) - 1 - start
    measured = (np.log10(norms[-1]) - np.log10(norms[start])) / steps
    predicted = np.log10(np.max(np.abs(np.linalg.eigvals(W_hh))))
    return measured, predicted
    ### END SOLUTION


# %% test growth_rate 4 points
check("growth_rate", growth_rate)

# %% [markdown]
# Does the prediction hold? Below: linear networks first, measured early (the first 20 steps) and late
# (distance 100 to 300); then the same matrices with tanh.


# %%
def predictions():
    """Measured and predicted rates of Gaussian matrices."""
    print("                        predicted   first 20   late (100 to 300)")
    for activation in ("linear", "tanh"):
        for rho in (0.9, 1.0, 1.1, 1.5):
            W_hh = gaussian(rho)
            norms = norms_of(W_hh, activation, T=300, N=8)
            early, predicted = growth_rate(norms[:21], W_hh, 0)
            late, _ = growth_rate(norms, W_hh, 100)
            print(f"{activation:>8s}, radius {rho}: {predicted:12.3f} {early:10.3f} {late:12.3f}")


try_out(predictions)

# %% [markdown]
# The linear network keeps its promise, late. Early on it falls by about 0.02 powers of ten a step more
# than the radius says, at radius 1 too, where nothing should happen. (Other matrices of this size:
# 0.02 to 0.04.) And with tanh the radius predicts neither early nor late. Two riddles: what happens in
# the first steps, and what does tanh change?

# %% [markdown]
# ## Singular value or eigenvalue
#
# Many texts say: it depends on the singular values of $W_{hh}$. Others say: on its eigenvalues. Both
# say something, and neither settles it.
#
# - The **largest singular value** $\sigma$ is the most by which one step can lengthen a row. It bounds
#   each step: $k$ steps of a linear network lengthen by at most $\sigma^k$, and slopes of at most 1
#   never add to that.
# - The **spectral radius** $\rho$ is the factor of one step in the long run, for the powers of one
#   matrix. It is never above $\sigma$.
#
# They agree when the eigenvectors are orthogonal, as for symmetric or orthogonal matrices. For others
# they can lie far apart. Take
#
# $$W = \begin{bmatrix} 0.9 & 5 \\ 0 & 0.9 \end{bmatrix}$$
#
# Its eigenvalues are 0.9 and 0.9. What will its powers do?

# %%
figures.matrix_powers(np.array([[0.9, 5.0], [0.0, 0.9]]))

# %% [markdown]
# First they grow 19-fold, and only then they fall, in the end with 0.9 a step as the eigenvalues want.
# Neither $\sigma^k$ nor $\rho^k$ tells of the hump. The Gaussian matrix starts the other way: a random
# row has a share in all 64 directions, most of them with smaller eigenvalues. Until those shares are
# gone, it falls faster than $\rho$ says.
#
# With an activation there is no power of *one* matrix any more. Each step has slopes of its own,
# and $\operatorname{diag}(s)\, W_{hh}^\top$ has other eigenvalues than $W_{hh}$. Use this little tool
# to look at any matrix, with slopes if you like:


# %%
def look_at(W, slopes=None):
    """Print what is said to decide, and the size of the product of k Jacobians."""
    W = np.array(W, dtype=float)
    slopes = np.ones(len(W)) if slopes is None else np.array(slopes, dtype=float)
    J = np.diag(slopes) @ W.T
    print("singular values of W:  ", np.linalg.svd(W)[1])
    print("spectral radius of W:  ", round(float(np.max(np.abs(np.linalg.eigvals(W)))), 3))
    print("determinant of W:      ", round(float(np.linalg.det(W)), 3))
    for k in (1, 2, 10, 30):
        size = np.linalg.norm(np.linalg.matrix_power(J, k), 2)
        print(f"largest singular value of J^{k}: {size:.2g}")


look_at([[0, 10], [0, 0]])

# %% [markdown]
# A singular value of 10, and after two steps nothing is left. Try more: `[[0.9, 5], [0, 0.9]]`, then
# `[[2, 0], [0, 0.1]]`. Then `[[1.5, -2], [1.1, -1.4]]`, once without slopes and once with
# `slopes=[1, 0]`, one unit open and one saturated. And for a state at rest, which solves
# $h = \tanh(5h)$, so that $h \approx 0.9999$: `[[5, 0], [0, 5]]` with `slopes=[0.00018, 0.00018]`.
#
# One more thing to know before you judge. The gradient of the *weights* is a sum over all steps at
# which they were used. The lab below takes it apart by the distance between the loss and the use,
# for tanh and radius 1. (Where `course.flow` is not to be had, as in grading, it passes by.)

# %% lab shares
try:
    from course import flow, rnn
except ImportError:
    flow = None
    print("course.flow is not to be had here. The lab passes by.")

if flow is not None:
    rng = np.random.default_rng(0)
    N, T, H = 32, 100, 64
    x, h0 = 0.3 * rng.standard_normal((N, T, H)), np.zeros((N, H))
    W_xh, W_hh = np.eye(H), gaussian(1.0)
    h = rnn.rnn_forward(x, h0, W_xh, W_hh, np.zeros(H))
    dh = np.zeros((N, T, H))
    dh[:, -1] = rng.standard_normal((N, H)) / N  # a loss at the last step alone
    shares = flow.per_distance(dh, x, h0, h, W_xh, W_hh)  # (T, H, H); they add up to dL/dW_hh
    sizes = np.linalg.norm(shares, axis=(1, 2))
    print(f"norm of dL/dW_hh, the sum of all: {np.linalg.norm(shares.sum(axis=0)):.3f}")
    print("share of distance:", ", ".join(f"{k}: {sizes[k]:.1e}" for k in (0, 1, 5, 20, 50, 90)))

# %% [markdown]
# At distance 50 a share is less than a thirty-thousandth of the sum. The far shares are lost, and the
# sum does not notice.
#
# **Exercise `singular_or_eigen`** · 4 points · 15 min · ●●●
#
# True or false? A sentence is true if it holds for *every* matrix and *all* states that it speaks of.
# For each one that you call false, you should be able to name a counter-example, and have computed
# it.
#
# | item | sentence |
# |:--|:--|
# | `singular_below_1_vanishes` | If the largest singular value of $W_{hh}$ is below 1, gradients vanish with the distance, with tanh too. |
# | `singular_above_1_explodes` | If the largest singular value of $W_{hh}$ is above 1, the gradients of a linear network explode. |
# | `linear_radius_below_1_vanishes` | If the spectral radius is below 1, the gradients of a linear network vanish in the end. |
# | `linear_radius_below_1_never_grows` | If the spectral radius is below 1, the gradients of a linear network get shorter with every step. |
# | `tanh_radius_below_1_vanishes` | If the spectral radius is below 1, the gradients of a tanh network vanish, whatever its states are. |
# | `tanh_radius_above_1_explodes` | If the spectral radius is 5, the gradients of a tanh network explode. |
# | `determinant_decides` | The gradients of a linear network vanish if the determinant of $W_{hh}$ is below 1 in size, and explode if it is above. |
# | `weight_gradient_vanishes_too` | If $\partial L/\partial h_{T-k}$ vanishes with the distance, then $\partial L/\partial W_{hh}$ vanishes in a long sequence. |
#
# Put `"True"` or `"False"` in place of each `None`. Stuck? `hint("singular_or_eigen")`

# %% solution singular_or_eigen
singular_or_eigen = {
    "singular_below_1_vanishes": None,
    "singular_above_1_explodes": None,
    "linear_radius_below_1_vanishes": None,
    "linear_radius_below_1_never_grows": None,
    "tanh_radius_below_1_vanishes": None,
    "tanh_radius_above_1_explodes": None,
    "determinant_decides": None,
    "weight_gradient_vanishes_too": None,
}
### BEGIN SOLUTION
singular_or_eigen = {
    "singular_below_1_vanishes": "True",  # sigma^k bounds the length, and slopes are at most 1
    "singular_above_1_explodes": "False",  # [[0, 10], [0, 0]]
    "linear_radius_below_1_vanishes": "True",
    "linear_radius_below_1_never_grows": "False",  # [[0.9, 5], [0, 0.9]]
    "tanh_radius_below_1_vanishes": "False",  # [[1.5, -2], [1.1, -1.4]] with one unit saturated
    "tanh_radius_above_1_explodes": "False",  # 5 I: the units saturate
    "determinant_decides": "False",  # diag(2, 0.1): determinant 0.2, and it explodes
    "weight_gradient_vanishes_too": "False",  # a sum: the near shares stay
}
### END SOLUTION

# %% test singular_or_eigen 4 points
check("singular_or_eigen", singular_or_eigen)

# %% [markdown]
# How far can the two numbers be apart? As far as you like. To show it, build the matrix.
#
# **Exercise `counter_example`** · 3 points · 12 min · ●●●
#
# For any $0 \le \rho < \sigma$, return a matrix of 2 × 2 whose spectral radius is $\rho$ and whose
# largest singular value is $\sigma$. There are many; any will do. `look_at` shows whether yours is
# one. Stuck? `hint("counter_example")`


# %% solution counter_example
def counter_example(rho, sigma):
    """A matrix with the spectral radius rho and the largest singular value sigma.

    rho, sigma  numbers with 0 <= rho < sigma

    Returns W, (2, 2).
    """
    ### BEGIN SOLUTION
    # Triangular: its eigenvalues, rho and 0, stand on the diagonal. With one row only, the largest
    # singular value is that row's length.
    return np.array([[rho, np.sqrt(sigma**2 - rho**2)], [0, 0]])
    ### END SOLUTION


# %%
try_out(lambda: look_at(counter_example(0.9, 10.0)))

# %% test counter_example 3 points
check("counter_example", counter_example)

# %% [markdown]
# And saturation? An orthogonal matrix times 1.5 has all its singular values at 1.5, and all its
# eigenvalues have that size. Without activation it explodes, $1.5^{300} \approx 10^{53}$. With tanh it
# depends on what comes in. Here is one such matrix, with small inputs and with large ones:


# %%
def saturation():
    Q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((64, 64)))  # orthogonal
    curves = {f"drive {d}": norms_of(1.5 * Q, drive=d, T=300, N=8) for d in (0.1, 0.3, 0.5, 1.0)}
    return figures.norms_by_distance(curves, "Gradients grow with small inputs, vanish with large")


try_out(saturation)

# %% [markdown]
# And ten such matrices, with two numbers of units, run beforehand. Here 300 steps pass before those that
# are measured, so that nothing is left of the start.

# %%
results.load("gradient_saturation")

# %% [markdown]
# Left to itself, the network still lets gradients grow ten-millionfold over 300 steps. Inputs of
# standard deviation 0.5 per unit are enough to turn growth into decay: they drive the units to where
# tanh is flat. So the same matrix vanishes or explodes with the *scale of the input*. Whoever reports
# a number here must say what went in.

# %% [markdown]
# ## The slope of the activation
#
# The slope stands in every factor, so it pays to know it. For each of the three usual activations:
#
# | activation | its slope | |
# |:--|:--|:--|
# | $\tanh(a)$ | $1 - \tanh^2(a)$ | |
# | $\sigma(a) = 1/(1 + e^{-a})$ | $\sigma(a)\,(1 - \sigma(a))$ | (here $\sigma$ is the sigmoid) |
# | $\operatorname{ReLU}(a) = \max(a, 0)$ | 1 for $a > 0$, 0 for $a < 0$ | at $a = 0$ we take 0 |
#
# What is the largest slope of each? With the sigmoid for an activation and $W_{hh} = I$, how much of a
# gradient is left after ten steps at best?
#
# **Exercise `activation_slopes`** · 3 points · 8 min · ●○○
#
# Return the three slopes at the sums `a`, in this order, as numbers (not as `True` and `False`).
# Stuck? `hint("activation_slopes")`


# %% solution activation_slopes
def activation_slopes(a):
    """The slopes of tanh, sigmoid and ReLU.

    a  sums before the activation, (N, H)

    Returns tanh, sigmoid and relu, each (N, H).
    """
    ### BEGIN SOLUTION
    s = 1 / (1 + np.exp(-a))
    return 1 - np.tanh(a) ** 2, s * (1 - s), (a > 0).astype(float)
    ### END SOLUTION


# %%
def draw_slopes():
    a = np.linspace(-6, 6, 241)
    return figures.three_slopes(a, *(slope[0] for slope in activation_slopes(a[None])))


try_out(draw_slopes)

# %% test activation_slopes 3 points
check("activation_slopes", activation_slopes)

# %% [markdown]
# The sigmoid never lets more than a quarter through: ten steps leave $4^{-10} \approx 10^{-6}$ at
# best. tanh lets all through, but only at $a = 0$. ReLU lets all through wherever it is positive. The
# price: on the left it is silent, and it has no ceiling, so nothing keeps a state from growing.

# %% [markdown]
# ## Clipping
#
# What do you do about a gradient that is too long? Shorten it. There are two ways.
#
# **By value**: every number is kept between $-c$ and $c$. **By norm**: all numbers, of all weights
# together, are multiplied by one factor, so that the length is at most $c$:
#
# $$g \leftarrow g \cdot \min\Bigl(1, \frac{c}{\lVert g \rVert}\Bigr) \qquad\qquad
# \lVert g \rVert^2 = \lVert dW_{xh} \rVert^2 + \lVert dW_{hh} \rVert^2 + \lVert db_h \rVert^2$$
#
# The square of an array's norm is here the sum of the squares of all its numbers.
#
# Which of the two keeps the direction of the step? (Some notes say "divide by the magnitude". That
# would make every gradient equally long, the tiny ones as well, and would jump where the gradient
# passes through zero. The minimum leaves short gradients alone.)
#
# **Exercise `clip_by_value`** · 2 points · 4 min · ●○○
#
# Clip each number of a gradient by itself. Stuck? `hint("clip_by_value")`


# %% solution clip_by_value
def clip_by_value(g, limit):
    """Each number between -limit and limit.

    g      a gradient, (D, H)
    limit  a number above zero

    Returns a new array, (D, H).
    """
    ### BEGIN SOLUTION
    return np.clip(g, -limit, limit)
    ### END SOLUTION


# %% test clip_by_value 2 points
check("clip_by_value", clip_by_value)

# %% [markdown]
# **Exercise `clip_by_global_norm`** · 4 points · 10 min · ●●○
#
# Clip three gradients by their common norm. Return three new arrays in the same order. A case to
# test by eye: gradients `[[3.0]]`, `[[0.0]]`, `[4.0]` have the norm 5, so with the limit 1 they become
# 0.6, 0 and 0.8. Stuck? `hint("clip_by_global_norm")`


# %% solution clip_by_global_norm
def clip_by_global_norm(dW_xh, dW_hh, db_h, limit):
    """All gradients times one factor, so that their common norm is at most limit.

    dW_xh  (D, H)
    dW_hh  (H, H)
    db_h   (H,)
    limit  a number above zero

    Returns three new arrays of the same shapes.
    """
    ### BEGIN SOLUTION
    gradients = (dW_xh, dW_hh, db_h)
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    scale = limit / max(norm, limit)  # 1 if the norm is within the limit
    return tuple(g * scale for g in gradients)
    ### END SOLUTION


# %%
try_out(clip_by_global_norm, np.array([[3.0]]), np.array([[0.0]]), np.array([4.0]), 1.0)

# %% test clip_by_global_norm 4 points
check("clip_by_global_norm", clip_by_global_norm)

# %% [markdown]
# Twelve gradients of two numbers, clipped by both of your functions:


# %%
def draw_clipping():
    angle = np.linspace(0, 2 * np.pi, 13)[:-1] + 0.2
    g = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.linspace(0.6, 3, 12)[:, None]
    one, nothing = np.zeros((1, 1)), np.zeros((1, 1))
    by_norm = [clip_by_global_norm(one, nothing, row, 1.0)[2] for row in g]
    return figures.clipping(g, clip_by_value(g, 1.0), by_norm, limit=1.0)


try_out(draw_clipping)

# %% [markdown]
# Does it help? The task: a sequence of 100 random numbers, two of them marked; the answer is the sum
# of the two. The network has ReLU units and starts with $W_{hh} = 1.2\, I$, so a gradient can
# grow by 1.2 a step, to about $10^8$ times its length over the sequence. The lab trains it by plain gradient descent, without
# clipping and with the norm clipped at 1. Whoever always answers 1 has a loss of 0.167.

# %% lab clipping
from IPython.display import ProgressBar, display

try:
    from course import memory, tasks
    from course.optim import clip_by_global_norm as clip_all  # yours, for any number of arrays
    from course.optim import sgd_step
except ImportError:
    memory = None
    print("course.memory is not to be had here. The lab passes by.")

if memory is not None:

    def losses_of_run(limit, steps=300, T=100, H=32):
        """Plain gradient descent on the adding problem; stops when the loss is no number."""
        rng = np.random.default_rng(0)
        cell = memory.irnn(inputs=0.001)  # ReLU units; the size of W_xh
        task = memory.regression(lambda rng, N: tasks.adding(rng, N, T))
        parameters = memory.start(cell, rng, 2, H, 1)
        parameters["W_hh"] = 1.2 * np.eye(H)
        losses = np.full(steps, np.nan)
        for step in ProgressBar(steps):
            with np.errstate(over="ignore", invalid="ignore"):
                losses[step], gradients = memory.loss_and_gradients(
                    cell, task, parameters, *task.draw(rng, 32)
                )
            if not np.isfinite(losses[step]):
                break
            if limit is not None:
                gradients = clip_all(gradients, limit)
            parameters = sgd_step(parameters, gradients, learning_rate=0.01)
        return losses

    runs = {"no clipping": losses_of_run(None), "norm clipped at 1": losses_of_run(1.0)}
    title = "Clipping saves the run, and teaches it nothing"
    display(figures.training_runs(runs, baseline=1 / 6, title=title))

# %% [markdown]
# Without clipping the very first step throws the weights so far that the second loss is no number.
# With it the run stays finite, and ends at what a constant answer gets. More runs, made beforehand:

# %%
results.load("gradient_clipping").where(scale=1.2)

# %% [markdown]
# Over 40 steps the runs without clipping do not even fail openly: their loss is a number, of fifteen to
# thirty digits. Clipping prevents the disaster. It brings back nothing that has vanished, and it does
# not make the network learn.

# %% [markdown]
# ## A better start
#
# If the factor of a step should be near 1, why not *start* there? In a linear network it would be
# exactly 1 in every direction if all singular values were 1: an **orthogonal** matrix, $W W^\top = I$.
# It keeps the length of any row, over any number of steps.
#
# To make one, take a random matrix apart, $A = U\, \operatorname{diag}(S)\, V^\top$, where $U$ and $V$
# are orthogonal and $S$ holds the singular values. Then put it together without $S$. Of all orthogonal
# matrices, $U V^\top$ is the one nearest to $A$.
#
# **Exercise `orthogonal_init`** · 2 points · 8 min · ●●○
#
# Return `gain` times $U V^\top$: the matrix that turns rows as $A$ does and stretches every one by
# `gain`. NumPy's `np.linalg.svd` takes matrices apart. Stuck? `hint("orthogonal_init")`


# %% solution orthogonal_init
def orthogonal_init(A, gain):
    """The directions of A, with every singular value equal to gain.

    A     a random matrix, (H, H)
    gain  a number above zero

    Returns W, (H, H), with W W^T = gain^2 I.
    """
    ### BEGIN SOLUTION
    U, _, V_T = np.linalg.svd(A)
    return gain * (U @ V_T)
    ### END SOLUTION


# %% test orthogonal_init 2 points
check("orthogonal_init", orthogonal_init)

# %% [markdown]
# **ReLU with the identity.** An even simpler start: $W_{hh} = I$ and ReLU. A unit that is positive
# stays as it is, plus what comes in, and its slope is 1. The network begins as a row of counters. Le,
# Jaitly and Hinton proposed it in 2015, and it learns tasks on which a Gaussian start fails.
#
# All starts side by side, measured by your `gradient_norms`:


# %%
def starts():
    A = np.random.default_rng(0).standard_normal((64, 64))
    curves = {
        "tanh, Gaussian, radius 1": norms_of(gaussian(1.0)),
        "tanh, orthogonal": norms_of(orthogonal_init(A, 1.0)),
        "ReLU, Gaussian, radius 1": norms_of(gaussian(1.0), "ReLU"),
        "ReLU, identity": norms_of(np.eye(64), "ReLU"),
        "linear, orthogonal": norms_of(orthogonal_init(A, 1.0), "linear"),
    }
    for name, norms in curves.items():
        print(f"{name:>26s}   at 10: {norms[10]:.1e}   at 50: {norms[50]:.1e}")
    return figures.norms_by_distance(curves, "A good start keeps what the slopes let through")


try_out(starts)

# %% [markdown]
# An orthogonal matrix with tanh still loses a sixth with every step, because of the slopes. ReLU with
# the identity keeps most of its gradient. But it walks on an edge: with 1.1 instead of 1 the gradient
# is 120 at distance 50 and 6,000 at distance 100. And this is how networks *start*. Training moves the
# matrix, and no start can promise what the trained network does.

# %% [markdown]
# ## A way around
#
# All cures so far tame the factor. Another idea is to go around it. Let the state be *kept*, and let
# each step only add to it:
#
# $$a_t = a_{t-1} + g_t \qquad\text{so that}\qquad \frac{\partial a_t}{\partial a_{t-1}} = I
# \text{ along the skip}$$
#
# Very deep networks for images do this from layer to layer; there it is called a **residual**
# connection (ResNet). Along time it has a catch: what has once been added stays for ever. So put a
# gate on it, a number $f_t$ between 0 and 1 for each unit, which says how much is kept:
#
# $$a_t = a_{t-1} \odot f_t + g_t$$
#
# | | one step | factor of one step along the skip |
# |:--|:--|:--|
# | vanilla RNN | $\tanh(\cdots + h_{t-1} W_{hh})$ | $\operatorname{diag}(1 - h_t^2)\, W_{hh}^\top$ |
# | additive skip (ResNet, by layers) | $a_{t-1} + g_t$ | $I$ |
# | gated skip | $a_{t-1} \odot f_t + g_t$ | $\operatorname{diag}(f_t)$ |
#
# **Exercise `gated_skip`** · 3 points · 12 min · ●●○
#
# Run the gated skip over a sequence from $a_0$, and return the states $a_1$ to $a_T$. Return too the
# `carry`, the derivative of $a_T$ by $a_0$. Here $f$ and $g$ are given and do not depend on $a$, so
# each unit depends on its own past alone, and the carry is one number for each unit. Stuck?
# `hint("gated_skip")`


# %% solution gated_skip
def gated_skip(a0, f, g):
    """A state that is kept, gate by gate, and added to.

    a0  state before the first step, (N, H)
    f   gates, (N, T, H)
    g   what each step adds, (N, T, H)

    Returns a (N, T, H), the states after each step, and carry (N, H), da_T/da_0.
    """
    ### BEGIN SOLUTION
    a_t, states = a0, []
    for t in range(f.shape[1]):
        a_t = a_t * f[:, t] + g[:, t]
        states.append(a_t)
    return np.stack(states, axis=1), f.prod(axis=1)
    ### END SOLUTION


# %% test gated_skip 3 points
check("gated_skip", gated_skip)

# %% [markdown]
# No matrix, no tanh: only gates are left on this way. How open must they be? Guess the carry after 100
# steps for gates of 0.5, 0.9, 0.99 and 1 before you run the cell.


# %%
def carry_after(k, gate):
    f = np.full((1, k, 1), gate)
    return gated_skip(np.zeros((1, 1)), f, np.zeros_like(f))[1][0, 0]


def carries():
    gates = (0.5, 0.9, 0.99, 1.0)
    curves = {f"gate {gate}": [carry_after(k, gate) for k in range(1, 101)] for gate in gates}
    for name, carry in curves.items():
        print(f"{name:>9s}: carry {carry[9]:.1e} after 10 steps, {carry[99]:.1e} after 100")
    curves = {name: [1.0, *carry] for name, carry in curves.items()}  # over no step it is 1
    return figures.norms_by_distance(curves, "Half-open gates vanish like anything else", "carry")


try_out(carries)

# %% [markdown]
# At 1 the gated skip is the additive one, and nothing is lost. At 0.99 a third is left, at 0.5 nothing.
# What a gate brings is not a factor of 1 but a factor that the network can *set*, unit by unit and step
# by step. That is the idea of the LSTM, which you build in
# ps05.

# %% [markdown]
# ## Why it matters
#
# You have measured it, predicted it and fought it. Now say it in your own words.
#
# **Exercise `why_vanish`** · 10 points · 20 min · ●●○
#
# Answer the three parts in the next cell, in a few sentences each, always with a reason.

# %% [markdown] written why_vanish 10 points
# **(a) Cause, 3 points.** Why do gradients of a recurrent network tend to vanish or to explode with
# the distance? Say what is multiplied, and what makes the factors small or large.
#
# **(b) Consequences, 5 points.** Why is each of the two an issue for training? Mind that the gradient
# of a weight is a sum over all distances: what is learned when far contributions vanish, and what is
# not? And what happens to training when they explode?
#
# **(c) Cures, 2 points.** Against which of the two does clipping help, and why not against the other?
# Name one cure for the other, and what it does to the factor of a step.
#
# <!-- ### BEGIN SOLUTION -->
# **A model answer**
#
# **(a)** Between a loss at step $T$ and the state at step $T-k$ lie $k$ Jacobians,
# $\operatorname{diag}(1 - h_t^2)\, W_{hh}^\top$. The matrix is the same at each step, so the length of
# the gradient changes about geometrically with the distance. The slopes are at most 1 and near 0 for
# saturated units, so they only shrink it; the matrix can shrink or stretch. If the typical factor is
# below 1 the gradient vanishes, if it is above 1 it explodes, and to stay it must be almost exactly 1:
# $0.9^{100} \approx 3 \cdot 10^{-5}$ and $1.1^{100} \approx 10^4$.
#
# **(b)** $\partial L/\partial W_{hh}$ adds up contributions of all distances. When far ones vanish, the
# near ones are still there, so the weights do change and the loss does go down. But the part that
# would connect an early input with a late error is drowned: the network learns what can be had from
# the last few steps and does not learn long dependences. Nothing in the loss curve says so.
#
# When gradients explode, a single step of gradient descent is enormous. It throws the weights far
# away from what they had learned, and the loss jumps or is no number any more.
#
# **(c)** Clipping bounds the length of the step. So it helps against exploding. A contribution that
# arrives as $10^{-9}$ of the others is still $10^{-9}$ of them after clipping, which only ever
# shortens. Against vanishing helps whatever keeps the factor near 1: an orthogonal start, so that the
# matrix neither shrinks nor stretches; ReLU with the identity; or an additive path with a gate, whose
# factor is the gate and can be set near 1.
#
# <!-- ### END SOLUTION -->

# %% [markdown]
# Working on your own? Write your answer first, then mark it yourself. Put `attempted=True` into the
# call to see the criteria and some marked answers: `rubric("why_vanish", attempted=True)`. Then
# name the criteria that yours meets, for example `rubric("why_vanish", met=[1, 3])`, and it adds
# up your points.

# %%
rubric("why_vanish")

# %% [markdown]
# ## What you should remember
#
# > - A gradient goes back one step by one factor: $J_t = \operatorname{diag}(1 - h_t^2)\,
# >   W_{hh}^\top$. $k$ steps back there are $k$ factors, so its length is about geometric in $k$.
# > - $\partial L/\partial h_{T-k}$ may vanish; $\partial L/\partial W_{hh}$ is a sum over all
# >   distances and need not. What is lost are the long dependences.
# > - The largest singular value bounds each step: below 1 is enough to vanish, above 1 is only
# >   necessary to explode. Eigenvalues decide for a linear network in the end. With tanh neither does:
# >   slopes, and so the scale of the input, have their say.
# > - Clip by the common norm: $g \min(1, c/\lVert g\rVert)$. It prevents disasters; it brings nothing
# >   back.
# > - Orthogonal matrices, ReLU with the identity, and skips keep the factor near 1. A gate lets the
# >   network choose it.
#
# **Where to go next.** In ps05 you build the LSTM, whose cell is a gated skip with gates that are
# learned. In ps06 you measure how much of the gradient that saves, before training and after.
