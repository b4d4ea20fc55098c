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
# # ps05 · The LSTM: forward, and the gradient by hand
#
# The state of a vanilla network is made anew at every step: all of it goes through a matrix and a
# tanh, whether there is something to learn or not. What if the network could *leave a number
# alone*, for as long as it likes? The LSTM can. In this worksheet you build it, send gradients back
# through it arrow by arrow, derive $\partial J / \partial W^g$ as a formula, and watch a single
# unit learn when to remember.
#
# **Afterwards you will be able to**
#
# - write an LSTM for a whole batch, and say what each of its gates is for;
# - count its weights, and read another book's gate order;
# - go back through one step, one arrow at a time, and through all steps;
# - tell an immediate derivative from a total one, and say what is held fixed in each;
# - combine given partial derivatives into the gradient by a weight, without losing or doubling a way.
#
# **You need** a recurrent network's forward pass (ps02) and the chain rule through time (ps03).
# Nothing is imported from them: if they went badly, you can do this one all the same.
#
# **Time** about 3 hours. **Points** 50: 40 are checked by machine, 10 are for a written
# answer.

# %% [markdown]
# **How to work.** In the cell of an exercise, replace the line that raises `NotImplementedError`,
# or every `None`, by your own work. Run the cell, then the locked cell below it, such as
# `check("lstm_gates", lstm_gates)`: it tells you at once whether your work is right, and if not,
# why. Stuck? Type `hint("lstm_gates")` in a cell of your own, and again for a stronger hint. Check
# as often as you like; everything works offline. The solved worksheet is
# `solutions/ps05/ps05_lstm.ipynb` in the course's folder, for those who work on their own.
#
# Your answers may use NumPy and Python's own library, and must stand in this notebook. Before you
# hand in, restart the kernel and run all cells.
#
# **Symbols.** Vectors are **rows**, the batch comes **first**, `*` multiplies number by number.
#
# | symbol | meaning | shape |
# |:--|:--|:--|
# | $N, T, D, H$ | sequences in a batch; steps; size of the input; of the state | |
# | $x_t$ | input of step $t$ | `(N, D)` |
# | $h_t$ | state after step $t$: what the cell shows | `(N, H)` |
# | $C_t$ | cell after step $t$: what is carried along | `(N, H)` |
# | $f_t, i_t, o_t$ | forget gate, input gate, output gate | `(N, H)` |
# | $g_t$ | candidate (others write $\tilde C_t$) | `(N, H)` |
# | $U^f, W^f, b^f$ | the forget gate's weights and bias; likewise for $i$, $o$, $g$ | `(D, H)`, `(H, H)`, `(H,)` |
# | `U`, `W`, `b` | those of all four, in the order $f, i, o, g$ | `(4, D, H)`, `(4, H, H)`, `(4, H)` |
# | $dh, dC, df, \dots$ | derivative of the loss by $h$, by $C$, by $f$ ... | that of $h$, $C$, $f$ ... |

# %% locked imports
import numpy as np

from autograder import check, hint, question, rubric
from course import derivation
from course.activations import sigmoid
from course.figures import lstm as figures

np.set_printoptions(precision=4, suppress=True)


def try_out(function, *arguments):
    """Call a function of yours, or say that it is not written yet."""
    try:
        return function(*arguments)
    except NotImplementedError:
        print("Not written yet. Fill in the gaps above, run that cell, then run this one again.")


# %% [markdown]
# ## The cell
#
# Follow one number through a vanilla network. At each step it is multiplied with weights, mixed
# with the input, and squashed. After thirty steps it has been squashed thirty times. Going back, a
# gradient meets a slope of tanh and a matrix thirty times as well: the product of ps04, which
# shrinks or grows.
#
# The LSTM adds a second line, the **cell** $C$, on which nothing of this happens. A number on it
# stays as it is, unless a **gate** says otherwise. A gate is a number between 0 and 1 that
# multiplies: 0 closes, 1 lets everything through. Each unit has three of them, made at every step
# from the input and the state:
#
# $$\begin{aligned}
# f_t &= \sigma(x_t U^f + h_{t-1} W^f + b^f) &\qquad i_t &= \sigma(x_t U^i + h_{t-1} W^i + b^i) \\
# o_t &= \sigma(x_t U^o + h_{t-1} W^o + b^o) &\qquad g_t &= \tanh(x_t U^g + h_{t-1} W^g + b^g)
# \end{aligned}$$
#
# $$C_t = f_t * C_{t-1} + i_t * g_t \qquad\qquad h_t = o_t * \tanh(C_t)$$
#
# Here $\sigma(a) = 1 / (1 + e^{-a})$ is the sigmoid. With all biases zero these are the equations
# as many lectures write them.

# %%
figures.lstm_cell()

# %% [markdown]
# Read the picture from the left. On top runs the cell: multiplied once, added to once. Nothing else
# touches it. Below are the four layers that decide, and on the right the cell is shown to the
# world, squashed and gated, as $h_t$. The next step's gates see $h_t$, never $C_t$ itself. (Some
# texts call $h$ the cell state. It is what the cell shows.)
#
# **Exercise `gate_table`** · 2 points · 5 min · ●○○
#
# What is each letter called, and what does it say? And what becomes of the cell if its two gates
# are fully open or fully closed? Put one of the words below in place of each `None`. The last four
# are best settled by putting the numbers into the equation of $C_t$. Stuck? `hint("gate_table")`
#
# | items | options |
# |:--|:--|
# | `... is the` | `"forget gate"`, `"input gate"`, `"output gate"`, `"candidate"` |
# | `... says` | `"how much of the old cell stays"`, `"how much of the candidate enters the cell"`, `"how much of the cell is shown"`, `"what could be written"` |
# | `f = ..., i = ...` | `"the cell stays as it is"`, `"the cell becomes zero"`, `"the candidate replaces the cell"`, `"the candidate is added to the cell"` |

