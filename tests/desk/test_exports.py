"""Exports, each held against the rules of its format, as the program that reads it has them."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader import api

from autograder.grade import grade
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.exports import (
    CanvasExport,
    CsvExport,
    ExportError,
    JsonExport,
    MoodleExport,
)
from autograder.nbgrader_plugin.marks import (
    Mark,
    Marks,
    NotInGradebook,
    Sheet,
    Submission,
    read_marks,
)
from autograder.roster import Student
from benchmarks.gradebooks import fill

EXPORTS = (CsvExport, CanvasExport, MoodleExport, JsonExport)
PACKAGE = "autograder.nbgrader_plugin.exports"
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

# The rules of the formats.


def rfc_4180(text: str) -> list[list[str]]:
    """The records of a CSV file.  The grammar is RFC 4180's, section 2, with UTF-8 (RFC 7111, 5.1).

    Lines end with CRLF; a field is bare, without quotes, commas and line breaks, or quoted, with its
    quotes doubled; all records have the same number of fields.
    """
    field = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
    record = rf"{field}(?:,{field})*\r\n"
    assert re.fullmatch(f"(?:{record})+", text)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(set(rows[0])) == len(rows[0]), "the header names each column"
    return rows


def no_formulas(rows: list[list[str]]) -> None:
    """OWASP, CSV Injection: no cell begins with one of these, unless it is a number, or Moodle's dash."""
    for row in rows:
        for cell in row:
            safe = not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
            assert safe or NUMBER.fullmatch(cell) or cell == "-", cell


def canvas(text: str) -> dict[str, dict[str, str]]:
    """The grades by login, as Canvas reads them: lib/gradebook_importer.rb of instructure/canvas-lms."""
    rows = rfc_4180(text)
    no_formulas(rows)
    header, points, students = rows[0], rows[1], rows[2:]
    # row_has_student_headers?, update_column_count, last_student_info_column
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert re.search(r"SIS\s+User\s+ID", header[2])
    assert re.search(r"SIS\s+Login\s+ID", header[3])
    assert "Section" in header[4]
    titles = header[5:]
    # NON_ASSIGNMENT_COLUMN_HEADERS, searched for anywhere in a title; calc_assignment_indices goes by
    # the first column of a name.
    taken = "(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)"
    assert not any(re.search(taken, title) for title in titles)
    assert [header.index(title) for title in titles] == list(range(5, len(header)))
    # check_for_non_student_row: the row with the points, and no other
    assert "Points Possible" in points[0]
    assert all(NUMBER.fullmatch(cell) for cell in points[5:])
    assert not any("Points Possible" in row[0] for row in students)
    # csv_stream leaves out lines of nothing but separators; semicolon_delimited? looks at three lines
    assert not any(re.fullmatch("[;, ]+", line) for line in text.split("\r\n"))
    assert header[0] == "Student", "no semicolon is taken for the separator"
    for row in students:
        # process_student: Ruby's to_i takes the digits that an ID begins with
        assert re.fullmatch("[0-9]*", row[1])
        assert any(row[1:4])
        for cell in row[5:]:
            assert not cell or NUMBER.fullmatch(cell), "empty is no mark; commas would be moved"
    for column in (1, 2, 3):
        known = [row[column] for row in students if row[column]]
        assert len(set(known)) == len(known)
    return {row[3]: dict(zip(titles, row[5:], strict=True)) for row in students}


def moodle(text: str) -> dict[str, dict[str, str]]:
    """The grades by user, as Moodle reads them: grade/import/csv/classes/load_data.php and lib/csvlib."""
    rows = rfc_4180(text)
    no_formulas(rows)
    assert len(rows[0]) > 1  # csvfewcolumns
    assert all(title == title.strip() != "" for title in rows[0])  # trim_headers
    assert rows[0][0] in ("Email address", "ID number", "Username")
    for row in rows[1:]:
        assert row[0], "Moodle gives the marks of an empty user to the one above"
        for title, cell in zip(rows[0][1:], row[1:], strict=True):
            if not title.endswith("(feedback)"):
                # import_new_grade_item: `-` alone is no grade; insert_grade_record: not above 100
                assert cell == "-" or (NUMBER.fullmatch(cell) and float(cell) <= 100)
    users = [row[0] for row in rows[1:]]
    assert len(set(users)) == len(users)
    return {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[1:]}


