"""ps01 `pad_and_mask`: sequences of unequal length in one array, and the mask that knows which is which.

x[n, :length_n] = steps of sequence n,  mask[n, :length_n] = 1,  zeros after them
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.ps01.words import Array, word_case
from course import padding

Padded: TypeAlias = tuple[Any, Any]

SECTION = "Pads and masks"


def padding_cases(rng: np.random.Generator) -> list[Case]:
    """Batches with short sequences, with room to spare, with a real step that is all zeros."""

    def batch(about: str, lengths: list[int], D: int, T: int) -> Case:
        steps = rng.standard_normal((sum(lengths), D))
        return word_case(about, steps=steps, lengths=np.array(lengths), T=T)

    zeros = batch("a real step of zeros", [3, 6, 2], D=2, T=6)
    zeros.inputs["steps"][[1, 8]] = 0.0  # in the middle of one sequence, at the end of another
    return [
        batch("unequal lengths", [2, 5, 1, 4], D=3, T=5),
        batch("room to spare", [4, 2, 3], D=5, T=7),
        zeros,
        batch("equal lengths", [3, 3, 3, 3, 3], D=2, T=4),
        batch("one sequence of one step", [1], D=3, T=1),
    ]


def _padded(steps: Array, lengths: Array, T: int) -> tuple[Array, Array]:
    x = np.zeros((len(lengths), T, steps.shape[1]))
    mask = np.zeros((len(lengths), T))
    start = 0
    for n, length in enumerate(lengths):
        x[n, :length] = steps[start : start + length]
        mask[n, :length] = 1
        start += length
    return x, mask


def _pads_first(steps: Array, lengths: Array, T: int) -> Padded:
    x, mask = _padded(steps, lengths, T)
    for n, length in enumerate(lengths):
        x[n], mask[n] = np.roll(x[n], T - length, axis=0), np.roll(mask[n], T - length)
    return x, mask


def _last_step_repeated(steps: Array, lengths: Array, T: int) -> Padded:
    x, mask = _padded(steps, lengths, T)
    for n, length in enumerate(lengths):
        x[n, length:] = x[n, length - 1]
    return x, mask


def _same_start(steps: Array, lengths: Array, T: int) -> Padded:
    x, mask = _padded(steps, lengths, T)
    for n, length in enumerate(lengths):
        x[n, :length] = steps[:length]
    return x, mask


def _runs_into_the_next(steps: Array, lengths: Array, T: int) -> Padded:
    x, mask = _padded(steps, lengths, T)
    start = 0
    for n, length in enumerate(lengths):
        taken = steps[start : start + T]
        x[n, : len(taken)] = taken
        start += length
    return x, mask


def _mask_one_longer(steps: Array, lengths: Array, T: int) -> Padded:
    x, _ = _padded(steps, lengths, T)
    return x, 1.0 * (np.arange(T) <= lengths[:, None])


def _mask_from_values(steps: Array, lengths: Array, T: int) -> Padded:
    x, _ = _padded(steps, lengths, T)
    return x, 1.0 * np.any(x != 0, axis=2)


def _as_long_as_the_longest(steps: Array, lengths: Array, T: int) -> Padded:
    return _padded(steps, lengths, int(lengths.max()))


def _time_first(steps: Array, lengths: Array, T: int) -> Padded:
    x, mask = _padded(steps, lengths, T)
    return x.swapaxes(0, 1), mask.T


def _mask_of_every_number(steps: Array, lengths: Array, T: int) -> Padded:
    x, mask = _padded(steps, lengths, T)
    return x, np.repeat(mask[:, :, None], steps.shape[1], axis=2)


def _with_mask(change: Any) -> Any:
    def answer(steps: Array, lengths: Array, T: int) -> Padded:
        x, mask = _padded(steps, lengths, T)
        return x, change(mask)

    return answer


MISTAKES = (
    Mistake(
        "the pads come first",
        _pads_first,
        "It looks as if the pads stood in front and the steps after them. Some libraries do that; "
        "here the steps come first.",
        SECTION,
    ),
    Mistake(
        "the mask marks the pads",
        _with_mask(lambda mask: 1 - mask),
        "x is right. Your mask is 1 where the pads are. It should be 1 for what counts.",
        SECTION,
    ),
    Mistake(
        "the mask is one step too long",
        _mask_one_longer,
        "x is right. Your mask has a 1 too many in each row that has room: a sequence of length 3 "
        "has the steps 0, 1 and 2.",
        SECTION,
    ),
    Mistake(
        "what is zero is taken for a pad",
        _mask_from_values,
        "It looks as if the mask were read off x: zero here, pad there. A real step may be all zeros. "
        "The lengths tell.",
        SECTION,
    ),
    Mistake(
        "True and False",
        _with_mask(lambda mask: mask == 1),
        "The mask is right, written as True and False. Here it holds the numbers 1 and 0, so that one "
        "can multiply with it and add it up: (...).astype(float).",
        SECTION,
    ),
    Mistake(
        "the mask first",
        lambda steps, lengths, T: _padded(steps, lengths, T)[::-1],
        "Both arrays are right, in the wrong order: x comes first, then the mask.",
        SECTION,
    ),
    Mistake(
        "a mask for every number",
        _mask_of_every_number,
        "Your mask has an entry for every number of x. A step is real or not as a whole: (N, T).",
        SECTION,
    ),
    Mistake(
        "the mask knows no lengths",
        _with_mask(np.ones_like),
        "x is right. Your mask is 1 everywhere, so it says that there are no pads.",
        SECTION,
    ),
    Mistake(
        "the last step is repeated",
        _last_step_repeated,
        "The mask is right. Your pads hold the last step again; they should be zeros.",
        SECTION,
    ),
    Mistake(
        "every sequence starts at the first step",
        _same_start,
        "The first sequence is right. The others seem to begin with its steps again: "
        "where in `steps` does the second sequence start?",
        SECTION,
    ),
    Mistake(
        "it reads on into the next sequence",
        _runs_into_the_next,
        "The mask is right. Where pads should be, there are steps of the next sequence: "
        "each row has to stop at its own length.",
        SECTION,
    ),
    Mistake(
        "as long as the longest",
        _as_long_as_the_longest,
        "It looks as if you padded to the longest sequence. That is a good choice for T, "
        "but here T is given and may be larger.",
        SECTION,
    ),
    Mistake(
        "time first",
        _time_first,
        "The values are right, with time as the first axis. This course puts the batch first.",
        SECTION,
    ),
)

PAD_AND_MASK = Exercise(
    Function(
        "pad_and_mask",
        {"steps": "L D", "lengths": "int N", "T": "int"},
        {"x": "N T D", "mask": "N T"},
    ),
    "One array for sequences of any length",
    points=5,
    minutes=15,
    difficulty=2,
    cases=padding_cases,
    reference=padding.pad_and_mask,
    mistakes=MISTAKES,
    hints=(
        "Begin with zeros for both, x (N, T, D) and mask (N, T). Then write each sequence into its "
        "row.",
        "Sequence n fills x[n, :length] and leaves the rest of its row at zero. Its mask is 1 there.",
        "Where does sequence n begin in `steps`? Where the one before ended. Keep that place in a "
        "variable and move it on by each length.",
        "In a loop over n, length in enumerate(lengths): "
        "x[n, :length] = steps[start : start + length], then start += length.",
    ),
)