# %% solution gate_table
gate_table = {
    "f is the": None,
    "i is the": None,
    "o is the": None,
    "g is the": None,
    "f says": None,
    "i says": None,
    "o says": None,
    "g says": None,
    "f = 1, i = 0": None,
    "f = 0, i = 1": None,
    "f = 1, i = 1": None,
    "f = 0, i = 0": None,
}
### BEGIN SOLUTION
gate_table = {
    "f is the": "forget gate",
    "i is the": "input gate",
    "o is the": "output gate",
    "g is the": "candidate",
    "f says": "how much of the old cell stays",
    "i says": "how much of the candidate enters the cell",
    "o says": "how much of the cell is shown",
    "g says": "what could be written",
    "f = 1, i = 0": "the cell stays as it is",
    "f = 0, i = 1": "the candidate replaces the cell",
    "f = 1, i = 1": "the candidate is added to the cell",
    "f = 0, i = 0": "the cell becomes zero",
}
### END SOLUTION

# %% test gate_table 2 points
check("gate_table", gate_table)

# %% [markdown]
# Two gates, each with a will of its own. That makes the cell more than a moving average, which
# some texts call it: a moving average has $i = 1 - f$ and never leaves the range of what it
# averages. With both gates near 1 the cell counts.


# %%
def count_to(steps):
    """The cell after so many steps with f and i nearly open and g = 1."""
    f = i = sigmoid(np.array(10.0))
    C = 0.0
    for _ in range(steps):
        C = f * C + i * 1.0
    print(f"after {steps} steps with f = i = {f:.5f} the cell is {C:.1f}")


count_to(100)

# %% [markdown]
# It is 99.8. And one fact on the side: no gate is ever quite open. The sigmoid is below 1 for every
# real number; only the float64 of a computer rounds it to 1, from about 37 on.

# %%
print(sigmoid(np.array([36.0, 37.0])) == 1)

# %% [markdown]
# ## By pencil
#
# One step, one unit, one input; all biases are zero. Before the step $h = 0.5$ and $C = 2$, and the
# input is $x = 1$.
#
# | | $f$ | $i$ | $o$ | $g$ |
# |:--|:-:|:-:|:-:|:-:|
# | $U$ | 1 | 0.5 | 1.5 | −1 |
# | $W$ | −2 | 1 | 1 | 1 |
#
# | $a$ | −2 | −1 | −0.5 | 0 | 0.5 | 1 | 2 |
# |:--|:-:|:-:|:-:|:-:|:-:|:-:|:-:|
# | $\sigma(a)$ | 0.119 | 0.269 | 0.378 | 0.5 | 0.622 | 0.731 | 0.881 |
# | $\tanh(a)$ | −0.964 | −0.762 | −0.462 | 0 | 0.462 | 0.762 | 0.964 |
#
# **Exercise `hand_lstm`** · 2 points · 8 min · ●○○
#
# Compute the three gates, the candidate, the new cell and the new state, to three decimals. The
# four sums are round numbers, so the table has what you need; for the last tanh take a pocket
# calculator or `np.tanh`. Stuck? `hint("hand_lstm")`

# %% solution hand_lstm
hand_lstm = {"f": None, "i": None, "o": None, "g": None, "C": None, "h": None}
### BEGIN SOLUTION
hand_lstm = {
    "f": 0.5,  # sigmoid(1 * 1 - 0.5 * 2) = sigmoid(0)
    "i": 0.731,  # sigmoid(0.5 + 0.5) = sigmoid(1)
    "o": 0.881,  # sigmoid(1.5 + 0.5) = sigmoid(2)
    "g": -0.462,  # tanh(-1 + 0.5) = tanh(-0.5)
    "C": 0.662,  # 0.5 * 2 - 0.731 * 0.462 = 1 - 0.338
    "h": 0.511,  # 0.881 * tanh(0.662) = 0.881 * 0.580
}
### END SOLUTION

# %% test hand_lstm 2 points
check("hand_lstm", hand_lstm)

# %% [markdown]
# The forget gate halved the cell, the candidate took a third off, and the state shows about three
# quarters of what is left.

# %% [markdown]
# ## Four layers in one cell
#
# Each of the four letters is a layer like the vanilla network's: two products, a bias, a squashing.
# They read the same $x$ and the same $h$, each with its own weights. So the weights come in fours:
# `U` has the shape `(4, D, H)`, and Python takes it apart by itself,
#
# ```python
# U_f, U_i, U_o, U_g = U
# ```
#
# in this order, always. `W` and `b` come likewise. The function `sigmoid` is imported above. It
# computes $(1 + \tanh\frac a2) / 2$, the same number without an exponential that could overflow.
#
# **Exercise `lstm_gates`** · 4 points · 8 min · ●○○
#
# Return $f$, $i$, $o$ and $g$ of one step, in this order, for a batch. Stuck? `hint("lstm_gates")`


# %% solution lstm_gates
def lstm_gates(x, h, U, W, b):
    """The three gates and the candidate of one step.

    x  inputs of this step, (N, D)
    h  state before the step, (N, H)
    U  (4, D, H), W (4, H, H), b (4, H), in the order f, i, o, g

    Returns f, i, o, g, each (N, H).
    """
    ### BEGIN SOLUTION
    U_f, U_i, U_o, U_g = U
    W_f, W_i, W_o, W_g = W
    b_f, b_i, b_o, b_g = b
    f = sigmoid(x @ U_f + h @ W_f + b_f)
    i = sigmoid(x @ U_i + h @ W_i + b_i)
    o = sigmoid(x @ U_o + h @ W_o + b_o)
    g = np.tanh(x @ U_g + h @ W_g + b_g)
    return f, i, o, g
    ### END SOLUTION


# %% [markdown]
# Your pencil's numbers first. This must show your $f$, $i$, $o$ and $g$.

