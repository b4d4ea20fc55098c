"""ps04 `singular_or_eigen`: eight sentences that one hears, true or false."""

from __future__ import annotations

from autograder.contract import Choice
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

SECTION = "Singular value or eigenvalue"

TRUE, FALSE = "True", "False"

#: What holds.  The worksheet has each item's sentence.
ANSWERS = {
    "singular_below_1_vanishes": TRUE,
    "singular_above_1_explodes": FALSE,
    "linear_radius_below_1_vanishes": TRUE,
    "linear_radius_below_1_never_grows": FALSE,
    "tanh_radius_below_1_vanishes": FALSE,
    "tanh_radius_above_1_explodes": FALSE,
    "determinant_decides": FALSE,
    "weight_gradient_vanishes_too": FALSE,
}

MISTAKES = (
    Mistake(
        "a singular value below 1 is not enough",
        {"singular_below_1_vanishes": FALSE},
        "You doubt that a largest singular value below 1 makes gradients vanish. By how much can a "
        "step lengthen a row at most? And the slope of tanh?",
        SECTION,
    ),
    Mistake(
        "a singular value above 1 explodes",
        {"singular_above_1_explodes": TRUE},
        "A singular value above 1 says that one step can lengthen some row. Square the matrix "
        "[[0, 10], [0, 0]]: what is left for the second step?",
        SECTION,
    ),
    Mistake(
        "the radius says nothing of a linear network",
        {"linear_radius_below_1_vanishes": FALSE},
        "In a linear network the product of Jacobians is a power of one matrix. Look at the far "
        "end of the picture of powers: which line do they follow?",
        SECTION,
    ),
    Mistake(
        "eigenvalues below 1 forbid growth",
        {"linear_radius_below_1_never_grows": TRUE},
        "You trust eigenvalues below 1 at every step. Look at the first ten powers of "
        "[[0.9, 5], [0, 0.9]].",
        SECTION,
    ),
    Mistake(
        "the radius decides with tanh",
        {"tanh_radius_below_1_vanishes": TRUE},
        "With tanh the factors are diag(slopes) W_hh^T, and their eigenvalues are not those of "
        "W_hh. Try [[1.5, -2], [1.1, -1.4]] with the slopes 1 and 0.",
        SECTION,
    ),
    Mistake(
        "a radius above 1 explodes with tanh",
        {"tanh_radius_above_1_explodes": TRUE},
        "A large W_hh makes large sums, and there tanh is flat. Which of the two wins for "
        "W_hh = 5 I? Compute one factor at a state near 1.",
        SECTION,
    ),
    Mistake(
        "the determinant decides",
        {"determinant_decides": TRUE},
        "The determinant is the product of all eigenvalues. Think of diag(2, 0.1): "
        "which of the two will a gradient show after 50 steps?",
        SECTION,
    ),
    Mistake(
        "the weight's gradient vanishes too",
        {"weight_gradient_vanishes_too": TRUE},
        "dL/dW_hh is a sum over all distances. When the far terms vanish, what of the near ones?",
        SECTION,
    ),
)

SINGULAR_OR_EIGEN = Exercise(
    Choice("singular_or_eigen", dict.fromkeys(ANSWERS, (TRUE, FALSE))),
    "Eight sentences, true or false",
    points=4,
    minutes=15,
    difficulty=3,
    cases=a_value,
    reference=ANSWERS,
    mistakes=MISTAKES,
    hints=(
        "A sentence that says 'always' falls with one counter-example. Try the matrices of the "
        "section before you believe any.",
        "The largest singular value bounds every single step. The spectral radius rules the long "
        "run of a linear network. With tanh, each step has slopes of its own.",
        "Five matrices settle five of the items: [[0, 10], [0, 0]], [[0.9, 5], [0, 0.9]], "
        "diag(2, 0.1), [[1.5, -2], [1.1, -1.4]] with one unit saturated, and 5 I at rest.",
        "Two of the eight are true: one about singular values, one about a linear network in the "
        "long run.",
    ),
)
