"""The report as one HTML file that needs no network and runs no script: `page.html.j2`, filled in."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from autograder.report import statistics
from autograder.report.figures import score_histogram, success_bars
from autograder.report.statistics import Answer, Common, Success
from autograder.table import plain
from course.figures import Figure

#: Names of so many students are listed; the formgrader has the others.
_LISTED = 30

_environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_environment.filters["number"] = lambda value: "–" if value is None else f"{value:.4g}"
_environment.filters["percent"] = lambda value: "–" if value is None else f"{100 * value:.0f} %"
_environment.filters["r"] = lambda value: "–" if value is None else f"{value:.2f}".replace("-", "−")
_environment.filters["plain"] = plain
_template = _environment.from_string(
    Path(__file__).with_name("page.html.j2").read_text(encoding="utf-8")
)


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """A student's points, the penalty for lateness taken off."""

    points: float
    waiting: int  # how many answers wait for a person; the points are then those so far


@dataclasses.dataclass(frozen=True)
class ClassReport:
    """All that a report tells of an assignment."""

    assignment: str
    title: str
    made: datetime.datetime
    roster: int  # students in the gradebook
    max_points: float
    answers: Sequence[Answer]  # of those who handed in, in the worksheet's order
    scores: Mapping[str, Score]  # by student
    marked_by: Mapping[str, str]  # by exercise: what stands behind its marks
    by_machine: frozenset[str]  # the exercises that no person marks
    explanations: Mapping[tuple[str, str], tuple[str, str]]  # what a diagnosis says, where to read
    attention: Mapping[str, str]  # by student: why somebody should look
    late: int  # submissions that lateness has cost points
    levels: Mapping[str, int]  # submissions by their sandbox's level


def page(report: ClassReport) -> str:
    """The whole file."""
    settled = [score.points for score in report.scores.values() if not score.waiting]
    waiting = [score.points for score in report.scores.values() if score.waiting]
    top = max([report.max_points, *settled, *waiting])
    bins = statistics.histogram(settled, top), statistics.histogram(waiting, top)
    found = statistics.successes(report.answers)
    marked = [success for success in found if success.marked]
    told = statistics.discriminations(report.answers, report.by_machine)
    return _template.render(
        report=report,
        summary=statistics.summary(settled),
        so_far=statistics.summary(settled + waiting) if waiting else None,
        bins=list(zip(*bins, strict=True)),
        scores=_image(score_histogram(*bins, _score_title(settled, waiting, report.max_points)))
        if report.scores
        else "",
        successes=found,
        success=_image(success_bars(marked, _success_title(marked))) if marked else "",
        discriminations={one.exercise: one for one in told},
        common=_with_words(statistics.common_diagnoses(report.answers), report),
        undiagnosed=_undiagnosed(report.answers),
        failing=sorted((one for one in told if one.fails), key=lambda one: one.r or 0.0),
        silent=[one for one in told if one.r is None and one.n >= statistics.LEAST_STUDENTS],
        few=[one for one in told if one.n < statistics.LEAST_STUDENTS],
        least_students=statistics.LEAST_STUDENTS,
        threshold=statistics.LEAST_DISCRIMINATION,
        waiting=_waiting(report.answers),
        listed=_LISTED,
    )


def _image(figure: Figure) -> Markup:
    """A picture with its text; the figure escapes it."""
    return Markup(figure._repr_html_())


def _score_title(settled: Sequence[float], waiting: Sequence[float], most: float) -> str:
    if found := statistics.summary(settled):
        return f"Half have {found.median:.3g} of {most:g} points or more"
    so_far = statistics.summary(waiting)
    return (
        f"So far, half have {so_far.median:.3g} of {most:g} or more" if so_far else "No points yet"
    )


def _success_title(found: Sequence[Success]) -> str:
    hardest = min(found, key=lambda success: success.rate or 0.0)
    return f"Hardest: {hardest.exercise}, {100 * (hardest.rate or 0):.0f} % of its points"


def _with_words(
    found: Sequence[Common], report: ClassReport
) -> list[tuple[Common, tuple[str, str]]]:
    """Diagnoses with what they say and where to read again."""
    nothing = ("", "")
    return [
        (one, report.explanations.get((one.exercise.rpartition("/")[2], one.diagnosis), nothing))
        for one in found
    ]


def _undiagnosed(answers: Sequence[Answer]) -> int:
    """Answers that were judged, are not right, and fit no known mistake."""
    return sum(
        bool(answer.verdict)
        and answer.verdict not in ("correct", "not attempted")
        and not answer.diagnosis
        for answer in answers
    )


def _waiting(answers: Sequence[Answer]) -> list[tuple[str, list[str]]]:
    """Whose answers wait for a person, by exercise."""
    names: dict[str, list[str]] = {}
    for answer in answers:
        if answer.points is None:
            names.setdefault(answer.exercise, []).append(answer.student)
    return [(exercise, sorted(students)) for exercise, students in names.items()]
