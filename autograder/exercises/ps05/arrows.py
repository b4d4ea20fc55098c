"""ps05 `immediate_...` and `lstm_immediate`: one step back, arrow by arrow.

do = dh tanh(C)            dC = dC_later + dh o (1 - tanh(C)^2)
df = dC C_before           di = dC g           dg = dC i
da = the four, each times the slope of its own squashing
dW_g = h_before^T da_g
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from autograder.exercises.ps05.parts import Array, Four, writes_into
from course.activations import sigmoid

SECTION = "One step back, arrow by arrow"

# From h to the output gate


def immediate_do(dh: Array, o: Array, C: Array) -> Array:
    return dh * np.tanh(C)


DO_ARGUMENTS = {"dh": "N H", "o": "N H", "C": "N H"}

IMMEDIATE_DO = Exercise(
    Function("immediate_do", DO_ARGUMENTS, {"do": "N H"}),
    "From h back to the output gate",
    points=1,
    minutes=4,
    difficulty=1,
    cases=arrays(DO_ARGUMENTS),
    reference=immediate_do,
    mistakes=(
        Mistake(
            "no tanh",
            lambda dh, o, C: dh * C,
            "It looks as if o had been multiplied with C on the way forward. "
            "What stands beside o in the equation of h?",
            SECTION,
        ),
        Mistake(
            "o instead of what stands beside it",
            lambda dh, o, C: dh * o,
            "It looks as if the gradient were multiplied with o. That is what arrives at the other "
            "factor; a product hands each factor the other one.",
            SECTION,
        ),
        Mistake(
            "the slope of tanh",
            lambda dh, o, C: dh * (1 - np.tanh(C) ** 2),
            "It looks as if the slope of tanh were in it. To reach o nothing goes through tanh: "
            "hold C fixed, and h is o times a number.",
            SECTION,
        ),
        Mistake(
            "the sum's slope is in it already",
            lambda dh, o, C: dh * np.tanh(C) * o * (1 - o),
            "It looks as if the slope of the sigmoid were in it already. Here you stop at o; "
            "the sum behind it comes later.",
            SECTION,
        ),
        Mistake(
            "the gradient is left out",
            lambda dh, o, C: np.tanh(C),
            "This is the derivative of h by o. The gradient that arrives at h still has to be "
            "multiplied in.",
            SECTION,
        ),
        Mistake(
            "the arrow to the cell",
            lambda dh, o, C: dh * o * (1 - np.tanh(C) ** 2),
            "This is what arrives at C, along the other arrow that leaves h.",
            SECTION,
        ),
        Mistake(
            "dh is overwritten",
            writes_into(0, immediate_do),
            "The values are right, but dh *= ... writes into the caller's array. "
            "The arrow to C needs dh as well.",
            SECTION,
        ),
    ),
    hints=(
        "h = o tanh(C) is a product. If one factor grows by a little, by how much does the "
        "product?",
        "By that little times the other factor. So the derivative of h by o is tanh(C), "
        "number by number.",
        "Chain rule: the gradient that arrives at h, times that derivative: dh * np.tanh(C).",
    ),
)

# From h to the cell, where it meets what comes from later


def immediate_dC(dh: Array, dC_later: Array, o: Array, C: Array) -> Array:
    return dC_later + dh * o * (1 - np.tanh(C) ** 2)


DC_ARGUMENTS = {"dh": "N H", "dC_later": "N H", "o": "N H", "C": "N H"}

IMMEDIATE_DC = Exercise(
    Function("immediate_dC", DC_ARGUMENTS, {"dC": "N H"}),
    "What arrives at the cell",
    points=2,
    minutes=6,
    difficulty=2,
    cases=arrays(DC_ARGUMENTS),
    reference=immediate_dC,
    mistakes=(
        Mistake(
            "the way through h is missing",
            lambda dh, dC_later, o, C: dC_later.copy(),
            "It looks as if only the later steps spoke to the cell. It also shows itself in h, "
            "and h has a gradient.",
            SECTION,
        ),
        Mistake(
            "the later steps are missing",
            lambda dh, dC_later, o, C: dh * o * (1 - np.tanh(C) ** 2),
            "The way through h is right. But two arrows leave C on the way forward, and what comes "
            "back along both is added.",
            SECTION,
        ),
        Mistake(
            "overwriting",
            lambda dh, dC_later, o, C: dC_later * o * (1 - np.tanh(C) ** 2),
            "It looks as if dC_later took the place of dh. What comes from later is already a "
            "gradient by C: it goes through neither o nor tanh.",
            SECTION,
        ),
        Mistake(
            "both go through h",
            lambda dh, dC_later, o, C: (dC_later + dh) * o * (1 - np.tanh(C) ** 2),
            "It looks as if dC_later were sent through o and tanh, too. It comes along the cell's "
            "own line, which has neither.",
            SECTION,
        ),
        Mistake(
            "o is missing",
            lambda dh, dC_later, o, C: dC_later + dh * (1 - np.tanh(C) ** 2),
            "It looks as if the output gate were missing on the way through h: "
            "with o = 0 nothing of the cell shows, and nothing comes back.",
            SECTION,
        ),
        Mistake(
            "no slope",
            lambda dh, dC_later, o, C: dC_later + dh * o,
            "It looks as if the slope of tanh were missing on the way through h.",
            SECTION,
        ),
        Mistake(
            "tanh instead of its slope",
            lambda dh, dC_later, o, C: dC_later + dh * o * np.tanh(C),
            "It looks as if tanh itself stood where its slope should.",
            SECTION,
        ),
        Mistake(
            "the slope at the wrong value",
            lambda dh, dC_later, o, C: dC_later + dh * o * (1 - C**2),
            "It looks as if the slope were 1 - C squared. The square is of tanh's result, "
            "not of what goes in.",
            SECTION,
        ),
        Mistake(
            "no square",
            lambda dh, dC_later, o, C: dC_later + dh * o * (1 - np.tanh(C)),
            "It looks as if the slope were 1 - tanh(C), without the square.",
            SECTION,
        ),
        Mistake(
            "the slope of a sigmoid",
            lambda dh, dC_later, o, C: dC_later + dh * o * sigmoid(C) * (1 - sigmoid(C)),
            "It looks as if the cell went through a sigmoid on its way to h. It is a tanh.",
            SECTION,
        ),
        Mistake(
            "dC_later is overwritten",
            writes_into(1, immediate_dC),
            "The values are right, but dC_later += ... writes into the caller's array.",
            SECTION,
        ),
    ),
    hints=(
        "Two arrows leave C on the way forward: one to h, one to the next step. "
        "What comes back along them is added.",
        "What comes from the next step is given, dC_later. It needs nothing more.",
        "On the way through h: h = o tanh(C), so the derivative of h by C, with o fixed, is "
        "o (1 - tanh(C)^2).",
        "dC_later + dh * o * (1 - np.tanh(C) ** 2).",
    ),
)

# From the cell to the three that made it


def immediate_dgates(
    dC: Array, C_before: Array, f: Array, i: Array, g: Array
) -> tuple[Array, Array, Array]:
    return dC * C_before, dC * g, dC * i


DGATES_ARGUMENTS = {"dC": "N H", "C_before": "N H", "f": "N H", "i": "N H", "g": "N H"}


def _new_cell(dC: Array, C_before: Array, f: Array, i: Array, g: Array) -> Any:
    return dC * (f * C_before + i * g), dC * g, dC * i


def _with_slopes(dC: Array, C_before: Array, f: Array, i: Array, g: Array) -> Any:
    return dC * C_before * f * (1 - f), dC * g * i * (1 - i), dC * i * (1 - g**2)


IMMEDIATE_DGATES = Exercise(
    Function("immediate_dgates", DGATES_ARGUMENTS, {"df": "N H", "di": "N H", "dg": "N H"}),
    "From the cell back to f, i and g",
    points=2,
    minutes=5,
    difficulty=1,
    cases=arrays(DGATES_ARGUMENTS),
    reference=immediate_dgates,
    mistakes=(
        Mistake(
            "the new cell in place of the old",
            _new_cell,
            "di and dg are right. It looks as if df had the new cell in it. "
            "Which cell did f multiply on the way forward?",
            SECTION,
        ),
        Mistake(
            "each with itself",
            lambda dC, C_before, f, i, g: (dC * f, dC * i, dC * g),
            "It looks as if each of the three were multiplied with itself. A product hands each "
            "factor the gradient times the other factor.",
            SECTION,
        ),
        Mistake(
            "i and g are exchanged",
            lambda dC, C_before, f, i, g: (dC * C_before, dC * i, dC * g),
            "df is right. It looks as if di had i in it and dg had g: for a change of i, how much "
            "does i g change?",
            SECTION,
        ),
        Mistake(
            "df has f in it",
            lambda dC, C_before, f, i, g: (dC * f, dC * g, dC * i),
            "di and dg are right. Your df is what arrives at the old cell; f was multiplied with "
            "something else.",
            SECTION,
        ),
        Mistake(
            "di is copied from df",
            lambda dC, C_before, f, i, g: (dC * C_before, dC * C_before, dC * i),
            "df and dg are right. Your di equals your df: was a line copied?",
            SECTION,
        ),
        Mistake(
            "dg is dC",
            lambda dC, C_before, f, i, g: (dC * C_before, dC * g, dC.copy()),
            "df and di are right. It looks as if the candidate had gone into the cell whole.",
            SECTION,
        ),
        Mistake(
            "the slopes are in it already",
            _with_slopes,
            "It looks as if the slopes of the squashings were in it already. Here you stop at the "
            "gates' values; the sums behind them come next.",
            SECTION,
        ),
        Mistake(
            "the gradient is left out",
            lambda dC, C_before, f, i, g: (C_before.copy(), g.copy(), i.copy()),
            "These are the derivatives of C. The gradient that arrives at C is not in them yet.",
            SECTION,
        ),
        Mistake(
            "dC is overwritten",
            writes_into(0, immediate_dgates),
            "The values are right, but one of them is written into dC, which the others need.",
            SECTION,
        ),
    ),
    hints=(
        "C = f C_before + i g is a sum of two products. Each of the three sits in one of them.",
        "In the product i g, the derivative by i is g, and the derivative by g is i.",
        "df = dC * C_before. The other two go likewise. Return df, di, dg.",
    ),
)

# Through the squashings, to the sums


def immediate_da(
    df: Array, di: Array, do: Array, dg: Array, f: Array, i: Array, o: Array, g: Array
) -> Four:
    return df * f * (1 - f), di * i * (1 - i), do * o * (1 - o), dg * (1 - g**2)


DA_ARGUMENTS = dict.fromkeys(("df", "di", "do", "dg", "f", "i", "o", "g"), "N H")


def _sums(**changed: Callable[..., Array]) -> Callable[..., Any]:
    """All four right but for those named, each a function of the gradient and the four values."""

    def wrong(
        df: Array, di: Array, do: Array, dg: Array, f: Array, i: Array, o: Array, g: Array
    ) -> Any:
        right = immediate_da(df, di, do, dg, f, i, o, g)
        return tuple(
            changed[name](d, f, i, o, g) if name in changed else da
            for name, d, da in zip("fiog", (df, di, do, dg), right, strict=True)
        )

    return wrong


def _slopes_of_the_sums_again(*arguments: Array) -> Any:
    df, di, do, dg, f, i, o, g = arguments
    return immediate_da(df, di, do, dg, sigmoid(f), sigmoid(i), sigmoid(o), np.tanh(g))


IMMEDIATE_DA = Exercise(
    Function("immediate_da", DA_ARGUMENTS, dict.fromkeys(("da_f", "da_i", "da_o", "da_g"), "N H")),
    "Through the squashings to the sums",
    points=2,
    minutes=6,
    difficulty=1,
    cases=arrays(DA_ARGUMENTS),
    reference=immediate_da,
    mistakes=(
        Mistake(
            "f has no slope",
            _sums(f=lambda d, f, i, o, g: d.copy()),
            "da_i, da_o and da_g are right. Your da_f equals df: on the way forward f went through "
            "a sigmoid.",
            SECTION,
        ),
        Mistake(
            "no slopes",
            lambda df, di, do, dg, f, i, o, g: (df.copy(), di.copy(), do.copy(), dg.copy()),
            "The four gradients come back as they are. Each of the four went through a squashing.",
            SECTION,
        ),
        Mistake(
            "the slope of a sigmoid for g",
            _sums(g=lambda d, f, i, o, g: d * g * (1 - g)),
            "The three gates are right. It looks as if g had gone through a sigmoid; "
            "the candidate is made by tanh.",
            SECTION,
        ),
        Mistake(
            "the slope of tanh for all",
            _sums(
                f=lambda d, f, i, o, g: d * (1 - f**2),
                i=lambda d, f, i, o, g: d * (1 - i**2),
                o=lambda d, f, i, o, g: d * (1 - o**2),
            ),
            "da_g is right. It looks as if the gates had gone through tanh, too; "
            "a sigmoid s has the slope s (1 - s).",
            SECTION,
        ),
        Mistake(
            "the slope of f for all gates",
            _sums(i=lambda d, f, i, o, g: d * f * (1 - f), o=lambda d, f, i, o, g: d * f * (1 - f)),
            "da_f and da_g are right. It looks as if da_i and da_o had the slope of f: "
            "was a line copied?",
            SECTION,
        ),
        Mistake(
            "half a slope",
            _sums(
                f=lambda d, f, i, o, g: d * (1 - f),
                i=lambda d, f, i, o, g: d * (1 - i),
                o=lambda d, f, i, o, g: d * (1 - o),
            ),
            "da_g is right. It looks as if the slope of a sigmoid s were 1 - s.",
            SECTION,
        ),
        Mistake(
            "no square",
            _sums(g=lambda d, f, i, o, g: d * (1 - g)),
            "The three gates are right. It looks as if the slope of tanh were 1 - g, "
            "without the square.",
            SECTION,
        ),
        Mistake(
            "squashed again",
            _slopes_of_the_sums_again,
            "It looks as if f, i, o and g were squashed once more before their slopes were taken. "
            "They are results already: s (1 - s) and 1 - g squared take them as they are.",
            SECTION,
        ),
        Mistake(
            "g is squashed again",
            _sums(g=lambda d, f, i, o, g: d * (1 - np.tanh(g) ** 2)),
            "The three gates are right. It looks as if the slope were 1 - tanh(g) squared; but g "
            "is the tanh already.",
            SECTION,
        ),
        Mistake(
            "the slope doubled",
            _sums(
                f=lambda d, f, i, o, g: d * (f * (1 - f)) ** 2,
                i=lambda d, f, i, o, g: d * (i * (1 - i)) ** 2,
                o=lambda d, f, i, o, g: d * (o * (1 - o)) ** 2,
                g=lambda d, f, i, o, g: d * (1 - g**2) ** 2,
            ),
            "It looks as if each slope were multiplied in twice.",
            SECTION,
        ),
        Mistake(
            "df is overwritten",
            writes_into(0, immediate_da),
            "The values are right, but da_f is written into df, which belongs to the caller.",
            SECTION,
        ),
    ),
    hints=(
        "Each of the four was squashed on the way forward: three by a sigmoid, one by tanh.",
        "Both slopes can be read off the result: s (1 - s) for s = sigmoid(a), and 1 - g^2 for "
        "g = tanh(a).",
        "da_f = df * f * (1 - f). Two more look the same with other letters, and da_g = dg * (1 - "
        "g ** 2).",
    ),
)

# The whole way to one weight


def lstm_immediate(
    dh: Array,
    dC_later: Array,
    h_before: Array,
    C_before: Array,
    f: Array,
    i: Array,
    o: Array,
    g: Array,
) -> Four:
    C = f * C_before + i * g
    dC = dC_later + dh * o * (1 - np.tanh(C) ** 2)
    dg = dC * i
    da_g = dg * (1 - g**2)
    return dC, dg, da_g, h_before.T @ da_g


IMMEDIATE_ARGUMENTS = dict.fromkeys(
    ("dh", "dC_later", "h_before", "C_before", "f", "i", "o", "g"), "N H"
)


def _all_but(last: Callable[..., Array]) -> Callable[..., Any]:
    """dC, dg and da_g are right; dW_g is `last(h_before, C_before, h, dg, da_g)`."""

    def wrong(*arguments: Array) -> Any:
        h_before, C_before, f, i, o, g = arguments[2:]
        dC, dg, da_g, _ = lstm_immediate(*arguments)
        h = o * np.tanh(f * C_before + i * g)
        return dC, dg, da_g, last(h_before, C_before, h, dg, da_g)

    return wrong


def _from_dC(wrong_dC: Callable[..., Array]) -> Callable[..., Any]:
    """`wrong_dC(dh, dC_later, o, C, C_before)`, and what follows from it."""

    def wrong(*arguments: Array) -> Any:
        dh, dC_later, h_before, C_before, f, i, o, g = arguments
        dC = wrong_dC(dh, dC_later, o, f * C_before + i * g, C_before)
        dg = dC * i
        da_g = dg * (1 - g**2)
        return dC, dg, da_g, h_before.T @ da_g

    return wrong


def _then(dg_of: Callable[..., Array], da_of: Callable[..., Array]) -> Callable[..., Any]:
    """dC is right; `dg_of(dC, i, g)` and `da_of(dg, i, g)` are as given."""

    def wrong(*arguments: Array) -> Any:
        h_before, i, g = arguments[2], arguments[5], arguments[7]
        dC = lstm_immediate(*arguments)[0]
        dg = dg_of(dC, i, g)
        da_g = da_of(dg, i, g)
        return dC, dg, da_g, h_before.T @ da_g

    return wrong


LSTM_IMMEDIATE = Exercise(
    Function(
        "lstm_immediate",
        IMMEDIATE_ARGUMENTS,
        {"dC": "N H", "dg": "N H", "da_g": "N H", "dW_g": "H H"},
    ),
    "All arrows to one matrix",
    points=3,
    minutes=10,
    difficulty=2,
    cases=arrays(IMMEDIATE_ARGUMENTS),
    reference=lstm_immediate,
    mistakes=(
        Mistake(
            "dW_g is transposed",
            _all_but(lambda h_before, C_before, h, dg, da_g: da_g.T @ h_before),
            "dC, dg and da_g are right. dW_g looks transposed; it is square, so NumPy cannot "
            "notice. Entry [j, k] of W_g leads from number j of the state to unit k.",
            SECTION,
        ),
        Mistake(
            "the batch is averaged",
            _all_but(lambda h_before, C_before, h, dg, da_g: h_before.T @ da_g / len(da_g)),
            "dC, dg and da_g are right. dW_g is too small by the factor N: it is a sum over the "
            "batch, and if a mean is wanted it is in dh already.",
            SECTION,
        ),
        Mistake(
            "the new state",
            _all_but(lambda h_before, C_before, h, dg, da_g: h.T @ da_g),
            "dC, dg and da_g are right. It looks as if dW_g had the new h in it. "
            "Which state did W_g multiply on the way forward?",
            SECTION,
        ),
        Mistake(
            "the cell in place of the state",
            _all_but(lambda h_before, C_before, h, dg, da_g: C_before.T @ da_g),
            "dC, dg and da_g are right. It looks as if dW_g had the old cell in it. "
            "The weights see what the cell showed, not the cell.",
            SECTION,
        ),
        Mistake(
            "dW_g from dg",
            _all_but(lambda h_before, C_before, h, dg, da_g: h_before.T @ dg),
            "dC, dg and da_g are right. It looks as if dW_g were made from dg: "
            "the weights made the sum, not the candidate.",
            SECTION,
        ),
        Mistake(
            "the way through h is missing",
            _from_dC(lambda dh, dC_later, o, C, C_before: dC_later.copy()),
            "It looks as if only dC_later reached the cell. And what arrives from h?",
            SECTION,
        ),
        Mistake(
            "the later steps are missing",
            _from_dC(lambda dh, dC_later, o, C, C_before: dh * o * (1 - np.tanh(C) ** 2)),
            "It looks as if dC_later were missing: what the later steps send back along the cell.",
            SECTION,
        ),
        Mistake(
            "dC_later with f in it",
            lambda dh, dC_later, h_before, C_before, f, *others: lstm_immediate(
                dh, dC_later * f, h_before, C_before, f, *others
            ),
            "It looks as if dC_later were multiplied with f. It has arrived already; this step's f "
            "acts on what goes on to the old cell.",
            SECTION,
        ),
        Mistake(
            "the slope at the old cell",
            _from_dC(
                lambda dh, dC_later, o, C, C_before: (
                    dC_later + dh * o * (1 - np.tanh(C_before) ** 2)
                )
            ),
            "It looks as if the slope of tanh were taken at the old cell. h shows the new one.",
            SECTION,
        ),
        Mistake(
            "the input gate is missing",
            _then(lambda dC, i, g: dC.copy(), lambda dg, i, g: dg * (1 - g**2)),
            "dC is right. Your dg equals it, as if the candidate went into the cell whole.",
            SECTION,
        ),
        Mistake(
            "the candidate in place of its gate",
            _then(lambda dC, i, g: dC * g, lambda dg, i, g: dg * (1 - g**2)),
            "dC is right. Your dg looks like di: a product hands each factor the other one.",
            SECTION,
        ),
        Mistake(
            "no slope",
            _then(lambda dC, i, g: dC * i, lambda dg, i, g: dg.copy()),
            "dC and dg are right. Your da_g equals dg: the slope of the candidate's tanh is "
            "missing.",
            SECTION,
        ),
        Mistake(
            "the slope of a sigmoid",
            _then(lambda dC, i, g: dC * i, lambda dg, i, g: dg * g * (1 - g)),
            "dC and dg are right. It looks as if g had gone through a sigmoid.",
            SECTION,
        ),
    ),
    hints=(
        "You have written every arrow of this way. What is the way from h and C to W_g?",
        "C = f * C_before + i * g you make anew. Then dC = immediate_dC(dh, dC_later, o, C).",
        "dg is the third of what immediate_dgates gives, and da_g = dg * (1 - g ** 2).",
        "The sum a_g had h_before @ W_g in it. For y = x W the gradient of W is x^T dy: "
        "h_before.T @ da_g, which also sums over the batch.",
    ),
)
