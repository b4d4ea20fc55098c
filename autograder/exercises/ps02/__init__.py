"""Worksheet ps02, "A vanilla RNN by hand": one module an exercise, in the worksheet's order.

    h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)        y_t = h_t W_hy + b_y

Row vectors, batch first.  The right answers are those of `course.rnn`; each module has the wrong ones
beside the exercise, with what is said to them.
"""

from __future__ import annotations

from autograder.exercise import Worksheet
from autograder.exercises.ps02.by_pencil import HAND_STEP
from autograder.exercises.ps02.faults import FIND_THE_FAULTS
from autograder.exercises.ps02.loss import SEQUENCE_LOSS
from autograder.exercises.ps02.network import VANILLA_RNN
from autograder.exercises.ps02.output import RNN_OUTPUT
from autograder.exercises.ps02.parameter_count import RNN_PARAMETER_COUNT
from autograder.exercises.ps02.sequence import RNN_FORWARD
from autograder.exercises.ps02.shapes import SHAPES
from autograder.exercises.ps02.stacked import STACKED_WEIGHTS
from autograder.exercises.ps02.step import RNN_STEP
from autograder.exercises.ps02.written import STATE_LIMITS

WORKSHEET = Worksheet(
    id="ps02",
    subject="vanilla_rnn",
    title="A vanilla RNN by hand",
    exercises=(
        HAND_STEP,
        RNN_STEP,
        RNN_FORWARD,
        RNN_OUTPUT,
        SHAPES,
        RNN_PARAMETER_COUNT,
        STACKED_WEIGHTS,
        VANILLA_RNN,
        FIND_THE_FAULTS,
        SEQUENCE_LOSS,
    ),
    written=(STATE_LIMITS,),
    withheld=("course.rnn", "torch"),
)
