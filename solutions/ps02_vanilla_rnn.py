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
# # ps02 · A vanilla RNN by hand
#
# How can a network with a fixed number of weights read a sentence of any length, a melody, a minute
# of video? It reads one piece at a time and carries a *state* along. In this worksheet you build
# such a network in NumPy, from one step by pencil to a class that remembers, and watch it learn.
#
# **Afterwards you will be able to**
#
# - compute a step of a recurrent network by hand, and write it for a whole batch;
# - run it over a sequence, carry its state on, and forget the state at the right moment;
# - tell every shape and the number of weights from the sizes alone;
# - translate between the two ways in which books write the same network;
# - find the faults that recurrent code most often has;
# - say what a state of fixed size can hold, and what it cannot.
#
# **You need** matrix products and NumPy arrays; what a layer $\tanh(xW + b)$ does. No calculus yet:
# gradients come in ps03.
#
# **Time** about 2 hours 40 minutes. **Points** 50: 40 are checked by machine, 10 are for a written
# answer.

# %% [markdown]
# **How to work.** In the cell of an exercise, replace the line that raises `NotImplementedError`,
# or every `None`, by your own work. Run the cell, then run the locked cell below it:
# `check("rnn_step", rnn_step)` tells you at once whether it is right, and if not, why. If you are
# stuck, type `hint("rnn_step")` in a cell of your own; ask again for a stronger hint. Check as
# often as you like. Everything works offline. Working without a class? The solved worksheet is
# `solutions/ps02/ps02_vanilla_rnn.ipynb` in the course's folder.
#
# Everything that your answers need must be in this notebook: NumPy and Python's own library, no
# files of your own, no `input()` and no commands with `!`. Other packages are not there when your
# work is graded.
#
# Before you hand in, restart the kernel and run all cells: it shows that your work does not lean on
# something that you have deleted meanwhile.
#
# **Symbols.** Vectors are **rows**, and the batch comes **first**.
#
# | symbol | meaning | shape |
# |:--|:--|:--|
# | $N, T$ | sequences in a batch; steps in a sequence | |
# | $D, H, M$ | size of the input, of the hidden state, of the output | |
# | $x$, $x_t$ | all inputs; those of step $t$ | `(N, T, D)`, `(N, D)` |
# | $h$, $h_t$ | all states; those after step $t$ | `(N, T, H)`, `(N, H)` |
# | $y$, $y_t$ | all outputs; those of step $t$ | `(N, T, M)`, `(N, M)` |
# | $W_{xh}, W_{hh}, W_{hy}$ | weights: input to state, state to state, state to output | `(D, H)`, `(H, H)`, `(H, M)` |
# | $b_h, b_y$ | biases of the state and of the output | `(H,)`, `(M,)` |
#
# Steps are counted from 1 in the equations and, as always in Python, from 0 in the code: $x_1$ is
# `x[:, 0]`. The state before the first step is $h_0$.

# %% locked imports
import numpy as np

from autograder import check, hint, rubric
from course.figures import rnn as figures

np.set_printoptions(precision=4, suppress=True)


def try_out(function, *arguments):
    """Call a function of yours, or say that it is not written yet."""
    try:
        return function(*arguments)
    except NotImplementedError:
        print("Not written yet. Fill in the gaps above, run that cell, then run this one again.")


# %% [markdown]
# ## A loop with a memory
#
# You follow a melody note by note. At any moment you have a feeling for how it might go on, yet you
# do not replay it from the start with every note. You carry something along, a summary of what you
# have heard, and each new note changes it.
#
# A recurrent network does just that. Its summary is a vector of $H$ numbers, the **hidden state**
# $h_t$. At step $t$ it mixes the new input with the old state, squashes the sum into a new state,
# and reads an output off it:
#
# $$a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h \qquad h_t = \tanh(a_t) \qquad y_t = h_t W_{hy} + b_y$$
#
# These three equations are the whole network. The weights carry no index $t$: every step uses the
# same ones. That is why the network has no fixed length.

# %%
figures.unrolled_network(T=3)

# %% [markdown]
# Left, the network as a loop. Right, the same loop **unrolled** over three steps: an ordinary deep
# network, one layer for each step, whose layers share their weights. A colour that comes back means
# that the same numbers come back.
#
# Follow the arrows from $x_1$ to $y_3$. There is one way only, and it leads through $h_1$, $h_2$
# and $h_3$. Whatever the output at step 3 is to know of the first input must fit through those
# states.