# %%
pencil = {
    "U": np.array([1, 0.5, 1.5, -1]).reshape(4, 1, 1),
    "W": np.array([-2.0, 1, 1, 1]).reshape(4, 1, 1),
    "b": np.zeros((4, 1)),
}
x_1, h_0, C_0 = np.array([[1.0]]), np.array([[0.5]]), np.array([[2.0]])

try_out(lstm_gates, x_1, h_0, *pencil.values())

# %% test lstm_gates 4 points
check("lstm_gates", lstm_gates)

# %% [markdown]
# The order of the gates is nobody's law. Here it is $f, i, o, g$; torch has $i, f, g, o$; other
# libraries have others. If all weights are one number, as in some published tests, a program with
# its gates in the wrong order passes. That is why the check above draws every weight at random.
#
# A remark on speed, for later: `x @ U` multiplies `x` with all four matrices at once, `(N, D)` with
# `(4, D, H)` gives `(4, N, H)`. So the four sums are one line, `a = x @ U + h @ W + b[:, None]`.

# %% [markdown]
# ## One step
#
# With the gates at hand, a step is the two equations that are left:
#
# $$C_{\text{next}} = f * C + i * g \qquad\qquad h_{\text{next}} = o * \tanh(C_{\text{next}})$$
#
# **Exercise `lstm_step`** · 3 points · 6 min · ●○○
#
# Return the new state and the new cell, in this order. You may call `lstm_gates`. Leave the old
# cell as it is: on the way back you will need it. Stuck? `hint("lstm_step")`


# %% solution lstm_step
def lstm_step(x, h, C, U, W, b):
    """One step of the LSTM.

    x        inputs of this step, (N, D)
    h, C     state and cell before the step, (N, H)
    U, W, b  as in lstm_gates

    Returns h_next, C_next, both (N, H).
    """
    ### BEGIN SOLUTION
    f, i, o, g = lstm_gates(x, h, U, W, b)
    C_next = f * C + i * g
    h_next = o * np.tanh(C_next)
    return h_next, C_next
    ### END SOLUTION


# %%
try_out(lstm_step, x_1, h_0, C_0, *pencil.values())  # must show your h, then your C

# %% test lstm_step 3 points
check("lstm_step", lstm_step)

# %% [markdown]
# ## The whole sequence
#
# The loop is that of every recurrent network, with two things to carry instead of one:
#
# $$(h_0, C_0) \;\xrightarrow{\;x_1\;}\; (h_1, C_1) \;\xrightarrow{\;x_2\;}\; \cdots \;\xrightarrow{\;x_T\;}\; (h_T, C_T)$$
#
# **Exercise `lstm_forward`** · 3 points · 10 min · ●○○
#
# Return the states $h_1$ to $h_T$ and the cells $C_1$ to $C_T$ of a batch. Step $t$ of all
# sequences is `x[:, t]`. Stuck? `hint("lstm_forward")`


# %% solution lstm_forward
def lstm_forward(x, h0, C0, U, W, b):
    """All steps of the LSTM, one after another.

    x        inputs, (N, T, D)
    h0, C0   state and cell before the first step, (N, H)
    U, W, b  as in lstm_gates

    Returns h and C after each step, both (N, T, H).
    """
    ### BEGIN SOLUTION
    h_t, C_t = h0, C0
    states, cells = [], []
    for t in range(x.shape[1]):
        h_t, C_t = lstm_step(x[:, t], h_t, C_t, U, W, b)
        states.append(h_t)
        cells.append(C_t)
    return np.stack(states, axis=1), np.stack(cells, axis=1)  # (N, T, H) each
    ### END SOLUTION


# %% test lstm_forward 3 points
check("lstm_forward", lstm_forward)

# %% [markdown]
# ## Why four times
#
# An LSTM of $H$ units shows as many numbers as a vanilla network of $H$ units. How many does it learn?
# For $D = 3$ and $H = 5$ there are 180.
#
# **Exercise `lstm_parameter_count`** · 1 point · 4 min · ●○○
#
# Write the count as a function of the sizes: all of `U`, `W` and `b`, no output layer. Stuck?
# `hint("lstm_parameter_count")`


# %% solution lstm_parameter_count
def lstm_parameter_count(D, H):
    """How many numbers an LSTM learns.

    D, H  sizes of input and state: whole numbers

    Returns a whole number.
    """
    ### BEGIN SOLUTION
    return 4 * (D * H + H * H + H)
    ### END SOLUTION


# %% test lstm_parameter_count 1 points
check("lstm_parameter_count", lstm_parameter_count)

# %% [markdown]
# ## One step back, arrow by arrow
#
# Now the way back. A gradient arrives at the state, $dh$, from the loss of this step and from the
# gates of the next. Another arrives at the cell, $dC_{\text{later}}$, along the line on top. Where
# do they go?
#
# Two rules are enough:
#
# - **A product** hands each factor the gradient times *the other* factor.
# - **What went to several places** gets something back from each of them, and adds it up.

# %%
figures.lstm_backward_arrows()

# %% [markdown]
# That is the whole backward pass of a step. Each arrow multiplies with what stands beside it. You
# write it arrow by arrow, and each one is checked by itself. In the functions below, every array is
# `(N, H)` and every `*` works number by number; nothing is summed over the batch until the weights.
#
# Your pencil's step serves as an example for all of them; its numbers are `x_1`, `h_0`, `C_0` and
# so on. Suppose that the loss pulls at the state
# with $dh = 1$ and that later steps send $dC_{\text{later}} = 0.5$ back along the cell.
#
# **From $h$ to the output gate.** $h = o * \tanh(C)$ is a product.
#
# **Exercise `immediate_do`** · 1 point · 4 min · ●○○
#
# Return $do$. You are given more than you need. By pencil it is 0.580. Stuck?
# `hint("immediate_do")`


# %% solution immediate_do
def immediate_do(dh, o, C):
    """What arrives at the output gate.

    dh  gradient that arrives at h, (N, H)
    o   output gate, (N, H)
    C   cell after the step, (N, H)

    Returns do, (N, H).
    """
    ### BEGIN SOLUTION
    return dh * np.tanh(C)
    ### END SOLUTION


