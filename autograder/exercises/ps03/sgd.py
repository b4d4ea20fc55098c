"""ps03 `sgd_step`: a step of gradient descent.

parameter - learning_rate * gradient
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from course import optim

Array: TypeAlias = np.ndarray

SECTION = "A step downhill"

STEP_DOWN = {"parameter": "D H", "gradient": "D H", "learning_rate": ""}


def sgd_step(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    """`course.optim.sgd_step`, for a single array."""
    return optim.sgd_step({"": parameter}, {"": gradient}, learning_rate)[""]


def _in_place(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    parameter -= learning_rate * gradient
    return parameter


MISTAKES = (
    Mistake(
        "uphill",
        lambda parameter, gradient, learning_rate: parameter + learning_rate * gradient,
        "It looks as if the step went uphill. A gradient points to where the loss grows.",
        SECTION,
    ),
    Mistake(
        "no learning rate",
        lambda parameter, gradient, learning_rate: parameter - gradient,
        "It looks as if learning_rate played no part: the step is the whole gradient.",
        SECTION,
    ),
    Mistake(
        "the step alone",
        lambda parameter, gradient, learning_rate: -learning_rate * gradient,
        "This is the step, and not where it leads.",
        SECTION,
    ),
    Mistake(
        "the step alone, uphill",
        lambda parameter, gradient, learning_rate: learning_rate * gradient,
        "This is learning_rate times gradient. Where does the parameter come in?",
        SECTION,
    ),
    Mistake(
        "the wrong way round",
        lambda parameter, gradient, learning_rate: learning_rate * gradient - parameter,
        "It looks as if the two sides of the minus had changed places.",
        SECTION,
    ),
    Mistake(
        "the learning rate on both",
        lambda parameter, gradient, learning_rate: learning_rate * (parameter - gradient),
        "It looks as if the parameter itself were multiplied by learning_rate. "
        "With a gradient of zero nothing should move.",
        SECTION,
    ),
    Mistake(
        "divided by the learning rate",
        lambda parameter, gradient, learning_rate: parameter - gradient / learning_rate,
        "It looks as if you divided by learning_rate: a smaller one should make smaller steps.",
        SECTION,
    ),
    Mistake(
        "a step of fixed length",
        lambda parameter, gradient, learning_rate: (
            parameter - learning_rate * gradient / np.linalg.norm(gradient)
        ),
        "It looks as if the gradient were divided by its length. Then the step never gets smaller, "
        "not even close to the minimum.",
        SECTION,
    ),
    Mistake(
        "the sign alone",
        lambda parameter, gradient, learning_rate: parameter - learning_rate * np.sign(gradient),
        "It looks as if only the sign of the gradient counted. "
        "Where it is steep, the step should be longer.",
        SECTION,
    ),
    Mistake(
        "the parameter is overwritten",
        _in_place,
        "The values are right, but the old parameter has been overwritten, as `-=` does with an "
        "array. Return a new one: then you can compare before and after.",
        SECTION,
    ),
)

SGD_STEP = Exercise(
    Function("sgd_step", STEP_DOWN, {"new": "D H"}),
    "A step downhill",
    points=1,
    minutes=3,
    difficulty=1,
    cases=arrays(STEP_DOWN),
    reference=sgd_step,
    mistakes=MISTAKES,
    hints=(
        "A gradient points to where the loss grows fastest. Where do you want to go?",
        "How far you go is learning_rate times the gradient.",
        "Return parameter - learning_rate * gradient, as a new array.",
    ),
)
