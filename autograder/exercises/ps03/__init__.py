"""Worksheet ps03, "Backpropagation through time": one module an exercise, in the worksheet's order.

    da_t = (dh_t + da_{t+1} W_hh^T) * (1 - h_t^2)        dW_hh = sum_t h_{t-1}^T da_t

Row vectors, batch first.  The right answers are those of `course.autodiff`, `rnn`, `softmax`, `optim`
and `flow`; each module has the wrong ones beside the exercise, with what is said to them.
"""

from __future__ import annotations

from autograder.exercise import Worksheet
from autograder.exercises.ps03.accumulate import ACCUMULATE
from autograder.exercises.ps03.derivation import DL_DW_HH
from autograder.exercises.ps03.distance import PER_DISTANCE
from autograder.exercises.ps03.grad_check import GRAD_CHECK
from autograder.exercises.ps03.output import RNN_OUTPUT_BACKWARD
from autograder.exercises.ps03.sequence import RNN_BACKWARD
from autograder.exercises.ps03.sgd import SGD_STEP
from autograder.exercises.ps03.softmax import SOFTMAX_XENT_BACKWARD
from autograder.exercises.ps03.step import RNN_STEP_BACKWARD
from autograder.exercises.ps03.truncated import TRUNCATED_BPTT
from autograder.exercises.ps03.written import SHARED_GRADIENTS

WORKSHEET = Worksheet(
    id="ps03",
    subject="bptt",
    title="Backpropagation through time",
    exercises=(
        ACCUMULATE,
        GRAD_CHECK,
        RNN_STEP_BACKWARD,
        RNN_OUTPUT_BACKWARD,
        RNN_BACKWARD,
        DL_DW_HH,
        SOFTMAX_XENT_BACKWARD,
        SGD_STEP,
        PER_DISTANCE,
        TRUNCATED_BPTT,
    ),
    written=(SHARED_GRADIENTS,),
    withheld=(
        "course.rnn",
        "course.autodiff",
        "course.gradcheck",
        "course.softmax",
        "course.optim",
        "course.flow",
        "torch",
    ),
)
