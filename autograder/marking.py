"""Marks one restored notebook: what is asked of it, and what its answers are worth.

    prepare(...) -> Prepared     draw the inputs, gather cells and questions
    settle(prepared, execution)  judge the answers, and write the results into the cells

Between the two somebody runs `Prepared.cells`, here or on another machine: contracts and inputs go
there, the expected values stay here.
"""

from __future__ import annotations

import dataclasses
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.build import grade_id, is_lab, is_test
from autograder.check import Points
from autograder.contract import Case
from autograder.driver import Answer
from autograder.errors import UserError
from autograder.exercise import Exercise, Worksheet
from autograder.judge import Kind, Verdict
from autograder.marker import SOLUTION_SUFFIX
from autograder.panel import verdict_panel
from autograder.questions import Drawn, draw
from autograder.restore import same_code
from autograder.sandbox.child import Budget
from autograder.sandbox.execute import Execution, execute
from autograder.sandbox.launch import Level
from autograder.sandbox.messages import Cell, CellResult, Question, Reply
from autograder.sandbox.slot import Slot
from autograder.sanitise import Trusted, of_worksheet, sanitise

#: In a released notebook's metadata: the name of the course that draws its students' questions.
DRAWS = "unrolled_draws"

_CALLS_CHECK = re.compile(r"^\s*check\(", re.MULTILINE)


class NoExerciseError(UserError):
    """A graded cell calls `check` for an exercise that its assignment does not have."""


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A notebook that is ready to be run."""

    notebook: NotebookNode
    released: NotebookNode
    graded: Mapping[str, Drawn]  # by the id of the cell that asks for it
    cases: Mapping[str, list[Case]]  # by exercise
    cells: tuple[Cell, ...]
    told: Mapping[str, Any]  # what the notebook may know of its student


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What a verdict was made from: it can be made again without running student code."""

    drawn: Drawn
    cases: Sequence[Case]
    answers: Sequence[Answer] | None  # None where there were none, and the verdict says why


@dataclasses.dataclass(frozen=True)
class Marked:
    """A notebook with trusted outputs, and what was found."""

    notebook: NotebookNode
    verdicts: tuple[Verdict, ...]
    seconds: Mapping[str, float]  # by exercise
    level: Level
    evidence: tuple[Evidence, ...] = ()


@dataclasses.dataclass(frozen=True)
class Key:
    """What the inputs of a submission are drawn from: no two submissions have the same."""

    secret: bytes
    student: str
    submission: bytes  # digest of the submitted file

    def cases(self, exercise: Exercise) -> list[Case]:
        message = b"\0".join([self.student.encode(), exercise.id.encode(), self.submission])
        return exercise.draw(hmac.digest(self.secret, message, "sha256"))


def prepare(
    notebook: NotebookNode, released: NotebookNode, worksheet: Worksheet | None, key: Key
) -> Prepared:
    """What to run of a restored notebook.  `worksheet` is None for an assignment without exercises."""
    draws = str(released.metadata.get(DRAWS, ""))
    graded = {
        cell: draw(exercise, draws, key.student)
        for cell, exercise in _exercises_by_cell(notebook, worksheet).items()
    }
    cases = {drawn.exercise.id: key.cases(drawn.exercise) for drawn in graded.values()}
    cells = tuple(
        Cell(cell.id, cell.source, _questions(graded.get(cell.id), cases))
        for cell in notebook.cells
        if cell.cell_type == "code" and not is_lab(cell)
    )
    questions = {drawn.exercise.id: drawn.name for drawn in graded.values() if drawn.name}
    told = {"student": key.student, "questions": questions}
    return Prepared(notebook, released, graded, cases, cells, told)