# %%
dh_1, dC_from_2 = np.array([[1.0]]), np.array([[0.5]])
f_1, i_1, o_1, g_1 = (np.array([[value]]) for value in (0.5, 0.731, 0.881, -0.462))
C_1 = np.array([[0.662]])

try_out(immediate_do, dh_1, o_1, C_1)

# %% test immediate_do 1 points
check("immediate_do", immediate_do)

# %% [markdown]
# **To the cell.** On the way forward $C$ went to two places: into $h$, through tanh and the output
# gate, and on to the next step. So two gradients come back and are added. The slope of tanh can be
# read off its result: $\tanh' = 1 - \tanh^2$.
#
# **Exercise `immediate_dC`** · 2 points · 6 min · ●●○
#
# Return $dC$, all that arrives at the cell. By pencil it is $0.5 + 0.881 \cdot (1 - 0.580^2) =
# 1.085$. Stuck? `hint("immediate_dC")`


# %% solution immediate_dC
def immediate_dC(dh, dC_later, o, C):
    """All that arrives at the cell.

    dh        gradient that arrives at h, (N, H)
    dC_later  gradient that comes back along the cell, (N, H)
    o         output gate, (N, H)
    C         cell after the step, (N, H)

    Returns dC, (N, H).
    """
    ### BEGIN SOLUTION
    return dC_later + dh * o * (1 - np.tanh(C) ** 2)
    ### END SOLUTION


# %%
try_out(immediate_dC, dh_1, dC_from_2, o_1, C_1)

# %% test immediate_dC 2 points
check("immediate_dC", immediate_dC)

# %% [markdown]
# **From the cell to what made it.** $C = f * C_{\text{before}} + i * g$, a sum of two products. A
# sum hands the gradient on to both of its terms as it is.
#
# **Exercise `immediate_dgates`** · 2 points · 5 min · ●○○
#
# Return $df$, $di$ and $dg$. You are given more than you need. By pencil they are 2.17, −0.501 and
# 0.793. Stuck? `hint("immediate_dgates")`


# %% solution immediate_dgates
def immediate_dgates(dC, C_before, f, i, g):
    """What arrives at the forget gate, the input gate and the candidate.

    dC        all that arrives at the cell, (N, H)
    C_before  cell before the step, (N, H)
    f, i, g   gates and candidate, (N, H)

    Returns df, di, dg, each (N, H).
    """
    ### BEGIN SOLUTION
    return dC * C_before, dC * g, dC * i
    ### END SOLUTION


# %%
try_out(immediate_dgates, np.array([[1.085]]), C_0, f_1, i_1, g_1)

# %% test immediate_dgates 2 points
check("immediate_dgates", immediate_dgates)

# %% [markdown]
# There is one arrow more from $C$: to the old cell, with $dC_{\text{before}} = dC * f$. No matrix,
# no tanh. Remember it for later; it is why this network was invented.
#
# **Through the squashings.** Each of the four was squashed out of a sum $a$. A sigmoid's slope can
# be read off its result, too: $s' = s\,(1 - s)$.
#
# **Exercise `immediate_da`** · 2 points · 6 min · ●○○
#
# Return what arrives at the four sums: $da_f$, $da_i$, $da_o$, $da_g$. Stuck?
# `hint("immediate_da")`


# %% solution immediate_da
def immediate_da(df, di, do, dg, f, i, o, g):
    """What arrives at the sums that were squashed.

    df, di, do, dg  gradients by the gates and the candidate, (N, H)
    f, i, o, g      their values, (N, H)

    Returns da_f, da_i, da_o, da_g, each (N, H).
    """
    ### BEGIN SOLUTION
    da_f = df * f * (1 - f)
    da_i = di * i * (1 - i)
    da_o = do * o * (1 - o)
    da_g = dg * (1 - g**2)
    return da_f, da_i, da_o, da_g
    ### END SOLUTION


# %% test immediate_da 2 points
check("immediate_da", immediate_da)

# %% [markdown]
# **To the weights.** The sum of the candidate was $a_g = x U^g + h_{\text{before}} W^g + b^g$. For
# rows, $y = v A$ has the gradients
#
# $$dA = v^\top dy \qquad\qquad dv = dy\, A^\top$$
#
# and the first of them sums over the batch by itself: every example used the same $A$.

# %%
figures.lstm_cell("W_g")

# %% [markdown]
# **Exercise `lstm_immediate`** · 3 points · 10 min · ●●○
#
# Go the lit way in one function, from $dh$ and $dC_{\text{later}}$ to $dW^g$. Return what you find
# on the way as well: $dC$, $dg$, $da_g$ and $dW^g$. The new cell you make yourself. You may call
# your other functions. Stuck? `hint("lstm_immediate")`


# %% solution lstm_immediate
def lstm_immediate(dh, dC_later, h_before, C_before, f, i, o, g):
    """From what arrives at h and C to this step's share of dW_g.

    dh, dC_later        gradients that arrive at h and, along the cell, at C, (N, H)
    h_before, C_before  state and cell before the step, (N, H)
    f, i, o, g          gates and candidate of the step, (N, H)

    Returns dC, dg, da_g, each (N, H), and dW_g, (H, H).
    """
    ### BEGIN SOLUTION
    C = f * C_before + i * g
    dC = immediate_dC(dh, dC_later, o, C)
    _, _, dg = immediate_dgates(dC, C_before, f, i, g)
    da_g = dg * (1 - g**2)
    return dC, dg, da_g, h_before.T @ da_g
    ### END SOLUTION


# %% [markdown]
# By pencil: 1.085, 0.793, 0.624 and 0.312.

# %%
try_out(lstm_immediate, dh_1, dC_from_2, h_0, C_0, f_1, i_1, o_1, g_1)

# %% test lstm_immediate 3 points
check("lstm_immediate", lstm_immediate)

