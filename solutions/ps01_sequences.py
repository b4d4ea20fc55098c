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
# # ps01 · Sequences, and why recurrence
#
# A picture of a digit has 784 pixels, today and tomorrow. A sentence has five words, or fifty. How
# do you feed a network that wants a fixed number of inputs? In this worksheet you try the obvious
# ways, one after another, find out by experiment what each of them cannot see, and arrive at the
# idea that this course is about: one layer, used again and again.
#
# **Afterwards you will be able to**
#
# - tell from a task what goes in and what comes out: one thing or a sequence, in step or not;
# - count words, and say which differences the counts cannot see;
# - look at the last $k$ words, and say how far such a window sees and what it fails to carry over;
# - put sequences of unequal length into one array, and keep the filling out of your losses;
# - count what weights of their own cost for every step, and what sharing saves;
# - write a network that is as deep as its input is long, as a loop over one layer.
#
# **You need** NumPy arrays, and what a layer $\tanh(xW + b)$ does. No calculus.
#
# **Time** about 2 hours 40 minutes. **Points** 50: 40 are checked by machine, 10 are for a written
# answer.

# %% [markdown]
# **How to work.** In the cell of an exercise, replace the line that raises `NotImplementedError`,
# or every `None`, by your own work. Run the cell, then the locked cell below it, such as
# `check("bag_of_words", bag_of_words)`: it tells you at once whether your work is right, and if
# not, why. Stuck? Type `hint("bag_of_words")` in a cell of your own, and again for a stronger
# hint. Check as often as you like; everything works offline. The solved worksheet is
# `solutions/ps01/ps01_sequences.ipynb` in the course's folder, for those who work on their own.
#
# Your answers may use NumPy and Python's own library, and must stand in this notebook. Before you
# hand in, restart the kernel and run all cells.
#
# **Symbols.** The batch comes **first**, then time.
#
# | symbol | meaning | shape |
# |:--|:--|:--|
# | $N, T$ | sequences in a batch; steps in a sequence | |
# | $V$ | size of the vocabulary: words are the numbers 0 to $V - 1$ | |
# | $D, H$ | size of a step's input, when it is a vector; size of a state | |
# | $x$ | words | `(N, T)` |
# | | or vectors, one for each step | `(N, T, D)` |
# | $h$ | a state, one row for each sequence | `(N, H)` |
# | $W, b$ | weights and biases of a layer | `(H + D, H)`, `(H,)` |
#
# Steps are counted from 1 in the text, and from 0 in the code: $x_1$ is `x[:, 0]`.

# %% locked imports
import numpy as np

from autograder import check, hint, rubric
from course import results, tasks
from course.figures import sequences as figures

np.set_printoptions(precision=4, suppress=True)


def try_out(function, *arguments):
    """Call a function of yours, or say that it is not written yet."""
    try:
        return function(*arguments)
    except NotImplementedError:
        print("Not written yet. Fill in the gaps above, run that cell, then run this one again.")


# %% [markdown]
# ## What goes in, what comes out
#
# Before you choose a network, look at the task. What does one example consist of, and what is the
# right answer? Two words are enough for most of it:
#
# - **One**: of a fixed size, the same for every example. A number is one thing, and so is a picture
#   of 28 by 28 pixels.
# - **Many**: a sequence, whose length differs from example to example. A sentence, a melody, a
#   video.
#
# If many go in and many come out, ask further: does the third answer belong to the third thing
# read? Then the two sequences are **aligned**. If the answer has a length and an order of its own,
# they are not.

# %%
figures.kinds_of_problems()

# %% [markdown]
# There is a sixth kind. Some tasks come without any right answers to learn from. That is not the
# same as answers that nobody had to write down: sometimes the data hold them already.
#
# | item | the task |
# |:--|:--|
# | `digit` | a photo of one handwritten digit: which digit is it? |
# | `caption` | a photo: write a sentence that describes it |
# | `review` | the text of a film review: did the author like the film? |
# | `word_class` | a sentence: for each word, is it a noun, a verb, something else? |
# | `translation` | a sentence in Finnish: say it in Spanish |
# | `visits` | what people clicked in a web shop: put the visits into groups, which nobody has named |
# | `pixels` | a photo of fixed size: for each pixel, does it belong to a road? |
# | `heartbeat` | a recording of a heart, 10 to 60 seconds: is it healthy? |
# | `video_frames` | a video: for each frame, is somebody in the picture? |
# | `melody` | one number, from sad to cheerful: write a tune that sounds so |
# | `dictation` | a recording of speech: write down what was said |
# | `next_word` | a text: after each word, guess the next one |
#
# **Exercise `problem_types`** · 4 points · 10 min · ●○○
#
# Put one of these names in place of each `None`: `"one-to-one"`, `"one-to-many"`, `"many-to-one"`,
# `"many-to-many aligned"`, `"many-to-many unaligned"`, `"no label"`. Stuck? `hint("problem_types")`