def json_objects(text: str) -> list[dict[str, Any]]:
    """RFC 8259: UTF-8 without a byte-order mark, no NaN, each name once in an object; and our fields."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    def never(constant: str) -> None:
        raise AssertionError(constant)

    assert not text.startswith("\ufeff")
    found = json.loads(text.encode(), object_pairs_hook=once, parse_constant=never)
    assert isinstance(found, list)
    for one in found:
        assert isinstance(one["student"], str)
        assert one["score"] is None or isinstance(one["score"], int | float)
        assert one["needs_manual_grade"] == any(e["needs_manual_grade"] for e in one["exercises"])
        for exercise in one["exercises"]:
            assert {"verdict", "points", "max_points", "diagnosis"} <= set(exercise)
            assert (exercise["points"] is None) == exercise["needs_manual_grade"]
    return found


# Whatever people are called.

FORMULAS = ('=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1")
ODD = ('O"Neil, "Bo"', "a\r\nb", "Łukasz", "李", "عمر", "🙂", "  x  ", ";", "null", "1e5")
NAMES = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    (*FORMULAS, *ODD, "Points Possible")
)


def made(people: list[Student], waiting: bool = False) -> Marks:
    """A class with two assignments; everybody has handed in the first, and nobody the second."""
    sheets = [
        Sheet("ps1", datetime.datetime(2027, 1, 1), 4.0),
        Sheet("ps2, the “hard” one", None, 2.5),
    ]
    mark = Mark("notebook", "step", None if waiting else 3.25, 4.0, False, "partly", "no tanh")
    found = {
        ("ps1", person.id): Submission("ps1", person.id, None, 0.5, ("full",), "", (mark,))
        for person in people
    }
    return Marks(sheets, people, found)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=4))
def test_every_format_holds_whatever_people_are_called(names: list[tuple[str, str]]) -> None:
    people = [
        Student(f"s{n}", first, last, f"s{n}@example.org", str(n))
        for n, (first, last) in enumerate(names)
    ]
    marks = made(people)
    rows = rfc_4180(CsvExport().text(marks))
    no_formulas(rows)
    column = {name: number for number, name in enumerate(rows[0])}
    for person, row in zip(people, rows[1:], strict=False):
        for name in ("first_name", "last_name"):
            original = getattr(person, name)
            assert row[column[name]] in (original, f"'{original}")
        assert float(row[column["score"]]) == 2.75
    for person, one in zip(people, json_objects(JsonExport().text(marks)), strict=False):
        assert (one["first_name"], one["last_name"]) == (person.first_name, person.last_name)
    read = canvas(CanvasExport().text(marks))
    assert read == {p.id: {"ps1": "2.75", "ps2, the “hard” one": ""} for p in people}
    for feedback in (False, True):
        moodled = moodle(MoodleExport(feedback=feedback).text(marks))
        assert {user: row["ps1"] for user, row in moodled.items()} == {
            p.email: "2.75" for p in people
        }


@given(st.floats(0, 100), st.floats(0, 5))
def test_numbers_stay_numbers(points: float, penalty: float) -> None:
    marks = made([Student("s0", email="a@b", lms_user_id="1")])
    found = marks.submissions["ps1", "s0"]
    mark = dataclasses.replace(found.marks[0], points=points)
    changed = dataclasses.replace(found, penalty=penalty, marks=(mark,))
    marks = Marks(marks.sheets, marks.people, {("ps1", "s0"): changed})
    cell = canvas(CanvasExport().text(marks))["s0"]["ps1"]
    assert float(cell) == pytest.approx(max(0, points - penalty), abs=5e-5)
    assert moodle(MoodleExport().text(marks))["a@b"]["ps1"] == cell


def test_what_waits_is_never_a_zero() -> None:
    marks = made([Student("s0", "A", "B", "a@b", "7")], waiting=True)
    assert canvas(CanvasExport().text(marks))["s0"] == {"ps1": "", "ps2, the “hard” one": ""}
    assert moodle(MoodleExport().text(marks))["a@b"] == {"ps1": "-", "ps2, the “hard” one": "-"}
    (first, second) = json_objects(JsonExport().text(marks))
    assert (first["score"], first["state"]) == (None, "waits for a person")
    assert (second["score"], second["state"]) == (None, "not handed in")
    rows = [dict(row) for row in csv.DictReader(io.StringIO(CsvExport().text(marks)))]
    assert [(row["score"], row["waiting"]) for row in rows] == [("", "1"), ("", "")]
    zeros = CanvasExport(zero_if_missing=True).text(marks)
    assert canvas(zeros)["s0"] == {"ps1": "", "ps2, the “hard” one": "0"}


@pytest.mark.parametrize(
    ("export", "person", "said"),
    [
        (CanvasExport(), Student("=1+1"), "cannot hold safely"),
        (CanvasExport(), Student("ada", lms_user_id="12ab"), "SIS user id"),
        (CanvasExport(login="email"), Student("ada"), "no email"),
        (MoodleExport(), Student("ada"), "no email"),
        (MoodleExport(identify_by="id number"), Student("ada"), "no lms_user_id"),
        (MoodleExport(), Student("ada", email="a@b\n"), "cannot hold safely"),
    ],
)
def test_a_student_whom_the_other_program_would_not_find_is_told(
    export: Any, person: Student, said: str
) -> None:
    with pytest.raises(ExportError, match=said):
        export.text(made([person]))


@pytest.mark.parametrize(
    "title", ["Final Score", "My Current Grade", "ID", "Section", "ps2, the “hard” one", " "]
)
def test_a_column_that_canvas_would_not_read_is_told(title: str) -> None:
    with pytest.raises(ExportError, match=r"CanvasExport\.columns"):
        CanvasExport(columns={"ps1": title}).text(made([Student("ada")]))


def test_two_students_with_one_email_are_told() -> None:
    people = [Student("ada", email="a@b"), Student("ben", email="a@b")]
    with pytest.raises(ExportError, match="2 students would be 'a@b' to Moodle"):
        MoodleExport().text(made(people))


def test_columns_can_be_named_and_ids_chosen() -> None:
    marks = made([Student("ada", "A", "B", "a@b", "x-17")])
    export = CanvasExport(columns={"ps1": "Set 1 (4711)"}, lms_user_id="SIS User ID", login="email")
    rows = rfc_4180(export.text(marks))
    assert rows[0][5] == "Set 1 (4711)"
    assert rows[2][:4] == ["B, A", "", "x-17", "a@b"]
    assert moodle(MoodleExport(identify_by="id number").text(marks)).keys() == {"x-17"}
    assert moodle(MoodleExport(identify_by="username").text(marks)).keys() == {"ada"}
    told = moodle(MoodleExport(feedback=True).text(marks))["a@b"]["ps1 (feedback)"]
    assert told == "step: 3.25 of 4 (partly: no tanh)"


# From a gradebook.


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return fill(tmp_path_factory.mktemp("exports") / "course", 40, ["ps01", "ps02"])


def exported(course: Course, kind: Any, path: Path, **traits: Any) -> str:
    export = kind(config=course.config, to=str(path), **traits)
    with course.gradebook() as gradebook:
        export.export(gradebook)
    return path.read_bytes().decode()


def test_marks_are_nbgrader_s_own(large: Course, tmp_path: Path) -> None:
    """Submission by submission: score, penalty, largest score, and whether a person is needed."""
    with large.gradebook() as gradebook:
        marks = read_marks(gradebook.db.connection())
        count = 0
        for sheet in marks.sheets:
            assert sheet.max_points == gradebook.find_assignment(sheet.name).max_score
            for submission in gradebook.assignment_submissions(sheet.name):
                count += 1
                found = marks.submissions[sheet.name, submission.student.id]
                assert found.points == submission.score
                assert found.penalty == submission.late_submission_penalty
                assert bool(found.waiting) == submission.needs_manual_grade
                assert found.timestamp == submission.timestamp
    assert count == len(marks.submissions) > 60


def test_all_formats_agree(large: Course, tmp_path: Path) -> None:
    rows = csv.DictReader(io.StringIO(exported(large, CsvExport, tmp_path / "marks.csv")))
    wanted = {(row["student_id"], row["assignment"]): row["score"] for row in rows}
    assert len(wanted) == 80
    assert 0 < list(wanted.values()).count("") < 30
    in_canvas = canvas(exported(large, CanvasExport, tmp_path / "canvas.csv"))
    assert {(s, a): cell for s, row in in_canvas.items() for a, cell in row.items()} == wanted
    in_moodle = moodle(exported(large, MoodleExport, tmp_path / "moodle.csv"))
    assert {
        (s.partition("@")[0], a): cell.strip("-")
        for s, row in in_moodle.items()
        for a, cell in row.items()
    } == wanted
    objects = json_objects(exported(large, JsonExport, tmp_path / "marks.json"))
    assert {
        (o["student"], o["assignment"]): "" if o["score"] is None else f"{o['score']}"
        for o in objects
    } == wanted
    for one in objects:
        if one["exercises"]:
            points = sum(e["points"] or 0 for e in one["exercises"])
            assert one["points"] == pytest.approx(points)


def test_only_those_asked_for_are_exported(large: Course, tmp_path: Path) -> None:
    some = {"student": ["student00003", "student00007"], "assignment": ["ps02"]}
    for kind in EXPORTS:
        text = exported(large, kind, tmp_path / "some", **some)
        assert "student00003" in text
        assert "student00004" not in text
        assert "ps01" not in text
    objects = json_objects(exported(large, JsonExport, tmp_path / "some.json", **some))
    assert [one["student"] for one in objects] in ([*some["student"]], [*some["student"]][::-1])


@pytest.mark.parametrize("unknown", [{"student": ["nobody"]}, {"assignment": ["ps99"]}])
def test_an_unknown_name_is_told_and_the_old_file_stays(
    large: Course, tmp_path: Path, unknown: dict[str, list[str]]
) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("what was there")
    with pytest.raises(NotInGradebook, match=r"'nobody'|'ps99'"):
        exported(large, CsvExport, path, **unknown)
    assert path.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_warnings_count_what_is_left_out(
    large: Course, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(large.root, tmp_path / "course")
    course = Course(tmp_path / "course")
    course.folder("submitted", "zoe", "ps02").mkdir(parents=True)
    with course.gradebook() as gradebook:
        gradebook.db.execute(
            sa.text("UPDATE unrolled_notebook SET level = 'none' WHERE student = 'student00001'")
        )
        gradebook.db.commit()
        waiting = sum(s.needs_manual_grade for s in gradebook.assignment_submissions("ps02"))
    log = logging.getLogger("test of exports")
    with caplog.at_level(logging.WARNING):
        exported(course, CanvasExport, tmp_path / "canvas.csv", log=log)
    said = [record.getMessage() for record in caplog.records]
    assert any(line.startswith(f"ps02: {waiting} left out: waits for a person.") for line in said)
    assert any(line.startswith("ps02: 1 left out: not graded.") for line in said)
    assert any("sandbox of level 'none'" in line for line in said)
    objects = json_objects(exported(course, JsonExport, tmp_path / "marks.json"))
    assert {"none"} == {
        level for o in objects if o["student"] == "student00001" for level in o["sandbox"]
    }


def test_few_queries_however_large_the_class(large: Course) -> None:
    asked: list[str] = []
    with large.gradebook() as gradebook:
        sa.event.listen(
            gradebook.engine, "before_cursor_execute", lambda *about: asked.append(about[2])
        )
        read_marks(gradebook.db.connection())
    assert (
        len([query for query in asked if query.startswith("SELECT student") or "FROM" in query])
        < 15
    )


def test_names_survive_the_gradebook(large: Course, tmp_path: Path) -> None:
    shutil.copytree(large.root, tmp_path / "course")
    course = Course(tmp_path / "course")
    name = 'Zoë "Z", =1+1\r\nŁ'
    with course.gradebook() as gradebook:
        change = sa.update(api.Student.__table__).where(
            api.Student.__table__.c.id == "student00002"
        )
        gradebook.db.execute(change.values(last_name=f"={name}", first_name=name))
        gradebook.db.commit()
    rows = rfc_4180(exported(course, CsvExport, tmp_path / "marks.csv"))
    no_formulas(rows)
    assert any(f"'={name}" in row and name in row for row in rows)
    canvas(exported(course, CanvasExport, tmp_path / "canvas.csv"))


def nbgrader(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "nbgrader", "export", *arguments]
    return subprocess.run(line, cwd=course.root, capture_output=True, text=True)


def test_nbgrader_s_own_command_exports_them(large: Course, tmp_path: Path) -> None:
    path = tmp_path / "canvas.csv"
    done = nbgrader(
        large, f"--exporter={PACKAGE}.CanvasExport", "--to", str(path), "--assignment", "ps02"
    )
    assert done.returncode == 0, done.stderr
    assert len(canvas(path.read_bytes().decode())) == 40
    assert "left out: waits for a person." in done.stderr
    refused = nbgrader(
        large, f"--exporter={PACKAGE}.MoodleExport", "--student", "nobody", "--to", "x.csv"
    )
    assert refused.returncode == 1
    assert "no student 'nobody'" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (large.root / "x.csv").exists()


@pytest.mark.slow
@pytest.mark.linux
def test_a_class_that_was_really_graded(
    course: Course, hand_in: Callable[[str, str], Path], tmp_path: Path
) -> None:
    hand_in("ada", "# base: solved\n")
    hand_in("ben", "# base: released\n")
    hand_in("cem", "# base: solved\n").write_text("damaged")
    course.generate("ps02")
    outcomes = {o.student: o for o in grade(course, "ps02", ["ada", "ben", "cem"])}
    found = {
        o["student"]: o for o in json_objects(exported(course, JsonExport, tmp_path / "x.json"))
    }
    assert found.keys() == {"ada", "ben"}
    assert found["ada"]["points"] == outcomes["ada"].points == 40
    assert (found["ada"]["state"], found["ben"]["state"]) == ("waits for a person", "settled")
    verdicts = [e["verdict"] for e in found["ben"]["exercises"] if e["verdict"]]
    assert verdicts == ["not attempted"] * len(outcomes["ben"].rows)
    assert canvas(exported(course, CanvasExport, tmp_path / "x.csv"))["ben"] == {"ps02": "0"}