# %% [markdown]
# This is the share of *one* step, with $h_{\text{before}}$ and $C_{\text{before}}$ taken as given:
# the **immediate** effect of $W^g$. But the same $W^g$ worked in every earlier step, too. How do
# those shares come together? (You are half through. This is a good place for a break.)

# %% [markdown]
# ## The gradient, path by path
#
# Let every step have a loss that looks at its state, $J = J_1(h_1) + \dots + J_T(h_T)$. You want
# $dJ/dW^g$ as a formula: a sum of products, in which each product is one *path*, a way from $J$
# down to the weight. First the words, for most mistakes are made with them.
#
# | written | meaning | here |
# |:--|:--|:--|
# | $\partial J / \partial h_t$ | **direct**: the loss of step $t$ alone | `s.dJ_dh[t]` |
# | $\partial h_t / \partial C_t$ | $o_t$ is held fixed: your arrow from $h$ to $C$, $\operatorname{diag}(o_t (1 - \tanh^2 C_t))$ | `s.dh_dC[t]` |
# | $\partial C_t / \partial W^g$ | **immediate**: $W^g$ works in step $t$ alone, $h_{t-1}$ and $C_{t-1}$ are held fixed; made of $i_t (1 - g_t^2)$ and $h_{t-1}$ | `s.dC_dWg[t]` |
# | $\partial C_t / \partial C_{t-1}$ | $h_{t-1}$ is held fixed, so it is $\operatorname{diag}(f_t)$ | `s.dC_dC[t]` |
# | $\partial h_t / \partial h_{t-1}$ | $C_{t-1}$ is held fixed: through all four gates, so by $C_t$ *and* by $o_t$ | `s.dh_dh[t]` |
# | $dC_{t-1} / dW^g,\; dh_{t-1} / dW^g$ | **total**: $W^g$ works in all steps up to $t - 1$; zero at the start | `s.DC_DWg[t - 1]`, `s.Dh_DWg[t - 1]` |
# | $\partial h_t / \partial o_t$ | $C_t$ is held fixed | `s.dh_do[t]` |
#
# So far $dC$ was short for the derivative of the loss by $C$; from here on both parts are named. A
# small d in a name is a partial derivative: only what happens inside the step counts. A capital D is
# a total one: every way counts, through all steps. A derivative of a vector by a vector has a row for
# each number of what is derived, so the chain rule reads from left to right, from the loss down to
# the weight.

# %%
figures.ways_to_the_weight()

# %% [markdown]
# Three ways lead from $h_t$ to $W^g$: now; by the cell before; by the state before. Each dashed
# arrow holds all of history. In the table is one derivative that you do not need for this weight.
# Which?
#
# You write with symbols, and the course multiplies out:

# %%
s = derivation.lstm(T=3)
s.dJ_dh[3] * s.dh_dC[3] * s.dC_dWg[3]

# %% [markdown]
# That is one path of many: what $W^g$ does in step 3 to the loss of step 3. `s.steps` is 1 to $T$,
# so `sum(s.dJ_dh[t] * s.dh_dC[t] * s.dC_dWg[t] for t in s.steps)` adds up such paths of all steps.
# Brackets do what they do on paper, and `print(s)` lists all names. A formula is right if its
# *value* is right, however you write it. If it is not, the check says which paths are missing,
# extra, or out of order.
#
# In some classes each student gets a weight of their own; the next cell says which is yours. In the
# names, `Wg` becomes `Wf`, `Wi` or `Ug` then, and nothing else changes.

# %% locked dJ_dWg_question
question("dJ_dWg")

# %% [markdown]
# **Exercise `dJ_dWg`** · 6 points · 25 min · ●●●
#
# Write $dJ/dW^g$ for any number of steps, from the derivatives in the table. Begin with a drawing.
# For $T = 1$ all but one product must be zero: which one stays? Stuck? `hint("dJ_dWg")`


# %% solution dJ_dWg
def dJ_dWg(s):
    """dJ/dW^g as a formula.

    s  the partial derivatives of an LSTM that runs for s.T steps; s.steps is 1, 2, ..., s.T
    """
    ### BEGIN SOLUTION
    return sum(
        s.dJ_dh[t]
        * (s.dh_dC[t] * (s.dC_dWg[t] + s.dC_dC[t] * s.DC_DWg[t - 1]) + s.dh_dh[t] * s.Dh_DWg[t - 1])
        for t in s.steps
    )
    ### END SOLUTION


# %%
try_out(dJ_dWg, derivation.lstm(T=2))

# %% test dJ_dWg 6 points
check("dJ_dWg", dJ_dWg)

# %% [markdown]
# Look at your formula once more, and at what you wrote before it.
#
# - **The other reading.** The formula of the picture is *direct times total*: it puts all history
#   into the last factor. In `lstm_immediate` you went the other way: all of the future was in $dC$,
#   which comes from this loss and every later one, and $\partial C_t/\partial W^g$ was immediate.
#   *Total times immediate*, $\sum_t \frac{dJ}{dC_t} \frac{\partial C_t}{\partial W^g}$, is exact as
#   well, and that is how programs do it. The two sums look alike in books that print both as
#   $\partial$. A mixture of them is wrong: it counts some paths more than once, or leaves some out.
# - **It does not close.** To compute $dC_t/dW^g$ from the step before, you also need
#   $\partial C_t/\partial h_{t-1}$, which is not in the table.
# - **$f_t$ is not the whole story.** $\partial C_t/\partial C_{t-1} = f_t$ holds with $h_{t-1}$
#   fixed. But $h_{t-1}$ was made from $C_{t-1}$. In ps06 you measure how far the total derivative
#   is from $f_t$.
#
# The formula serves $U^g$, $W^f$ and $W^i$ alike. One weight is different.
#
# **Exercise `dJ_dWo`** · 2 points · 8 min · ●●○
#
# Write $dJ/dW^o$. Names: `s.do_dWo[t]`, `s.Dh_DWo[t - 1]`, `s.DC_DWo[t - 1]`, and the derivative of
# the table that you had left over. Stuck? `hint("dJ_dWo")`


