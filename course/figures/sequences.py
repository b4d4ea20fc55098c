"""Pictures of sequences: kinds of problems, windows, pads, and one layer for each word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from course.figures import BLUE, CYCLE, GREY, INK, ORANGE, Figure, canvas, finish, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INPUT, _STATE, _OUTPUT = "#EAEAEA", "#FFF1DC", "#DCEBF5"
_FADED = "#F7F7F7"
_IN_WORDS = ("no", "one", "two", "three", "four", "five", "six")

#: The kinds of problems: what goes in and what comes out, as the columns that have a box.
_KINDS: dict[str, tuple[int, tuple[int, ...], tuple[int, ...], str]] = {
    "one-to-one": (1, (0,), (0,), "a face: how old?"),
    "one-to-many": (3, (0,), (0, 1, 2), "a topic: a poem about it"),
    "many-to-one": (3, (0, 1, 2), (2,), "a song: in which language?"),
    "many-to-many aligned": (3, (0, 1, 2), (0, 1, 2), "days: did it rain, each day?"),
    "many-to-many unaligned": (5, (0, 1, 2), (3, 4), "a question: its answer"),
    "no label": (3, (0, 1, 2), (), "songs: which are alike?"),
}


def kinds_of_problems() -> Figure:
    """Six small diagrams: inputs below, states in the middle, outputs on top."""
    title = "What goes in, and what comes out"
    with style():
        figure = canvas(9.2, 5.2)
        figure.suptitle(title, weight="bold", size=14)
        for place, (kind, (steps, inputs, outputs, example)) in enumerate(_KINDS.items(), 1):
            axes = _drawing(figure.add_subplot(2, 3, place), (-2.6, 2.6), (-1.75, 1.4))
            left = -(steps - 1) / 2
            for step in range(steps):
                x = left + step
                _box(axes, x, 0, face=_STATE)
                if step:
                    _arrow(axes, (x - 0.68, 0), (x - 0.32, 0))
                if step in inputs:
                    _box(axes, x, -1, face=_INPUT)
                    _arrow(axes, (x, -0.72), (x, -0.28))
                if step in outputs:
                    _box(axes, x, 1, face=_OUTPUT)
                    _arrow(axes, (x, 0.28), (x, 0.72))
            if not outputs:
                axes.text(0, 1, "nothing to compare with", ha="center", va="center", color=GREY)
            axes.set_title(kind, size=12)
            axes.text(0, -1.62, example, ha="center", va="center", color=GREY, size=11)
        return finish(
            figure,
            f"{title}. Six diagrams of boxes: inputs below, states in a row in the middle, outputs "
            "on top. One-to-one: one input, one output. One-to-many: one input at the first "
            "step, an output at each. Many-to-one: an input at each step, one output at the last. "
            "Many-to-many aligned: an input and an output at each step. Many-to-many unaligned: "
            "first all inputs, then the outputs, and another number of them. No label: inputs "
            "only, and no outputs to compare with.",
        )


def one_bag(sentences: Sequence[str]) -> Figure:
    """Two sentences, word by word, and the one bag of counts that both have.

    Raises:
        ValueError: they are not two, or their counts differ.
    """
    words = [sentence.split() for sentence in sentences]
    if len(words) != 2 or sorted(words[0]) != sorted(words[1]):
        raise ValueError("one_bag draws two sentences that have the same words, each as often.")
    vocabulary = sorted(set(words[0]))
    counts = [words[0].count(word) for word in vocabulary]
    title = "Two sentences, one bag"
    with style():
        figure = canvas(9.2, 2.9)
        figure.suptitle(title, weight="bold", size=14)
        left, right = figure.subplots(1, 2, width_ratios=(2.2, 1))
        axes = _drawing(left, (-0.7, len(words[0]) * 1.5 - 0.8), (-0.6, 1.8))
        for y, sentence in ((1.2, words[0]), (0, words[1])):
            for t, word in enumerate(sentence):
                same = words[0][t] == words[1][t]
                _word(axes, 1.5 * t, y, word, face=_INPUT if same else _STATE)
        right.barh(range(len(vocabulary)), counts, color=BLUE, height=0.6)
        right.set_yticks(range(len(vocabulary)), vocabulary)
        right.set_xticks(range(max(counts) + 1))
        right.invert_yaxis()
        right.set_xlabel("count, for both sentences")
        listed = ", ".join(f"{word} {n}" for word, n in zip(vocabulary, counts, strict=True))
        return finish(
            figure,
            f"{title}. Left, word by word: “{sentences[0]}” and “{sentences[1]}”. Right, how often "
            f"each word occurs, in the one as in the other: {listed}.",
        )


def window_view(words: Sequence[str], k: int, key: int, title: str) -> Figure:
    """A sentence in boxes: the last k lie in the window; the key is marked.

    Args:
        words: the sentence.
        k: how many words the window shows.
        key: the place of the key, counted from 0.
        title: the message.
    """
    T = len(words)
    seen = "inside" if key >= T - k else "outside"
    with style():
        figure = canvas(9.2, 1.9)
        axes = _drawing(figure.add_subplot(), (-0.8, T - 0.2), (-0.85, 0.75))
        axes.set_aspect("auto")
        axes.set_title(title)
        for t, word in enumerate(words):
            face = "#F6C9A8" if t == key else (_OUTPUT if t >= T - k else _INPUT)
            _box(axes, t, 0, face=face, width=0.84, height=0.62)
            axes.text(t, 0, word, ha="center", va="center", size=11)
        left, right = T - k - 0.46, T - 0.54
        axes.plot([left, left, right, right], [-0.42, -0.55, -0.55, -0.42], color=BLUE, linewidth=2)
        axes.text((left + right) / 2, -0.76, f"window of {k}", color=BLUE, ha="center", va="center")
        axes.text(key, 0.52, "key", color=ORANGE, ha="center", va="center", weight="bold")
        return finish(
            figure,
            f"{title}. A row of {T} words: {' '.join(words)}. A bracket marks the last {k} as the "
            f"window. The key, “{words[key]}”, is word {T - key} from the end, {seen} the window.",
        )


def accuracy(
    at: Sequence[int],
    curves: Mapping[str, ArrayLike],
    chance: float,
    xlabel: str,
    title: str,
) -> Figure:
    """Share of right answers against something counted, a curve by each name, and chance.

    Args:
        at: what the curves are drawn over, whole numbers.
        curves: for each name the shares, as many as `at` has.
        chance: the share that guessing reaches.
        xlabel, title: what is counted, and the message.
    """
    with style():
        figure = canvas(6.6, 3.8)
        axes = figure.add_subplot()
        axes.axhline(chance, color=GREY, linestyle="--", linewidth=1.5, label="chance")
        for k, (name, shares) in enumerate(curves.items()):
            look: dict[str, Any] = {"color": CYCLE[k % len(CYCLE)], "marker": "os^D"[k % 4]}
            axes.plot(at, np.asarray(shares), label=name, linewidth=2, **look)
        axes.set_xticks(at)
        axes.set(xlabel=xlabel, ylabel="share of right answers", ylim=(0, 1.05), title=title)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        told = "; ".join(
            f"{name}: " + ", ".join(f"{a}: {y:.2f}" for a, y in zip(at, shares, strict=True))
            for name, shares in ((n, np.asarray(s, dtype=float)) for n, s in curves.items())
        )
        return finish(
            figure,
            f"{title}. Share of right answers against {xlabel}. {told}. Chance is {chance:.2f}.",
        )


def padded_batches(lengths: Mapping[str, ArrayLike], size: int, title: str) -> Figure:
    """Batches of sequences, each padded to its own longest: blue where a step is real, grey for pads.

    Args:
        lengths: for each name the lengths of all sequences, in the order in which they are batched.
        size: sequences in a batch.
        title: the message.
    """
    from matplotlib.colors import ListedColormap

    arrays = {name: np.asarray(values) for name, values in lengths.items()}
    longest = max(int(values.max()) for values in arrays.values())
    with style():
        figure = canvas(9.2 if len(arrays) > 1 else 6.6, 3.8)
        figure.suptitle(title, weight="bold", size=14)
        told = []
        for place, (name, values) in enumerate(arrays.items(), 1):
            batches = [values[start : start + size] for start in range(0, len(values), size)]
            own = np.concatenate([np.full(len(batch), batch.max()) for batch in batches])
            steps = np.arange(longest)
            # Real steps count twice, as they lie within their own length and within their batch's.
            image = 1 * (steps < own[:, None]) + (steps < values[:, None])
            axes = figure.add_subplot(1, len(arrays), place)
            axes.imshow(
                image,
                cmap=ListedColormap(["white", "#CFCFCF", BLUE]),
                vmin=0,
                vmax=2,
                aspect="auto",
                interpolation="nearest",
                extent=(0.5, longest + 0.5, len(values) + 0.5, 0.5),
            )
            for end in range(size, len(values), size):
                axes.axhline(end + 0.5, color="white", linewidth=3)
            share = 1 - values.sum() / own.sum()
            axes.set_title(f"{name}: {share:.0%} pads", size=12, weight="normal")
            axes.set(xlabel="step t", ylabel="sequence" if place == 1 else None)
            told.append(f"{name}, {share:.0%} of the steps stored are pads")
        return finish(
            figure,
            f"{title}. A row for each of {len(values)} sequences, in batches of {size}; blue where a "
            "step is real, grey where a pad fills up to the batch's longest. "
            f"{'; '.join(told)}.",
        )


def one_input_per_layer(T: int = 5, words: int = 2) -> Figure:
    """A network with one input for each of T layers, of which a short sentence uses the last.

    Args:
        T: number of layers, 2 to 6.
        words: how many words are read, 1 to T.

    Raises:
        ValueError: either is not in its range.
    """
    if not (2 <= T <= 6 and 1 <= words <= T):
        raise ValueError(
            f"one_input_per_layer got T = {T} and {words} words; it draws 2 to 6 layers and 1 to T "
            "words."
        )
    skipped = T - words
    said = f"{_IN_WORDS[words]} word{'s' * (words > 1)}"
    title = f"A network with {_IN_WORDS[T]} layers, reading {said}"
    with style():
        figure = canvas(9.2, 2.7)
        axes = _drawing(figure.add_subplot(), (-0.7, 1.8 * T + 0.4), (-1.6, 0.5))
        axes.set_title(title)
        for t in range(1, T + 1):
            x = 1.8 * (t - 1) + 0.6
            used = t > skipped
            ink = INK if used else "#B0B0B0"
            colour = BLUE if used else "#C8C8C8"
            _box(axes, x, 0, face=_STATE if used else _FADED, edge=ink, width=1.1, height=0.62)
            axes.text(x, 0, f"layer {t}", ha="center", va="center", color=ink)
            if used:
                _word(axes, x, -1.2, f"$x_{t - skipped}$", face=_INPUT, width=0.9)
                _arrow(axes, (x, -0.88), (x, -0.34), colour)
            first_used = t == skipped + 1
            start = x - (0.95 if first_used else 1.24)
            _arrow(axes, (start, 0), (x - 0.57, 0), ORANGE if used else colour)
            if first_used:
                axes.text(x - 0.98, 0.02, "0", color=ORANGE, ha="right", va="center", size=14)
        x = 1.8 * (T - 1) + 0.6
        _arrow(axes, (x + 0.56, 0), (x + 0.95, 0), ORANGE)
        axes.text(x + 1.0, 0, "answer", ha="left", va="center")
        if skipped:
            middle = 1.8 * (skipped - 1) / 2 + 0.6
            axes.text(middle, -1.2, "skipped", color=GREY, ha="center", va="center")
        last = f"layers {skipped + 1} to {T}" if words > 1 else f"layer {T}"
        return finish(
            figure,
            f"{title}. Boxes in a row, layer 1 to layer {T}, each with an input of its own from below "
            f"and one from the layer before. The words enter {last}; "
            + (f"the first {skipped} layers are grey: skipped. " if skipped else "")
            + f"Zero stands in for the state before layer {skipped + 1}. The answer is read off the "
            "last layer.",
        )


def one_layer_for_all(lengths: Sequence[int]) -> Figure:
    """A batch of sequences through one layer: each as deep as it is long, then its state waits.

    Args:
        lengths: the length of each sequence, 1 to 6; the first one is the longest.

    Raises:
        ValueError: a length is not in that range, or the first is not the longest.
    """
    T = lengths[0]
    if max(lengths) != T or not all(1 <= length <= 6 for length in lengths):
        raise ValueError("one_layer_for_all draws lengths from 1 to 6, the longest first.")
    depths = " and ".join(_IN_WORDS[length] for length in lengths)
    title = f"One layer, used {depths} times"
    with style():
        figure = canvas(9.2, 0.8 + 1.65 * len(lengths))
        right = 1.8 * T + 1.6
        axes = _drawing(figure.add_subplot(), (-0.7, right), (-2.1 * len(lengths) + 0.55, 0.5))
        axes.set_title(title)
        for row, length in enumerate(lengths):
            y = -2.1 * row
            axes.text(-0.2, y, "$h_0$", ha="center", va="center", size=14)
            for t in range(1, T + 1):
                x = 1.8 * t - 0.6
                if t <= length:
                    _box(axes, x, y, face=_STATE, width=1.1, height=0.62)
                    axes.text(x, y, "layer", ha="center", va="center")
                    _word(axes, x, y - 1.1, f"$x_{t}$", face=_INPUT, width=0.9)
                    _arrow(axes, (x, y - 0.78), (x, y - 0.34), BLUE)
                    _arrow(axes, (x - (1.1 if t == 1 else 1.24), y), (x - 0.57, y), ORANGE)
                else:
                    _box(axes, x, y - 1.1, face=_FADED, edge="#B0B0B0", width=0.9, height=0.62)
                    axes.text(x, y - 1.1, "pad", ha="center", va="center", color=GREY)
                    axes.plot(
                        [x - 1.24, x + 0.56], [y, y], color=ORANGE, linestyle=":", linewidth=2
                    )
            _arrow(axes, (right - 2.2 + 0.56, y), (right - 1.25, y), ORANGE)
            axes.text(right - 1.1, y, f"$h_{length}$", ha="left", va="center", size=14)
        rows = "; ".join(
            f"{length} words, so the layer {length} times, then {T - length} pads"
            for length in lengths
        )
        return finish(
            figure,
            f"{title}. A row for each sequence of a batch, from the state h_0 through the same layer "
            f"again and again, with a word from below each time: {rows}. Over the pads a dotted line "
            "carries the state on unchanged.",
        )


def layers_trained(lengths: ArrayLike, T: int) -> Figure:
    """What share of sentences trains each of T layers, if n words go through the last n layers.

    Args:
        lengths: the lengths of all sentences.
        T: number of layers; sentences that are longer are left out.
    """
    lengths = np.asarray(lengths)
    fits = lengths[lengths <= T]
    layers = np.arange(1, T + 1)
    shares = np.array([np.mean(fits > T - layer) for layer in layers])
    half = int(np.sum(shares < 0.5))
    title = f"Layers 1 to {half} of {T} see less than half of the sentences"
    with style():
        figure = canvas(6.6, 3.4)
        axes = figure.add_subplot()
        axes.bar(layers, shares, color=BLUE, width=0.8)
        axes.set(xlabel="layer", ylabel="share of sentences", title=title, ylim=(0, 1.02))
        axes.set_xticks([1, *range(5, T + 1, 5)])
        quarter = [int(layer) for layer in np.linspace(1, T, 4)]
        listed = ", ".join(f"layer {layer}: {shares[layer - 1]:.1%}" for layer in quarter)
        return finish(
            figure,
            f"{title}. Bars, one for each layer, that rise from left to right: the share of "
            f"sentences that go through it. {listed}.",
        )


def parameter_growth(per_step: Sequence[int], shared: Sequence[int]) -> Figure:
    """Parameters against the longest sequence T = 1, 2, ..., for layers of their own and shared ones.

    Args:
        per_step, shared: the counts for each T, from 1 on.
    """
    T = len(per_step)
    title = f"At T = {T}, sharing saves {1 - shared[-1] / per_step[-1]:.0%} of the weights"
    with style():
        figure = canvas(6.6, 3.8)
        axes = figure.add_subplot()
        at = range(1, T + 1)
        axes.plot(at, per_step, color=ORANGE, linewidth=2, label="a layer of its own for each step")
        axes.plot(at, shared, color=BLUE, linewidth=2, linestyle="--", label="one shared layer")
        axes.set(xlabel="longest sequence T (steps)", ylabel="parameters", title=title)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        return finish(
            figure,
            f"{title}. With a layer of its own for each step the number of parameters grows in a "
            f"straight line, from {per_step[0]} to {per_step[-1]}; with one shared layer it stays "
            f"at {shared[-1]}.",
        )


# What they are drawn with


def _drawing(axes: Axes, x: tuple[float, float], y: tuple[float, float]) -> Axes:
    axes.set(xlim=x, ylim=y, aspect="equal")
    axes.set_axis_off()
    return axes


def _box(
    axes: Axes,
    x: float,
    y: float,
    face: str,
    edge: str = INK,
    width: float = 0.56,
    height: float = 0.5,
) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (x - width / 2, y - height / 2)
    shape = "round,pad=0,rounding_size=0.08"
    look: dict[str, Any] = {"facecolor": face, "edgecolor": edge, "linewidth": 1.2}
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=shape, **look))


def _word(axes: Axes, x: float, y: float, word: str, face: str, width: float = 1.3) -> None:
    _box(axes, x, y, face, width=width, height=0.62)
    axes.text(x, y, word, ha="center", va="center_baseline", size=13)


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = GREY
) -> None:
    from matplotlib.patches import FancyArrowPatch

    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 11, "linewidth": 1.6}
    axes.add_patch(FancyArrowPatch(start, end, color=colour, shrinkA=0, shrinkB=0, **look))
