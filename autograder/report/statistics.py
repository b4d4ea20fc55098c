"""What marks say of a class and of its exercises.  Pure functions of marks, in points.

Nothing here depends on the order of students, and a class that is there twice has the same rates.

    success of exercise i    p_i = mean_s(x_si) / max_i
    discrimination           r_i = corr_s(x_si, sum_{j != i} x_sj)

with x_si the points of student s for exercise i.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, pstdev

import numpy as np

from autograder.judge import Kind

#: Below it an exercise fails to discriminate: the usual limit of poor items, after R. L. Ebel and
#: D. A. Frisbie, Essentials of Educational Measurement, 5th ed. (1991), chapter 13.
LEAST_DISCRIMINATION = 0.20
#: With fewer students the 95 % interval of a correlation of 0.2 is wider than ± 0.35.
LEAST_STUDENTS = 30
_Z95 = 1.959964


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came of one student's answer to one exercise."""

    student: str
    exercise: str
    points: float | None  # None while it waits for a person
    max_points: float
    verdict: str = ""  # empty if no machine judged it
    diagnosis: str = ""


@dataclasses.dataclass(frozen=True)
class Summary:
    """Numbers about numbers.  `sd` is that of this class (divided by n, not by n - 1)."""

    n: int
    mean: float
    sd: float
    least: float
    lower: float  # quartiles
    median: float
    upper: float
    most: float


def summary(values: Sequence[float]) -> Summary | None:
    """Mean, spread and quartiles; None of nothing.

    A quartile is the value that a quarter of the class does not exceed, or the middle between two such
    (R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, 1996, definition 2).
    """
    if not values:
        return None
    lower, median, upper = np.quantile(values, (0.25, 0.5, 0.75), method="averaged_inverted_cdf")
    return Summary(
        n=len(values),
        mean=fmean(values),
        sd=pstdev(values),
        least=min(values),
        lower=float(lower),
        median=float(median),
        upper=float(upper),
        most=max(values),
    )


@dataclasses.dataclass(frozen=True)
class Bin:
    """How many values lie from `low` up to, but not at, `high`; the last bin has both its ends."""

    low: float
    high: float
    count: int


def histogram(values: Sequence[float], most: float, bins: int = 10) -> list[Bin]:
    """Bins of equal width from 0 to `most`, or to the largest value where extra credit goes beyond."""
    top = max([most, *values])
    if top <= 0:
        return [Bin(0.0, 0.0, len(values))]
    edges = [top * number / bins for number in range(bins + 1)]
    places = np.searchsorted(edges, np.asarray(values, float), side="right") - 1
    count = Counter(np.clip(places, 0, bins - 1).tolist())
    return [Bin(edges[n], edges[n + 1], count[n]) for n in range(bins)]


@dataclasses.dataclass(frozen=True)
class Success:
    """How a class did on one exercise: how many got full points, some, none; and who did not try."""

    exercise: str
    max_points: float
    full: int
    some: int
    none: int
    not_attempted: int
    waiting: int
    rate: float | None  # mean points / max points of those that are marked; None if none is

    @property
    def marked(self) -> int:
        return self.full + self.some + self.none + self.not_attempted


def successes(answers: Iterable[Answer]) -> list[Success]:
    """One row for each exercise, in the order in which they first come."""
    found = []
    for name, group in _by_exercise(answers).items():
        most = max(answer.max_points for answer in group)
        count = Counter(_outcome(answer) for answer in group)
        points = [answer.points for answer in group if answer.points is not None]
        rate = fmean(points) / most if points and most else None
        row = Success(
            name,
            most,
            full=count["full"],
            some=count["some"],
            none=count["none"],
            not_attempted=count["not_attempted"],
            waiting=count["waiting"],
            rate=rate,
        )
        found.append(row)
    return found


def _by_exercise(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for answer in answers:
        found.setdefault(answer.exercise, []).append(answer)
    return found


def _outcome(answer: Answer) -> str:
    if answer.points is None:
        return "waiting"
    if answer.points >= answer.max_points:
        return "full"
    if answer.points > 0:
        return "some"
    return "not_attempted" if answer.verdict == Kind.NOT_ATTEMPTED else "none"


@dataclasses.dataclass(frozen=True)
class Common:
    """A mistake that is made often."""

    exercise: str
    diagnosis: str
    students: int
    share: float  # of those who tried the exercise


def common_diagnoses(answers: Iterable[Answer], most: int = 10) -> list[Common]:
    """The diagnoses that most students got, the most common first."""
    tried: Counter[str] = Counter()
    made: Counter[tuple[str, str]] = Counter()
    for answer in answers:
        attempted = answer.verdict not in ("", Kind.NOT_ATTEMPTED)
        tried[answer.exercise] += attempted or bool(answer.diagnosis)
        if answer.diagnosis:
            made[answer.exercise, answer.diagnosis] += 1
    ranked = sorted(made.items(), key=lambda item: (-item[1], item[0]))[:most]
    return [Common(*what, times, times / tried[what[0]]) for what, times in ranked]


@dataclasses.dataclass(frozen=True)
class Discrimination:
    """Do those who do well in the rest do better on this exercise?"""

    exercise: str
    n: int
    r: float | None  # None with too few students, or where all got the same points
    low: float | None = None  # 95 % interval
    high: float | None = None

    @property
    def fails(self) -> bool:
        return self.r is not None and self.r < LEAST_DISCRIMINATION


def discriminations(
    answers: Iterable[Answer], rest: Iterable[str], least: int = LEAST_STUDENTS
) -> list[Discrimination]:
    """How well each exercise tells strong students from weak ones: the corrected item-total correlation

        r_i = corr_s(x_si, sum_{j in rest, j != i} x_sj)

    over the students s whose exercise i and whose whole `rest` are marked.  An exercise's own points are
    not part of the total that it is held against, as they would raise it (S. Henrysson, Correction of
    item-total correlations in item analysis, Psychometrika 28, 1963, 211-218).  Of an exercise that is
    either right or wrong this is the point-biserial correlation.

    `rest` names the exercises that make up the total.  With fewer than `least` students, or where
    everybody has the same points, there is no r.  The interval is Fisher's: artanh(r) ± 1.96 / sqrt(n - 3).
    """
    points: dict[str, dict[str, float | None]] = {}
    for answer in answers:
        points.setdefault(answer.exercise, {})[answer.student] = answer.points
    total = [name for name in points if name in set(rest)]
    return [_discrimination(points, name, total, least) for name in points]


def _discrimination(
    points: Mapping[str, Mapping[str, float | None]], name: str, total: Sequence[str], least: int
) -> Discrimination:
    others = [other for other in total if other != name]
    pairs = []
    for student in sorted(points[name]):
        own = points[name][student]
        marks = [points[other].get(student) for other in others]
        known = [mark for mark in marks if mark is not None]
        if own is not None and len(known) == len(marks):
            pairs.append((own, math.fsum(known)))
    n = len(pairs)
    if n < max(least, 4) or not others:
        return Discrimination(name, n, None)
    own_points, sums = np.array(pairs).T  # (n,), (n,)
    if np.ptp(own_points) < 1e-9 or np.ptp(sums) < 1e-9:
        return Discrimination(name, n, None)
    r = float(np.clip(np.corrcoef(own_points, sums)[0, 1], -1, 1))
    # At 1 the interval has no width; artanh has no value there.
    z, half = math.atanh(max(min(r, 1 - 1e-12), -1 + 1e-12)), _Z95 / math.sqrt(n - 3)
    return Discrimination(name, n, r, math.tanh(z - half), math.tanh(z + half))
