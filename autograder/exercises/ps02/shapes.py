"""ps02 `shapes`: the shape of every array, for one choice of sizes."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from autograder.contract import Value
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

Array: TypeAlias = np.ndarray

_N, _T, _D, _H, _M = 4, 7, 3, 5, 2

#: The table that `shapes` asks for.
SHAPE_TABLE: dict[str, tuple[int, ...]] = {
    "x": (_N, _T, _D),
    "x_t": (_N, _D),
    "W_xh": (_D, _H),
    "W_hh": (_H, _H),
    "b_h": (_H,),
    "h_t": (_N, _H),
    "h": (_N, _T, _H),
    "W_hy": (_H, _M),
    "b_y": (_M,),
    "y_t": (_N, _M),
    "y": (_N, _T, _M),
}

MISTAKES = (
    Mistake(
        "time first",
        SHAPE_TABLE | {"x": (_T, _N, _D), "h": (_T, _N, _H), "y": (_T, _N, _M)},
        "It looks as if time were your first axis. Some libraries do that; "
        "this course puts the batch first.",
        "Shapes and counts",
    ),
    Mistake(
        "weights for column vectors",
        SHAPE_TABLE | {"W_xh": (_H, _D), "W_hy": (_M, _H)},
        "It looks as if the two rectangular matrices were made for column vectors, W x. "
        "Here a row vector stands on the left: a matrix has a row for each thing it reads.",
        "Shapes and counts",
    ),
    Mistake(
        "column vectors throughout",
        SHAPE_TABLE
        | {"W_xh": (_H, _D), "W_hy": (_M, _H), "x_t": (_D, _N), "h_t": (_H, _N), "y_t": (_M, _N)},
        "It looks as if examples stood in columns. Here each example is a row, "
        "and the matrix stands on its right.",
        "Shapes and counts",
    ),
    Mistake(
        "a bias is written as a number",
        SHAPE_TABLE | {"b_h": (_H), "b_y": (_M)},
        "In Python (5) is the number 5; a tuple of one number needs a comma, as in (5,).",
        "Shapes and counts",
    ),
    Mistake(
        "biases as rows",
        SHAPE_TABLE | {"b_h": (1, _H), "b_y": (1, _M)},
        "It looks as if the biases were matrices of one row. That would work, by broadcasting; "
        "here they are vectors, with a single axis.",
        "Shapes and counts",
    ),
    Mistake(
        "a bias for every example",
        SHAPE_TABLE | {"b_h": (_N, _H), "b_y": (_N, _M)},
        "It looks as if every example had a bias of its own. "
        "Weights and biases do not know how large the batch is.",
        "Shapes and counts",
    ),
    Mistake(
        "one example at a time",
        SHAPE_TABLE | {"x_t": (_D,), "h_t": (_H,), "y_t": (_M,)},
        "Your x_t, h_t and y_t belong to a single example. A step handles the whole batch at once.",
        "Shapes and counts",
    ),
    Mistake(
        "W_hh reads the input",
        SHAPE_TABLE | {"W_hh": (_D, _H)},
        "It looks as if W_hh read the input. Its two letters say from where to where it leads.",
        "Shapes and counts",
    ),
    Mistake(
        "weights of their own for every step",
        SHAPE_TABLE | {"W_xh": (_T, _D, _H), "W_hh": (_T, _H, _H), "W_hy": (_T, _H, _M)},
        "It looks as if every step had matrices of its own. In a recurrent network all steps share.",
        "Shapes and counts",
    ),
)


SHAPES = Exercise(
    Value(
        "shapes",
        {name: f"int {len(shape)}" for name, shape in SHAPE_TABLE.items()},
    ),
    "A table of shapes",
    points=4,
    minutes=8,
    difficulty=1,
    cases=a_value,
    reference=SHAPE_TABLE,
    mistakes=MISTAKES,
    hints=(
        "Begin with the letters: which of N, T, D, H, M does each array have, and in which order? "
        "Put the numbers in last.",
        "The batch comes first and time second. What belongs to one step has no T; "
        "what is learned has neither N nor T.",
        "A matrix with a row vector on its left has a row for each number that it reads and a "
        "column for each number that it writes. W_hy reads H numbers and writes M.",
        "A tuple of one number is written with a comma: b_h is (H,) = (5,). W_xh is (D, H) = (3, 5), "
        "x_t is (N, D) = (4, 3), and the others go likewise.",
    ),
)
