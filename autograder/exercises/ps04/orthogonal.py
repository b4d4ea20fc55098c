"""ps04 `orthogonal_init`: a random start that stretches every row alike.

A = U S V^T  ->  gain U V^T
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from course import init

Array: TypeAlias = np.ndarray

ASKED = {"A": "H H", "gain": ""}
SECTION = "A better start"


def starts(rng: np.random.Generator) -> Sequence[Case]:
    """Random matrices, with gains below 1 and above."""
    return [
        Case({**case.inputs, "gain": np.array(gain)}, case.about)
        for case, gain in zip(
            draw_cases(rng, {"A": "H H"}),
            rng.uniform([0.4, 1.2, 0.6, 1.5], [0.8, 1.4, 0.9, 2.0]),
            strict=True,
        )
    ]


def _overwrites_A(A: Array, gain: float) -> Array:
    U, _, V_T = np.linalg.svd(A)
    A[...] = gain * U @ V_T
    return A


def _both_transposed(A: Array, gain: float) -> Array:
    U, _, V_T = np.linalg.svd(A)
    return gain * V_T.T @ U.T


def _v_for_v_transposed(A: Array, gain: float) -> Array:
    U, _, V_T = np.linalg.svd(A)
    return gain * U @ V_T.T


def _with_singular_values(A: Array, gain: float) -> Array:
    U, S, V_T = np.linalg.svd(A)
    return gain * (U * S) @ V_T


def _squared_gain(A: Array, gain: float) -> Array:
    return gain * init.orthogonalised(A, gain)


MISTAKES = (
    Mistake(
        "the gain is left out",
        lambda A, gain: init.orthogonalised(A),
        "W keeps every length exactly. It should multiply lengths by gain.",
        SECTION,
    ),
    Mistake(
        "the gain squared",
        _squared_gain,
        "W multiplies lengths by the square of gain. Of W W^T each factor has one gain.",
        SECTION,
    ),
    Mistake(
        "divided by the gain",
        lambda A, gain: init.orthogonalised(A, 1 / gain),
        "W divides lengths by gain instead of multiplying.",
        SECTION,
    ),
    Mistake(
        "the singular values are still there",
        _with_singular_values,
        "This is gain times A itself: the singular values went out of the product and in again. "
        "All of them should become gain.",
        SECTION,
    ),
    Mistake(
        "scaled by the largest singular value",
        lambda A, gain: gain * A / np.linalg.norm(A, 2),
        "The largest singular value is gain, and the others are smaller: A was only scaled. "
        "The rows in those directions still shrink.",
        SECTION,
    ),
    Mistake(
        "scaled to the spectral radius",
        lambda A, gain: gain * A / np.abs(np.linalg.eigvals(A)).max(),
        "The spectral radius is gain, but A was only scaled, so its singular values still differ.",
        SECTION,
    ),
    Mistake(
        "rows made equally long",
        lambda A, gain: gain * A / np.linalg.norm(A, axis=1, keepdims=True),
        "All rows have the length gain, and that is not enough: two rows may still point almost "
        "the same way. Compute W @ W.T and look beside the diagonal.",
        SECTION,
    ),
    Mistake(
        "columns made equally long",
        lambda A, gain: gain * A / np.linalg.norm(A, axis=0, keepdims=True),
        "All columns have the length gain, and that is not enough: two may still point almost the "
        "same way. Compute W @ W.T and look beside the diagonal.",
        SECTION,
    ),
    Mistake(
        "U alone",
        lambda A, gain: gain * np.linalg.svd(A)[0],
        "This is orthogonal, but it is U alone: the directions in which A takes its input are lost.",
        SECTION,
    ),
    Mistake(
        "V transposed once more",
        _v_for_v_transposed,
        "This is orthogonal, but not the one that belongs to A: it looks as if the third result of "
        "np.linalg.svd were transposed. It is V^T already.",
        SECTION,
    ),
    Mistake(
        "the other way round",
        _both_transposed,
        "This is the right matrix transposed: U comes first.",
        SECTION,
    ),
    Mistake(
        "Q of QR",
        lambda A, gain: gain * np.linalg.qr(A)[0],
        "This is orthogonal, and a fine start too. It comes from A by QR; "
        "asked for is the one that has A's own directions, U V^T.",
        SECTION,
    ),
    Mistake(
        "A is overwritten",
        _overwrites_A,
        "The result is right, but it is written into A itself.",
        SECTION,
    ),
)

ORTHOGONAL_INIT = Exercise(
    Function("orthogonal_init", ASKED, {"W": "H H"}),
    "A start that keeps lengths",
    points=2,
    minutes=8,
    difficulty=2,
    cases=starts,
    reference=init.orthogonalised,
    mistakes=MISTAKES,
    hints=(
        "What stretches different rows differently are the singular values. "
        "Take the matrix apart, and put it together without them.",
        "U, S, V_T = np.linalg.svd(A) gives A = U diag(S) V_T. The third is transposed already.",
        "With every number in S replaced by gain, U diag(S) V_T becomes gain U V_T.",
    ),
)
