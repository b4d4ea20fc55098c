"""What a report says: the statistics by their properties, the page as it is read."""

from __future__ import annotations

import html.parser
import itertools
import math
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape
from nbgrader.api import Grade

from autograder.files import write_whole
from autograder.judge import Kind
from autograder.nbgrader_plugin.class_report import class_report
from autograder.nbgrader_plugin.course import Course
from autograder.report import statistics
from autograder.report.page import page
from autograder.report.statistics import Answer
from benchmarks.gradebooks import fill

points = st.floats(0, 100, allow_nan=False, width=32)
KINDS = st.sampled_from([Kind.CORRECT, Kind.WRONG, Kind.PARTLY, Kind.NOT_ATTEMPTED, ""])


@st.composite
def classes(draw: st.DrawFn) -> list[Answer]:
    """A class of up to 40, with up to 5 exercises; some answers wait, some mistakes are known."""
    students, exercises = draw(st.integers(1, 40)), draw(st.integers(1, 5))
    rng = draw(st.randoms(use_true_random=False))
    return [
        Answer(
            f"s{student}",
            f"e{exercise}",
            None if rng.random() < 0.1 else rng.choice([0.0, 1.0, 2.5, 4.0]),
            4.0,
            rng.choice([Kind.CORRECT, Kind.WRONG, Kind.PARTLY, Kind.NOT_ATTEMPTED, ""]),
            rng.choice(["", "", "forgets the bias", "no tanh"]),
        )
        for student in range(students)
        for exercise in range(exercises)
    ]


def everything(answers: list[Answer]) -> list[Any]:
    """All that is said of a class, exercise by exercise."""
    names = [f"e{number}" for number in range(5)]
    return [
        sorted(statistics.successes(answers), key=lambda one: one.exercise),
        statistics.common_diagnoses(answers),
        sorted(statistics.discriminations(answers, names, 4), key=lambda one: one.exercise),
    ]


@settings(max_examples=60, deadline=None)
@given(classes(), st.randoms(use_true_random=False))
def test_the_order_of_students_changes_nothing(answers: list[Answer], rng: random.Random) -> None:
    mixed = answers.copy()
    rng.shuffle(mixed)
    assert everything(mixed) == everything(answers)


@settings(max_examples=60, deadline=None)
@given(classes())
def test_a_class_that_is_there_twice_keeps_its_rates(answers: list[Answer]) -> None:
    twice = answers + [
        Answer(f"{a.student}'", a.exercise, a.points, a.max_points, a.verdict, a.diagnosis)
        for a in answers
    ]
    once, again = everything(answers), everything(twice)
    for one, other in zip(once[0], again[0], strict=True):
        assert other.rate == pytest.approx(one.rate)
        assert (other.full, other.waiting, other.marked) == (
            2 * one.full,
            2 * one.waiting,
            2 * one.marked,
        )
    assert [(c.exercise, c.diagnosis, c.share) for c in once[1]] == [
        (c.exercise, c.diagnosis, c.share) for c in again[1]
    ]
    for one, other in zip(once[2], again[2], strict=True):
        if one.n >= 4:
            assert other.r == (None if one.r is None else pytest.approx(one.r, abs=1e-9))


@given(st.lists(points, min_size=1))
def test_quartiles_stand_in_order_and_a_doubled_class_has_the_same(values: list[float]) -> None:
    one, two = statistics.summary(values), statistics.summary(values + values)
    assert one is not None
    assert two is not None
    assert one.least <= one.lower <= one.median <= one.upper <= one.most
    assert one.least <= one.mean + 1e-9
    assert (two.lower, two.median, two.upper) == (one.lower, one.median, one.upper)
    assert (two.mean, two.sd) == (pytest.approx(one.mean), pytest.approx(one.sd))


@given(st.lists(points), points)
def test_a_histogram_holds_everybody_once(values: list[float], most: float) -> None:
    bins = statistics.histogram(values, most)
    assert sum(found.count for found in bins) == len(values)
    for found in bins[:-1]:
        assert found.count == sum(found.low <= value < found.high for value in values)
    assert all(one.high == other.low for one, other in itertools.pairwise(bins))


def test_discrimination_is_the_correlation_with_the_rest() -> None:
    rng = np.random.default_rng(1)
    ability = rng.normal(size=60)
    marks = (ability[:, None] + rng.normal(size=(60, 4)) > 0) * [4.0, 4.0, 2.0, 3.0]
    marks[:, 3] = 3.0 * (rng.random(60) < 0.5)  # luck
    answers = [
        Answer(f"s{s}", f"e{e}", float(marks[s, e]), 4.0) for s in range(60) for e in range(4)
    ]
    found = statistics.discriminations(answers, ["e0", "e1", "e2", "e3"])
    for number, one in enumerate(found):
        rest = np.delete(marks, number, axis=1).sum(axis=1)
        assert one.r == pytest.approx(np.corrcoef(marks[:, number], rest)[0, 1])
        assert one.low < one.r < one.high
    assert [one.exercise for one in found if one.fails] == ["e3"]
    # Of what is right or wrong it is the point-biserial: (M1 - M0) / s * sqrt(p q).
    rest, right = marks[:, 1:].sum(axis=1), marks[:, 0] > 0
    p = right.mean()
    biserial = (rest[right].mean() - rest[~right].mean()) / rest.std() * math.sqrt(p * (1 - p))
    assert found[0].r == pytest.approx(biserial)


