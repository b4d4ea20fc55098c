"""Worksheet ps06, "Why LSTMs train better": one module an exercise, in the worksheet's order.

    C_t = f_t C_{t-1} + i_t g_t        dC_t/dC_{t-1} = f_t, with h_{t-1} held fixed
    h_t = z_t h_{t-1} + (1 - z_t) g_t

Row vectors, batch first.
"""

from __future__ import annotations

from autograder.exercise import Worksheet
from autograder.exercises.ps06.backward import GRU_BACKWARD
from autograder.exercises.ps06.by_pencil import HAND_CARRY
from autograder.exercises.ps06.carry import CARRY_JACOBIAN
from autograder.exercises.ps06.choices import WHAT_MITIGATES, WHEN_EQUAL
from autograder.exercises.ps06.conventions import OTHER_CONVENTION
from autograder.exercises.ps06.step import GRU_STEP
from autograder.exercises.ps06.timescale import TIMESCALE
from autograder.exercises.ps06.written import ESSENTIAL_ARBITRARY

WORKSHEET = Worksheet(
    id="ps06",
    subject="long_memory",
    title="Why LSTMs train better",
    exercises=(
        HAND_CARRY,
        WHAT_MITIGATES,
        CARRY_JACOBIAN,
        WHEN_EQUAL,
        GRU_STEP,
        OTHER_CONVENTION,
        GRU_BACKWARD,
        TIMESCALE,
    ),
    written=(ESSENTIAL_ARBITRARY,),
    withheld=("course.gru", "course.ablation", "course.memory", "torch"),
)
