"""Worksheet ps04, "Vanishing and exploding gradients": one module an exercise, in order.

    dL/dh_{T-k} = dL/dh_T J_T ... J_{T-k+1}        J_t = diag(1 - h_t^2) W_hh^T

Row vectors, batch first.  The right answers are those of `course.flow`, `course.init` and
`course.optim`; each module has the wrong ones beside the exercise, with what is said to them.
"""

from __future__ import annotations

from autograder.exercise import Worksheet
from autograder.exercises.ps04.by_pencil import HAND_CHAIN
from autograder.exercises.ps04.clip_norm import CLIP_BY_GLOBAL_NORM
from autograder.exercises.ps04.clip_value import CLIP_BY_VALUE
from autograder.exercises.ps04.counter_example import COUNTER_EXAMPLE
from autograder.exercises.ps04.gated_skip import GATED_SKIP
from autograder.exercises.ps04.growth import GROWTH_RATE
from autograder.exercises.ps04.jacobian_product import JACOBIAN_PRODUCT
from autograder.exercises.ps04.norms import GRADIENT_NORMS
from autograder.exercises.ps04.orthogonal import ORTHOGONAL_INIT
from autograder.exercises.ps04.singular_or_eigen import SINGULAR_OR_EIGEN
from autograder.exercises.ps04.slopes import ACTIVATION_SLOPES
from autograder.exercises.ps04.step_jacobian import STEP_JACOBIAN
from autograder.exercises.ps04.written import WHY_VANISH

WORKSHEET = Worksheet(
    id="ps04",
    subject="gradients",
    title="Vanishing and exploding gradients",
    exercises=(
        HAND_CHAIN,
        STEP_JACOBIAN,
        JACOBIAN_PRODUCT,
        GRADIENT_NORMS,
        GROWTH_RATE,
        SINGULAR_OR_EIGEN,
        COUNTER_EXAMPLE,
        ACTIVATION_SLOPES,
        CLIP_BY_VALUE,
        CLIP_BY_GLOBAL_NORM,
        ORTHOGONAL_INIT,
        GATED_SKIP,
    ),
    written=(WHY_VANISH,),
    withheld=("course.flow", "course.init", "course.optim", "course.activations", "torch"),
)