# %% solution problem_types
problem_types = {
    "digit": None,
    "caption": None,
    "review": None,
    "word_class": None,
    "translation": None,
    "visits": None,
    "pixels": None,
    "heartbeat": None,
    "video_frames": None,
    "melody": None,
    "dictation": None,
    "next_word": None,
}
### BEGIN SOLUTION
problem_types = {
    "digit": "one-to-one",
    "caption": "one-to-many",
    "review": "many-to-one",
    "word_class": "many-to-many aligned",
    "translation": "many-to-many unaligned",
    "visits": "no label",
    "pixels": "one-to-one",  # both pictures have a fixed size
    "heartbeat": "many-to-one",
    "video_frames": "many-to-many aligned",
    "melody": "one-to-many",
    "dictation": "many-to-many unaligned",
    "next_word": "many-to-many aligned",  # the text is its own label
}
### END SOLUTION

# %% test problem_types 4 points
check("problem_types", problem_types)

# %% [markdown]
# All but the first kind have a sequence on at least one side. (Some published lists of these kinds
# leave out many-to-one. Two of your twelve tasks would then have no place, and with them every task
# that asks for one verdict on a text or a recording.) How is a network to read a sequence?

# %% [markdown]
# ## A bag of words
#
# The simplest way to make a fixed number of inputs from any sentence: forget the order and count.
# Give each word of the vocabulary a number, from 0 to $V - 1$. Then
#
# $$\text{counts}[n, v] = \text{how often word } v \text{ occurs in sentence } n$$
#
# has $V$ entries for each sentence, however long it is. It is called a *bag of words*: all words
# are in it, none has a place.
#
# Do one by hand. The vocabulary is below. What are the six counts of “the dog bit the man”?

# %% locked words
VOCABULARY = ("bit", "dog", "man", "never", "say", "the")


def encode(*sentences):
    """Sentences of equal length as the numbers of their words, (N, T)."""
    return np.array([[VOCABULARY.index(word) for word in text.split()] for text in sentences])


def decode(numbers):
    """The sentence that these numbers stand for."""
    return " ".join(VOCABULARY[number] for number in numbers)


encode("the dog bit the man", "the man bit the dog")

# %% [markdown]
# **Exercise `bag_of_words`** · 4 points · 10 min · ●○○
#
# Count, for a batch of sentences. Stuck? `hint("bag_of_words")`


# %% solution bag_of_words
def bag_of_words(x, V):
    """How often each word occurs in each sentence.

    x  words, (N, T), whole numbers from 0 to V - 1
    V  size of the vocabulary, a whole number

    Returns the counts, (N, V).
    """
    ### BEGIN SOLUTION
    counts = np.zeros((len(x), V))
    for n, sentence in enumerate(x):
        for word in sentence:
            counts[n, word] += 1
    return counts
    ### END SOLUTION


# %% [markdown]
# For “the dog bit the man” the cell below must show your six counts: `[[1, 1, 1, 0, 0, 2]]`.

# %%
try_out(bag_of_words, encode("the dog bit the man"), len(VOCABULARY))

# %% test bag_of_words 4 points
check("bag_of_words", bag_of_words)

# %% [markdown]
# ## Same words, another order
#
# Who bit whom?

# %%
figures.one_bag(["the dog bit the man", "the man bit the dog"])

# %% [markdown]
# The two sentences differ in meaning and agree in every count. Whatever network reads the bag, it
# gets the same numbers for both, so it gives the same answer for both. No training can change that.
#
# Such pairs are everywhere: from **any** sentence you can make another one with the same bag, unless
# all its words are the same. Show how.
#
# **Exercise `order_blind`** · 3 points · 10 min · ●●○
#
# Write a function that rearranges the words of a sentence so that the order is really another one.
# The sentence has at least two different words, and may hold a word several times. The check looks
# at counts and order, so there are many right answers; but leave chance out: the same sentence must
# give the same answer each time. Mind “never say never”. Stuck? `hint("order_blind")`


# %% solution order_blind
def order_blind(words):
    """The same words, each as often, in another order.

    words  a sentence, (T,), whole numbers; not all are the same

    Returns the rearranged sentence, (T,).
    """
    ### BEGIN SOLUTION
    # In a circle, every word takes its neighbour's place. Only equal words would not notice.
    return np.concatenate([words[-1:], words[:-1]])
    ### END SOLUTION


# %% test order_blind 3 points
check("order_blind", order_blind)

# %% [markdown]
# What does your function make of some sentences? Do the new ones mean something, and something
# else? Try sentences of your own; the vocabulary is in the cell above.


