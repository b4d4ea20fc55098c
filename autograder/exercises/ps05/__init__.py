"""Worksheet ps05, "The LSTM: forward, and the gradient by hand": its exercises, in its order.

    f, i, o = sigmoid(x U + h W + b)      g = tanh(x U^g + h W^g + b^g)
    C_t = f C_{t-1} + i g                 h_t = o tanh(C_t)

Row vectors, batch first; the four gates stand in the first axis of U, W and b.  The right answers are
written here in that form, as students would, so that their mutants try the checks; a test holds them
against `course.lstm`.
"""

from __future__ import annotations

from autograder.exercise import Worksheet
from autograder.exercises.ps05.arrows import (
    IMMEDIATE_DA,
    IMMEDIATE_DC,
    IMMEDIATE_DGATES,
    IMMEDIATE_DO,
    LSTM_IMMEDIATE,
)
from autograder.exercises.ps05.backward import LSTM_BACKWARD
from autograder.exercises.ps05.by_pencil import HAND_LSTM
from autograder.exercises.ps05.derivation import DJ_DWG, DJ_DWO
from autograder.exercises.ps05.gate_table import GATE_TABLE
from autograder.exercises.ps05.gates import LSTM_GATES
from autograder.exercises.ps05.parameter_count import LSTM_PARAMETER_COUNT
from autograder.exercises.ps05.sequence import LSTM_FORWARD
from autograder.exercises.ps05.step import LSTM_STEP
from autograder.exercises.ps05.written import IMMEDIATE_OR_TOTAL

WORKSHEET = Worksheet(
    id="ps05",
    subject="lstm",
    title="The LSTM: forward, and the gradient by hand",
    exercises=(
        GATE_TABLE,
        HAND_LSTM,
        LSTM_GATES,
        LSTM_STEP,
        LSTM_FORWARD,
        LSTM_PARAMETER_COUNT,
        IMMEDIATE_DO,
        IMMEDIATE_DC,
        IMMEDIATE_DGATES,
        IMMEDIATE_DA,
        LSTM_IMMEDIATE,
        DJ_DWG,
        DJ_DWO,
        LSTM_BACKWARD,
    ),
    written=(IMMEDIATE_OR_TOTAL,),
    withheld=("course.lstm", "torch"),
)
