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
# # ps03 · Backpropagation through time
#
# In ps02 a network learned, and you had to take it on trust. How does an error at step 20 tell a
# weight what it did wrong at step 3? And how can it be told of all twenty uses of that weight at
# once? In this worksheet you send gradients back through the loop, check them against the
# definition of a derivative, and train a network in which every line that matters is yours.
#
# **Afterwards you will be able to**
#
# - follow deltas back through a graph, and say why they are added where ways meet;
# - write every gradient of a recurrent network, and find out for yourself whether it is right;
# - write the gradient of a shared weight as a formula, and read other people's formulas;
# - turn scores into blame: softmax, cross-entropy, masks;
# - train a network with your own code;
# - measure how far back a gradient reaches, and say what truncation cuts off.
#
# **You need** the chain rule, and the forward pass of ps02. If yours did not work: it is given
# below.
#
# **Time** about 3 hours. **Points** 50: 40 are checked by machine, 10 are for a written
# answer.

# %% [markdown]
# **How to work.** As in ps02: replace the line that raises `NotImplementedError`, run the cell, then
# run the locked `check(...)` below it. `hint("rnn_backward")` in a cell of your own gives a hint;
# ask again for a stronger one. Check as often as you like; everything works offline. Your answers
# need NumPy and Python's own library, and nothing else is there when your work is graded. Before
# you hand in, restart the kernel and run all cells. Working without a class? The solved worksheet
# is `solutions/ps03/ps03_bptt.ipynb`.
#
# **Symbols.** Vectors are rows, the batch comes first. Sizes and weights are those of ps02:
#
# | symbol | meaning | shape |
# |:--|:--|:--|
# | $N, T$ | sequences in a batch; steps in a sequence | |
# | $D, H, M$ | size of the input, of the hidden state, of the output | |
# | $x, h, y$ | inputs, states, outputs of all steps | `(N, T, D)`, `(N, T, H)`, `(N, T, M)` |
# | $W_{xh}, W_{hh}, W_{hy}$ | weights | `(D, H)`, `(H, H)`, `(H, M)` |
# | $b_h, b_y$ | biases | `(H,)`, `(M,)` |
# | $a_t$ | the sum before tanh: $h_t = \tanh(a_t)$ | `(N, H)` |
# | $L$, $L_t$ | the loss; the loss of step $t$ | numbers |
#
# For a gradient the code writes a `d` in front: `dW_hh` is $\partial L / \partial W_{hh}$, the
# derivative of the **loss** by each number of $W_{hh}$. So it has the shape of $W_{hh}$. Every
# gradient has the shape of what it belongs to.

# %% locked imports
import math

import numpy as np

from autograder import check, hint, rubric
from course import derivation
from course.figures import backprop as figures
from course.figures.rnn import loss_curve
from course.shapes import Array, check_shapes

np.set_printoptions(precision=4, suppress=True)


def try_out(function, *arguments):
    """Call a function of yours, or say that it is not written yet."""
    try:
        return function(*arguments)
    except NotImplementedError:
        print("Not written yet. Fill in the gaps above, run that cell, then run this one again.")


# %% [markdown]
# ## Two ways back
#
# Take $f(x) = x\,(x + 3)$ at $x = 2$, and compute it as a machine does, one operation at a time:
# $u = x + 3 = 5$, then $f = x\,u = 10$. How does $f$ change when $x$ does?
#
# Do it by pencil first. $f = x^2 + 3x$, so $f' = 2x + 3 = 7$.
#
# Now without multiplying out. $x$ is used twice, so it acts on $f$ in two ways. *Directly*, as a
# factor of $f = x\,u$: the slope is $u = 5$. And *through* $u$: the slope of $u$ by $x$ is 1, that
# of $f$ by $u$ is $x = 2$, which makes $2 \cdot 1 = 2$. Together $5 + 2 = 7$. Along one way slopes
# are multiplied; where ways meet, they are added:
#
# $$f(x) = g(x, h(x)) \qquad \frac{df}{dx} = \frac{\partial g}{\partial x} + \frac{\partial g}{\partial h}\,\frac{dh}{dx}$$

# %%
figures.two_ways_back()

# %% [markdown]
# Backpropagation is this sum, organised. Each number $i$ gets a **delta**
# $\delta_i = \partial f / \partial(\text{number } i)$. The result's own delta is 1. Then go back
# along the arrows, the latest first. Each arrow leads from a number that was *used* to the number
# that was *made* of it, and hands a delta back:
#
# $$\delta_{\text{used}} \;\mathrel{+}=\; \delta_{\text{made}} \cdot \text{slope}$$
#
# When you come to an arrow, everything that was made later has been dealt with. So
# $\delta_{\text{made}}$ is complete by then.
#
# For the machine the graph is three lists, one entry for each arrow. With the numbers counted in
# the order in which they came up, 0: $x$, 1: the constant 3, 2: $u$, 3: $f$, they are
#
# | arrow | `made` | `used` | `slope` |
# |:-:|:-:|:-:|:-:|
# | 0 | 2 | 0 | 1 |
# | 1 | 2 | 1 | 1 |
# | 2 | 3 | 0 | 5 |
# | 3 | 3 | 2 | 2 |
#
# **Exercise `accumulate`** · 4 points · 10 min · ●●○
#
# Compute all deltas. Stuck? `hint("accumulate")`


# %% solution accumulate
def accumulate(count, made, used, slope):
    """The derivative of the last number by every number.

    count  how many numbers there are; the last one is the result
    made   for each arrow the number that it ends at, (E,)
    used   the number that it starts from, (E,)
    slope  the derivative of the one by the other, (E,)

    Returns the deltas, (count,).
    """
    ### BEGIN SOLUTION
    delta = np.zeros(count)
    delta[-1] = 1.0
    for e in reversed(range(len(slope))):
        delta[used[e]] += delta[made[e]] * slope[e]
    return delta
    ### END SOLUTION


# %% [markdown]
# The graph from above must give 7, 2, 2, 1.

# %%
try_out(accumulate, 4, [2, 2, 3, 3], [0, 1, 0, 2], [1.0, 1.0, 5.0, 2.0])

# %% test accumulate 4 points
check("accumulate", accumulate)

