"""Late days: what is spent, what it costs, and that the order of grading makes no difference."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import main
from autograder.nbgrader_plugin import LateDays
from autograder.nbgrader_plugin.course import Course

DAY = 24 * 3600.0
DUE = datetime.datetime(2027, 3, 1, 12)


def penalty(
    late: float, earlier: tuple[float, ...] = (), score: float = 40.0, **set: float
) -> float:
    plugin = LateDays(in_the_term=3, percent_a_day=20.0, grace_minutes=10.0, **set)
    plugin.earlier = earlier
    return plugin.late_submission_penalty("ada", score, late) or 0.0


@pytest.mark.parametrize(
    ("late", "earlier", "lost"),
    [
        (0, (), 0),
        (3 * DAY, (), 0),  # all of the term's days
        (3 * DAY + 1, (), 8),  # a fourth has begun
        (DAY, (DAY, DAY, DAY), 8),
        (DAY, (3 * DAY, 600), 8),  # ten minutes late was not late
        (2 * DAY, (1.5 * DAY,), 8),
        (30 * DAY, (), 40),  # never below nothing
    ],
)
def test_what_lateness_costs(late: float, earlier: tuple[float, ...], lost: float) -> None:
    assert penalty(late, earlier) == pytest.approx(lost)


SECONDS = st.floats(0, 40 * DAY)


@given(late=SECONDS, more=SECONDS, earlier=st.lists(SECONDS, max_size=4), score=st.floats(0, 100))
def test_later_is_never_cheaper(
    late: float, more: float, earlier: list[float], score: float
) -> None:
    spent = tuple(earlier)
    assert 0 <= penalty(late, spent, score) <= penalty(late + more, spent, score) <= score
    assert penalty(late, spent, score) <= penalty(late, (*spent, more), score)
    assert penalty(late, spent, score) == penalty(late, spent[::-1], score)


def test_days_are_spent_in_the_order_of_due_dates(checkout: Path, tmp_path: Path) -> None:
    shutil.copy(checkout / "nbgrader_config.py", tmp_path)
    course = Course(tmp_path)
    with course.gradebook() as gradebook:
        gradebook.add_student("ada")
        for number, name in enumerate(("first", "second", "third")):
            due = DUE + datetime.timedelta(weeks=number)
            gradebook.add_assignment(name, duedate=due)
            late = datetime.timedelta(days=number + 1)
            gradebook.add_submission(name, "ada", timestamp=due + late)
        gradebook.grant_extension("second", "ada", days=1)
        gradebook.add_assignment("undated")
        gradebook.add_submission("undated", "ada", timestamp=DUE)
    with course.ledger() as ledger, ledger.transaction():
        assert ledger.lateness_before("first", "ada") == ()
        assert sorted(ledger.lateness_before("third", "ada")) == [DAY, DAY]
        assert ledger.lateness_before("undated", "ada") == ()
        assert str(DAY) in ledger.due("third", "ada"), "what makes a penalty stale"


def test_an_extension_is_given_before_anything_is_handed_in(checkout: Path, tmp_path: Path) -> None:
    shutil.copy(checkout / "nbgrader_config.py", tmp_path)
    course = Course(tmp_path)
    with course.gradebook() as gradebook:
        gradebook.add_student("ada")
        gradebook.add_assignment("first", duedate=DUE)
        gradebook.add_assignment("undated")
    released = course.folder("release", ".", "first")
    for name in ("first", "undated"):
        (released.parent / name).mkdir(parents=True)
        (released.parent / name / "a.ipynb").touch()

    def extend(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["extend", *arguments, "--course", str(tmp_path)])

    assert (
        extend("first", "ada", "--days", "2").output == "ada: first is due 2027-03-03 12:00 UTC\n"
    )
    assert extend("first", "ada", "--days", "1.5").output.endswith("2027-03-03 00:00 UTC\n")
    with course.ledger() as ledger, ledger.transaction():
        ledger.open_submission(
            "first", "ada", DUE + datetime.timedelta(days=2), create_student=False
        )
        assert ledger.gradebook.find_submission("first", "ada").total_seconds_late == DAY / 2
    assert extend("first", "ada", "--days", "0").output.endswith("2027-03-01 12:00 UTC\n")
    for arguments, said in (
        (("first", "ben"), "not on the roster"),
        (("undated", "ada"), "no due date"),
    ):
        result = extend(*arguments, "--days", "1")
        assert result.exit_code == 2
        assert said in result.output
    with course.gradebook() as gradebook:
        assert not gradebook.assignment_submissions("undated"), "nothing is half done"
