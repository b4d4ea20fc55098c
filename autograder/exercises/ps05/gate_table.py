"""ps05 `gate_table`: what each gate is called, what it decides, and what the two together do."""

from __future__ import annotations

from autograder.contract import Choice
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

SECTION = "The cell"

NAMES = ("candidate", "forget gate", "input gate", "output gate")
TASKS = (
    "how much of the candidate enters the cell",
    "how much of the cell is shown",
    "how much of the old cell stays",
    "what could be written",
)
EFFECTS = (
    "the candidate is added to the cell",
    "the candidate replaces the cell",
    "the cell becomes zero",
    "the cell stays as it is",
)

OPTIONS = {
    **{f"{gate} is the": NAMES for gate in "fiog"},
    **{f"{gate} says": TASKS for gate in "fiog"},
    "f = 1, i = 0": EFFECTS,
    "f = 0, i = 1": EFFECTS,
    "f = 1, i = 1": EFFECTS,
    "f = 0, i = 0": EFFECTS,
}

GATE_TABLE = Exercise(
    Choice("gate_table", OPTIONS),
    "What each gate is for",
    points=2,
    minutes=5,
    difficulty=1,
    cases=a_value,
    reference={
        "f is the": "forget gate",
        "i is the": "input gate",
        "o is the": "output gate",
        "g is the": "candidate",
        "f says": "how much of the old cell stays",
        "i says": "how much of the candidate enters the cell",
        "o says": "how much of the cell is shown",
        "g says": "what could be written",
        "f = 1, i = 0": "the cell stays as it is",
        "f = 0, i = 1": "the candidate replaces the cell",
        "f = 1, i = 1": "the candidate is added to the cell",
        "f = 0, i = 0": "the cell becomes zero",
    },
    mistakes=(
        Mistake(
            "an open forget gate forgets",
            {"f = 1, i = 0": "the cell becomes zero", "f = 0, i = 0": "the cell stays as it is"},
            "You seem to take f = 1 for forgetting. The name misleads: put f = 1 into the equation "
            "of C and see what becomes of the old cell.",
            SECTION,
        ),
        Mistake(
            "forget and input gate exchanged",
            {
                "f = 1, i = 0": "the candidate replaces the cell",
                "f = 0, i = 1": "the cell stays as it is",
            },
            "f = 1, i = 0 and f = 0, i = 1 look exchanged. "
            "Write both into C = f C_before + i g and read what is left.",
            SECTION,
        ),
        Mistake(
            "two open gates replace",
            {"f = 1, i = 1": "the candidate replaces the cell"},
            "With both gates open, is anything of the old cell lost? Nothing ties i to 1 - f.",
            SECTION,
        ),
        Mistake(
            "g is taken for a gate",
            {"g is the": "input gate", "i is the": "candidate"},
            "i and g look exchanged. Which of the two lies between 0 and 1, and which has a sign?",
            SECTION,
        ),
        Mistake(
            "the input gate lets in the input",
            {
                "i says": "what could be written",
                "g says": "how much of the candidate enters the cell",
            },
            "i and g look exchanged. A gate says how much; what is written has to be made by "
            "the other.",
            SECTION,
        ),
        Mistake(
            "the output gate empties the cell",
            {
                "o says": "how much of the old cell stays",
                "f says": "how much of the cell is shown",
            },
            "f and o look exchanged. Showing the cell does not change it: in which equation does "
            "each of the two stand?",
            SECTION,
        ),
    ),
    hints=(
        "Look at where each letter stands in the equations of C and h, and what it multiplies.",
        "A gate of 1 lets everything through, one of 0 nothing. f multiplies the old cell, "
        "i the candidate, o what is shown.",
        "For the last four, put the numbers into C = f C_before + i g. "
        "With f = 1 and i = 1 it is C_before + g.",
    ),
)
