"""ps03 `truncated_bptt`: read on, but look back only so far.

Window by window: the state is carried on, the gradient stops at the window's start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.contract import Arrays, Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import MODERATE, draw_arrays, draw_sizes
from course import rnn

Array: TypeAlias = np.ndarray
Results: TypeAlias = tuple[Array, ...]

SECTION = "Cut the way back"

FLOATS = {"dh": "N T H", "x": "N T D", "h0": "N H", "W_xh": "D H", "W_hh": "H H", "b_h": "H"}


def windows(rng: np.random.Generator) -> list[Case]:
    """Two windows and a rest, windows that fit, windows of one step, one that is longer than all."""
    T = int(rng.integers(7, 9))
    drawn = [
        Case(_sequence(rng, T, 3), "two windows and a rest"),
        Case(_sequence(rng, 6, 2), "three windows that fit"),
        Case(_sequence(rng, int(rng.integers(3, 6)), 1), "windows of one step"),
        Case(_sequence(rng, 5, int(rng.integers(6, 9))), "a window longer than the sequence"),
    ]
    one = _inputs(rng, {"N": 1, "T": 1} | draw_sizes(rng, "DH", largest=3), 2)
    return [*drawn, Case(one, "one example of one step")]


def _sequence(rng: np.random.Generator, T: int, window: int) -> Arrays:
    others = [size for size in range(2, 9) if size != T]
    sizes = dict(zip("NDH", (int(s) for s in rng.permutation(others)), strict=False))
    return _inputs(rng, sizes | {"T": T}, window)


def _inputs(rng: np.random.Generator, sizes: dict[str, int], window: int) -> Arrays:
    inputs = draw_arrays(rng, FLOATS, sizes, MODERATE)
    inputs["W_hh"] *= 2 / np.sqrt(sizes["H"])  # so that what is cut off is not small
    return inputs | {"window": np.array(window)}


def _windowed(
    starts: Callable[[int, int], range] = lambda T, window: range(0, T, window),
    enters: Callable[[Array, Array], Array] = lambda carried, h0: carried,
    gathers: Callable[[Array, Array], Array] = lambda so_far, new: so_far + new,
    backs_up: Callable[[Array, Array], Array] = lambda entered, h0: entered,
) -> Callable[..., Results]:
    """Window by window, and what can go wrong between two of them.

    `enters` is the state that a window starts from, `backs_up` the one that its backward pass is told.
    """

    def bptt(
        dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
    ) -> Results:
        states = []
        sums = [np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)]
        carried = h0
        for start in starts(x.shape[1], window):
            part = slice(start, start + window)
            entered = enters(carried, h0)
            h = rnn.rnn_forward(x[:, part], entered, W_xh, W_hh, b_h)
            told = backs_up(entered, h0)
            back = rnn.rnn_backward(dh[:, part], x[:, part], told, h, W_xh, W_hh)
            sums = [gathers(a, b) for a, b in zip(sums, back[2:], strict=True)]
            states.append(h)
            carried = h[:, -1]
        return np.concatenate(states, axis=1), *sums

    return bptt


_right = _windowed()


def _nothing_cut(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> Results:
    h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)
    return h, *rnn.rnn_backward(dh, x, h0, h, W_xh, W_hh)[2:]


def _sliding(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> Results:
    """Every loss looks back `window` steps."""
    h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)
    sums = [np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)]
    for t in range(x.shape[1]):
        first = max(0, t - window + 1)
        part = slice(first, t + 1)
        alone = np.zeros_like(dh[:, part])
        alone[:, -1] = dh[:, t]
        before = h[:, first - 1] if first else h0
        back = rnn.rnn_backward(alone, x[:, part], before, h[:, part], W_xh, W_hh)
        sums = [a + b for a, b in zip(sums, back[2:], strict=True)]
    return h, *sums


def _mean_of_windows(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> Results:
    h, *gradients = _right(dh, x, h0, W_xh, W_hh, b_h, window)
    count = len(range(0, x.shape[1], window))
    return h, *(gradient / count for gradient in gradients)


def _loss_at_the_end_of_windows(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> Results:
    ends = np.zeros_like(dh)
    ends[:, window - 1 :: window] = dh[:, window - 1 :: window]
    ends[:, -1] = dh[:, -1]
    return _right(ends, x, h0, W_xh, W_hh, b_h, window)


def _full_windows_alone(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> Results:
    """Written into arrays of zeros, which are left as they are at the end."""
    full = x.shape[1] // window * window
    h = np.zeros_like(dh)
    if not full:
        return h, np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    part = slice(0, full)
    h[:, part], *gradients = _right(dh[:, part], x[:, part], h0, W_xh, W_hh, b_h, window)
    return h, *gradients


def _last_window_alone(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> Results:
    late = np.zeros_like(dh)
    late[:, -window:] = dh[:, -window:]
    T = x.shape[1]
    first = max(0, T - window)
    h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)
    before = h[:, first - 1] if first else h0
    back = rnn.rnn_backward(dh[:, first:], x[:, first:], before, h[:, first:], W_xh, W_hh)
    return h, *back[2:]


def _in_place(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> Results:
    result = _right(dh, x, h0, W_xh, W_hh, b_h, window)
    h0[...] = result[0][:, -1]
    return result


MISTAKES = (
    Mistake(
        "the state starts from zeros in every window",
        _windowed(enters=lambda carried, h0: h0 if carried is h0 else 0 * carried),
        "The first window is right. It looks as if every later one began from zeros: "
        "the gradient is cut there, the memory is not.",
        SECTION,
    ),
    Mistake(
        "the state starts from h0 in every window",
        _windowed(enters=lambda carried, h0: h0),
        "The first window is right. It looks as if every later one began from h0 again. "
        "Hand over the last state of the window before.",
        SECTION,
    ),
    Mistake(
        "nothing is cut",
        _nothing_cut,
        "The states are right. The gradients are those of the whole sequence: "
        "nothing was cut at the windows' borders.",
        SECTION,
    ),
    Mistake(
        "the last window's gradient alone",
        _windowed(gathers=lambda so_far, new: new),
        "The states are right. The gradients are those of the last window: "
        "it looks as if each window had replaced those before it.",
        SECTION,
    ),
    Mistake(
        "the last steps alone",
        _last_window_alone,
        "The states are right. It looks as if only the last steps of the sequence had a gradient. "
        "Every window has losses of its own.",
        SECTION,
    ),
    Mistake(
        "the mean of the windows",
        _mean_of_windows,
        "The states are right. It looks as if the windows' gradients were averaged. They add up, "
        "as steps do.",
        SECTION,
    ),
    Mistake(
        "the backward pass begins from h0",
        _windowed(backs_up=lambda entered, h0: h0),
        "The states are right, and so is the first window. It looks as if the backward pass of "
        "later ones were told that they began from h0.",
        SECTION,
    ),
    Mistake(
        "the backward pass begins from zeros",
        _windowed(backs_up=lambda entered, h0: entered if entered is h0 else 0 * entered),
        "The states are right. It looks as if the backward pass of later windows were told that "
        "they began from zeros. The state that entered was cut off from its past, not set to zero.",
        SECTION,
    ),
    Mistake(
        "the rest is dropped",
        _windowed(starts=lambda T, window: range(0, max(T - window, 0) + 1, window)),
        "It looks as if the steps that do not fill a window were dropped. "
        "The last window may be shorter.",
        SECTION,
    ),
    Mistake(
        "full windows only",
        _windowed(starts=lambda T, window: range(0, T - window + 1, window)),
        "It looks as if only full windows were read. In a sequence that is shorter than a window "
        "there is none, and the rest of a longer one is lost. The last window may be shorter.",
        SECTION,
    ),
    Mistake(
        "the rest is left at zero",
        _full_windows_alone,
        "It looks as if only full windows were read; the states of the rest are still zero. "
        "The last window may be shorter.",
        SECTION,
    ),
    Mistake(
        "a loss at the end of each window",
        _loss_at_the_end_of_windows,
        "The states are right. It looks as if only the last step of each window had a loss. "
        "dh has a gradient for every step.",
        SECTION,
    ),
    Mistake(
        "a sliding window",
        _sliding,
        "The states are right. It looks as if every loss looked back over its own last steps. "
        "That is a fair method, but slower, and another one: here the windows lie side by side.",
        SECTION,
    ),
    Mistake(
        "h0 is overwritten",
        _in_place,
        "The values are right, but h0 has been changed. `h = h0` is a second name for the same "
        "array.",
        SECTION,
    ),
)

TRUNCATED_BPTT = Exercise(
    Function(
        "truncated_bptt",
        FLOATS | {"window": "int"},
        {"h": "N T H", "dW_xh": "D H", "dW_hh": "H H", "db_h": "H"},
    ),
    "Carry the state, cut the gradient",
    points=4,
    minutes=12,
    difficulty=2,
    cases=windows,
    reference=rnn.truncated_bptt,
    mistakes=MISTAKES,
    hints=(
        "For one window you need nothing new: rnn_forward, then rnn_backward, on a part of x and dh. "
        "What does a window have to know of the one before?",
        "for start in range(0, T, window): x[:, start : start + window] is the window's part. "
        "At the end Python gives what is left, so the last one may be shorter.",
        "Keep the state that enters: before = h0 at first, then h[:, -1] of the last window. "
        "Both rnn_forward and rnn_backward start from it.",
        "Nothing comes back from a later window: rnn_backward begins with a gradient of zero behind "
        "its last step anyway. Add up dW_xh, dW_hh and db_h; put the states together with "
        "np.concatenate(states, axis=1).",
    ),
)