def settle(prepared: Prepared, execution: Execution, level: Level) -> Marked:
    """Judge what came of a notebook, and write it into the notebook's cells.

    What a student wrote is made safe to look at, as the notebook is what pages are made from.
    """
    notebook = NotebookNode(prepared.notebook)
    notebook.cells = [NotebookNode(cell) for cell in notebook.cells]  # only their outputs are set
    stubs = {grade_id(cell): cell.source for cell in prepared.released.cells}
    verdicts, evidence, seconds = [], [], {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        result = execution.cells.get(cell.id, CellResult([], False, "not run"))
        drawn = prepared.graded.get(cell.id)
        if drawn is None:
            cell.outputs = [] if is_lab(cell) and not is_test(cell) else _own_outputs(result)
            continue
        exercise = drawn.exercise
        solution = _solution_of(exercise, notebook)
        untouched = solution is not None and same_code(
            solution.source, stubs.get(grade_id(solution), "")
        )
        cases = prepared.cases[exercise.id]
        reply = execution.replies.get(exercise.id, Reply(None, "died"))
        verdict = _verdict(drawn, cases, reply, untouched, execution, cell, solution)
        verdicts.append(verdict)
        evidence.append(Evidence(drawn, cases, reply.answers))
        seconds[exercise.id] = round(reply.seconds, 3)
        cell.outputs = trusted_outputs(verdict, drawn.title)
    trusted = Trusted(of_worksheet(notebook, prepared.released), frozenset(prepared.graded))
    safe = sanitise(notebook, trusted)
    return Marked(safe, tuple(verdicts), seconds, level, tuple(evidence))


def mark(
    notebook: NotebookNode,
    released: NotebookNode,
    worksheet: Worksheet | None,
    key: Key,
    slot: Slot,
    budget: Budget,
) -> Marked:
    """Prepare, run and settle in one go, with a slot of one's own.

    Raises WorkerFailure if the child process cannot be started.
    """
    prepared = prepare(notebook, released, worksheet, key)
    execution = execute(prepared.cells, slot, budget, prepared.told)
    return settle(prepared, execution, slot.level)


def trusted_outputs(verdict: Verdict, title: str) -> list[NotebookNode]:
    """What a graded cell shows: the verdict's panel, and the points as nbgrader reads them."""
    panel = verdict_panel(verdict, title, at_home=False)
    points = Points(verdict.points, verdict.max_points)
    shown = {"text/plain": repr(points), "text/html": points._repr_html_()}
    result = {
        "output_type": "execute_result",
        "execution_count": None,
        "metadata": {},
        "data": shown,
    }
    panels = {"output_type": "display_data", "metadata": {}, "data": panel.data()}
    return [nbformat.from_dict(panels), nbformat.from_dict(result)]


def _verdict(
    drawn: Drawn,
    cases: list[Case],
    reply: Reply,
    untouched: bool,
    execution: Execution,
    cell: NotebookNode,
    solution: NotebookNode | None,
) -> Verdict:
    exercise = drawn.exercise
    if reply.answers is not None:
        # Points with the stub in place: then the work stands in a cell of the student's own.
        verdict = drawn.judge(cases, reply.answers)
        if verdict.points or not untouched:
            return verdict

    def none(kind: Kind, message: str) -> Verdict:
        return Verdict(
            exercise.id, kind, 0.0, exercise.points, str(kind), message, cases=len(cases)
        )

    if untouched:
        return none(Kind.NOT_ATTEMPTED, "The cell is as it was given.")
    ran = [
        execution.cells[c.id] for c in (solution, cell) if c is not None and c.id in execution.cells
    ]
    ended = (
        reply.ended if reply.ended != "not handed" else next((r.ended for r in ran if r.ended), "")
    )
    if ended in ("timed out", "budget"):
        return none(Kind.TIMED_OUT, "It did not end in the time that an exercise has.")
    if ended == "out of memory":
        return none(Kind.OUT_OF_MEMORY, "It asked for more memory than a submission has.")
    if ended == "too many files":
        return none(Kind.DIED, "It was ended because it wrote too many files, or too large ones.")
    if ended == "died":
        return none(Kind.DIED, "The process ended while this ran: sys.exit, or a crash.")
    error = next((error for result in ran if (error := _error(result)) is not None), None)
    if error is None:
        return none(Kind.RAISED, "Nothing was handed over to the check.")
    kind = Kind.OUT_OF_MEMORY if error.startswith("MemoryError") else Kind.RAISED
    return none(kind, error)


def _error(result: CellResult) -> str | None:
    for output in result.outputs:
        if output["output_type"] == "error":
            said = re.sub(r"<ipython-input-[^>]*>, ", "", output["evalue"])  # no file of theirs
            return f"{output['ename']}: {said}"[:500]
    return None


def _own_outputs(result: CellResult) -> list[NotebookNode]:
    outputs = [nbformat.from_dict(output) for output in result.outputs]
    for output in outputs:
        if output.output_type == "execute_result":
            output.execution_count = None
    if not result.ok and not any(output.output_type == "error" for output in outputs):
        # A cell that failed or never ended must not look like one that passed in silence.
        how = result.ended or "failed"
        evalue = "this cell did not end by itself" if result.ended else "this cell raised an error"
        outputs.append(nbformat.v4.new_output("error", ename=how, evalue=evalue, traceback=[]))
    # nbgrader takes the first result or error for the mark: an error comes first.
    return sorted(outputs, key=lambda output: output.output_type != "error")


def _exercises_by_cell(notebook: NotebookNode, worksheet: Worksheet | None) -> dict[str, Exercise]:
    found = {}
    for cell in notebook.cells:
        if not is_test(cell):
            continue
        exercise = worksheet.exercise(grade_id(cell)) if worksheet else None
        if exercise is not None:
            found[cell.id] = exercise
        elif cell.cell_type == "code" and _CALLS_CHECK.search(cell.source):
            # The sandbox's `check` says nothing, which nbgrader would take for full points.
            raise NoExerciseError(
                f"the graded cell {grade_id(cell)} calls check(), and this assignment and notebook "
                "are no worksheet that has such an exercise: was a folder or a notebook renamed?"
            )
    return found


def _questions(drawn: Drawn | None, cases: Mapping[str, list[Case]]) -> tuple[Question, ...]:
    if drawn is None:
        return ()
    exercise = drawn.exercise
    return (Question(exercise.id, exercise.contract, cases[exercise.id]),)


def _solution_of(exercise: Exercise, notebook: NotebookNode) -> NotebookNode | None:
    wanted = exercise.id + SOLUTION_SUFFIX
    return next((cell for cell in notebook.cells if grade_id(cell) == wanted), None)