# %%
def rearranged():
    for text in ("the dog bit the man", "never say never", "say the man never bit the dog"):
        other = order_blind(encode(text)[0])
        print(f"{text}   ->   {decode(other)}")


try_out(rearranged)

# %% [markdown]
# Does this matter outside of riddles? Take short verdicts on films and tunes, such as “the film was
# not dull but clever”: is it praise or blame? Each of them names a good thing and a bad one and
# denies one of the two.

# %%
x, target = tasks.negation(np.random.default_rng(0), N=8)
for numbers, is_praise in zip(x, target, strict=True):
    text = " ".join(tasks.NEGATION_WORDS[number] for number in numbers)
    print(f"{'praise' if is_praise else 'blame':7} {text}")

# %% [markdown]
# A classifier has to answer from the features that it is given. The one below is as simple as
# possible: a linear map from the features to one number for each answer, fitted by least squares,
# and the largest number wins.


# %% locked score
def score(features_of, learn, test, answers):
    """Fit a linear map on `learn`, by least squares; its share of right answers on `test`.

    features_of  makes features from words (N, T); their first axis is N
    learn, test  pairs of words (N, T) and right answers (N,)
    answers      how many different answers there are
    """

    def rows(x):
        features = np.reshape(features_of(x), (len(x), -1))
        return np.column_stack([features, np.ones(len(x))])  # the last column is for a bias

    weights, *_ = np.linalg.lstsq(rows(learn[0]), np.eye(answers)[learn[1]], rcond=None)
    return np.mean((rows(test[0]) @ weights).argmax(axis=1) == test[1])


# %% [markdown]
# Two kinds of features compete. One is your bag of words. The other is a bag of **pairs**: a pair
# of neighbours is counted as if it were one word of a vocabulary of $V^2$. So your function can
# count pairs, too.

# %% lab negation
V = len(tasks.NEGATION_WORDS)


def pairs(x):
    """Counts of neighbours: words v and w, next to each other, are word v V + w."""
    return bag_of_words(x[:, :-1] * V + x[:, 1:], V * V)


def compare_bags():
    rng = np.random.default_rng(0)
    learn, test = tasks.negation(rng, N=2000), tasks.negation(rng, N=5000)
    print("2000 phrases to learn from, 5000 more to answer; guessing gives 0.50")
    print(f"bag of words: {score(lambda x: bag_of_words(x, V), learn, test, answers=2):.2f}")
    print(f"bag of pairs: {score(pairs, learn, test, answers=2):.2f}")


try_out(compare_bags)

# %% [markdown]
# The bag of words does no better than a coin: “not dull but clever” and “not clever but dull” are
# one to it, and praise as often as blame. The pairs never fail, since the word after “not” or
# “never” decides.
#
# Pairs know a little of the order. But a vocabulary of 23 makes 529 pairs and 12,167 triples, and
# what depends on two words far apart no pair can show. A network that reads word by word need not be
# told what to count. Below, the LSTM that you will build in ps05 joins the two:

# %%
results.load("negation").where(seed=0)

# %% [markdown]
# ## A window on the last words
#
# Another way to a fixed number of inputs that does keep the order: look at the last $k$ words only,
# each in a **slot** of its own. In its slot a word is written as a *one-hot* vector: $V$ numbers,
# all zero but for a 1 at the place of the word.
#
# $$\text{features}[n, k - j] = \text{one-hot of the } j\text{-th word from the end}, \qquad j = 1, \dots, k$$
#
# So the last word stands in the last slot, `k - 1`, the one before it in slot `k - 2`, and so on.
# If a sentence has fewer than $k$ words, the slots in front stay empty: all zeros, for no word.
#
# A case to do by hand: the sentence `[2, 0]` with $k = 3$ and $V = 4$ becomes
#
# $$\begin{bmatrix} 0 & 0 & 0 & 0 \\ 0 & 0 & 1 & 0 \\ 1 & 0 & 0 & 0 \end{bmatrix} \quad \begin{matrix} \text{no word} \\ \text{word 2} \\ \text{word 0} \end{matrix}$$
#
# Mind the difference between the first row and the last: no word, and word 0.
#
# **Exercise `fixed_window`** · 5 points · 15 min · ●●○
#
# Make the features for a batch of sentences. $k$ may be larger than $T$. Stuck?
# `hint("fixed_window")`


# %% solution fixed_window
def fixed_window(x, k, V):
    """The last k words, one-hot, each in its slot.

    x  words, (N, T), whole numbers from 0 to V - 1
    k  how many words the window shows, a whole number
    V  size of the vocabulary, a whole number

    Returns the features, (N, k, V).
    """
    ### BEGIN SOLUTION
    N, T = x.shape
    features = np.zeros((N, k, V))
    for n in range(N):
        for j in range(1, min(k, T) + 1):
            features[n, k - j, x[n, T - j]] = 1
    return features
    ### END SOLUTION


