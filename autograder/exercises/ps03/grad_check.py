"""ps03 `grad_check`: a gradient beside what central differences make of it.

(f(x + eps e_i) - f(x - eps e_i)) / (2 eps);    max|gradient - numerical| / max|numerical|
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_sizes

Array: TypeAlias = np.ndarray
Loss: TypeAlias = Callable[[Array], float]

SECTION = "Is it right?"

CHECK = {"f": "function D H", "x": "D H", "gradient": "D H", "eps": ""}


def checks(rng: np.random.Generator) -> list[Case]:
    """Gradients that are wrong, by much and by little; eps is coarse, so that it shows how it is used."""
    drawn: list[Case] = []
    for about, wrong in (
        ("a gradient that is quite wrong", 1.0),
        ("a gradient that is somewhat wrong", 0.1),
        ("a gradient that is far too large", 10.0),
        ("another wrong gradient", 1.0),
    ):
        sizes = draw_sizes(rng, "DH", largest=5)
        c, x, noise = (rng.standard_normal((sizes["D"], sizes["H"])) for _ in range(3))
        right = _slopes(c, x)
        if (
            drawn and right.max() > -right.min()
        ):  # the largest is negative: its sign has to be dropped
            c = -c
            right = _slopes(c, x)
        gradient = right + wrong * noise / c.size
        drawn.append(
            Case(
                {"f": c, "x": x, "gradient": gradient, "eps": np.array(rng.uniform(0.02, 0.05))},
                about,
            )
        )
    return drawn


def _slopes(c: Array, x: Array) -> Array:
    """The gradient of the function that stands for `c`."""
    slopes: Array = np.exp(np.mean(np.sin(c * x))) * c * np.cos(c * x) / c.size
    return slopes


def grad_check(f: Loss, x: Array, gradient: Array, eps: float) -> tuple[Array, float]:
    """What `course.gradcheck` does, in one piece: here its single edits are tried."""
    numerical = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        up = x.copy()
        down = x.copy()
        up[i] += eps
        down[i] -= eps
        numerical[i] = (f(up) - f(down)) / (2 * eps)
    error = np.max(np.abs(gradient - numerical)) / np.max(np.abs(numerical))
    return numerical, float(error)


def _differences(f: Loss, x: Array, up: float, down: float, width: float) -> Array:
    numerical = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += up
        below[i] -= down
        numerical[i] = (f(above) - f(below)) / width
    return numerical


def _central(f: Loss, x: Array, eps: float) -> Array:
    return _differences(f, x, eps, eps, 2 * eps)


def _error(gradient: Array, numerical: Array) -> float:
    return float(np.max(np.abs(gradient - numerical)) / np.max(np.abs(numerical)))


def _both(numerical: Callable[..., Array]) -> Callable[..., tuple[Array, float]]:
    """A wrong numerical gradient, compared as it should be."""

    def check(f: Loss, x: Array, gradient: Array, eps: float) -> tuple[Array, float]:
        found = numerical(f, x, eps)
        return found, _error(gradient, found)

    return check


def _compared(error: Callable[[Array, Array], float]) -> Callable[..., tuple[Array, float]]:
    """A right numerical gradient, compared in a wrong way."""

    def check(f: Loss, x: Array, gradient: Array, eps: float) -> tuple[Array, float]:
        numerical = _central(f, x, eps)
        return numerical, float(error(gradient, numerical))

    return check


def _never_put_back(f: Loss, x: Array, eps: float) -> Array:
    x, numerical = x.copy(), np.empty(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += eps
        above = f(x)
        x[i] -= 2 * eps
        numerical[i] = (above - f(x)) / (2 * eps)
    return numerical


def _all_at_once(f: Loss, x: Array, eps: float) -> Array:
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps))


def _whole_rows(f: Loss, x: Array, eps: float) -> Array:
    """`for i in range(len(x))`: x[i] is a row."""
    rows = np.eye(len(x))[:, :, None]
    slopes = [(f(x + eps * row) - f(x - eps * row)) / (2 * eps) for row in rows]
    return np.repeat(np.array(slopes)[:, None], x.shape[1], axis=1)


def _moves_x(f: Loss, x: Array, gradient: Array, eps: float) -> tuple[Array, float]:
    original = x.copy()
    numerical = _central(f, original, eps)
    x[...] = original + eps  # as `x[i] += eps` does, without a way back
    return numerical, _error(gradient, numerical)


MISTAKES = (
    Mistake(
        "forward difference",
        _both(lambda f, x, eps: _differences(f, x, eps, 0.0, eps)),
        "It looks as if you compared f(x + eps) with f(x). "
        "Its error shrinks with eps, that of a central difference with eps squared.",
        SECTION,
    ),
    Mistake(
        "backward difference",
        _both(lambda f, x, eps: _differences(f, x, 0.0, eps, eps)),
        "It looks as if you compared f(x) with f(x - eps). "
        "Its error shrinks with eps, that of a central difference with eps squared.",
        SECTION,
    ),
    Mistake(
        "divided by eps",
        _both(lambda f, x, eps: _differences(f, x, eps, eps, eps)),
        "Your numerical gradient is twice too large. "
        "How far apart are the two points at which f is computed?",
        SECTION,
    ),
    Mistake(
        "multiplied by eps",
        _both(lambda f, x, eps: _central(f, x, eps) * eps**2),
        "Your numerical gradient shrinks with the square of eps. Check where the parentheses stand: "
        "a / 2 * eps is (a / 2) * eps.",
        SECTION,
    ),
    Mistake(
        "half the distance",
        _both(lambda f, x, eps: _central(f, x, eps / 2)),
        "It looks as if the two points were eps apart, half on each side. "
        "They should be x + eps and x - eps.",
        SECTION,
    ),
    Mistake(
        "an eps of its own",
        _both(lambda f, x, eps: _central(f, x, 1e-5)),
        "It looks as if eps were fixed inside your function. Use the one that is given.",
        SECTION,
    ),
    Mistake(
        "the wrong sign",
        _both(lambda f, x, eps: -_central(f, x, eps)),
        "Your numerical gradient has the wrong sign. Which of the two values is taken from which?",
        SECTION,
    ),
    Mistake(
        "all numbers move at once",
        _both(_all_at_once),
        "It looks as if all numbers of x moved at once: every entry is the same. "
        "Move one at a time, and leave the others where they are.",
        SECTION,
    ),
    Mistake(
        "whole rows move",
        _both(_whole_rows),
        "The entries of a row are all the same. It looks as if a whole row of x moved at once: "
        "with two axes x[0] is a row. What does np.ndindex(x.shape) give?",
        SECTION,
    ),
    Mistake(
        "not put back",
        _both(_never_put_back),
        "The first entry is right. It looks as if a number stayed moved while the next ones were "
        "tried: put each back first.",
        SECTION,
    ),
    Mistake(
        "x is moved",
        _moves_x,
        "The values are right, but x itself has changed afterwards. "
        "Move a copy, or put every number back, exactly.",
        SECTION,
    ),
    Mistake(
        "absolute error",
        _compared(lambda g, n: float(np.max(np.abs(g - n)))),
        "The numerical gradient is right. The error is not relative: for gradients around a "
        "millionth, even a wrong one would pass.",
        SECTION,
    ),
    Mistake(
        "on the scale of the gradient in question",
        _compared(lambda g, n: np.max(np.abs(g - n)) / np.max(np.abs(g))),
        "The numerical gradient is right. It looks as if the error were divided by the size of the "
        "gradient in question; take the one that you trust.",
        SECTION,
    ),
    Mistake(
        "number by number",
        _compared(lambda g, n: np.max(np.abs(g - n) / np.abs(n))),
        "The numerical gradient is right. It looks as if each number were divided by its own size: "
        "one that is almost zero then makes rounding look like a mistake.",
        SECTION,
    ),
    Mistake(
        "the mean, not the largest",
        _compared(lambda g, n: np.mean(np.abs(g - n)) / np.mean(np.abs(n))),
        "The numerical gradient is right. It looks as if means were compared: "
        "in a large array, one wrong number would be lost in them.",
        SECTION,
    ),
    Mistake(
        "the error keeps its sign",
        _compared(lambda g, n: np.max(g - n) / np.max(np.abs(n))),
        "The numerical gradient is right. It looks as if the difference kept its sign: "
        "a gradient that is too small everywhere would pass.",
        SECTION,
    ),
    Mistake(
        "no absolute values",
        _compared(lambda g, n: np.max(g - n) / np.max(n)),
        "The numerical gradient is right. It looks as if no sign were dropped, neither above nor "
        "below the line: there, a large negative number counts as small.",
        SECTION,
    ),
    Mistake(
        "on the scale of both",
        _compared(
            lambda g, n: float(np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n)))
        ),
        "The numerical gradient is right. It looks as if you divided by the lengths of both "
        "gradients together. Many do so; here it is the largest number of the numerical one alone.",
        SECTION,
    ),
    Mistake(
        "lengths are compared",
        _compared(lambda g, n: float(np.linalg.norm(g - n) / np.linalg.norm(n))),
        "The numerical gradient is right. It looks as if Euclidean lengths were compared. "
        "That is a fair measure, but not the one asked for: the worst number counts.",
        SECTION,
    ),
)

GRAD_CHECK = Exercise(
    Function("grad_check", CHECK, {"numerical": "D H", "error": ""}),
    "A gradient beside central differences",
    points=4,
    minutes=12,
    difficulty=2,
    cases=checks,
    reference=grad_check,
    mistakes=MISTAKES,
    hints=(
        "Begin with one number of x: how does f change when that one moves by eps up, and by eps "
        "down, while all others stay?",
        "np.ndindex(x.shape) gives the index of every number, whatever the shape. Work on a copy: "
        "up = x.copy(), then up[i] += eps.",
        "numerical[i] = (f(up) - f(down)) / (2 * eps). Mind the parentheses below the line.",
        "The error is one number: the largest |gradient - numerical|, divided by the largest "
        "|numerical|. np.max and np.abs do it without a loop.",
    ),
    rtol=1e-6,  # many add something like 1e-8 below the line, lest it be zero
)
