"""Which question of an exercise a student gets, where it differs from student to student.

An exercise may have several `questions`: the gradient by the weight of this gate, or of that one.  A
course that turns draws on, with one line of `nbgrader_config.py`, gives each student one of them.  It
is drawn by a public hash of the course's name, the student's and the exercise's, so the notebook and the
grader find the same one, each by itself and offline.  Without that line everybody gets the first.

The notebook goes by the name that it finds at home, the grader by the name on the course's list.
Where the two differ, a right answer to the wrong question is told so.
"""

from __future__ import annotations

import dataclasses
import getpass
import hashlib
import os
from collections.abc import Sequence

from autograder.contract import Case
from autograder.driver import Answer
from autograder.exercise import Exercise
from autograder.judge import Kind, Verdict, is_right, judge

#: Where a student says who they are, if the hub or the computer knows them under another name.
VARIABLE = "UNROLLED_STUDENT"


def student() -> str:
    """Who works here: `UNROLLED_STUDENT`, else the hub's user, else this computer's."""
    told = os.environ.get(VARIABLE, "").strip() or os.environ.get("JUPYTERHUB_USER", "").strip()
    if told:
        return told
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return ""


@dataclasses.dataclass(frozen=True)
class Drawn:
    """An exercise as one student has it.

    `name` is that of the question, empty if the exercise has only one; `student` is empty where
    everybody gets the same.
    """

    exercise: Exercise
    name: str = ""
    student: str = ""

    @property
    def title(self) -> str:
        return self.exercise.title + (f" · {self.name}" if self.student else "")

    def judge(
        self,
        cases: Sequence[Case],
        answers: Sequence[Answer],
        *,
        untouched: bool = False,
        secret: bool = True,
    ) -> Verdict:
        """The verdict; it says so if the answer is right for another student's question."""
        verdict = judge(self.exercise, cases, answers, untouched=untouched, secret=secret)
        if not self.student or verdict.kind not in (Kind.WRONG, Kind.PARTLY):
            return verdict
        for name, other in self.exercise.questions.items():
            if name != self.name and is_right(other, cases, answers):
                return dataclasses.replace(
                    verdict,
                    reason="another question",
                    message=_another(name, self.name, self.student),
                    diagnosis=f"the answer for {name}",
                    explanation="",
                    read="",
                    numbers=(),
                )
        return verdict


def draw(exercise: Exercise, course: str, student: str) -> Drawn:
    """The exercise with the student's question.  An empty `course` is one that does not draw."""
    if not exercise.questions:
        return Drawn(exercise)
    if not course:
        return Drawn(exercise, next(iter(exercise.questions)))

    def rank(name: str) -> bytes:
        drawn_from = "\0".join([course, student.strip().casefold(), exercise.id, name])
        return hashlib.sha256(drawn_from.encode()).digest()

    # The highest hash, and no remainder: a question more moves only those students who get it.
    return named(exercise, max(exercise.questions, key=rank), student or "you")


def named(exercise: Exercise, name: str, student: str) -> Drawn:
    """The exercise with a question that has been drawn already; without a student, everybody's."""
    if not name or not student:
        return Drawn(exercise, name)
    mine = dataclasses.replace(exercise.questions[name], questions=exercise.questions)
    return Drawn(mine, name, student)


def _another(answered: str, asked: str, student: str) -> str:
    return (
        f"This is the right answer for {answered}, and the question drawn for {student} is {asked}. "
        f"If your notebook showed you {answered}, it knew you under another name than {student}: "
        f"set {VARIABLE} to the name that the course has for you, and start Jupyter again. "
        "(Or it was handed out before the course drew questions: then ask for the new one.)"
    )