# %% [markdown]
# ## A tape
#
# Nobody wants to write such lists by hand. So let the numbers do it. Below is a class of numbers
# that you can add and multiply as usual; each operation also writes its arrows on a **tape**. Read
# `__mul__`: it says what a product is, and on the same line how it depends on either factor. That
# is all that a library such as PyTorch has to know of an operation. For the way back it has
# `gradients`, which calls what you have just written.

# %% locked tape from course.autodiff: Tape Scalar

# %% [markdown]
# Here is the pencil's network of ps02 on a tape: one unit, $x_1 = 1$, $x_2 = 2$, $W_{xh} = 0.5$,
# $W_{hh} = -0.8$, $b_h = 0.1$, $h_0 = 0.2$. The loss is $\frac 12 (h_2 - 1)^2$. You must see
# $-0.0579$ for $W_{hh}$. Keep the four numbers in sight; later your NumPy code has to find them
# again.


# %%
def pencil_on_a_tape():
    tape = Tape()
    W_xh, W_hh, b_h, h_0 = (tape.number(value) for value in (0.5, -0.8, 0.1, 0.2))
    h = h_0
    for x_t in (1.0, 2.0):
        h = (tape.number(x_t) * W_xh + h * W_hh + b_h).tanh()
    error = h - tape.number(1.0)
    loss = tape.number(0.5) * error * error
    delta = tape.gradients()
    print(f"h_2 = {h.value:.4f}, loss = {loss.value:.4f}, {len(tape.slope)} arrows")
    for name, number in (("W_xh", W_xh), ("W_hh", W_hh), ("b_h", b_h), ("h_0", h_0)):
        print(f"d{name:4} = {delta[number.index]:8.4f}")


try_out(pencil_on_a_tape)

# %% [markdown]
# `W_hh` was used twice here. What did each use contribute? Give the copy at each step **a name of
# its own**, all with the same value, and the tape tells. Below are four steps, and the loss looks at
# the last state alone.


# %%
def copies_of_one_weight(h_0):
    tape = Tape()
    W_xh, b_h, h = tape.number(0.5), tape.number(0.1), tape.number(h_0)
    copies = [tape.number(-0.8) for _ in range(4)]
    for x_t, copy in zip((1.0, 2.0, -1.0, 0.5), copies, strict=True):
        h = (tape.number(x_t) * W_xh + h * copy + b_h).tanh()
    error = h - tape.number(1.0)
    tape.number(0.5) * error * error
    delta = tape.gradients()
    shares = [delta[copy.index] for copy in copies]
    print(f"h_0 = {h_0}: shares of steps 1 to 4", np.array(shares), f" sum {sum(shares):.4f}")


try_out(copies_of_one_weight, 0.2)
try_out(copies_of_one_weight, 0.0)

# %% [markdown]
# The four copies are one weight, so its gradient is the **sum** of the shares: 0.1158 for the first
# start. Now suppose that somebody writes `=` for `+=`. The way back comes by the last step first, and
# each share replaces the one before. What survives is the share of the *earliest* step: 0.0030 in
# place of 0.1158. From $h_0 = 0$ it is **exactly zero**, because the first step multiplied $W_{hh}$
# by nothing: the network would never change $W_{hh}$ at all, and no error would be raised.

# %% [markdown]
# ## Is it right?
#
# A wrong gradient seldom crashes. Often the loss even falls for a while. So before you write
# gradients, write what tells right from wrong: the definition of a derivative. Move one number $x_i$
# a little up and a little down, and see what the loss does.
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + \varepsilon e_i) - f(x - \varepsilon e_i)}{2\,\varepsilon}$$
#
# By pencil: for $f(x) = x^3$ at $x = 1$ with $\varepsilon = 0.1$ this is
# $(1.331 - 0.729) / 0.2 = 3.01$. One-sided, $(1.331 - 1) / 0.1 = 3.31$. The truth is 3. The
# *central* difference errs by about $\varepsilon^2$, the one-sided one by about $\varepsilon$.
#
# How close is close enough? A difference of 0.001 is little beside 100 and a lot beside 0.0001. So
# measure it on the scale of the whole array, and let the worst number decide:
#
# $$\text{error} = \frac{\max |\text{gradient} - \text{numerical}|}{\max |\text{numerical}|}$$
#
# **Exercise `grad_check`** · 4 points · 12 min · ●●○
#
# Return two things: the numerical gradient, and the error. `f` is a function of one array that
# returns a number. You will use this on arrays with one, two and three axes, so go through the
# indices with `np.ndindex(x.shape)`: `x[i]` is one number for each `i`. And leave `x` as it was.
# Stuck? `hint("grad_check")`


# %% solution grad_check
def grad_check(f, x, gradient, eps):
    """Compare a gradient with central differences.

    f         a function of an array that returns a number
    x         where to differentiate, an array
    gradient  what is to be checked, an array of the same shape
    eps       how far to move each number, up and down

    Returns the numerical gradient, of the shape of x, and the relative error, a number.
    """
    ### BEGIN SOLUTION
    numerical = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += eps
        down[i] -= eps
        numerical[i] = (f(up) - f(down)) / (2 * eps)
    error = np.max(np.abs(gradient - numerical)) / np.max(np.abs(numerical))
    return numerical, error
    ### END SOLUTION


# %% [markdown]
# The pencil's example, three times as an array. This must show 3.01 three times, and an error of
# 0.0033.


# %%
def pencil_check():
    numerical, error = grad_check(lambda x: np.sum(x**3), np.ones(3), np.full(3, 3.0), 0.1)
    print(numerical, f"error {error:.4f}")


try_out(pencil_check)

# %% test grad_check 4 points
check("grad_check", grad_check)

# %% [markdown]
# How small should $\varepsilon$ be? Here is $f = \sum x_i^3$ with its right gradient, $3 x_i^2$.
# Once it is computed in float64, NumPy's usual 16 digits, and once in float32, the 7 digits that
# deep learning prefers.


# %%
def which_eps():
    x = np.random.default_rng(0).uniform(0.5, 1.5, size=(3, 4))
    precisions = {
        "float64": lambda x: np.sum(x**3),
        "float32": lambda x: np.sum(x.astype(np.float32) ** 3),
    }
    eps = 10.0 ** -np.arange(1, 8)
    errors = {
        name: [grad_check(f, x, 3 * x**2, e)[1] for e in eps] for name, f in precisions.items()
    }
    title = "Ten digits in float64, hardly five in float32"
    return figures.errors_by_eps(eps, errors, title)