# %% [markdown]
# ## By pencil
#
# Before any code, do two steps yourself. Let every size be 1, so that every matrix is a single
# number:
#
# | $x_1$ | $x_2$ | $W_{xh}$ | $W_{hh}$ | $b_h$ | $h_0$ |
# |:-:|:-:|:-:|:-:|:-:|:-:|
# | 1 | 2 | 0.5 | −0.8 | 0.1 | 0.2 |
#
# $$a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h \qquad h_t = \tanh(a_t)$$
#
# Mind what the second step starts from.
#
# **Exercise `hand_step`** · 2 points · 8 min · ●○○
#
# Compute $a_1$, $h_1$, $a_2$ and $h_2$, where $a$ is the sum *before* the tanh. Three decimals are
# enough. For the tanh take a pocket calculator or `np.tanh`. Put your four numbers in place of
# `None`. Stuck? `hint("hand_step")`

# %% solution hand_step
hand_step = {"a_1": None, "h_1": None, "a_2": None, "h_2": None}
### BEGIN SOLUTION
hand_step = {
    "a_1": 0.44,  # 1 * 0.5 - 0.2 * 0.8 + 0.1 = 0.5 - 0.16 + 0.1
    "h_1": 0.414,  # tanh(0.44)
    "a_2": 0.769,  # 2 * 0.5 - 0.414 * 0.8 + 0.1 = 1 - 0.331 + 0.1
    "h_2": 0.646,  # tanh(0.769)
}
### END SOLUTION

# %% test hand_step 2 points
check("hand_step", hand_step)

# %% [markdown]
# The second input and the bias alone would give $2 \cdot 0.5 + 0.1 = 1.1$. Your $a_2$ is smaller:
# what the first step left behind took something away. That is the memory at work.

# %% [markdown]
# ## One step
#
# Now for real sizes, and for $N$ sequences at once. Row $n$ of `x` is what sequence $n$ reads in
# this step, row $n$ of `h` is what it remembers:
#
# $$h_{\text{next}} = \tanh(x\, W_{xh} + h\, W_{hh} + b_h)$$
#
# The products `(N, D) @ (D, H)` and `(N, H) @ (H, H)` are both `(N, H)`, so they can be added. The
# bias `(H,)` is one row, and NumPy adds it to each of the $N$ rows. No loop is needed.
#
# **Exercise `rnn_step`** · 4 points · 10 min · ●○○
#
# Write one step for a batch. Make a new array; leave the ones that you are given as they are.
# Stuck? `hint("rnn_step")`


# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    """One step of the network.

    x     inputs of this step, (N, D)
    h     state before the step, (N, H)
    W_xh  (D, H)
    W_hh  (H, H)
    b_h   (H,)

    Returns the state after the step, (N, H).
    """
    ### BEGIN SOLUTION
    return np.tanh(x @ W_xh + h @ W_hh + b_h)
    ### END SOLUTION


# %% [markdown]
# Try it on your pencil's numbers first. The cell below must show your $h_1$, as an array of shape
# `(1, 1)`.

# %%
pencil = {"W_xh": np.array([[0.5]]), "W_hh": np.array([[-0.8]]), "b_h": np.array([0.1])}
x_1, h_0 = np.array([[1.0]]), np.array([[0.2]])

try_out(rnn_step, x_1, h_0, pencil["W_xh"], pencil["W_hh"], pencil["b_h"])

# %% test rnn_step 4 points
check("rnn_step", rnn_step)

# %% [markdown]
# ## The whole sequence
#
# To read a sequence, take one step after another and let each start from the state that the last
# one left:
#
# $$h_0 \;\xrightarrow{\;x_1\;}\; h_1 \;\xrightarrow{\;x_2\;}\; h_2 \;\xrightarrow{\;x_3\;}\; \cdots \;\xrightarrow{\;x_T\;}\; h_T$$
#
# This loop cannot be avoided: $h_2$ needs $h_1$, which has to be there first. The sequences of a
# batch can be computed side by side, the steps of a sequence cannot.
#
# Whoever calls decides where the memory starts, and so hands over $h_0$. Often it is all zeros. It
# need not be: read the first half of a sequence, hand the last state to the second half as its
# $h_0$, and you must get the very states that one long reading gives.
#
# **Exercise `rnn_forward`** · 5 points · 15 min · ●●○
#
# Return the states $h_1$ to $h_T$ of a batch, without $h_0$. Step $t$ of all sequences is
# `x[:, t]`, of shape `(N, D)`. You may call `rnn_step`. Stuck? `hint("rnn_forward")`


# %% solution rnn_forward
def rnn_forward(x, h0, W_xh, W_hh, b_h):
    """All steps of the network, one after another.

    x     inputs, (N, T, D)
    h0    state before the first step, (N, H)
    W_xh  (D, H)
    W_hh  (H, H)
    b_h   (H,)

    Returns the states after each step, (N, T, H).
    """
    ### BEGIN SOLUTION
    h_t = h0
    states = []
    for t in range(x.shape[1]):
        h_t = rnn_step(x[:, t], h_t, W_xh, W_hh, b_h)  # (N, H)
        states.append(h_t)
    return np.stack(states, axis=1)  # (N, T, H)
    ### END SOLUTION


# %% [markdown]
# Your pencil's numbers again, both steps now: a sequence of two inputs, shape `(1, 2, 1)`. The
# result must hold your $h_1$ and your $h_2$.

# %%
x_12 = np.array([[[1.0], [2.0]]])

try_out(rnn_forward, x_12, h_0, pencil["W_xh"], pencil["W_hh"], pencil["b_h"])

# %% [markdown]
# And the promise from above: two half-sequences, the second starting where the first one ended, must
# give the same states as the whole. This must show `True`.


# %%
def two_halves():
    rng = np.random.default_rng(1)
    x, h0 = rng.standard_normal((2, 6, 3)), rng.standard_normal((2, 4))
    weights = rng.standard_normal((3, 4)), rng.standard_normal((4, 4)), rng.standard_normal(4)
    first = rnn_forward(x[:, :3], h0, *weights)
    second = rnn_forward(x[:, 3:], first[:, -1], *weights)
    return np.allclose(np.concatenate([first, second], axis=1), rnn_forward(x, h0, *weights))


try_out(two_halves)

# %% test rnn_forward 5 points
check("rnn_forward", rnn_forward)

# %% [markdown]
# What does such a memory look like? Below, a network of 16 units with random weights gets a single
# input, at step 1. From then on it hears nothing but zeros. Each row of the picture is one unit.


# %%
def echo():
    """States of a random network that gets an input at step 1 only."""
    rng = np.random.default_rng(3)
    W_xh = rng.standard_normal((1, 16))
    W_hh = rng.standard_normal((16, 16)) / np.sqrt(16)
    x = np.zeros((1, 24, 1))
    x[:, 0] = 2.0
    h = rnn_forward(x, np.zeros((1, 16)), W_xh, W_hh, np.zeros(16))
    return figures.hidden_state_heatmap(h[0], "One input at step 1, and the state still echoes")


try_out(echo)

# %% [markdown]
# The input is gone after one step; its trace wanders through the units and fades. How fast such
# traces fade, or grow, will keep you busy in ps04.

# %% [markdown]
# ## Reading out
#
# A state is the network's own business. What we want from it is an output, and that is a linear
# reading of the state, the same at every step:
#
# $$y_t = h_t W_{hy} + b_y$$
#
# There is no tanh here: an output need not lie between −1 and 1. Unlike the states, the outputs do
# not wait for one another. NumPy's `@` works on the last two axes and repeats over the ones before,
# so `(N, T, H) @ (H, M)` does all steps at once.
#
# **Exercise `rnn_output`** · 3 points · 5 min · ●○○
#
# Compute the outputs of all steps. Stuck? `hint("rnn_output")`


# %% solution rnn_output
def rnn_output(h, W_hy, b_y):
    """The outputs of all steps.

    h     states, (N, T, H)
    W_hy  (H, M)
    b_y   (M,)

    Returns the outputs, (N, T, M).
    """
    ### BEGIN SOLUTION
    return h @ W_hy + b_y
    ### END SOLUTION


# %% test rnn_output 3 points
check("rnn_output", rnn_output)

# %% [markdown]
# ## Shapes and counts
#
# Most faults in such code show in a shape, for those who know what the shape should be. So here is
# the network of this worksheet with five different sizes:
#
# $$N = 4 \qquad T = 7 \qquad D = 3 \qquad H = 5 \qquad M = 2$$
#
# **Exercise `shapes`** · 4 points · 8 min · ●○○
#
# Write down the shape of each array as a tuple, from the equations and without running anything. A
# vector of length 6 has the shape `(6,)`: the comma makes it a tuple. Here `x`, `h` and `y` are the
# arrays of all steps, `x_t`, `h_t` and `y_t` those of one step, all for the whole batch. Stuck?
# `hint("shapes")`

# %% solution shapes
shapes = {
    "x": None,
    "x_t": None,
    "W_xh": None,
    "W_hh": None,
    "b_h": None,
    "h_t": None,
    "h": None,
    "W_hy": None,
    "b_y": None,
    "y_t": None,
    "y": None,
}
### BEGIN SOLUTION
shapes = {
    "x": (4, 7, 3),
    "x_t": (4, 3),
    "W_xh": (3, 5),
    "W_hh": (5, 5),
    "b_h": (5,),
    "h_t": (4, 5),
    "h": (4, 7, 5),
    "W_hy": (5, 2),
    "b_y": (2,),
    "y_t": (4, 2),
    "y": (4, 7, 2),
}
### END SOLUTION

# %% test shapes 4 points
check("shapes", shapes)

# %% [markdown]
# How many numbers does the network learn? Go through your table and sum up what is a parameter: the
# three weight matrices and the two biases. For the sizes above it is 57.
#
# **Exercise `rnn_parameter_count`** · 2 points · 5 min · ●○○
#
# Write the count as a function of the sizes. Two of the five sizes do not occur in it. Why? Stuck?
# `hint("rnn_parameter_count")`


# %% solution rnn_parameter_count
def rnn_parameter_count(D, H, M):
    """How many numbers the network learns: all weights and both biases.

    D, H, M  sizes of input, state and output: whole numbers

    Returns a whole number.
    """
    ### BEGIN SOLUTION
    return D * H + H * H + H + H * M + M
    ### END SOLUTION


# %% test rnn_parameter_count 2 points
check("rnn_parameter_count", rnn_parameter_count)

# %% [markdown]
# A sequence of seven steps and one of seven thousand need the same weights. What grows with $T$ is
# the work, and the states that you keep.

# %% [markdown]
# ## Two matrices or one
#
# Open another book on recurrent networks and you will find other-looking equations. Two things
# differ, and neither matters.
#
# **Columns for rows.** Many authors write vectors as columns. A column is a row transposed, and
# transposing a product swaps its factors, so for a row $v$ and a matrix $A$
#
# $$(v A)^\top = A^\top v^\top.$$
#
# What stands on the right of a row here, stands transposed on the left of a column there.
#
# **One matrix for two.** Many lectures put the previous state on top of the input, as one tall
# column, and need only one matrix for both:
#
# $$a_t^\top = W \begin{bmatrix} h_{t-1}^\top \\[2pt] x_t^\top \end{bmatrix} + b_h^\top$$
#
# With $x_t$, $h_{t-1}$ and $a_t$ one sequence's rows, the column is $H + D$ high, so $W$ has $H$
# rows and $H + D$ columns.
#
# **Exercise `stacked_weights`** · 3 points · 10 min · ●●○
#
# Build that $W$ from our $W_{xh}$ and $W_{hh}$, so that both forms give the same $a_t$ whatever
# $x_t$ and $h_{t-1}$ are. Write it as a product of blocks on paper first. A case to test by eye,
# with $D = 2$ and $H = 1$:
#
# $$W_{xh} = \begin{bmatrix} 1 \\ 2 \end{bmatrix}, \quad W_{hh} = \begin{bmatrix} 3 \end{bmatrix} \qquad\text{give}\qquad W = \begin{bmatrix} 3 & 1 & 2 \end{bmatrix}.$$
#
# Stuck? `hint("stacked_weights")`


# %% solution stacked_weights
def stacked_weights(W_xh, W_hh):
    """The one matrix that acts on the column of previous state (on top) and input (below).

    W_xh  (D, H)
    W_hh  (H, H)

    Returns W, (H, H + D).
    """
    ### BEGIN SOLUTION
    return np.concatenate([W_hh.T, W_xh.T], axis=1)  # (H, H) beside (H, D)
    ### END SOLUTION


# %% test stacked_weights 3 points
check("stacked_weights", stacked_weights)

# %% [markdown]
# From here on it is rows again.

# %% [markdown]
# ## A class that remembers
#
# `rnn_forward` needs the whole sequence at once. Someone who types, a microphone, a thermometer
# give one value after another, and the network must answer each at once. For that it has to keep
# its state between calls. An object can: the weights and the state become its attributes.
#
# **The interface**, exactly:
#
# - `VanillaRNN(input_size, hidden_size, output_size, rng)` makes a network. `rng` is a NumPy
#   generator, such as `np.random.default_rng(0)`.
# - Attributes `W_xh`, `W_hh`, `W_hy`, `b_h`, `b_y`, shaped as in the table of symbols, and
#   `hidden_state`.
# - `forward(x)` takes **one** time step `(N, D)`, moves `hidden_state` on to the new state
#   `(N, H)`, and returns the output $y_t$, `(N, M)`.
# - `reset()` forgets: the next `forward` starts from a state of zeros. A new network starts so,
#   too.
#
# **The state at the start.** The network does not know $N$ before it sees a batch, and after a
# `reset()` the next batch may have another size. One row of zeros, `(1, H)`, serves every $N$,
# since NumPy repeats it for all rows.
#
# **The weights at the start.** Each entry of $x_t W_{xh}$ is a sum of $D$ products. If the inputs
# are independent and of size about 1, and the weights come from a normal distribution with standard
# deviation 1, such a sum is of size about $\sqrt D$. For $D = 100$ that is 10, and $\tanh$ of
# $\pm 10$ is as good as $\pm 1$, whatever else the input says. So draw each weight with mean 0 and
#
# $$\text{standard deviation} = \frac{1}{\sqrt{\text{number of rows}}},$$
#
# and the sum stays of size about 1. Rows are what is summed over: $D$ for $W_{xh}$, $H$ for
# $W_{hh}$ and $W_{hy}$. Biases start at zero.
#
# **Exercise `VanillaRNN`** · 7 points · 25 min · ●●●
#
# Write the class. The check puts its own numbers into the five weight attributes after it has made
# a network, so let `forward` read them from `self` each time. You may use `rnn_step` and
# `rnn_output`. Stuck? `hint("VanillaRNN")`


# %% solution VanillaRNN
class VanillaRNN:
    """A recurrent network that takes one time step at a call and remembers its state.

    Attributes: W_xh (D, H), W_hh (H, H), W_hy (H, M), b_h (H,), b_y (M,) and hidden_state.
    """

    def __init__(self, input_size, hidden_size, output_size, rng):
        """Draw the weights from rng: mean 0, standard deviation 1 / sqrt(rows). Biases are zero."""
        ### BEGIN SOLUTION
        D, H, M = input_size, hidden_size, output_size
        self.W_xh = rng.standard_normal((D, H)) / np.sqrt(D)
        self.W_hh = rng.standard_normal((H, H)) / np.sqrt(H)
        self.W_hy = rng.standard_normal((H, M)) / np.sqrt(H)
        self.b_h = np.zeros(H)
        self.b_y = np.zeros(M)
        self.reset()
        ### END SOLUTION

    def forward(self, x):
        """One time step: x (N, D). Moves hidden_state on and returns y_t (N, M)."""
        ### BEGIN SOLUTION
        self.hidden_state = rnn_step(x, self.hidden_state, self.W_xh, self.W_hh, self.b_h)
        return rnn_output(self.hidden_state, self.W_hy, self.b_y)
        ### END SOLUTION

    def reset(self):
        """Forget: the next step starts from zeros, with a batch of any size."""
        ### BEGIN SOLUTION
        self.hidden_state = np.zeros((1, len(self.b_h)))  # one row, which serves every N
        ### END SOLUTION


# %% [markdown]
# The pencil's network once more, from $h_0 = 0$ and with $W_{hy} = 1$, $b_y = 0$. It reads 1, then
# 2; then it is reset and reads 1 again. The outputs must be 0.537, 0.585 and again 0.537.


# %%
def two_steps_and_a_reset():
    network = VanillaRNN(1, 1, 1, np.random.default_rng(0))
    network.W_xh, network.W_hh, network.b_h = pencil["W_xh"], pencil["W_hh"], pencil["b_h"]
    network.W_hy, network.b_y = np.array([[1.0]]), np.array([0.0])
    y_1 = network.forward(np.array([[1.0]]))
    y_2 = network.forward(np.array([[2.0]]))
    network.reset()
    y_3 = network.forward(np.array([[1.0]]))
    return y_1, y_2, y_3


try_out(two_steps_and_a_reset)

# %% test VanillaRNN 7 points
check("VanillaRNN", VanillaRNN)

# %% [markdown]
# ## Find the faults
#
# Here is another class, meant to have the interface of `VanillaRNN`. It looks plausible, and it has
# **five faults**. Each is of a kind that has been seen in published code. One of them stops the
# program at once for most batch sizes. The others let it run, at least for a while, and make it wrong.
#
# How to go about it:
#
# - **Use it.** Make a network, take one step, look at what comes back.
# - **Use different sizes.** With $N = D = H = M = 3$ every product fits, on whichever side the
#   matrix stands. With 2, 3, 4 and 5 a shape in the wrong place cannot pass for another.
# - **Take two steps.** In one step from a state of zeros, `W_hh` has no say.
# - **Reset**, then read another sequence. Does anything remember the first?
# - **Look before the first step.** How large are the weights of a network with 100 units?
#
# **Exercise `find_the_faults`** · 6 points · 20 min · ●●○
#
# Repair the class in the cell below and keep its name. Each fault has a test of its own, so each
# one that you repair earns its fifth of the points. Stuck? `hint("find_the_faults")`


# %% solution find_the_faults
class FaultyRNN:
    """A vanilla RNN that takes one time step at a time and remembers its state."""

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, rng: np.random.Generator
    ) -> None:
        self.W_xh = rng.standard_normal((input_size, hidden_size))
        self.W_hh = rng.standard_normal((hidden_size, hidden_size))
        self.W_hy = rng.standard_normal((hidden_size, output_size))
        self.b_h = np.zeros(hidden_size)
        self.b_y = np.zeros(output_size)
        self.hidden_state = np.zeros((hidden_size, hidden_size))
        self.output: np.ndarray | None = None

    def reset(self) -> None:
        """Start a new sequence."""
        self.output = None

    def forward(self, x: np.ndarray) -> np.ndarray | None:
        """Take one time step, x (N, D); keep the state, (N, H), and return y_t, (N, M)."""
        from_input = x @ self.W_xh
        from_past = (self.W_hh @ self.hidden_state.T).T
        self.hidden_state = np.tanh(from_input + from_past + self.b_h)
        self.out = self.hidden_state @ self.W_hy + self.b_y
        return self.output


### BEGIN SOLUTION
class FaultyRNN:
    """A vanilla RNN that takes one time step at a time and remembers its state."""

    def __init__(self, input_size, hidden_size, output_size, rng):
        # The weights were not scaled: divide by the root of the number of rows.
        self.W_xh = rng.standard_normal((input_size, hidden_size)) / np.sqrt(input_size)
        self.W_hh = rng.standard_normal((hidden_size, hidden_size)) / np.sqrt(hidden_size)
        self.W_hy = rng.standard_normal((hidden_size, output_size)) / np.sqrt(hidden_size)
        self.b_h = np.zeros(hidden_size)
        self.b_y = np.zeros(output_size)
        self.reset()

    def reset(self):
        """Start a new sequence."""
        # The first state was H x H, which fits a batch of H only: one row of zeros fits any.
        # And reset kept the state: it has to forget it.
        self.hidden_state = np.zeros((1, len(self.b_h)))
        self.output = None

    def forward(self, x):
        """Take one time step, x (N, D); keep the state, (N, H), and return y_t, (N, M)."""
        from_input = x @ self.W_xh
        # Rows and columns were mixed: W_hh in front of a column is W_hh.T behind a row.
        from_past = self.hidden_state @ self.W_hh
        self.hidden_state = np.tanh(from_input + from_past + self.b_h)
        # self.out was set, but self.output returned.
        self.output = self.hidden_state @ self.W_hy + self.b_y
        return self.output


### END SOLUTION

# %% test find_the_faults 6 points
check("find_the_faults", FaultyRNN)

# %% [markdown]
# ## Loss along the sequence
#
# The network gives an output at every step. Which of them should be right?
#
# - Tag each word of a sentence: **all** of them. There is a target at every step.
# - Say whether a review is friendly: only the **last**. There is one target for the whole sequence.
#
# Either way, start with the loss of one step. For targets $y^*_t$ take half the squared distance,
# averaged over the batch:
#
# $$L_t = \frac{1}{2N} \sum_{n=1}^{N} \sum_{m=1}^{M} \bigl(y_t[n, m] - y^*_t[n, m]\bigr)^2$$
#
# Then the loss of the sequence is one of two:
#
# $$L_{\text{total}} = \sum_{t=1}^{T} L_t \qquad\qquad L_{\text{last}} = L_T$$
#
# The half will cancel when you differentiate, in ps03. The $\frac 1N$ lets you compare batches of
# different size.
#
# **Exercise `sequence_loss`** · 4 points · 10 min · ●●○
#
# Return three things, in this order: the loss of each step, their sum, and the loss of the last
# step. A case to test by eye: with $N = M = 1$, outputs 1 and 3 and targets 0 and 1, they are
# `[0.5, 2.0]`, `2.5` and `2.0`. Stuck? `hint("sequence_loss")`


# %% solution sequence_loss
def sequence_loss(y, target):
    """Half the squared error, averaged over the batch, along the sequence.

    y       outputs, (N, T, M)
    target  what they should be, (N, T, M)

    Returns per_step (T,), total (a number) and last (a number).
    """
    ### BEGIN SOLUTION
    N = len(y)
    per_step = ((y - target) ** 2).sum(axis=(0, 2)) / (2 * N)  # over batch and outputs, not time
    return per_step, per_step.sum(), per_step[-1]
    ### END SOLUTION


# %% test sequence_loss 4 points
check("sequence_loss", sequence_loss)

# %% [markdown]
# The two losses ask for different things. The total tells the network at every step how it does.
# With the last one alone, step 1 matters only through what is left of it in $h_T$, and the blame
# for an error has to travel all the way back. ps03 and ps04 follow it there.

# %% [markdown]
# ## Against torch
#
# Would others get the same states? PyTorch has this very network as `torch.nn.RNN`. It writes
# columns, so its matrices are ours transposed, and it has two biases, which are simply added; we
# set one of them to zero. The cell below copies random weights over and compares all states.
#
# Nothing depends on it: if torch is not installed, or `rnn_forward` not written yet, the cell says
# so and passes by.

# %%
try:
    import torch
except ImportError:
    torch = None


def compare_with_torch():
    """The largest difference to torch.nn.RNN in float64, relative to the largest state."""
    N, T, D, H = 4, 7, 3, 5
    rng = np.random.default_rng(0)
    x, h0 = rng.standard_normal((N, T, D)), rng.standard_normal((N, H))
    W_xh, W_hh = rng.standard_normal((D, H)), rng.standard_normal((H, H))
    b_h = rng.standard_normal(H)
    mine = rnn_forward(x, h0, W_xh, W_hh, b_h)

    theirs = torch.nn.RNN(D, H, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(torch.from_numpy(W_xh.T))
        theirs.weight_hh_l0.copy_(torch.from_numpy(W_hh.T))
        theirs.bias_ih_l0.copy_(torch.from_numpy(b_h))
        theirs.bias_hh_l0.zero_()
        h, _ = theirs(torch.from_numpy(x), torch.from_numpy(h0)[None])
    h = h.numpy()
    print(f"largest relative difference: {np.abs(mine - h).max() / np.abs(h).max():.1e}")


if torch is None:
    print("There is no torch here. The comparison passes by; nothing else needs it.")
else:
    try_out(compare_with_torch)

# %% [markdown]
# A difference below $10^{-14}$ is the rounding of float64: the two agree.

# %% [markdown]
# ## Watch it learn
#
# Can such a loop learn to use its memory? Here is a task that looks easy: at every step, tell the
# **mean of all inputs so far**.
#
# $$y^*_t = \frac{x_1 + \dots + x_t}{t}, \qquad x_t \text{ uniform between } -1 \text{ and } 1$$
#
# Written as a loop it is $y^*_t = y^*_{t-1} + \frac 1t (x_t - y^*_{t-1})$: the network must keep
# the mean, and also know how many steps there were, since a new value counts $\frac 1t$.
#
# Learning needs gradients, which you will write in ps03. This lab borrows the package's network,
# the same as yours with a backward pass. (Where `course.rnn` is not to be had, as in grading, the
# lab passes by.) A loss by itself says little, so there are three simple guesses to beat: always
# zero; the newest input; and the best *fixed* blend of old guess and new input, which remembers but
# cannot count.

# %% lab running_mean
from IPython.display import ProgressBar, display

try:
    from course import rnn as package
    from course import tasks
    from course.optim import Adam
    from course.training import train
except ImportError:
    package = None
    print("course.rnn is not to be had here. The lab passes by.")


def count_along(steps):
    """Show a progress bar beside a loop."""
    bar = ProgressBar(len(steps))
    bar.display()
    for step in steps:
        yield step
        if (step + 1) % 100 == 0:
            bar.progress = step + 1


if package is not None:
    rng = np.random.default_rng(0)
    network = package.VanillaRNN(1, 16, 1, rng)
    before = network.parameters
    after, losses = train(
        before,
        package.loss_and_gradients,
        draw_batch=lambda: tasks.running_mean(rng, N=32, T=20),
        update=Adam(1e-2).step,
        steps=3000,
        progress=count_along,
    )

# %% lab running_mean_loss
if package is not None:
    x, target = tasks.running_mean(np.random.default_rng(1), N=1000, T=20)  # never trained on

    def loss_of(guess):
        return package.sequence_loss(guess, target).total

    baselines = {
        "zero": loss_of(tasks.guess_zero(x)),
        "newest input": loss_of(tasks.guess_last(x)),
        "fixed blend": min(loss_of(tasks.guess_blend(x, keep)) for keep in np.arange(0.5, 1, 0.02)),
    }
    display(figures.loss_curve(losses, baselines))

# %% [markdown]
# After a hundred or two hundred steps the network beats all three guesses. What has changed inside?
# Here is the state before and after training, while the network reads the same sequence.

# %% lab running_mean_states
if package is not None:

    def states(parameters, x):
        h0 = np.zeros((len(x), len(parameters["W_hh"])))
        return package.rnn_forward(x, h0, parameters["W_xh"], parameters["W_hh"], parameters["b_h"])

    for when, parameters in (("Before", before), ("After", after)):
        h = states(parameters, x)
        title = f"{when} training, {np.mean(np.abs(h) > 0.95):.0%} of all states are near ±1"
        display(figures.hidden_state_heatmap(h[0], title=title))

# %% [markdown]
# Before, all units jump about with every input. After, several settle near ±1 within a few steps
# and stay there. Others move slowly. Look for one that drifts from one sign to the other: what is a
# network that must know $t$ likely to use it for?
#
# And the answers?

# %% lab running_mean_prediction
if package is not None:
    y = package.rnn_output(states(after, x), after["W_hy"], after["b_y"])
    print(" step    input   target  network")
    for t in (0, 1, 2, 4, 9, 14, 19):
        print(f"{t + 1:5d} {x[0, t, 0]:8.3f} {target[0, t, 0]:8.3f} {y[0, t, 0]:8.3f}")

    print("\nroot-mean-square error over 1000 new sequences")
    long_x, long_target = tasks.running_mean(np.random.default_rng(2), N=1000, T=60)
    long_y = package.rnn_output(states(after, long_x), after["W_hy"], after["b_y"])
    print(" step  network  always zero")
    for t in (0, 9, 19, 29, 39, 59):
        error = np.sqrt(np.mean((long_y - long_target)[:, t] ** 2))
        zero = np.sqrt(np.mean(long_target[:, t] ** 2))
        print(f"{t + 1:5d} {error:8.3f} {zero:12.3f}")

# %% [markdown]
# It has learned the task, up to step 20. Beyond, where it was never trained, it gets worse and
# worse; in the end it would do better to say zero. It did not discover the formula. It found states
# that serve for twenty steps.
#
# Things to try: another seed; 4 units, or 64; your own `rnn_forward` and `rnn_output` on the
# trained weights in `after`, which must give the same `y`.

# %% [markdown]
# ## What a state can hold
#
# You have seen what a state does. What can it be at all, and what can it not be, when the network
# has $H$ units? This one is for a pen and some thought.
#
# **Exercise `state_limits`** · 10 points · 20 min · ●●○
#
# Answer the three parts in the next cell, in a few sentences each, always with a reason. Weights
# and inputs are finite numbers, and the weights stay as they are.

# %% [markdown] written state_limits 10 points
# **(a) Values, 3 points.** Where in the space of $H$ numbers can $h_t$ lie for $t \ge 1$, whatever
# the weights and the inputs are? Why?
#
# **(b) Room, 3 points.** The state is $H$ numbers, after 5 steps as after 5000. Why can it not, in
# general, be a copy of all that was read? Give one sound reason. It should say what grows and what
# does not, and what you assume about numbers: are they exact reals, or the floats of a computer?
#
# **(c) Reach, 4 points.** What determines $h_t$, and of what does it know nothing? And suppose that
# two different sequences lead to the same state: if both go on with the same inputs, what can later
# states and outputs tell of the difference? Why?
#
# <!-- ### BEGIN SOLUTION -->
# **A model answer**
#
# **(a)** Every entry of $h_t = \tanh(a_t)$ is the tanh of a finite number, so it lies strictly
# between −1 and 1. The state stays inside the open cube $(-1, 1)^H$ from the first step on, however
# large the weights and inputs are. ($h_0$ is given and may lie anywhere. On a computer the walls
# can be reached: in float64, tanh of 20 is rounded to exactly 1.)
#
# **(b)** What was read grows with time, $T \cdot D$ numbers after $T$ steps; the state has $H$ at
# any time. Two sound reasons:
#
# - *Exact real numbers.* The state after $T$ steps is a continuous function of the $T \cdot D$
#   inputs. A continuous map from more than $H$ freely chosen numbers to $H$ numbers cannot be
#   one-to-one. So once $T \cdot D > H$, some different histories end in the same state.
# - *Floats.* $H$ floats of 64 bits have at most $2^{64 H}$ values. There are more sequences than
#   that as soon as they are long enough, even with only two possible inputs a step:
#   $2^T > 2^{64 H}$ for $T > 64 H$. Two of them must share a state.
#
# So the state is a summary. (With exact reals and inputs from a finite alphabet neither reason
# applies: infinitely many digits could hold every history. But the states would crowd in the cube,
# and the least noise would blur them.)
#
# **(c)** $h_t$ is a function of $h_{t-1}$, $x_t$ and the weights, which are the same at every step.
# Step by step back, it is determined by $h_0$ and $x_1, \dots, x_t$. It knows nothing of later
# inputs. Nor does it know the number of the step as such, unless it has counted: the same state and
# the same inputs give the same future at any time.
#
# Two histories that end in the same state are one to the network from then on. The next state is
# computed from that state and the next input, both equal, and so on; and outputs read nothing but
# the state. What the state has lost, no later step brings back.
#
# <!-- ### END SOLUTION -->

# %% [markdown]
# Working on your own? Write your answer first, then mark it yourself. Put `attempted=True` into the
# call to see the criteria and some marked answers: `rubric("state_limits", attempted=True)`. Then
# name the criteria that yours meets, for example `rubric("state_limits", met=[1, 3])`, and it adds
# up your points.

# %%
rubric("state_limits")

# %% [markdown]
# ## What you should remember
#
# > - A recurrent network is a loop: $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$,
# >   $\; y_t = h_t W_{hy} + b_y$.
# > - Every step uses the same weights. Their number depends on $D$, $H$ and $M$, not on the length
# >   $T$.
# > - Unrolled, it is a deep network with shared weights. Everything that a later output knows of
# >   the past comes through the state.
# > - Carry the state on within a sequence; reset it between sequences. Test with sizes that are all
# >   different.
# > - Columns or rows, one matrix or two: the same network. Transpose with care.
# > - The loss may sit at every step or at the last one alone.
# > - The state is $H$ numbers between −1 and 1, made from what was read so far: a summary, not a
# >   recording.
#
# **Where to go next.** In ps03 you send gradients back through this loop, the way you came, and
# train the network on nothing but your own code.