def test_nothing_is_said_of_few_students_or_of_equal_points() -> None:
    few = [Answer(f"s{s}", f"e{e}", float(s % 2), 1.0) for s in range(29) for e in range(2)]
    assert [one.r for one in statistics.discriminations(few, ["e0", "e1"])] == [None, None]
    same = [Answer(f"s{s}", f"e{e}", float(e * s % 3), 1.0) for s in range(40) for e in range(2)]
    assert [one.r for one in statistics.discriminations(same, ["e0", "e1"])] == [None, None]


def test_what_waits_is_in_no_rate_and_in_no_total() -> None:
    answers = [Answer("a", "e", 4.0, 4.0), Answer("b", "e", None, 4.0)]
    (one,) = statistics.successes(answers)
    assert (one.rate, one.full, one.waiting, one.marked) == (1.0, 1, 1, 1)
    written = [
        Answer(f"s{s}", e, None if e == "w" else float((s + len(e)) % 3), 4.0)
        for s in range(30)
        for e in ("e", "ee", "w")
    ]
    found = {d.exercise: d for d in statistics.discriminations(written, ["e", "ee"])}
    assert (found["e"].n, found["w"].n) == (30, 0)


class Reader(html.parser.HTMLParser):
    """What a page asks for from elsewhere, what would run, and pictures without words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.pictures = 0
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = dict(attributes)
        if tag in ("script", "link", "iframe", "object", "embed", "form", "b", "svg"):
            self.found.append(tag)
        self.found += [name for name in names if name.startswith("on")]
        for name in ("src", "href", "action"):
            if names.get(name) and not (names[name] or "").startswith("data:image/png;base64,"):
                self.found.append(f"{name}={names[name]}")
        if tag == "img":
            self.pictures += 1
            assert len(names.get("alt") or "") > 40

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two worksheets of a class of 60, with some work that needs attention."""
    course = fill(tmp_path_factory.mktemp("report") / "course", 60, ["ps02", "ps03"])
    for student, text in (("zoe", ""), ("<b>bold", "{}"), ("yan", '{"cells": 1}')):
        path = course.folder("submitted", student, "ps02") / "ps02_vanilla_rnn.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return course


@pytest.fixture(scope="session")
def text(large: Course) -> str:
    return page(class_report(large, "ps02"))


def test_the_page_stands_by_itself_and_runs_nothing(text: str) -> None:
    reader = Reader(text)
    assert reader.found == []
    assert reader.pictures == 2
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text
    assert "url(" not in text


def test_what_came_from_outside_is_escaped(text: str) -> None:
    assert "&lt;b&gt;bold" in text
    assert "<b>bold" not in text


def test_the_page_says_what_the_gradebook_says(large: Course, text: str) -> None:
    report = class_report(large, "ps02")
    with large.gradebook() as gradebook:
        submissions = gradebook.assignment_submissions("ps02")
        totals = {s.student.id: max(0.0, s.score - s.late_submission_penalty) for s in submissions}
        waiting = {s.student.id for s in submissions if s.needs_manual_grade}
    assert {student: score.points for student, score in report.scores.items()} == totals
    assert {s for s, score in report.scores.items() if score.waiting} == waiting
    summary = statistics.summary([totals[s] for s in totals if s not in waiting])
    assert summary is not None
    said = " ".join(" ".join(Reader(text).text).split())
    assert f"fully marked {summary.n} wait for a person {len(waiting)}" in said
    assert f"median of 50 points {summary.median:.4g}" in said
    assert all(f"<code>{student}</code>" in text for student in waiting)


def test_exercises_come_in_the_worksheet_s_order_with_what_stands_behind_their_marks(
    large: Course, text: str
) -> None:
    report = class_report(large, "ps02")
    names = list(dict.fromkeys(answer.exercise for answer in report.answers))
    assert names[:2] == ["hand_step", "rnn_step"]
    assert names[-1] == "state_limits"
    assert report.marked_by["rnn_step"] == "secret inputs"
    assert report.marked_by["state_limits"] == "a person"
    assert "a key" in report.marked_by.values()
    assert text.index("<code>hand_step</code></th><td") < text.index(
        "<code>rnn_step</code></th><td"
    )