# %% [markdown]
# The case from above; the cell must show the three rows.

# %%
try_out(fixed_window, np.array([[2, 0]]), 3, 4)

# %% test fixed_window 5 points
check("fixed_window", fixed_window)

# %% [markdown]
# How far does a window see? Here is a game. Somewhere in a sentence stands one of four **keys**,
# `K0` to `K3`; all other words are chatter and say nothing. Read the sentence to its end and name
# the key.

# %%
song = ["so", "la", "K2", "di", "la", "so", "do", "la", "di", "so"]
figures.window_view(
    song, k=5, key=2, title="The key is eight words from the end: this window misses it"
)

# %% [markdown]
# Now the key stands 12 words from the end, in sentences of 20 words. What will windows of 1 to 16
# words reach, and why? Answer before you run the cell.

# %% lab far_key
KEYS, WORDS = 4, 10  # words 0 to 3 are keys, words 4 to 9 are chatter


def game(rng, T, distance):
    """2000 sentences of T words to learn from, and 2000 new ones."""
    return [tasks.key_at_a_distance(rng, 2000, T, distance, KEYS, WORDS - KEYS) for _ in range(2)]


def how_far_a_window_sees():
    learn, test = game(np.random.default_rng(0), T=20, distance=12)
    windows = range(1, 17)
    shares = [
        score(lambda x, k=k: fixed_window(x, k, WORDS), learn, test, answers=KEYS) for k in windows
    ]
    return figures.accuracy(
        windows,
        {"linear map on the window": shares},
        1 / KEYS,
        "window k (words)",
        "Up to 11 words: chance. From 12 on: always right",
    )


try_out(how_far_a_window_sees)

# %% [markdown]
# Up to $k = 11$ the answer is a guess, one in four. Was the linear map too weak? No: the features
# hold chatter alone, which was drawn without regard to the key. So no classifier at all, however
# deep, can do better. Here is what networks with a hidden layer of 32 units reached, trained
# beforehand. (The last column belongs to the next experiment.)

# %%
results.load("window_reach").where(seed=0)

# %% [markdown]
# At $k = 12$ the key comes into view, and all is well.
#
# So take a window large enough for everything? Its weights grow with $k$, one block for each slot.
# And there is something worse. Let the window cover the whole sentence of 8 words. Learn with the
# key always at position 2. Then test with the key at position 5.

# %% lab moved_key


def does_it_move():
    positions = range(1, 9)
    views = {"window of all 8 words": lambda x: fixed_window(x, 8, WORDS)}
    views["bag of words"] = lambda x: bag_of_words(x, WORDS)
    # Of 8 words, position p from the start is 9 - p from the end.
    learn, _ = game(np.random.default_rng(0), T=8, distance=9 - 2)
    tests = [game(np.random.default_rng(1), T=8, distance=9 - p)[1] for p in positions]
    curves = {
        name: [score(view, learn, test, answers=KEYS) for test in tests]
        for name, view in views.items()
    }
    print("learned with the key at position 2, tested with the key at position 5:")
    for name, shares in curves.items():
        print(f"{name:22} {shares[4]:.2f}")
    return figures.accuracy(
        positions,
        curves,
        1 / KEYS,
        "position of the key in the test",
        "What a window learns at position 2 stays there",
    )


try_out(does_it_move)

# %% [markdown]
# The window sees the key at position 5 as well as at position 2. But there the key meets other
# weights, which have learned nothing about keys. Each position has to learn what a key is all over
# again. (Networks with a hidden layer fare no better: see the last column of the table above, from
# $k = 12$ on. What they answer to a moved key depends on the random weights that they began with: with
# three seeds, 0.03 to 0.44 are right.) The bag has one weight for each word wherever it stands, so what
# it learns holds everywhere; but it has lost the order.
#
# We want both: an order that counts, and one set of weights for all positions.

