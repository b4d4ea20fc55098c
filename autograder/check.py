"""What a notebook calls: `check`, `hint`, `question` and `rubric`.

Everything here works offline, on any system, in the notebook's own process.  The cases are the public
ones, and the judge is the one that grades; only the inputs differ.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Sequence
from typing import Any

from autograder import panel
from autograder.exercises import find_exercise, find_written
from autograder.judge import Verdict
from autograder.questions import Drawn, draw, student

#: How many hints of each exercise this notebook has shown.
_climbed: dict[str, int] = {}
#: The name of the course, if it draws questions: set by the notebook's first cell.
_course = ""


class Points(float):
    """The value of a `check` cell.  Its text is a plain number, which nbgrader reads as the mark."""

    def __new__(cls, points: float, max_points: float) -> Points:
        self = super().__new__(cls, points)
        self.max_points = max_points
        return self

    max_points: float

    def __repr__(self) -> str:
        return repr(float(self))

    def _repr_html_(self) -> str:
        return f"<small>{float(self):g} of {self.max_points:g} points</small>"


def verdict(drawn: Drawn, answer: Any) -> Verdict:
    """Judge an answer on the public cases, in this process."""
    exercise = drawn.exercise
    cases = exercise.public_cases
    answers = [exercise.drive(answer, case) for case in cases]
    untouched = exercise.given is not None and same_source(answer, exercise.given)
    return drawn.judge(cases, answers, untouched=untouched, secret=False)


def check(exercise: str, answer: Any) -> Points:
    """Check an answer and show a panel: what is right, or what is wrong and where to read again.

    `exercise` is the name in the worksheet's heading; `answer` is what you wrote.  Returns your points.
    Raises UnknownName if there is no such exercise.
    """
    found = _drawn(exercise)
    result = verdict(found, answer)
    panel.show_verdict(result, title=found.title)
    return Points(result.points, result.max_points)


def hint(exercise: str) -> None:
    """Show the next hint of an exercise: from a nudge to nearly the answer."""
    found = _drawn(exercise).exercise
    step = min(_climbed.get(exercise, 0), len(found.hints) - 1)
    _climbed[exercise] = step + 1
    panel.show_hint(exercise, found.hints[step], step + 1, len(found.hints))


def question(exercise: str) -> None:
    """Show which question of an exercise is yours, where it differs from student to student."""
    panel.show_question(_drawn(exercise))


def draw_questions(course: str) -> None:
    """From here on each student has questions of their own, drawn for the course of that name.

    A course that draws has this call in the first locked cell of its worksheets.
    """
    global _course
    _course = course


def _drawn(exercise: str) -> Drawn:
    found = find_exercise(exercise)
    return draw(found, _course, student() if _course and found.questions else "")


def rubric(
    question: str, *, attempted: bool = False, met: Sequence[int] | int | None = None
) -> None:
    """Help you to mark your own answer to a written question.

    Write your answer first.  Then `rubric(name, attempted=True)` shows the criteria and four marked
    answers, and `rubric(name, met=[1, 3])` adds up the criteria that yours meets.
    """
    found = find_written(question)
    if met is not None:
        panel.show_own_mark(found, [met] if isinstance(met, int) else list(met))
    elif attempted:
        panel.show_rubric(found)
    else:
        panel.show_rubric_closed(found)


def same_source(answer: Any, given: Any) -> bool:
    """Do two classes have the same methods, by their syntax trees?  False if a source is not at hand."""
    if not (isinstance(answer, type) and isinstance(given, type)):
        return False
    trees = [_method_trees(answer), _method_trees(given)]
    return trees[0] is not None and trees[0] == trees[1]


def _method_trees(cls: type) -> dict[str, str] | None:
    functions = {name: f for name, f in vars(cls).items() if inspect.isfunction(f)}
    try:
        sources = {name: inspect.getsource(f) for name, f in functions.items()}
        return {n: ast.dump(ast.parse(textwrap.dedent(s))) for n, s in sources.items()}
    except (OSError, TypeError, SyntaxError):
        return None
