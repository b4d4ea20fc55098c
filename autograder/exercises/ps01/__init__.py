"""Worksheet ps01, "Sequences, and why recurrence": one module an exercise, in the worksheet's order.

From views of fixed size (a bag of words, a window), over pads and masks, to one layer in a loop:

    h_t = layer(h_{t-1}, x_t)

The right answers are those of `course.sequences` and `course.padding`; each module has the wrong ones
beside the exercise, with what is said to them.
"""

from __future__ import annotations

from autograder.exercise import Worksheet
from autograder.exercises.ps01.bag import BAG_OF_WORDS
from autograder.exercises.ps01.loop import UNROLL_EXERCISE
from autograder.exercises.ps01.loss import MASKED_MEAN_LOSS
from autograder.exercises.ps01.order import ORDER_BLIND
from autograder.exercises.ps01.pads import PAD_AND_MASK
from autograder.exercises.ps01.parameter_count import COUNT_PARAMETERS
from autograder.exercises.ps01.pencil import SKIPPED_LAYERS
from autograder.exercises.ps01.problem_types import PROBLEM_TYPES
from autograder.exercises.ps01.waste import WASTED_SHARE
from autograder.exercises.ps01.window import FIXED_WINDOW
from autograder.exercises.ps01.written import EARLIER_FRAMES

WORKSHEET = Worksheet(
    id="ps01",
    subject="sequences",
    title="Sequences, and why recurrence",
    exercises=(
        PROBLEM_TYPES,
        BAG_OF_WORDS,
        ORDER_BLIND,
        FIXED_WINDOW,
        PAD_AND_MASK,
        WASTED_SHARE,
        MASKED_MEAN_LOSS,
        SKIPPED_LAYERS,
        COUNT_PARAMETERS,
        UNROLL_EXERCISE,
    ),
    written=(EARLIER_FRAMES,),
    withheld=("course.sequences", "course.padding", "torch"),
)