try_out(which_eps)

# %% [markdown]
# From left to right, the error first falls a hundredfold for each tenth of $\varepsilon$. Then it rises
# again: the two values of $f$ get so close that their difference is mostly rounding. In float64 the
# best is near $10^{-5}$, with some ten right digits. A right gradient then shows an error around
# $10^{-9}$ or less, a wrong one rarely below $10^{-3}$: there is no doubt which is which. In float32
# there would be: at its best, it cannot tell a right gradient from one that is off by a few
# hundred-thousandths, and at $10^{-7}$ it sees nothing. **Check gradients in float64**, even of
# code that will run in float32.

# %% [markdown]
# ## One step back
#
# Here is the forward pass of ps02, from the course's package. You know what it does; how
# `rnn_forward` saves time need not concern you. (If you like your own better, put it in a cell below
# this one.)

# %% locked forward_pass from course.rnn: rnn_step rnn_forward rnn_output

# %% [markdown]
# Now one step backwards. Someone hands you $\partial L / \partial h_{\text{next}}$, how the loss
# depends on the state *after* the step, as an array `dh_next` of shape `(N, H)`. You hand back how
# it depends on all that went in: $x$, $h$ and the weights. Write the step as
#
# $$a = x\,W_{xh} + h\,W_{hh} + b_h \qquad h_{\text{next}} = \tanh(a)$$
#
# First back through tanh, number by number. Its slope is $\tanh'(a) = 1 - \tanh^2(a)$, and
# $\tanh(a)$ is there already: it is $h_{\text{next}}$. So
#
# $$da = dh_{\text{next}} \odot (1 - h_{\text{next}}^2).$$
#
# Then back through the sum. Each part of it gets the whole $da$, and through a product as follows.
# For a single example, $a_j = \sum_i h_i W_{ij} + \dots$, so $\partial a_j / \partial h_i = W_{ij}$
# and $\partial a_j / \partial W_{ij} = h_i$. Put together,
#
# $$\frac{\partial L}{\partial h_i} = \sum_j da_j\, W_{ij} \qquad\quad \frac{\partial L}{\partial W_{ij}} = h_i\, da_j .$$
#
# What are these as products of matrices? And for a batch: a weight served all $N$ examples, so what
# comes back to it from all of them is added. (If the loss is a mean over the batch, its $\frac 1N$
# is in `dh_next` already. Do not divide once more.)
#
# By pencil, with all sizes 1: the second step of the network above had $h_1 = 0.4136$,
# $h_2 = 0.6464$, $W_{hh} = -0.8$, and $\partial L / \partial h_2 = 0.6464 - 1 = -0.3536$. So
# $da_2 = -0.3536\,(1 - 0.6464^2) = -0.2059$; $dW_{hh}$ gets $h_1\,da_2 = -0.085$ from this step,
# and $h_1$ gets $da_2\,W_{hh} = 0.165$.
#
# **Exercise `rnn_step_backward`** · 5 points · 15 min · ●●○
#
# Return the five gradients in this order. Let the shapes guide you, but do not rely on them: `W_hh`
# is square. Stuck? `hint("rnn_step_backward")`


# %% solution rnn_step_backward
def rnn_step_backward(dh_next, x, h, h_next, W_xh, W_hh):
    """One step, backwards.

    dh_next  gradient of the state after the step, (N, H)
    x        inputs of the step, (N, D)
    h        state before the step, (N, H)
    h_next   state after the step, (N, H)
    W_xh     (D, H)
    W_hh     (H, H)

    Returns dx (N, D), dh (N, H), dW_xh (D, H), dW_hh (H, H) and db_h (H,).
    """
    ### BEGIN SOLUTION
    da = dh_next * (1 - h_next**2)  # (N, H)
    return da @ W_xh.T, da @ W_hh.T, x.T @ da, h.T @ da, da.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# Try the pencil's numbers. You must see 0.165 for $dh$, second in the row, and $-0.085$ for $dW_{hh}$,
# the fourth.

# %%
pencil = {"W_xh": np.array([[0.5]]), "W_hh": np.array([[-0.8]])}

try_out(
    rnn_step_backward,
    np.array([[-0.3536]]),
    np.array([[2.0]]),
    np.array([[0.4136]]),
    np.array([[0.6464]]),
    pencil["W_xh"],
    pencil["W_hh"],
)

# %% [markdown]
# And now your own `grad_check` on your own code. Take any loss that depends on the state after the
# step; $L = \sum u \odot h_{\text{next}}$ with a fixed random $u$ is as good as another, and its
# `dh_next` is simply $u$. All five errors must be far below $10^{-6}$.


# %%
def errors_of(loss, arrays, gradients):
    """The relative error of each gradient: `loss(**arrays)` moves with one array at a time."""
    for name, gradient in gradients.items():

        def moved(value, name=name):
            return loss(**{**arrays, name: value})

        _, error = grad_check(moved, arrays[name], gradient, 1e-5)
        print(f"{name:5} {error:.0e}", "" if error < 1e-6 else "  <- wrong")