def test_who_needs_attention_is_named_with_the_reason(large: Course) -> None:
    found = class_report(large, "ps02").attention
    assert "is empty" in found["zoe"]
    assert "id may hold plain letters" in found["<b>bold"]
    assert found["yan"].startswith("refused: ")
    assert class_report(large, "ps03").attention == {}


def test_most_common_diagnoses_are_those_of_the_tables(large: Course, text: str) -> None:
    found = statistics.common_diagnoses(class_report(large, "ps02").answers)
    assert len(found) == 10
    assert [one.students for one in found] == sorted((o.students for o in found), reverse=True)
    query = sa.text(
        "SELECT count(*) FROM unrolled_verdict WHERE assignment = 'ps02' "
        "AND exercise = :exercise AND diagnosis = :diagnosis"
    )
    with large.ledger() as ledger, ledger.transaction():
        for one in found:
            what = {"exercise": one.exercise, "diagnosis": one.diagnosis}
            assert ledger.connection.execute(query, what).scalar() == one.students
    report = class_report(large, "ps02")
    words, _ = report.explanations[found[0].exercise, found[0].diagnosis]
    assert str(escape(words)) in text


def test_a_mark_by_hand_counts(large: Course, tmp_path: Path) -> None:
    shutil.copytree(large.root, tmp_path / "course")
    course = Course(tmp_path / "course")
    before = class_report(course, "ps02")
    (student,) = [s for s, score in before.scores.items() if score.waiting][:1]
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission("ps02", student)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                if grade.needs_manual_grade:
                    grade.manual_score, grade.needs_manual_grade = 7.0, False
        gradebook.db.commit()
    after = class_report(course, "ps02")
    assert after.scores[student].points == before.scores[student].points + 7
    assert after.scores[student].waiting == 0


def test_a_gradebook_without_verdicts_and_an_assignment_without_work_have_a_page(
    large: Course, tmp_path: Path
) -> None:
    shutil.copytree(large.root, tmp_path / "course")
    course = Course(tmp_path / "course")
    with course.gradebook() as gradebook:
        for table in ("unrolled_verdict", "unrolled_notebook"):
            gradebook.db.execute(sa.text(f"DROP TABLE {table}"))
        gradebook.db.execute(
            sa.update(Grade.__table__).values(needs_manual_grade=True, manual_score=None)
        )
        gradebook.db.commit()
        stock = page(class_report(course, "ps02"))
        gradebook.add_assignment("own")
    assert "No answer was recognised" in stock
    assert "Nobody is fully marked yet" in stock
    released = course.folder("release", ".", "own") / "own.ipynb"
    released.parent.mkdir()
    released.touch()
    empty = page(class_report(course, "own"))
    assert empty.count("Nothing is graded yet.") == 2
    assert Reader(empty).pictures == 0


def command(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "autograder.cli", "report", *arguments]
    return subprocess.run(
        [*line, "--course", str(course.root)], capture_output=True, text=True, cwd=course.root
    )


def test_the_command_writes_the_page_whole_or_not_at_all(large: Course, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    done = command(large, "ps02", "--to", str(path))
    assert done.returncode == 0, done.stderr
    assert path.read_text().startswith("<!doctype html>")
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("what was there")
    refused = command(large, "ps99", "--to", str(path))
    assert refused.returncode == 2
    assert "no assignment 'ps99'" in refused.stderr
    assert path.read_text() == "what was there"


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.mkdir()
    with pytest.raises(OSError, match="there"):
        write_whole(target, b"text")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.slow
@pytest.mark.linux
@pytest.mark.parametrize(
    ("look", "width", "scheme"),
    [("white", 1100, "light"), ("dark", 1100, "dark"), ("phone", 360, "light")],
)
def test_the_page_fits_its_window(
    browser: Any, text: str, tmp_path: Path, pictures: Path, look: str, width: int, scheme: str
) -> None:
    path = tmp_path / "report.html"
    path.write_text(text)
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    wrong: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("console", lambda message: wrong.append(message.text))
    shown.goto(path.as_uri())
    assert [url for url in asked if not url.startswith(("data:", path.as_uri()))] == []
    assert wrong == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    ink, ground = (
        shown.evaluate(f"getComputedStyle(document.body).{name}")
        for name in ("color", "backgroundColor")
    )
    assert _contrast(ink, ground) > 7
    assert shown.locator("img").first.evaluate("i => i.naturalWidth") > 0
    shown.screenshot(path=pictures / f"report-{look}.png", full_page=True)
    shown.close()


def _contrast(one: str, other: str) -> float:
    """WCAG 2's contrast of two colours as `rgb(r, g, b)`."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    low, high = sorted(map(light, (one, other)))
    return (high + 0.05) / (low + 0.05)