# %% solution dJ_dWo
def dJ_dWo(s):
    """dJ/dW^o as a formula.

    s  the partial derivatives of an LSTM that runs for s.T steps; s.steps is 1, 2, ..., s.T
    """
    ### BEGIN SOLUTION
    return sum(
        s.dJ_dh[t]
        * (
            s.dh_do[t] * s.do_dWo[t]
            + s.dh_dC[t] * s.dC_dC[t] * s.DC_DWo[t - 1]
            + s.dh_dh[t] * s.Dh_DWo[t - 1]
        )
        for t in s.steps
    )
    ### END SOLUTION


# %% test dJ_dWo 2 points
check("dJ_dWo", dJ_dWo)

# %% [markdown]
# ## Immediate or total
#
# The words are worth pinning down while they are fresh.
#
# **Exercise `immediate_or_total`** · 10 points · 20 min · ●●○
#
# Answer the four parts in the next cell, in two or three sentences each.

# %% [markdown] written immediate_or_total 10 points
# **(a) 3 points.** What is the difference between the immediate and the total derivative of $C_t$
# by $W^g$? Say for each what changes and what is held fixed.
#
# **(b) 2 points.** Which of the derivatives by $W^g$ in the formula for $dJ/dW^g$ are immediate and
# which are total, and what are the total ones at $t = 1$? What does $\partial J/\partial h_t$
# stand for?
#
# **(c) 3 points.** What is held fixed in $\partial h_t/\partial C_t$, in
# $\partial C_t/\partial C_{t-1}$ and in $\partial h_t/\partial h_{t-1}$? What follows for the value
# of the second, and for the ways in the third?
#
# **(d) 2 points.** Somebody takes $\partial J/\partial h_t$ from a program for automatic
# differentiation, which gives the total derivative, and leaves the rest of the formula as it is.
# What goes wrong, and why?
#
# <!-- ### BEGIN SOLUTION -->
# **A model answer**
#
# **(a)** For the immediate derivative the weight changes in step $t$ alone; $h_{t-1}$ and $C_{t-1}$
# are held fixed, as if they were inputs. For the total one it changes in every step up to $t$, and
# $h_{t-1}$ and $C_{t-1}$ change with it: every way from the weight to $C_t$ counts.
#
# **(b)** $\partial C_t/\partial W^g$ is immediate. $dC_{t-1}/dW^g$ and $dh_{t-1}/dW^g$ are total; at
# $t = 1$ they are zero, since $C_0$ and $h_0$ were given and not made with the weight.
# $\partial J/\partial h_t$ is the direct derivative: the loss of step $t$ sees $h_t$; that $h_t$
# also acts on later losses is not in it.
#
# **(c)** In the first, $o_t$; so it is $o_t (1 - \tanh^2 C_t)$. In the second, $h_{t-1}$; so no
# gate moves and it is $f_t$, number by number. In the third, $C_{t-1}$, and nothing else: $h_{t-1}$
# acts on $f_t$, $i_t$ and $g_t$, and by them on $C_t$ and $h_t$, and it acts on $o_t$, and by that
# on $h_t$.
#
# **(d)** The total $dJ/dh_t$ contains what $h_t$ does to $J_{t+1}, \dots, J_T$. But those losses
# have terms of their own in the sum, and in them $dh_t/dW^g$ is part of the total derivatives of
# step $t$. So a way that goes through $h_t$ to a later loss is counted again for each step that it
# passes.
#
# <!-- ### END SOLUTION -->

# %% [markdown]
# Working on your own? Write your answer first, then mark it yourself. Put `attempted=True` into the
# call to see the criteria and some marked answers: `rubric("immediate_or_total", attempted=True)`.
# Then name the criteria that yours meets, for example `rubric("immediate_or_total", met=[1, 3])`.

# %%
rubric("immediate_or_total")

# %% [markdown]
# ## The whole way back
#
# Now all steps and all weights. Go from the last step to the first, along your arrows, and carry two
# gradients back: what the later steps send to the state, and what they send to the cell.
#
# $$\begin{aligned}
# dh_t &= dh_t^{\text{given}} + dh_{\text{later}} \\
# dC_t &= dC_{\text{later}} + dh_t * o_t * (1 - \tanh^2 C_t) \\
# dC_{\text{later}} &\leftarrow dC_t * f_t \\
# dh_{\text{later}} &\leftarrow da_f (W^f)^\top + da_i (W^i)^\top + da_o (W^o)^\top + da_g (W^g)^\top
# \end{aligned}$$

# %%
figures.lstm_cell("carry")

# %% [markdown]
# The weights serve every step, so their gradients are sums over all steps. With the four `da`
# stacked, `da = np.stack([da_f, da_i, da_o, da_g])`, all gates go in one line: `h_before.T @ da` is
# `(4, H, H)`, the step's share of `dW`.
#
# **Exercise `lstm_backward`** · 7 points · 30 min · ●●●
#
# Return the gradients by everything that `lstm_forward` was given. The loss pulls at every state,
# `dh[:, t]`, and at the last cell, `dC_last`. `h` and `C` are what `lstm_forward` returned; the
# gates you make anew with `lstm_gates`. Mind what stands before the first step, and leave `dh` and
# `dC_last` as they are. Stuck? `hint("lstm_backward")`