def check_my_step():
    N, D, H = 4, 2, 3
    rng = np.random.default_rng(0)
    shapes = {"x": (N, D), "h": (N, H), "W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}
    arrays = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    u = rng.standard_normal((N, H))
    h_next = rnn_step(**arrays)
    back = rnn_step_backward(u, arrays["x"], arrays["h"], h_next, arrays["W_xh"], arrays["W_hh"])
    errors_of(lambda **a: np.sum(u * rnn_step(**a)), arrays, dict(zip(arrays, back, strict=True)))


try_out(check_my_step)

# %% test rnn_step_backward 5 points
check("rnn_step_backward", rnn_step_backward)

# %% [markdown]
# ## Back from the outputs
#
# The losses sit on top of the outputs $y_t = h_t W_{hy} + b_y$. Suppose that `dy`, of shape
# `(N, T, M)`, is how the loss depends on each of them. This part of the network has no memory: the
# output of step $t$ reads $h_t$ and nothing else, so there is no order of steps to mind. But $W_{hy}$
# and $b_y$ served every step of every example.
#
# **Exercise `rnn_output_backward`** · 3 points · 8 min · ●○○
#
# Return the gradients of `h`, `W_hy` and `b_y`. Stuck? `hint("rnn_output_backward")`


# %% solution rnn_output_backward
def rnn_output_backward(dy, h, W_hy):
    """The outputs of all steps, backwards.

    dy    gradient of the outputs, (N, T, M)
    h     states, (N, T, H)
    W_hy  (H, M)

    Returns dh (N, T, H), dW_hy (H, M) and db_y (M,).
    """
    ### BEGIN SOLUTION
    H, M = W_hy.shape
    dy_rows = dy.reshape(-1, M)  # a row for each step of each example
    return dy @ W_hy.T, h.reshape(-1, H).T @ dy_rows, dy_rows.sum(axis=0)
    ### END SOLUTION


# %% test rnn_output_backward 3 points
check("rnn_output_backward", rnn_output_backward)

# %% [markdown]
# ## Back through time
#
# Put the pieces in a row. The state $h_t$ is used twice: the output of step $t$ reads it, and so does
# step $t + 1$. Two ways lead back to it, and what comes back adds up:
#
# $$\frac{dL}{dh_t} \;=\; \underbrace{dh_t}_{\text{from its own output}} \;+\; \underbrace{da_{t+1} W_{hh}^\top}_{\text{from all later steps}}, \qquad da_t = \frac{dL}{dh_t} \odot (1 - h_t^2)$$

# %%
figures.gradient_paths(T=4)

# %% [markdown]
# Start at the last step, where nothing is later. Go back to the first, one step at a time, with
# `rnn_step_backward`. Each step hands its `dh` to the step before; its shares of the weights'
# gradients are added to what is there; and what arrives before the first step is $dh_0$.
#
# Mind what `dh` means here: `dh[:, t]` is how the loss depends on $h_t$ **directly**, through the
# output of that very step. What later steps send back is yours to add. If only the last step has a
# loss, `dh` is zero except for `dh[:, -1]`; and still every step gets a gradient.
#
# **Exercise `rnn_backward`** · 6 points · 20 min · ●●●
#
# Return the gradients of all that `rnn_forward` was given. Change none of the arrays that you get.
# Stuck? `hint("rnn_backward")`


# %% solution rnn_backward
def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    """All steps, backwards.

    dh    gradient of each state through its own output, (N, T, H)
    x     inputs, (N, T, D)
    h0    state before the first step, (N, H)
    h     states after each step, (N, T, H)
    W_xh  (D, H)
    W_hh  (H, H)

    Returns dx (N, T, D), dh0 (N, H), dW_xh (D, H), dW_hh (H, H) and db_h (H,).
    """
    ### BEGIN SOLUTION
    dx, later = np.empty(x.shape), np.zeros(h0.shape)
    dW_xh, dW_hh, db_h = np.zeros(W_xh.shape), np.zeros(W_hh.shape), np.zeros(len(W_hh))
    for t in reversed(range(x.shape[1])):
        before = h[:, t - 1] if t > 0 else h0
        dx[:, t], later, *shares = rnn_step_backward(
            dh[:, t] + later, x[:, t], before, h[:, t], W_xh, W_hh
        )
        dW_xh += shares[0]
        dW_hh += shares[1]
        db_h += shares[2]
    return dx, later, dW_xh, dW_hh, db_h
    ### END SOLUTION


# %% [markdown]
# The pencil's network once more, two steps with the loss at the end. These must be the four numbers
# that the tape gave: $-0.2752$ for $W_{xh}$, $-0.0579$ for $W_{hh}$, $-0.0693$ for $b_h$ and
# $-0.1092$ for $h_0$.


# %%
def pencil_through_time():
    x, h0 = np.array([[[1.0], [2.0]]]), np.array([[0.2]])
    h = rnn_forward(x, h0, pencil["W_xh"], pencil["W_hh"], np.array([0.1]))
    dh = np.zeros(h.shape)
    dh[:, -1] = h[:, -1] - 1
    _, dh0, dW_xh, dW_hh, db_h = rnn_backward(dh, x, h0, h, pencil["W_xh"], pencil["W_hh"])
    for name, array in (("W_xh", dW_xh), ("W_hh", dW_hh), ("b_h", db_h), ("h_0", dh0)):
        print(f"d{name:4} = {array.item():8.4f}")


try_out(pencil_through_time)

# %% [markdown]
# Your `grad_check` on the whole: a loss at every step, random sizes, all gradients, those of the
# output too.


# %%
def check_my_network():
    N, T, D, H, M = 3, 5, 2, 4, 6
    rng = np.random.default_rng(1)
    shapes = {"x": (N, T, D), "h0": (N, H), "W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}
    shapes |= {"W_hy": (H, M), "b_y": (M,)}
    arrays = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    u = rng.standard_normal((N, T, M))

    def loss(W_hy, b_y, **others):
        return np.sum(u * rnn_output(rnn_forward(**others), W_hy, b_y))

    x, h0, W_xh, W_hh, b_h, W_hy, _ = arrays.values()
    h = rnn_forward(x, h0, W_xh, W_hh, b_h)
    dh, dW_hy, db_y = rnn_output_backward(u, h, W_hy)
    back = rnn_backward(dh, x, h0, h, W_xh, W_hh)
    errors_of(loss, arrays, dict(zip(arrays, (*back, dW_hy, db_y), strict=True)))


try_out(check_my_network)

# %% test rnn_backward 6 points
check("rnn_backward", rnn_backward)

# %% [markdown]
# The same against PyTorch, which has a tape of its own. If torch is not installed, the cell says so
# and passes by.

# %%
try:
    import torch
except ImportError:
    torch = None


def compare_with_torch():
    N, T, D, H = 4, 7, 3, 5
    rng = np.random.default_rng(2)
    shapes = (N, T, D), (N, H), (D, H), (H, H), (H,)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    u = rng.standard_normal((N, T, H))
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    x, h_t, W_xh, W_hh, b_h = tensors
    loss = 0
    for t in range(T):
        h_t = torch.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)
        loss = loss + (torch.from_numpy(u[:, t]) * h_t).sum()
    loss.backward()
    mine = rnn_backward(u, arrays[0], arrays[1], rnn_forward(*arrays), *arrays[2:4])
    for name, array, tensor in zip(
        ("dx", "dh0", "dW_xh", "dW_hh", "db_h"), mine, tensors, strict=True
    ):
        theirs = tensor.grad.numpy()
        error = np.max(np.abs(array - theirs)) / np.max(np.abs(theirs))
        print(f"{name:5} relative difference {error:.0e}")


if torch is None:
    print("There is no torch here. The comparison passes by; nothing else needs it.")
else:
    try_out(compare_with_torch)

# %% [markdown]
# Differences around $10^{-15}$ are rounding: what `loss.backward()` does for a recurrent network is
# what you have just written.

# %% [markdown]
# ## One weight, many steps
#
# The loop computes the gradient; a formula says what it is. In the formulas of this section a small
# $\partial$ is a *partial* derivative: only what happens inside that step counts, and what earlier
# steps left behind is held fixed. A $\mathrm d$ is a *total* one: every way counts. So
# $\partial h_t / \partial W_{hh}$ is the **immediate** effect of the weight at step $t$, with
# $h_{t-1}$ held fixed; and $\mathrm d h_t / \mathrm d W_{hh}$ is all that the weight does to $h_t$,
# at step $t$ and through all earlier states.
#
# Many books write a gradient through time as a single sum over steps of "$\partial L/\partial h_t$
# times $\partial h_t / \partial W$". Two readings of it are exact: *direct* loss times *total*
# effect, or *total* loss times *immediate* effect. They look the same on paper when all d's are
# written alike. Take both factors total, and you count ways several times over; take a direct loss
# times an immediate effect, and you lose all ways that lead through time. In a random network (8
# units, 10 steps, a loss on each) the first is off by 91 %, the second by 63 %: medians over 20 draws.
#
# Below, the loss is the sum of one loss for each step, $L = \sum_t L_t$, and `s` holds the partial
# derivatives under their names. The vectors are columns for once, so a chain reads from left to
# right, from the loss down to the weight.

# %%
s = derivation.rnn(T=3)
print(s)
s.dh_dh[2] * s.Dh_DW_hh[1]

# %% [markdown]
# **Exercise `dL_dW_hh`** · 4 points · 12 min · ●●○
#
# Return $\mathrm d L / \mathrm d W_{hh}$ as a formula. Any formula that is equal is right; a wrong
# one is told which way through the network it lacks, or has too often. Products keep their order.
# `s.steps` is 1, 2, ..., $T$. A capital `D` marks a total derivative; `s.dL_dh[t]` is direct, the loss
# of step $t$ alone. What earlier steps left behind is given, `s.Dh_DW_hh[0]`, which is zero, up to
# `s.Dh_DW_hh[T - 1]`; what all $T$ steps together do is for you to work out. Stuck?
# `hint("dL_dW_hh")`


# %% solution dL_dW_hh
def dL_dW_hh(s):
    """The gradient of the loss by W_hh, made of the partial derivatives in s."""
    ### BEGIN SOLUTION
    return sum(s.dL_dh[t] * (s.dh_dW_hh[t] + s.dh_dh[t] * s.Dh_DW_hh[t - 1]) for t in s.steps)
    ### END SOLUTION


# %%
try_out(dL_dW_hh, s)

# %% test dL_dW_hh 4 points
check("dL_dW_hh", dL_dW_hh)

# %% [markdown]
# **Exercise `shared_gradients`** · 10 points · 25 min · ●●●
#
# Now with all factors written out, on paper, in your own words. Answer in the next cell. Formulas in
# LaTeX between dollar signs or as plain text (`sum_t x_t^T da_t`): both are fine.

# %% [markdown] written shared_gradients 10 points
# **(a) Derive, 6 points.** Derive $dL/dW_{xh}$ and $dL/dW_{hh}$ for
# $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$, $\; y_t = h_t W_{hy} + b_y$ with a loss $L_t$ on
# every $y_t$, down to quantities that a program knows. Say where the sums over time come from, and
# check the shapes.
#
# **(b) Compare, 4 points.** How do the two depend on time? What have they in common when a loss lies
# far behind the step at which the weight was used, and what is different?
#
# <!-- ### BEGIN SOLUTION -->
# **A model answer**
#
# **(a)** Take one sequence, all vectors rows. Give the copy of $W_{xh}$ that step $t$ uses a name of
# its own, $W_{xh}^{(t)}$. It enters $a_t$ alone, as $x_t W_{xh}^{(t)}$, so
# $dL/dW_{xh}^{(t)} = x_t^\top da_t$ with $da_t = dL/da_t$, a row of $H$ numbers. All copies are the
# same matrix: changing it changes them all, so their gradients add up. In the same way for $W_{hh}$,
# whose copy meets $h_{t-1}$:
#
# $$\frac{dL}{dW_{xh}} = \sum_{t=1}^T x_t^\top da_t \qquad \frac{dL}{dW_{hh}} = \sum_{t=1}^T h_{t-1}^\top da_t$$
#
# $(D, 1)(1, H) = (D, H)$ and $(H, 1)(1, H) = (H, H)$; over a batch these are added up, too. As for
# $da_t$: $h_t = \tanh(a_t)$ is read by $y_t$ and by $a_{t+1}$, two ways that add up, so
#
# $$da_t = \Bigl( \frac{\partial L_t}{\partial y_t} W_{hy}^\top + da_{t+1} W_{hh}^\top \Bigr) \odot (1 - h_t^2), \qquad da_{T+1} = 0.$$
#
# **(b)** Both are sums over all steps with the *same* $da_t$. Unrolled, the loss of step $t$ reaches
# the use of either weight at step $s \le t$ through the same $t - s$ factors
# $W_{hh}^\top \operatorname{diag}(1 - h^2)$. If these products die out or grow, they do it for
# $W_{xh}$ and $W_{hh}$ alike, though $W_{xh}$ is not part of the loop itself: what it did to $a_s$
# lives on in every later state. Near losses ($t = s$) have no such factor, in neither sum.
#
# What differs is the other factor. $x_s$ is data of step $s$ alone. $h_{s-1}$ is the outcome of all
# steps before and of the weights themselves, bounded by 1 in size; with $h_0 = 0$ the first step
# contributes nothing to $dW_{hh}$, but it does to $dW_{xh}$.
#
# <!-- ### END SOLUTION -->

# %% [markdown]
# On your own? Answer first, then mark yourself: `rubric("shared_gradients", attempted=True)` shows
# the criteria and four marked answers, `rubric("shared_gradients", met=[1, 2])` adds up points.

# %%
rubric("shared_gradients")

# %% [markdown]
# ## Scores, probabilities, blame
#
# What loss will the network learn from? Say that at each place, that is at each step of each example,
# it must choose one of $V$ words. Its output there is a **score** for each word, $z_1, \dots, z_V$.
# Softmax makes probabilities of them, and the loss is how surprised the network is by the right word:
#
# $$p_v = \frac{e^{z_v}}{\sum_u e^{z_u}} \qquad\qquad L = -\log p_{\text{target}}$$
#
# By pencil, for two words with scores 0 and $\log 3$: $p = (\frac14, \frac34)$. If the first one is
# right, the loss is $\log 4 = 1.386$. Now the gradient. $L = -z_{\text{target}} + \log \sum_u e^{z_u}$,
# and the derivative of the second term by $z_v$ is just $p_v$. So
#
# $$\frac{\partial L}{\partial z} = p - y, \qquad y = 1 \text{ at the target, 0 elsewhere.}$$
#
# Here $(-\frac34, \frac34)$: the right word's score should rise, the other's fall, by as much as the
# probability was off. No slope is left to be multiplied; it has cancelled.
#
# Two things make it harder. **Masks**: some places have no target, such as padding. Where `mask` is 0
# there is no loss, and $L$ is the mean over the $K$ places where it is 1; at least one is.
# **Large scores**: $e^{1000}$ is more than a float can hold. But the same number may be taken off all
# scores of a place, and $p$ stays what it is. (Why? And which number is a good choice?)
#
# **Exercise `softmax_xent_backward`** · 4 points · 12 min · ●●○
#
# Return $\partial L / \partial z$ for a whole batch, where $L$ is the mean over all places with
# `mask` 1. Stuck? `hint("softmax_xent_backward")`


# %% solution softmax_xent_backward
def softmax_xent_backward(logits, target, mask):
    """Back through softmax and the mean cross-entropy.

    logits  scores, (N, T, V)
    target  number of the right word at each place, (N, T)
    mask    1 where a place is scored, 0 where it is not, (N, T)

    Returns the gradient of the scores, (N, T, V).
    """
    ### BEGIN SOLUTION
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))  # the largest is e^0 = 1
    p = e / e.sum(axis=-1, keepdims=True)
    y = np.eye(logits.shape[-1])[target]  # (N, T, V)
    return (p - y) * mask[:, :, None] / mask.sum()
    ### END SOLUTION