# %% [markdown]
# ## Pads and masks
#
# Before we build something better, a matter of bookkeeping. An array is a rectangle; the sequences
# of a batch are not equally long. So the short ones are filled up at their end with zeros, called
# **pads**, to a common length $T$. A second array, the **mask**, says which steps are real: 1 for a
# real step, 0 for a pad. Why not look for zeros in $x$ itself? Because a real step may be zero: a
# pause in a melody, a pixel that is black, word number 0.
#
# A batch often arrives as one long table: the steps of the first sequence, then those of the
# second, and so on, with a list of the lengths. By hand: six steps with $D = 1$,
#
# $$\text{steps} = 1, 2, 3, 4, 5, 6 \qquad \text{lengths} = 2, 3, 1 \qquad T = 4$$
#
# become
#
# $$x = \begin{bmatrix} 1 & 2 & 0 & 0 \\ 3 & 4 & 5 & 0 \\ 6 & 0 & 0 & 0 \end{bmatrix} \qquad \text{mask} = \begin{bmatrix} 1 & 1 & 0 & 0 \\ 1 & 1 & 1 & 0 \\ 1 & 0 & 0 & 0 \end{bmatrix}$$
#
# **Exercise `pad_and_mask`** · 5 points · 15 min · ●●○
#
# Write it for steps that are vectors. The mask holds numbers, not `True` and `False`, because we
# want to add them up and multiply with them. Stuck? `hint("pad_and_mask")`


# %% solution pad_and_mask
def pad_and_mask(steps, lengths, T):
    """Sequences of unequal length in one array, with zeros after their end.

    steps    the steps of all sequences, one sequence after another, (L, D)
    lengths  the length of each sequence, (N,), whole numbers that add up to L
    T        the length to pad to, a whole number; no sequence is longer

    Returns x (N, T, D) and mask (N, T), which is 1.0 for real steps and 0.0 for pads.
    """
    ### BEGIN SOLUTION
    x = np.zeros((len(lengths), T, steps.shape[1]))
    mask = np.zeros((len(lengths), T))
    start = 0
    for n, length in enumerate(lengths):
        x[n, :length] = steps[start : start + length]
        mask[n, :length] = 1
        start += length  # the next sequence begins where this one ends
    return x, mask
    ### END SOLUTION


# %% [markdown]
# The case from above; the cell must show the two matrices.


# %%
def six_steps():
    steps, lengths = np.array([[1.0], [2], [3], [4], [5], [6]]), np.array([2, 3, 1])
    x, mask = pad_and_mask(steps, lengths, T=4)
    print(np.squeeze(x, axis=2), mask, sep="\n\n")


try_out(six_steps)

# %% test pad_and_mask 5 points
check("pad_and_mask", pad_and_mask)

# %% [markdown]
# Pads are stored and computed with, for nothing. How much is that? In the batch above, 6 of 12
# steps are pads: a **wasted share** of 0.5.
#
# A data set is cut into batches, each padded to **its own** longest sequence. Then the order
# matters. Lengths 1, 4, 2, 3 in batches of two: $(1, 4)$ stores 8 steps and $(2, 3)$ stores 6, for
# 10 real ones. The wasted share is $1 - \frac{10}{14} = 0.29$. Sorted, $(1, 2)$ and $(3, 4)$ store
# $4 + 8 = 12$, and the share falls to $0.17$.
#
# **Exercise `wasted_share`** · 3 points · 10 min · ●●○
#
# Compute the share for lengths in the order in which they are given. The last batch may have fewer
# sequences. Stuck? `hint("wasted_share")`