# %% solution lstm_backward
def lstm_backward(dh, dC_last, x, h0, C0, h, C, U, W, b):
    """Every gradient of a whole sequence.

    dh              how the loss depends on each h_t directly, (N, T, H)
    dC_last         how it depends on the last cell directly, (N, H)
    x, h0, C0       what lstm_forward was given: (N, T, D), (N, H), (N, H)
    h, C            what it returned, (N, T, H) each
    U, W, b         (4, D, H), (4, H, H), (4, H)

    Returns dx, dh0, dC0, dU, dW, db, with the shapes of x, h0, C0, U, W, b.
    """
    ### BEGIN SOLUTION
    dx, dU, dW, db = (np.zeros_like(array) for array in (x, U, W, b))
    dh_later, dC_later = np.zeros_like(h0), dC_last
    for t in reversed(range(x.shape[1])):
        h_before, C_before = (h[:, t - 1], C[:, t - 1]) if t > 0 else (h0, C0)
        f, i, o, g = lstm_gates(x[:, t], h_before, U, W, b)

        dh_t = dh[:, t] + dh_later
        do = immediate_do(dh_t, o, C[:, t])
        dC_t = immediate_dC(dh_t, dC_later, o, C[:, t])
        df, di, dg = immediate_dgates(dC_t, C_before, f, i, g)
        da = np.stack(immediate_da(df, di, do, dg, f, i, o, g))  # (4, N, H)

        dx[:, t] = (da @ U.swapaxes(1, 2)).sum(axis=0)  # each gate has read x_t
        dh_later = (da @ W.swapaxes(1, 2)).sum(axis=0)  # and h_{t-1}
        dC_later = dC_t * f
        dU += x[:, t].T @ da
        dW += h_before.T @ da
        db += da.sum(axis=1)
    return dx, dh_later, dC_later, dU, dW, db
    ### END SOLUTION


# %% [markdown]
# Before the check, ask the numbers. A gradient says by how much the loss grows if a weight does: so
# change one weight by a little, and compare. The two numbers below must agree to six digits or so.


# %%
def one_weight_by_hand():
    rng = np.random.default_rng(0)
    N, T, D, H = 2, 5, 3, 4
    x, h0, C0 = rng.standard_normal((N, T, D)), *rng.standard_normal((2, N, H))
    U, W, b = (rng.standard_normal(shape) for shape in ((4, D, H), (4, H, H), (4, H)))
    dh, dC_last = rng.standard_normal((N, T, H)), rng.standard_normal((N, H))

    def loss(W):
        h, C = lstm_forward(x, h0, C0, U, W, b)
        return np.sum(dh * h) + np.sum(dC_last * C[:, -1])

    nudge = np.zeros_like(W)
    nudge[0, 1, 2] = 1e-5  # a weight of the forget gate
    h, C = lstm_forward(x, h0, C0, U, W, b)
    dW = lstm_backward(dh, dC_last, x, h0, C0, h, C, U, W, b)[4]
    print(f"by your lstm_backward: {dW[0, 1, 2]:.8f}")
    print(f"by a small change:     {(loss(W + nudge) - loss(W - nudge)) / 2e-5:.8f}")


try_out(one_weight_by_hand)

# %% test lstm_backward 7 points
check("lstm_backward", lstm_backward)

# %% [markdown]
# ## Against torch
#
# `torch.nn.LSTM` is the same network. Three things have to be translated: its gates stand in the
# order $i, f, g, o$; its matrices are transposed, for columns; and it has two biases, which are
# added. The cell below copies random weights over and compares all states and all gradients.
# Nothing depends on it: without torch it says so and passes by.

# %%
try:
    import torch
except ImportError:
    torch = None

TORCH = [1, 0, 3, 2]  # where i, f, g, o stand in f, i, o, g


def for_torch(weights):
    """(4, D, H) as torch has it: reordered, transposed, the gates on one another: (4H, D)."""
    columns = weights[TORCH].swapaxes(1, 2)  # (4, H, D)
    return torch.from_numpy(columns.reshape(-1, columns.shape[2]).copy())