# %% [markdown]
# The loss itself is given below. The pencil's scores must give the gradient $(-0.75, 0.75)$; and your
# `grad_check` has a word to say.


# %%
def softmax_cross_entropy(logits, target, mask):
    """The mean of -log p_target over the places where the mask is 1."""
    log_sum = np.logaddexp.reduce(logits, axis=-1)  # (N, T), and it never overflows
    score = np.take_along_axis(logits, target[:, :, None], axis=-1)[:, :, 0]
    return np.sum((log_sum - score) * mask) / mask.sum()


def check_my_softmax():
    rng = np.random.default_rng(3)
    print(softmax_xent_backward(np.log([[[1.0, 3.0]]]), np.array([[0]]), np.array([[1]])))
    logits, target = rng.standard_normal((2, 5, 3)), rng.integers(3, size=(2, 5))
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    gradient = softmax_xent_backward(logits, target, mask)
    errors_of(
        lambda logits: softmax_cross_entropy(logits, target, mask),
        {"logits": logits},
        {"logits": gradient},
    )


try_out(check_my_softmax)

# %% test softmax_xent_backward 4 points
check("softmax_xent_backward", softmax_xent_backward)

# %% [markdown]
# ## A step downhill
#
# A gradient points to where the loss grows fastest. So go the other way, by a step whose length is
# the **learning rate** times the gradient.
#
# **Exercise `sgd_step`** · 1 point · 3 min · ●○○
#
# Return the new parameter, and keep the old one as it is. Stuck? `hint("sgd_step")`