# %% solution wasted_share
def wasted_share(lengths, size):
    """The share of pads among all steps stored, if each batch is padded to its own longest.

    lengths  the lengths of all sequences, (L,), whole numbers; batches are cut in this order
    size     sequences in a batch, a whole number; the last batch may have fewer

    Returns a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    stored = 0
    for start in range(0, len(lengths), size):
        batch = lengths[start : start + size]
        stored += len(batch) * batch.max()
    return 1 - lengths.sum() / stored
    ### END SOLUTION


# %% test wasted_share 3 points
check("wasted_share", wasted_share)

# %% [markdown]
# What does sorting save in a large data set? Below are 4096 sentences whose lengths are spread as
# those of real text often are: many of ten to twenty words, a few very long ones.


# %%
def what_sorting_saves():
    rng = np.random.default_rng(0)
    lengths = 1 + rng.lognormal(mean=2.7, sigma=0.6, size=4096).astype(int)
    print(f"lengths from {lengths.min()} to {lengths.max()}, {lengths.mean():.1f} on average")
    print(f"one single batch:           {wasted_share(lengths, 4096):.0%} pads")
    print(f"batches of 32, as it comes: {wasted_share(lengths, 32):.0%} pads")
    print(f"batches of 32, sorted:      {wasted_share(np.sort(lengths), 32):3.0%} pads")
    few = lengths[:48]
    return figures.padded_batches(
        {"as they come": few, "sorted by length": np.sort(few)},
        size=8,
        title="Sorting puts sequences of equal length together",
    )


try_out(what_sorting_saves)

# %% [markdown]
# Each block is a batch; blue steps are real, grey ones are pads. (Sorted batches should still be
# *drawn* in random order in training, or the network would see short sentences first and long ones
# last.)

# %% [markdown]
# ## A loss that skips the pads
#
# Suppose a network has given an answer at every step and each has its loss, `loss` of shape
# `(N, T)`. The pads have one as well, and it means nothing. The loss of the batch is the mean over
# the real steps alone:
#
# $$L = \frac{\sum_{n, t} \text{mask}[n, t] \; \text{loss}[n, t]}{\sum_{n, t} \text{mask}[n, t]}$$
#
# There is a simple test for whether pads are handled properly: **appending pads must change
# nothing**. A plain mean fails it. A mean of each sequence's mean passes it, but is another
# quantity: it gives a word in a short sentence more weight than one in a long sentence.
#
# A case to do by hand, with $N = T = 2$: the losses $\begin{bmatrix} 1 & 3 \\ 5 & 9 \end{bmatrix}$
# with the mask $\begin{bmatrix} 1 & 1 \\ 1 & 0 \end{bmatrix}$ have the mean 3. The plain mean is
# 4.5, the mean of means 3.5.
#
# **Exercise `masked_mean_loss`** · 4 points · 8 min · ●○○
#
# Compute $L$. Stuck? `hint("masked_mean_loss")`


# %% solution masked_mean_loss
def masked_mean_loss(loss, mask):
    """The mean loss of a real step.

    loss  a loss for every step, (N, T); what stands at a pad means nothing
    mask  1.0 for real steps and 0.0 for pads, (N, T)

    Returns a number.
    """
    ### BEGIN SOLUTION
    return (loss * mask).sum() / mask.sum()
    ### END SOLUTION


# %%
try_out(masked_mean_loss, np.array([[1.0, 3.0], [5.0, 9.0]]), np.array([[1.0, 1.0], [1.0, 0.0]]))

# %% test masked_mean_loss 4 points
check("masked_mean_loss", masked_mean_loss)

# %% [markdown]
# One trap for later: if the loss at a pad can be infinite or not a number, as the logarithm of zero
# is, then `loss * mask` is not a number there, as $0 \cdot \infty$ has no value. Then pick the real
# losses with `loss[mask == 1]`.

# %% [markdown]
# ## One layer for each word
#
# Now for a network that reads words in order. Let it have one **layer for each word**. Each layer
# gets two things: a word of its own, and what the layer before has made of the earlier words. The
# answer is read off the last layer.
#
# With five layers it reads five words. And a sentence of three? The answer comes out of layer 5, so
# the last word must go in there. A short sentence therefore enters **late**: it uses the last
# layers and **skips** the first ones, which do not run at all. The state that they would have
# handed over is missing; a vector of zeros stands in for it.

# %%
figures.one_input_per_layer(T=5, words=3)

# %% [markdown]
# **By pencil.** Let every size be 1, and leave the tanh out, so that layer $t$ computes
# $h_t = w_t\, h_{t-1} + u_t\, x + b_t$ for the word $x$ that it reads. The five layers are
#
# | layer $t$ | 1 | 2 | 3 | 4 | 5 |
# |:--|:-:|:-:|:-:|:-:|:-:|
# | $w_t$ | 1 | 2 | 3 | 2 | 2 |
# | $u_t$ | 1 | 2 | 1 | 3 | 2 |
# | $b_t$ | 3 | 0 | 2 | 1 | −1 |
#
# and the sentence has two words, $x_1 = 2$ and $x_2 = 5$. Besides, this network was trained on 1000 sentences:
#
# | words | 1 | 2 | 3 | 4 | 5 |
# |:--|:-:|:-:|:-:|:-:|:-:|
# | sentences | 400 | 300 | 200 | 90 | 10 |
#
# **Exercise `skipped_layers`** · 3 points · 10 min · ●○○
#
# Fill in: the number of the layer that reads $x_1$; what stands in for the state before it; the
# state after $x_1$; the state after $x_2$; and how many of the 1000 sentences train layer 1 and
# layer 4, that is, go through them. Stuck? `hint("skipped_layers")`

# %% solution skipped_layers
skipped_layers = {
    "first_layer": None,
    "before": None,
    "after_x_1": None,
    "after_x_2": None,
    "trains_layer_1": None,
    "trains_layer_4": None,
}
### BEGIN SOLUTION
skipped_layers = {
    "first_layer": 4,  # layers 1, 2 and 3 are skipped
    "before": 0,
    "after_x_1": 7,  # 2 * 0 + 3 * 2 + 1
    "after_x_2": 23,  # 2 * 7 + 2 * 5 - 1
    "trains_layer_1": 10,  # only those of five words
    "trains_layer_4": 600,  # all that have two words or more: 300 + 200 + 90 + 10
}
### END SOLUTION

# %% test skipped_layers 3 points
check("skipped_layers", skipped_layers)

# %% [markdown]
# And at a more realistic size? Here are the layers of a network for 40 words, and the sentences that
# were sorted above. One in twenty has more than 40 words: this network cannot read it, and the picture
# leaves it out.

# %%
lengths = 1 + np.random.default_rng(0).lognormal(mean=2.7, sigma=0.6, size=4096).astype(int)
figures.layers_trained(lengths, T=40)

# %% [markdown]
# The first layers are there for the longest sentences and hardly ever get to see one: layer 1 reads
# five in a thousand. (One could let every sentence enter at layer 1 and leave early. Then it is the
# late layers that are rarely trained.) And each layer has weights of its own. How many are there?
#
# Let a layer put the state before, $H$ numbers, and its word, now a vector of $D$ numbers such as a
# one-hot one, side by side, and make of them a new state of $H$ numbers. That takes a matrix of
# $H + D$ rows and $H$ columns, and $H$ biases. All layers are alike, the first one too, since zeros
# stand in for its state.
#
# **Exercise `count_parameters`** · 3 points · 8 min · ●○○
#
# Count the numbers to be learned, weights and biases, in two networks for sequences of up to $T$
# steps: one whose layers each have their own, and one whose layers all share the same. To test by
# eye: with $T = 5$, $D = 3$, $H = 2$ they are 60 and 12. Stuck? `hint("count_parameters")`


# %% solution count_parameters
def count_parameters(T, D, H):
    """How many numbers are learned, with a layer for each of T steps.

    T, D, H  number of steps, size of a step's input, size of the state: whole numbers

    Returns two whole numbers: per_step, if every layer has its own; shared, if all share one.
    """
    ### BEGIN SOLUTION
    layer = (H + D) * H + H
    return T * layer, layer
    ### END SOLUTION


# %% test count_parameters 3 points
check("count_parameters", count_parameters)


# %%
def growth():
    counts = [count_parameters(T, D=50, H=100) for T in range(1, 51)]
    return figures.parameter_growth([c[0] for c in counts], [c[1] for c in counts])


try_out(growth)

# %% [markdown]
# With $D = 50$ and $H = 100$, fifty words need 755,000 numbers if each layer has its own, and
# 15,100 if all share. In the window you met the same fault: what one position learns, another does
# not know. Sharing cures both. Every word of every sentence trains the one layer that there is.

# %% [markdown]
# ## One layer, over and over
#
# If all layers are the same, there is no reason to stop at five. A sentence of two words goes
# through the layer twice, one of two hundred words two hundred times. The depth of the network is
# no longer a property of the network: it comes with the sentence.
#
# $$h_t = \text{layer}(h_{t-1}, x_t), \qquad t = 1, 2, 3, \dots$$
#
# Such a network is called **recurrent**, and writing the layers out one after another is called
# **unrolling** it. The layer is given:

# %% locked layer from course.sequences: layer
from course.shapes import Array

# %% [markdown]
# In a batch every sequence has its own depth. They are padded to one length, and the mask says
# where each one ends. A sequence that has ended keeps its state and waits for the others:
#
# $$h_t = \begin{cases} \text{layer}(h_{t-1}, x_t) & \text{if step } t \text{ is real} \\ h_{t-1} & \text{if it is a pad} \end{cases}$$
#
# It is not enough that pads are zeros. The layer would still make something new of the old state
# and the bias, and the answer would depend on how many pads there are.
#
# **Exercise `unroll`** · 6 points · 20 min · ●●●
#
# Let the layer run over a padded batch, and return the state that each sequence has after its last
# real step. The state before the first step, `h0`, is given and need not be zero. Stuck?
# `hint("unroll")`


# %% solution unroll
def unroll(x, mask, h0, W, b):
    """One layer, used at every real step of each sequence.

    x     padded inputs, (N, T, D)
    mask  1.0 for real steps and 0.0 for pads, (N, T)
    h0    the state before the first step, (N, H)
    W     weights of the layer, (H + D, H)
    b     its bias, (H,)

    Returns the state after the last real step of each sequence, (N, H).
    """
    ### BEGIN SOLUTION
    h = h0
    for t in range(x.shape[1]):
        is_real = mask[:, t, None] == 1  # (N, 1)
        h = np.where(is_real, layer(h, x[:, t], W, b), h)
    return h
    ### END SOLUTION


# %% test unroll 6 points
check("unroll", unroll)

# %% [markdown]
# Does it keep its promise? Three sequences are padded to 5 steps, and the same three to 50. The
# states must agree: the cell must show `True`.


# %%
def pads_change_nothing():
    rng = np.random.default_rng(0)
    N, D, H = 3, 2, 4
    steps, lengths = rng.standard_normal((9, D)), np.array([3, 5, 1])
    h0, W, b = np.zeros((N, H)), rng.standard_normal((H + D, H)), rng.standard_normal(H)
    short, long = (unroll(*pad_and_mask(steps, lengths, T), h0, W, b) for T in (5, 50))
    return np.array_equal(short, long)


try_out(pads_change_nothing)

# %% [markdown]
# Two of its sequences, in a picture. The same layer stands in every box; where a sequence has
# ended, its state waits.

# %%
figures.one_layer_for_all([5, 3])

# %% [markdown]
# ## What we were looking for
#
# Four wishes came up on the way. Compare:
#
# | | any length | what came long ago | order | one set of weights for all steps |
# |:--|:-:|:-:|:-:|:-:|
# | bag of words | yes | yes | **no** | yes |
# | window of $k$ words | yes | **up to $k$** | yes | **no** |
# | one layer for each word | **up to $T$** | yes, by many layers | yes | **no** |
# | one layer in a loop | yes | yes, by many layers | yes | yes |
#
# The loop grants them all, at least on paper. Whether it can be *trained* to use what came long ago
# is another question: between the first word and the answer lie as many layers as there are words.
# ps04 shows how badly that can go, and ps05 and ps06 what helps.

# %% [markdown]
# ## Evidence from earlier frames
#
# A hand hides a coin under one of two equal cups, then shuffles the cups around. A network watches
# the video and shall say at every frame where the coin is: left or right.
#
# **Exercise `earlier_frames`** · 10 points · 20 min · ●●○
#
# Answer the four parts in the next cell, in a few sentences each, always with a reason.

# %% [markdown] written earlier_frames 10 points
# **(a) Frame by frame, 3 points.** An ordinary feed-forward network gets one frame at a time and
# answers for it. Why can it not carry the evidence of an earlier frame forward, however large it is
# and however well it is trained?
#
# **(b) A window, 3 points.** Now it gets the last $k$ frames at a time. What does that solve, and
# what not? What does a larger $k$ cost?
#
# **(c) What is missing, 2 points.** What would you add so that every earlier frame can have a say,
# for videos of any length and with a fixed number of weights?
#
# **(d) In words, 2 points.** Write down two sentences of your own that have the same words, each as
# often, and mean different things. Which of bag of words and window can tell yours apart?
#
# <!-- ### BEGIN SOLUTION -->
# **A model answer**
#
# **(a)** The network computes $y_t = f(x_t)$: its answer is a function of the present frame. After
# the coin is hidden, a game with the coin on the left and one with the coin on the right can show
# the very same frame. Then $f$ gives the same answer in both, and one is wrong. That holds for
# every $f$, so neither size nor training helps: what decides is not among its inputs.
#
# **(b)** With $y_t = f(x_{t-k+1}, \dots, x_t)$ it can use what is at most $k - 1$ frames back, and
# the order of those frames. If the cups are shuffled for longer than that, two games can agree in
# all $k$ frames, and the argument of (a) is back. A larger $k$ costs weights in proportion, one
# block of the first layer for each frame of the window. And each block learns by itself: how a
# swap looks in the fifth frame of the window says nothing about the sixth.
#
# **(c)** Something that is handed on: a state $h_t = f(h_{t-1}, x_t)$, from which the answer is
# read. It is made from the state before and the new frame, so there is a path from every earlier
# frame to the answer. The same $f$ serves every step, so the number of weights does not depend on
# the length, and the length is free.
#
# **(d)** “Only I like tea” and “I only like tea”. Each word occurs once in either, so the bags are
# the same. A window of the last four words tells them apart, one of the last two does not, since
# both end with “like tea”.
#
# <!-- ### END SOLUTION -->

# %% [markdown]
# Working on your own? Write your answer first, then mark it yourself:
# `rubric("earlier_frames", attempted=True)` shows the criteria and some marked answers. Name the
# criteria that yours meets, for example `rubric("earlier_frames", met=[1, 3])`, and it adds up your
# points.

# %%
rubric("earlier_frames")

# %% [markdown]
# ## What you should remember
#
# > - Ask of a task: what goes in, what comes out, one or many, in step or not; and whether there is
# >   a right answer to learn from.
# > - A bag of words takes any length and is blind for order: sentences with equal counts are one to
# >   it.
# > - A window of $k$ words keeps the order and sees nothing before it. What it learns at one
# >   position, it does not know at another.
# > - Pads fill a batch up to a rectangle, and the mask knows them. Appending pads must change
# >   nothing. Sorting by length saves most of them.
# > - A layer of its own for each step: weights grow with the length, and those that only long
# >   sequences use are rarely trained.
# > - Share the layer, $h_t = \text{layer}(h_{t-1}, x_t)$, and you have a recurrent network: as deep
# >   as its input is long.
#
# **Where to go next.** In ps02 you build the recurrent network that is used in practice, with an
# output at every step, and watch it learn to use its memory.