def compare_with_torch():
    """The largest relative difference to torch.nn.LSTM in float64."""
    N, T, D, H = 4, 7, 3, 5
    rng = np.random.default_rng(0)
    x, h0, C0 = rng.standard_normal((N, T, D)), *rng.standard_normal((2, N, H))
    U, W, b = (rng.standard_normal(shape) for shape in ((4, D, H), (4, H, H), (4, H)))
    dh, dC_last = rng.standard_normal((N, T, H)), rng.standard_normal((N, H))
    h, C = lstm_forward(x, h0, C0, U, W, b)
    gradients = lstm_backward(dh, dC_last, x, h0, C0, h, C, U, W, b)

    layer = torch.nn.LSTM(D, H, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(for_torch(U))
        layer.weight_hh_l0.copy_(for_torch(W))
        layer.bias_ih_l0.copy_(torch.from_numpy(b[TORCH].ravel()))
        layer.bias_hh_l0.zero_()
    inputs, *start = (torch.from_numpy(array).requires_grad_() for array in (x, h0, C0))
    states, (_, last) = layer(inputs, tuple(array[None] for array in start))
    loss = (states * torch.from_numpy(dh)).sum() + (last[0] * torch.from_numpy(dC_last)).sum()
    loss.backward()

    dx, dh0, dC0, dU, dW, db = gradients
    pairs = {
        "h": (h, states.detach()),
        "dx": (dx, inputs.grad),
        "dh0": (dh0, start[0].grad),
        "dC0": (dC0, start[1].grad),
        "dU": (for_torch(dU).numpy(), layer.weight_ih_l0.grad),
        "dW": (for_torch(dW).numpy(), layer.weight_hh_l0.grad),
        "db": (db[TORCH].ravel(), layer.bias_ih_l0.grad),
    }
    for name, (mine, theirs) in pairs.items():
        difference = np.abs(mine - theirs.numpy()).max() / np.abs(theirs.numpy()).max()
        print(f"{name:4s} largest relative difference {difference:.0e}")


if torch is None:
    print("There is no torch here. The comparison passes by; nothing else needs it.")
else:
    try_out(compare_with_torch)

# %% [markdown]
# Differences around $10^{-15}$ are the rounding of float64: the two agree. Try another order in
# `TORCH`, and see that they do not.

# %% [markdown]
# ## Watch the gates
#
# What do gates do in a network that has learned something? Take a task in which they are needed: at
# each step the network is shown a number, and now and then a mark. It has to give, at every step,
# **the number that stood beside the last mark**, however long ago that was. So most of what it reads
# it must not even let in.
#
# The network below has *one* unit: an LSTM with $D = 2$, $H = 1$ and an output
# $y_t = h_t W_{hy} + b_y$, 18 numbers in all. It learns with nothing but your own `lstm_forward`
# and `lstm_backward`.

# %% lab remember
from IPython.display import ProgressBar, display

from course.optim import Adam
from course.training import train


def with_bar(steps):
    """Show a progress bar beside a loop."""
    bar = ProgressBar(len(steps))
    for step in steps:
        yield step
        if step == 0:
            bar.display()
        if (step + 1) % 50 == 0:
            bar.progress = step + 1


def last_marked(rng, N, T):
    """Numbers and marks, (N, T, 2), and the number beside the last mark, (N, T, 1)."""
    numbers, marks = rng.uniform(-1, 1, (N, T)), rng.random((N, T)) < 0.15
    marks[:, 0] = True
    last = np.maximum.accumulate(np.where(marks, np.arange(T), 0), axis=1)
    target = np.take_along_axis(numbers, last, axis=1)
    return np.stack([numbers, marks], axis=2), target[:, :, None]


def run(p, x):
    """States, cells and outputs, from a start of zeros."""
    zeros = np.zeros((len(x), p["b"].shape[1]))
    h, C = lstm_forward(x, zeros, zeros, p["U"], p["W"], p["b"])
    return h, C, h @ p["W_hy"] + p["b_y"]


def loss_and_gradients(p, x, target):
    """Half the squared error, summed over steps and averaged over the batch, and its gradients."""
    N = len(x)
    h, C, y = run(p, x)
    dy = (y - target) / N
    zeros = np.zeros_like(h[:, 0])
    _, _, _, dU, dW, db = lstm_backward(
        dy @ p["W_hy"].T, zeros, x, zeros, zeros, h, C, p["U"], p["W"], p["b"]
    )
    gradients = {"U": dU, "W": dW, "b": db}
    gradients["W_hy"] = np.einsum("nth,ntm->hm", h, dy)
    gradients["b_y"] = dy.sum(axis=(0, 1))
    return float(np.sum((y - target) ** 2) / (2 * N)), gradients


def learn(seed):
    rng = np.random.default_rng(seed)
    p = {
        "U": rng.standard_normal((4, 2, 1)) / np.sqrt(2),
        "W": rng.standard_normal((4, 1, 1)),
        "b": np.array([[1.0], [0.0], [0.0], [0.0]]),  # the forget gate begins rather open
        "W_hy": rng.standard_normal((1, 1)),
        "b_y": np.zeros(1),
    }
    return train(
        p,
        loss_and_gradients,
        draw_batch=lambda: last_marked(rng, N=16, T=20),
        update=Adam(5e-2).step,
        steps=1500,
        progress=with_bar,
    )


def errors(p):
    """Root-mean-square errors over new sequences: of the network, of saying zero, of the newest."""
    x, target = last_marked(np.random.default_rng(1), N=1000, T=20)
    guesses = {"network": run(p, x)[2], "zero": 0 * target, "newest number": x[:, :, :1]}
    for name, guess in guesses.items():
        print(f"{name:14s} {np.sqrt(np.mean((guess - target) ** 2)):.3f}")


trained = try_out(learn, 1)
if trained is not None:
    errors(trained.parameters)

# %% [markdown]
# An error of about 0.02, where saying zero has 0.57. And here is what the unit does on a sequence
# that it has never seen, twice as long as those it learned from.


# %% lab remember_gates
def show_gates(p):
    x, target = last_marked(np.random.default_rng(4), N=1, T=40)
    h, C, _ = run(p, x)
    before = np.concatenate([np.zeros((1, 1, 1)), h[:, :-1]], axis=1)
    f, i, _, _ = lstm_gates(x[0], before[0], p["U"], p["W"], p["b"])
    marks = np.flatnonzero(x[0, :, 1]) + 1
    return figures.gates_over_time(f[:, 0], i[:, 0], C[0, :, 0], target[0, :, 0], marks)


if trained is not None:
    display(show_gates(trained.parameters))

# %% [markdown]
# At a mark the forget gate closes and the input gate opens: the new number replaces the old one.
# Everywhere else it is the reverse, and the number lies on the cell's line, untouched. (The cell
# holds about −0.3 times the number, which suits $W_{hy}$ as well; the picture shows it scaled.)
# Nobody told the network what its gates are for; the gradient through them did.
#
# But do not believe the names too soon. With `learn(0)` in place of `learn(1)` the task is solved
# as well, and the picture is another one: between the marks the forget gate stays at about 0.93,
# the input gate is never quite closed, and what leaks out is put back in. Other things to try:
# marks that are rarer; 100 steps with the weights trained on 20; a forget bias of −1 at the start.

# %% [markdown]
# ## What you should remember
#
# > - An LSTM carries a second line, the cell: $C_t = f_t * C_{t-1} + i_t * g_t$. It shows part of
# >   it: $h_t = o_t * \tanh(C_t)$.
# > - $f = 1$ keeps. The gates $f$ and $i$ are independent: the cell can keep, replace, count and
# >   clear.
# > - It is four layers in one, so it has four times a vanilla layer's weights. The order of the
# >   gates differs from library to library; test with random weights.
# > - Back: a product hands each factor the other one; what went to several places adds up. Along the
# >   cell the gradient meets one factor a step, $f$.
# > - Immediate: the weight works in one step, what was before is held fixed. Total: every way
# >   counts. *Direct times total* and *total times immediate* are both exact; a mixture is not.
# > - $\partial C_t/\partial C_{t-1} = f_t$ is true with $h_{t-1}$ held fixed, and not the total.
#
# **Where to go next.** In ps06 you measure what all this is worth: how far gradients reach in an
# LSTM, a GRU and a vanilla network, before and after training.