# %% solution sgd_step
def sgd_step(parameter, gradient, learning_rate):
    """A step of gradient descent.

    parameter      an array
    gradient       the gradient of the loss by it, of the same shape
    learning_rate  a number

    Returns the new parameter, of the same shape.
    """
    ### BEGIN SOLUTION
    return parameter - learning_rate * gradient
    ### END SOLUTION


# %% test sgd_step 1 points
check("sgd_step", sgd_step)

# %% [markdown]
# ## The whole machine
#
# Now train something, with nothing but your own gradients. The task is an **echo**: a stream of
# random words out of four goes by, and at every step the network must name the word that came
# `delay` steps ago. Nothing in the present input helps; it has to remember. The first `delay` steps
# have no target: a case for the mask. Who guesses has a loss of $\log 4 = 1.386$.


# %%
WORDS = 4


def echo(rng, N, T, delay):
    """Random words as one-hot vectors, and as target the word `delay` steps before."""
    words = rng.integers(WORDS, size=(N, T))
    target = np.roll(words, delay, axis=1)
    mask = np.tile(np.arange(T) >= delay, (N, 1)).astype(int)
    return np.eye(WORDS)[words], target, mask


def new_network(rng, H):
    """Weights of standard deviation 1 / sqrt(rows), biases of zero, as in ps02."""
    D = M = WORDS
    weights = {"W_xh": (D, H), "W_hh": (H, H), "W_hy": (H, M)}
    parameters = {n: rng.standard_normal(s) / np.sqrt(s[0]) for n, s in weights.items()}
    return parameters | {"b_h": np.zeros(H), "b_y": np.zeros(M)}


def read(p, x):
    """States and scores, from h_0 = 0."""
    h0 = np.zeros((len(x), len(p["W_hh"])))
    h = rnn_forward(x, h0, p["W_xh"], p["W_hh"], p["b_h"])
    return h0, h, rnn_output(h, p["W_hy"], p["b_y"])


def loss_and_gradients(p, x, target, mask):
    """Forward, then all the way back. Every function called `..._backward` is yours."""
    h0, h, logits = read(p, x)
    loss = softmax_cross_entropy(logits, target, mask)
    dlogits = softmax_xent_backward(logits, target, mask)
    dh, dW_hy, db_y = rnn_output_backward(dlogits, h, p["W_hy"])
    _, _, dW_xh, dW_hh, db_h = rnn_backward(dh, x, h0, h, p["W_xh"], p["W_hh"])
    gradients = {"W_xh": dW_xh, "W_hh": dW_hh, "W_hy": dW_hy, "b_h": db_h, "b_y": db_y}
    return loss, gradients


def train(seed, steps, delay, H=32, learning_rate=0.2, gradients_of=loss_and_gradients, count=iter):
    """Returns the parameters before and after, and the losses on the way."""
    rng = np.random.default_rng(seed)
    before = after = new_network(rng, H)
    losses = []
    for _ in count(range(steps)):
        loss, gradients = gradients_of(after, *echo(rng, N=32, T=20, delay=delay))
        after = {name: sgd_step(after[name], gradients[name], learning_rate) for name in after}
        losses.append(loss)
    return before, after, losses


def first_steps():
    _, _, losses = train(seed=0, steps=30, delay=3)
    for step in (0, 4, 9, 19, 29):
        print(f"step {step + 1:2}: loss {losses[step]:.3f}")


try_out(first_steps)

# %% [markdown]
# Thirty steps are enough to see it fall. The lab goes on to 300, and asks how often the network names
# the right word in sequences that it has never seen.

# %% lab echo_training
from IPython.display import ProgressBar, display


def with_progress(steps):
    """Show a progress bar beside a loop."""
    bar = ProgressBar(len(steps))
    for step in steps:
        yield step
        if step == 0:
            bar.display()
        if (step + 1) % 20 == 0:
            bar.progress = step + 1


def echo_training():
    before, after, losses = train(seed=0, steps=300, delay=3, count=with_progress)
    display(loss_curve(losses, {"guess": np.log(WORDS)}))
    x, target, mask = echo(np.random.default_rng(1), N=500, T=20, delay=3)
    for when, parameters in (("before", before), ("after", after)):
        right = read(parameters, x)[2].argmax(axis=-1) == target
        print(f"{when:6} training {right[mask == 1].mean():7.1%} of the words are right")


try_out(echo_training)

# %% [markdown]
# All of them. The forward pass knows nothing of the task, and you never told the network what to
# keep: the gradients did.

# %% [markdown]
# ## How far back?
#
# The gradient of $W_{hh}$ adds up everything, from near and from far. Take it apart. A loss at step
# $t$ meets the weight at step $t$ itself: that is distance 0. One step back, at step $t - 1$, it
# meets it again, at distance 1; and so on down to the first step. Let $C_k$ collect what all losses
# send over exactly $k$ steps:
#
# $$C_k = \sum_{t > k} h_{t-k-1}^\top\, da_{t-k}^{(t)} \qquad\qquad \sum_{k=0}^{T-1} C_k = \frac{dL}{dW_{hh}}$$
#
# where $da_s^{(t)}$ is what arrives at step $s$ from the loss of step $t$ **alone**. Books that speak
# of vanishing gradients often look at a single $C_k$ for large $k$, and forget the sum: the whole
# gradient hardly vanishes when its far shares do. The near ones are still there.
#
# By pencil: with two steps, what is in $C_0$ and what in $C_1$? There are three ways from a loss to
# a use of the weight: from $L_1$ to step 1, from $L_2$ to step 2, and from $L_2$ to step 1. Two have
# the distance 0, one the distance 1.
#
# **Exercise `per_distance`** · 5 points · 20 min · ●●●
#
# Return all shares, $C_0$ to $C_{T-1}$. The function takes the arguments of `rnn_backward`, so that
# you can hand the same to both; two of them it does not need. Stuck? `hint("per_distance")`


# %% solution per_distance
def per_distance(dh, x, h0, h, W_xh, W_hh):
    """The gradient of W_hh, taken apart by distance.

    dh    gradient of each state through its own output, (N, T, H)
    x     inputs, (N, T, D)
    h0    state before the first step, (N, H)
    h     states after each step, (N, T, H)
    W_xh  (D, H)
    W_hh  (H, H)

    Returns the shares of distances 0 to T - 1, (T, H, H).
    """
    ### BEGIN SOLUTION
    T, H = h.shape[1:]
    shares = np.zeros((T, H, H))
    for t in range(T):  # the loss of step t alone
        back = dh[:, t]
        for s in reversed(range(t + 1)):
            da = back * (1 - h[:, s] ** 2)
            before = h[:, s - 1] if s > 0 else h0
            shares[t - s] += before.T @ da
            back = da @ W_hh.T
    return shares
    ### END SOLUTION


# %% [markdown]
# The shares must add up to what `rnn_backward` says. This must show a number around $10^{-15}$.


# %%
def do_they_add_up():
    N, T, D, H = 3, 6, 2, 4
    rng = np.random.default_rng(4)
    x, h0, u = (rng.standard_normal(shape) for shape in ((N, T, D), (N, H), (N, T, H)))
    W_xh, W_hh, b_h = (rng.standard_normal(shape) for shape in ((D, H), (H, H), H))
    arguments = u, x, h0, rnn_forward(x, h0, W_xh, W_hh, b_h), W_xh, W_hh
    gap = np.max(np.abs(per_distance(*arguments).sum(axis=0) - rnn_backward(*arguments)[3]))
    print(f"largest difference {gap:.0e}")


try_out(do_they_add_up)

# %% test per_distance 5 points
check("per_distance", per_distance)

# %% [markdown]
# What does it look like in the echo network, before it has learned anything? The word asked for came
# in `delay` = 3 steps ago, through $W_{xh}$, and on its way to the output it crossed $W_{hh}$ three
# times: at distances 2, 1 and 0. A share is a matrix; what is drawn is its part along the whole
# gradient, so that all shares add up to 100 %.


# %%
def distances(parameters, title):
    x, target, mask = echo(np.random.default_rng(5), N=500, T=20, delay=3)
    h0, h, logits = read(parameters, x)
    dlogits = softmax_xent_backward(logits, target, mask)
    dh, _, _ = rnn_output_backward(dlogits, h, parameters["W_hy"])
    shares = per_distance(dh, x, h0, h, parameters["W_xh"], parameters["W_hh"])
    return figures.shares_by_distance(shares, title)


try_out(distances, new_network(np.random.default_rng(0), 32), None)

# %% [markdown]
# Hardly 1 % comes from distances of 3 and more, and for once not because it faded: these ways lead to
# words that had nothing to do with the answer, so over many sequences what they carry cancels out.
# The gradient shows how far the task reaches. Change `delay=3` to 6 in the cell, and look again.

# %% [markdown]
# ## Cut the way back
#
# A sequence may be long: a book, an hour of sound. To go all the way back after every word is out of
# the question, and to keep all states takes memory. What people do is to **truncate**. Cut the
# sequence into windows of a few steps. The *state* crosses every border, so the network reads the
# book without a gap; the *gradient* stops there.

# %%
figures.gradient_paths(T=4, window=2)

# %% [markdown]
# **Exercise `truncated_bptt`** · 4 points · 12 min · ●●○
#
# Go through the sequence window by window, forward and back in each. Add up the gradients of the
# windows. The last one may be shorter. Use `rnn_forward` and your `rnn_backward`. Stuck?
# `hint("truncated_bptt")`


# %% solution truncated_bptt
def truncated_bptt(dh, x, h0, W_xh, W_hh, b_h, window):
    """Forward and back, window by window.

    dh      gradient of each state through its own output, (N, T, H)
    x       inputs, (N, T, D)
    h0      state before the first step, (N, H)
    W_xh    (D, H)
    W_hh    (H, H)
    b_h     (H,)
    window  number of steps in a window

    Returns the states h (N, T, H), and dW_xh (D, H), dW_hh (H, H) and db_h (H,).
    """
    ### BEGIN SOLUTION
    states = []
    sums = [np.zeros(W_xh.shape), np.zeros(W_hh.shape), np.zeros(b_h.shape)]
    before = h0
    for start in range(0, x.shape[1], window):
        part = slice(start, start + window)
        h = rnn_forward(x[:, part], before, W_xh, W_hh, b_h)
        _, _, *shares = rnn_backward(dh[:, part], x[:, part], before, h, W_xh, W_hh)
        sums = [total + share for total, share in zip(sums, shares, strict=True)]
        states.append(h)
        before = h[:, -1]
    return np.concatenate(states, axis=1), *sums
    ### END SOLUTION


# %% test truncated_bptt 4 points
check("truncated_bptt", truncated_bptt)

# %% [markdown]
# What does it cost? Let the delay be 6. A window of 3 or 6 never holds an answer together with the
# word that it asks for; a window of 10 does at four of its ten places; one of 20 is the whole
# sequence. The lab trains all four from the same start, on the same sequences.

# %% lab truncation
WINDOWS = (3, 6, 10, 20)


def with_window(window):
    """Loss and gradients as above, but cut."""

    def gradients_of(p, x, target, mask):
        h0, h, logits = read(p, x)
        loss = softmax_cross_entropy(logits, target, mask)
        dlogits = softmax_xent_backward(logits, target, mask)
        dh, dW_hy, db_y = rnn_output_backward(dlogits, h, p["W_hy"])
        _, dW_xh, dW_hh, db_h = truncated_bptt(dh, x, h0, p["W_xh"], p["W_hh"], p["b_h"], window)
        return loss, {"W_xh": dW_xh, "W_hh": dW_hh, "W_hy": dW_hy, "b_h": db_h, "b_y": db_y}

    return gradients_of


def truncation():
    curves = {
        f"window {window}": train(
            seed=0, steps=400, delay=6, gradients_of=with_window(window), count=with_progress
        )[2]
        for window in WINDOWS
    }
    title = "The shorter the window, the less is learned"
    display(figures.loss_curves(curves, np.log(WORDS), title))


try_out(truncation)


# %% [markdown]
# The longer the window, the lower the loss: about 1.1, 0.2, 0.05 and 0.02 after 400 steps. That
# short windows get below chance at all is the echo of ps02: the states are carried on, a random
# network has traces of old words in them, and the output weights, which no border cuts, learn to
# read these. But nobody tells $W_{hh}$ to keep a word for six steps. With a window of 3 the gradient
# works for nearer things, and in the end the traces get worse.
#
# And without any cut, how far can you go?


# %% lab longer_echo
def longer_echo():
    for delay in (3, 6, 8, 10):
        _, _, losses = train(seed=0, steps=400, delay=delay, count=with_progress)
        print(f"delay {delay:2}: loss {np.mean(losses[-20:]):.3f}")


try_out(longer_echo)

# %% [markdown]
# Three steps are learned in no time, six take longer, and of ten about half is learned by then, though
# no gradient was cut. What a long way back does to a gradient is the subject of ps04.

# %% [markdown]
# ## What you should remember
#
# > - A delta is the derivative of the loss by one number. Along a way back slopes are multiplied;
# >   where ways meet, deltas are **added**.
# > - $da_t = (dh_t + da_{t+1} W_{hh}^\top) \odot (1 - h_t^2)$, from the last step to the first.
# > - A shared weight's gradient is a sum over its uses: $dW_{xh} = \sum_t x_t^\top da_t$,
# >   $\; dW_{hh} = \sum_t h_{t-1}^\top da_t$. With `=` for `+=` only the earliest step is left, and
# >   from $h_0 = 0$ nothing at all.
# > - Check every gradient against central differences, in float64, with $\varepsilon$ near
# >   $10^{-5}$. Right means an error around $10^{-9}$ or less.
# > - Softmax with cross-entropy sends back $p - y$. Take the largest score off before `exp`.
# > - Direct loss times total effect, or total loss times immediate effect: both are exact, and a
# >   mixture is not.
# > - The gradient is a sum over distances. Truncation carries the state on and cuts the far ones
# >   off.
#
# **Where to go next.** In ps04 you find out why the shares of far distances fade or explode, and
# what helps.
