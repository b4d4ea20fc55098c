"""Submissions from outside: whose they are, what is refused by name, and what is never overwritten."""

from __future__ import annotations

import os
import shutil
import stat
import string
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.utils import parse_utc

from autograder import collect as rules
from autograder import exercises
from autograder.cli import main
from autograder.collect import Lms, Unplaced, match, original, parse
from autograder.download import SMALL, open_download
from autograder.errors import UserError
from autograder.intake import MAX_NOTEBOOK_BYTES
from autograder.nbgrader_plugin.collecting import Collector, Told
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.placing import Fate
from autograder.roster import Student
from benchmarks.fixtures import lay_out

CHECKOUT = Path(__file__).parents[2]
NOTEBOOK = f"{exercises.worksheet('ps02').notebook}.ipynb"
DUE = datetime(2024, 3, 1, 12, 0)
EARLY, LATE = datetime(2024, 2, 28, 9, 30, tzinfo=UTC), datetime(2024, 3, 5, 9, 30, tzinfo=UTC)

ADA = Student("ada", "Ada", "Lovelace", "ada@uni.example", "340")
BEN = Student("ben", "Ben", "Müller-Lüdenscheidt")
CEM = Student("cem", "Cem", "Özgür")
TWIN_1, TWIN_2 = Student("kim1", "Kim", "Lee"), Student("kim2", "Kim", "Lee")
ROSTER = [ADA, BEN, CEM, TWIN_1, TWIN_2]


# Names, without a file.


def who(lms: Lms, name: str, roster: list[Student] = ROSTER) -> str:
    return match(parse(lms, name, "ps02"), roster).id


@pytest.mark.parametrize(
    ("name", "student", "file", "late"),
    [
        ("lovelaceada_340_208490284_hw.ipynb", "ada", "hw.ipynb", False),
        ("lovelaceada_LATE_340_208490284_hw-2.ipynb", "ada", "hw-2.ipynb", True),
        ("countess_340_208490284_hw.ipynb", "ada", "hw.ipynb", False),  # the number is enough
        ("müllerlüdenscheidtben_77_5_a_1_2_b.ipynb", "ben", "a_1_2_b.ipynb", False),
        ("özgürcem_78_6_my notes (final).txt", "cem", "my notes (final).txt", False),
    ],
)
def test_canvas(name: str, student: str, file: str, late: bool) -> None:
    named = parse(Lms.CANVAS, name, "ps02")
    assert (named.file, named.late, who(Lms.CANVAS, name)) == (file, late, student)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lovelaceada_12_5_hw.ipynb", "whose number in Canvas is 340"),
        ("müllerlüdenscheidtben_340_5_hw.ipynb", "is ada (Ada Lovelace)'s in the roster"),
        ("leekim_12_5_hw.ipynb", "kim1 (Kim Lee) and kim2 (Kim Lee)"),
        ("nobodynemo_12_5_hw.ipynb", "nobody in the roster"),
        ("anon_x9Yz1_5_hw.ipynb", "anonymously"),
        ("LATE_anon_x9Yz1_5_hw.ipynb", "anonymously"),
        ("lovelaceada_340_text.html", "text typed into Canvas"),
        ("lovelaceada_LATE_340_link.html", "link typed into Canvas"),
        ("ps02.ipynb", "not named as Canvas"),
        ("sub/lovelaceada_340_5_hw.ipynb", "not named as Canvas"),
    ],
)
def test_canvas_is_not_guessed(name: str, said: str) -> None:
    with pytest.raises(Unplaced, match=rf"(?i){said.replace('(', '[(]').replace(')', '[)]')}"):
        who(Lms.CANVAS, name)


@pytest.mark.parametrize(
    ("name", "student", "file"),
    [
        ("Ada Lovelace_12345_assignsubmission_file_/hw.ipynb", "ada", "hw.ipynb"),
        ("Ada Lovelace_12345_assignsubmission_file/data/x.csv", "ada", "data/x.csv"),
        ("Ada Lovelace_12345_assignsubmission_file_hw_1.ipynb", "ada", "hw_1.ipynb"),
        ("Özgür Cem_1_assignsubmission_file_/hw.ipynb", "cem", "hw.ipynb"),
        ("Ben Mu\u0308ller-Lu\u0308denscheidt_1_assignsubmission_file_/x", "ben", "x"),  # a Mac's
    ],
)
def test_moodle(name: str, student: str, file: str) -> None:
    assert parse(Lms.MOODLE, name, "ps02").file == file
    assert who(Lms.MOODLE, name) == student


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ada Lovelace_12345_assignsubmission_onlinetext_/onlinetext.html", "onlinetext"),
        ("Kim Lee_12345_assignsubmission_file_/hw.ipynb", "kim1"),
        ("Participant_340_assignsubmission_file_/hw.ipynb", "nobody in the roster"),
        ("Ada King Lovelace_1_assignsubmission_file_/hw.ipynb", "nobody in the roster"),
        ("Default group_assignsubmission_file_/hw.ipynb", "not named as Moodle"),
    ],
)
def test_moodle_is_not_guessed(name: str, said: str) -> None:
    with pytest.raises(Unplaced, match=said):
        who(Lms.MOODLE, name)


def test_folders_are_named_by_id_address_or_number() -> None:
    for name in ("ada/hw.ipynb", "ada@uni.example/hw.ipynb", "340/ps02/hw.ipynb"):
        assert who(Lms.FOLDERS, name) == "ada"
        assert parse(Lms.FOLDERS, name, "ps02").file == "hw.ipynb"
    for name in ("Ada/hw.ipynb", "Ada Lovelace/hw.ipynb", "hw.ipynb"):
        with pytest.raises(Unplaced):
            who(Lms.FOLDERS, name)


WORDS = st.text(string.ascii_lowercase + "äöüßéñøł", min_size=1, max_size=12)
NUMBERS = st.integers(1, 10**9).map(str)
FILES = st.text(string.ascii_letters + string.digits + " ._-()", min_size=1, max_size=30)


@given(WORDS, WORDS, NUMBERS, NUMBERS, FILES, st.booleans())
def test_what_canvas_writes_is_read_back(
    first: str, last: str, user: str, number: str, file: str, late: bool
) -> None:
    sender = (last + first).casefold()
    named = parse(Lms.CANVAS, f"{sender}{'_LATE' if late else ''}_{user}_{number}_{file}", "ps02")
    assert (named.lms_user_id, named.file, named.late) == (user, file, late)
    student = Student("s1", first.title(), last.title())
    assert match(named, [student, Student("s2", first + "x", last)]) is student


@given(WORDS, WORDS, NUMBERS, FILES, st.booleans())
def test_what_moodle_writes_is_read_back(
    first: str, last: str, number: str, file: str, flat: bool
) -> None:
    between = "_" if flat else "_/"
    named = parse(
        Lms.MOODLE, f"{first} {last}_{number}_assignsubmission_file{between}{file}", "ps02"
    )
    assert named.file == file
    student = Student("s1", first.title(), last.upper() if "ß" not in last else last)
    assert match(named, [student, Student("s2", first, last + "x")]) is student


@given(st.sampled_from(Lms), st.text(max_size=80))
def test_any_name_is_somebody_s_or_unplaced(lms: Lms, name: str) -> None:
    try:
        student = match(parse(lms, name, "ps02"), ROSTER)
    except Unplaced:
        return
    assert student in ROSTER


@given(st.text(max_size=300))
def test_any_name_is_shown_on_one_line_without_tricks(name: str) -> None:
    shown = rules.shown(name)
    assert len(shown) <= 100
    assert shown.splitlines() in ([shown], [])
    assert "cannot be shown" not in rules.odd(f"a{shown}")


@given(WORDS, st.integers(1, 999), st.sampled_from(["-{}", " ({})", "({})"]))
def test_a_copy_s_number_is_no_part_of_the_name(stem: str, number: int, form: str) -> None:
    wanted = {f"{stem}.ipynb"}
    assert original(f"{stem}{form.format(number)}.ipynb", wanted) == f"{stem}.ipynb"
    assert original(f"{stem} (1)-{number}.ipynb", wanted) == f"{stem}.ipynb"
    assert (
        original(f"other{form.format(number)}.ipynb", wanted) == f"other{form.format(number)}.ipynb"
    )
    assert original(f"{stem}-2.ipynb", {f"{stem}-2.ipynb"}) == f"{stem}-2.ipynb"


@pytest.mark.parametrize(
    ("names", "lms"),
    [
        (["lovelaceada_340_5_hw.ipynb", "index.html"], Lms.CANVAS),
        (["Ada Lovelace_1_assignsubmission_file_/lovelaceada_340_5_hw.ipynb"], Lms.MOODLE),
        (["Ada_1_assignsubmission_file_a_340_5_hw.ipynb"], Lms.MOODLE),
        (["ada/hw.ipynb", "nobody/hw.ipynb"], Lms.FOLDERS),
    ],
)
def test_the_lms_is_told_by_the_names(names: list[str], lms: Lms) -> None:
    assert rules.guess(names, "ps02", ROSTER) is lms


@pytest.mark.parametrize(
    "names", [[], ["hw.ipynb"], ["nemo/hw.ipynb"], ["ada/hw.ipynb", "lovelaceada_340_5_hw.ipynb"]]
)
def test_an_lms_that_cannot_be_told_is_asked_for(names: list[str]) -> None:
    with pytest.raises(UserError, match="--lms canvas"):
        rules.guess(names, "ps02", ROSTER)


# Real downloads into a real course.


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("collect") / "course"
    course = lay_out(root, "ps02")
    course.generate("ps02")
    with course.gradebook() as gradebook:
        for student in ROSTER:
            told = dict(vars(student))
            gradebook.update_or_create_student(told.pop("id"), **told)
        gradebook.update_or_create_assignment("ps02", duedate=DUE)
    return root


@pytest.fixture
def course(prepared: Path) -> Iterator[Course]:
    yield Course(prepared)
    shutil.rmtree(prepared / "submitted", ignore_errors=True)


def zipped(
    path: Path, files: Mapping[str | zipfile.ZipInfo, bytes], when: datetime = EARLY
) -> Path:
    local = when.astimezone()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.date_time = local.timetuple()[:6]
            info.compress_type = info.compress_type or zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


def foldered(path: Path, files: Mapping[str, bytes], when: datetime = EARLY) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
        os.utime(path / name, (when.timestamp(), when.timestamp()))
    return path


def collected(course: Course, path: Path, **options: object) -> dict[str, Told]:
    found = Collector(course, "ps02").collect(path, **options)  # type: ignore[arg-type]
    return {told.who: told for told in found if isinstance(told, Told)}


def received(course: Course, student: str) -> datetime:
    """As nbgrader reads it."""
    folder = course.folder("submitted", student, "ps02")
    moment: datetime = parse_utc((folder / "timestamp.txt").read_text())
    assert course.directory.get_existing_timestamp(str(folder)) == moment
    return moment


def work(course: Course, student: str) -> dict[str, bytes]:
    folder = course.folder("submitted", student, "ps02")
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name != "timestamp.txt"
    }


def assert_nothing_else(course: Course, *students: str) -> None:
    """No student, and no half-made folder, that is not named."""
    submitted = course.root / "submitted"
    found = [p for p in submitted.rglob("*") if p.is_dir()] if submitted.exists() else []
    wanted = {submitted / s for s in students} | {submitted / s / "ps02" for s in students}
    assert set(found) == wanted


@pytest.mark.parametrize(
    ("lms", "form"),
    [
        (Lms.CANVAS, "{last}{first}_{number}_5_{copy}"),
        (Lms.MOODLE, "{First} {Last}_9_assignsubmission_file_/{file}"),
        (Lms.FOLDERS, "{id}/{file}"),
    ],
)
@pytest.mark.parametrize("make", [zipped, foldered])
@pytest.mark.parametrize("wrapped", ["", "submissions/"])
def test_a_class_is_collected(
    course: Course, tmp_path: Path, lms: Lms, form: str, make: Callable[..., Path], wrapped: str
) -> None:
    files = {
        wrapped
        + form.format(
            id=s.id,
            First=s.first_name,
            Last=s.last_name,
            first=s.first_name.casefold(),
            last=s.last_name.casefold().replace("-", ""),
            number=s.lms_user_id or "7",
            file=NOTEBOOK,
            copy=NOTEBOOK.replace(".", "-3."),
        ): s.id.encode()
        for s in (ADA, BEN, CEM)
    }
    told = collected(course, make(tmp_path / "download.zip", files))
    assert {who: t.fate for who, t in told.items()} == dict.fromkeys(
        ("ada", "ben", "cem"), Fate.COLLECTED
    )
    for student in ("ada", "ben", "cem"):
        assert work(course, student) == {NOTEBOOK: student.encode()}
        assert received(course, student) == EARLY.replace(tzinfo=None)
    assert_nothing_else(course, "ada", "ben", "cem")
    assert course.submitters("ps02") == ["ada", "ben", "cem"]


def test_the_zip_s_own_utc_time_is_preferred(course: Course, tmp_path: Path) -> None:
    info = zipfile.ZipInfo(f"ada/{NOTEBOOK}")
    info.extra = b"\x55\x54\x05\x00\x01" + int(LATE.timestamp()).to_bytes(4, "little")
    collected(course, zipped(tmp_path / "x.zip", {info: b"1"}))
    assert received(course, "ada") == LATE.replace(tzinfo=None)


def test_what_a_student_says_of_the_time_is_passed_over(course: Course, tmp_path: Path) -> None:
    files = {f"ada/{NOTEBOOK}": b"1", "ada/timestamp.txt": b"1999-01-01 00:00:00 UTC"}
    collected(course, foldered(tmp_path / "d", files))
    assert received(course, "ada") == EARLY.replace(tzinfo=None)


def test_a_time_in_the_future_is_now(course: Course, tmp_path: Path) -> None:
    ahead = datetime.now(UTC) + timedelta(days=400)
    collected(course, foldered(tmp_path / "d", {f"ada/{NOTEBOOK}": b"1"}, ahead))
    assert received(course, "ada").replace(tzinfo=UTC) < ahead - timedelta(days=399)


def test_canvas_says_who_was_late_and_the_zip_when_it_was_downloaded(
    course: Course, tmp_path: Path
) -> None:
    files = {
        f"lovelaceada_340_1_{NOTEBOOK}": b"1",
        f"özgürcem_LATE_78_2_{NOTEBOOK}": b"2",
    }
    path = zipped(tmp_path / "x.zip", files, LATE)
    said = [t for t in Collector(course, "ps02").collect(path) if isinstance(t, str)]
    assert received(course, "ada") == DUE
    assert received(course, "cem") == LATE.replace(tzinfo=None)
    assert any("1 as in time" in line for line in said)
    assert any("--received" in line for line in said)
    moment = datetime(2024, 2, 20, 8, 0, tzinfo=UTC)
    assert collected(course, path, received=moment)["cem"].fate is Fate.REPLACED
    assert received(course, "cem") == moment.replace(tzinfo=None)


def test_the_latest_stays_unless_told_otherwise(course: Course, tmp_path: Path) -> None:
    name = f"ada/{NOTEBOOK}"
    old = zipped(tmp_path / "old.zip", {name: b"old", "ada/extra.csv": b"1"}, EARLY)
    new = zipped(tmp_path / "new.zip", {name: b"new"}, LATE)
    again = zipped(tmp_path / "again.zip", {name: b"new"}, LATE + timedelta(days=3))
    assert collected(course, old)["ada"].fate is Fate.COLLECTED
    replaced = collected(course, new)["ada"]
    assert replaced.fate is Fate.REPLACED
    assert "in place of the one received 2024-02-28 09:30 UTC" in replaced.said
    assert work(course, "ada") == {NOTEBOOK: b"new"}  # nothing of the old one stays behind
    assert collected(course, again)["ada"].fate is Fate.UNCHANGED
    assert received(course, "ada") == LATE.replace(tzinfo=None)
    kept = collected(course, old)["ada"]
    assert (kept.fate, work(course, "ada")) == (Fate.KEPT, {NOTEBOOK: b"new"})
    assert "--replace" in kept.said
    assert collected(course, old, replace=True)["ada"].fate is Fate.REPLACED
    assert work(course, "ada") == {NOTEBOOK: b"old", "extra.csv": b"1"}
    assert_nothing_else(course, "ada")


@pytest.mark.parametrize("timestamp", [None, "", "soon"])
def test_a_submission_of_unknown_time_is_not_overwritten(
    course: Course, tmp_path: Path, timestamp: str | None
) -> None:
    folder = course.folder("submitted", "ada", "ps02")
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_bytes(b"by hand")
    if timestamp is not None:
        (folder / "timestamp.txt").write_text(timestamp)
    path = zipped(tmp_path / "x.zip", {f"ada/{NOTEBOOK}": b"1"}, LATE)
    told = collected(course, path)["ada"]
    assert told.fate is Fate.LEFT_OUT
    assert "--replace" in told.said
    assert work(course, "ada") == {NOTEBOOK: b"by hand"}
    assert collected(course, path, replace=True)["ada"].fate is Fate.REPLACED


def test_one_student_s_failure_is_nobody_else_s(course: Course, tmp_path: Path) -> None:
    files = {
        f"ada/{NOTEBOOK}": b"1",
        "ben/homework.ipynb": b"2",
        "cem/nbgrader_config.py": b"3",
        f"cem/{NOTEBOOK}": b"3",
        f"kim1/{NOTEBOOK}": b"4",
        f"kim1/{NOTEBOOK.replace('.', ' (1).')}": b"5",
        f"nemo/{NOTEBOOK}": b"6",
        "readme.txt": b"7",
        "ada/.DS_Store": b"8",
        f"__MACOSX/ada/._{NOTEBOOK}": b"9",
    }
    told = collected(course, zipped(tmp_path / "x.zip", files))
    assert told["ada"].fate is Fate.COLLECTED
    assert work(course, "ada") == {NOTEBOOK: b"1"}
    for who, said in {
        "ben": "found homework.ipynb. Was it renamed",
        "cem": "configuration of nbgrader's",
        "kim1": f"are both {NOTEBOOK}",
        "nemo": "nobody in the roster",
        "readme.txt": "no student's folder",
    }.items():
        assert told[who].fate is Fate.LEFT_OUT
        assert said in told[who].said
    assert len(told) == 6
    assert_nothing_else(course, "ada")


# Hostile ones.


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def device(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFIFO | 0o666) << 16
    return info


def packed(name: str, method: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    return info


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../ada/x.ipynb", "leads out"),
        ("ada/../../x.ipynb", "leads out"),
        ("/etc/passwd", "absolute"),
        ("C:/x.ipynb", "absolute"),
        ("ada\\..\\x.ipynb", "backslash"),
        ("ada//x.ipynb", "empty part"),
        ("ada/./x.ipynb", "empty part"),
        ("ada/\x1b[2Jx.ipynb", "cannot be shown"),
        ("ada/\u202ebnypi.x", "cannot be shown"),
        ("ada/" + "x" * 250, "too long"),
        ("/".join(["ada", *["x" * 90] * 12]), "too long"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_by_name(
    course: Course, tmp_path: Path, name: str, said: str
) -> None:
    path = zipped(tmp_path / "x.zip", {name: b"evil", f"ben/{NOTEBOOK}": b"1"})
    told = collected(course, path)
    assert told["ben"].fate is Fate.COLLECTED
    (other,) = (t for t in told.values() if t.who != "ben")
    assert other.fate is Fate.LEFT_OUT
    assert said in other.said
    assert other.who == rules.shown(name)
    assert "\x1b" not in other.who
    assert "\u202e" not in other.who
    assert_nothing_else(course, "ben")
    assert {p.name for p in tmp_path.iterdir()} == {"x.zip"}


@pytest.mark.parametrize(
    ("entry", "size", "said"),
    [
        (link("ada/link.csv"), 11, "it is a link"),
        (device("ada/pipe"), 0, "neither a file nor a folder"),
        (packed("ada/x.csv", zipfile.ZIP_LZMA), 1, "not known here"),
        (packed("ada/x.csv", zipfile.ZIP_BZIP2), 1, "not known here"),
        ("ada/rest.zip", 2, "an archive itself"),
        ("ada/rest.TAR.GZ", 0, "an archive itself"),
        ("ada/zeros.csv", 8 * SMALL, "unpacks to"),
        ("ada/NBGRADER_CONFIG.py", 0, "configuration"),
        (f"ada/{NOTEBOOK}/x", 0, "a file and a folder"),
    ],
    ids=lambda value: getattr(value, "filename", None),
)
def test_one_bad_entry_keeps_its_student_out_and_nobody_else(
    course: Course, tmp_path: Path, entry: str | zipfile.ZipInfo, size: int, said: str
) -> None:
    files = {
        f"ada/{NOTEBOOK}": b"1",
        entry: bytes(size),
        f"ben/{NOTEBOOK}": b"2",
        "ben/random": os.urandom(SMALL),
    }
    told = collected(course, zipped(tmp_path / "x.zip", files))
    assert told["ada"].fate is Fate.LEFT_OUT
    assert said in told["ada"].said
    assert told["ben"].fate is Fate.COLLECTED
    assert_nothing_else(course, "ben")


def test_entries_of_the_same_name_are_refused(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"ada/{NOTEBOOK}", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(f"ada/{NOTEBOOK}", b"2")
        archive.writestr(f"ben/{NOTEBOOK}", b"3")
        archive.writestr(f"ben/{NOTEBOOK.upper()}", b"4")
        archive.writestr(f"cem/{NOTEBOOK}", b"5")
    told = collected(course, path)
    assert "twice" in told["ada"].said
    assert "twice" in told["ben"].said
    assert told["cem"].fate is Fate.COLLECTED


def test_an_encrypted_entry_is_refused(course: Course, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {f"ada/{NOTEBOOK}": b"1", f"ben/{NOTEBOOK}": b"2"})
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    data[first + 8] |= 1  # the flag, in the list at the end
    path.write_bytes(data)
    told = collected(course, path)
    assert "encrypted" in told["ada"].said
    assert told["ben"].fate is Fate.COLLECTED


@pytest.mark.parametrize("size", [3, 5])
def test_an_entry_that_lies_about_its_size_is_refused(
    course: Course, tmp_path: Path, size: int
) -> None:
    path = zipped(tmp_path / "x.zip", {f"ada/{NOTEBOOK}": b"1234", f"ben/{NOTEBOOK}": b"2"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 24] = size
    path.write_bytes(data)
    told = collected(course, path)
    assert told["ada"].fate is Fate.LEFT_OUT
    assert told["ben"].fate is Fate.COLLECTED


def test_a_zip_that_bursts_as_a_whole_is_refused(course: Course, tmp_path: Path) -> None:
    many = {f"ada/{i}.csv": bytes(SMALL) for i in range(120)}
    with pytest.raises(UserError, match="made to burst"):
        collected(course, zipped(tmp_path / "x.zip", many))
    assert_nothing_else(course)


def test_a_notebook_that_is_too_large_is_refused(course: Course, tmp_path: Path) -> None:
    folder = foldered(tmp_path / "d", {f"ada/{NOTEBOOK}": b"", f"ben/{NOTEBOOK}": b"1"})
    os.truncate(folder / "ada" / NOTEBOOK, MAX_NOTEBOOK_BYTES + 1)
    told = collected(course, folder)
    assert "larger than 20 MiB" in told["ada"].said
    assert told["ben"].fate is Fate.COLLECTED


@pytest.mark.linux
def test_links_and_pipes_in_a_folder_are_refused_and_never_followed(
    course: Course, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / NOTEBOOK).write_bytes(b"secret")
    folder = foldered(
        tmp_path / "d", {f"ben/{NOTEBOOK}": b"1", f"cem/{NOTEBOOK}": b"1", "kim2/x": b""}
    )
    (folder / "ada").symlink_to(secret)
    (folder / "cem" / "more").symlink_to(secret)
    os.mkfifo(folder / "kim2" / NOTEBOOK)
    told = collected(course, folder)
    assert {who: t.fate for who, t in told.items()} == {
        "ada": Fate.LEFT_OUT,
        "ben": Fate.COLLECTED,
        "cem": Fate.LEFT_OUT,
        "kim2": Fate.LEFT_OUT,
    }
    assert "it is a link" in told["ada"].said
    assert "it is a link" in told["cem"].said
    assert_nothing_else(course, "ben")


@pytest.mark.linux
def test_a_file_that_becomes_a_link_after_it_was_seen_is_not_followed(tmp_path: Path) -> None:
    folder = foldered(tmp_path / "d", {f"ada/{NOTEBOOK}": b"1"})
    with open_download(folder) as download:
        (entry,) = download.entries
        (folder / "ada" / NOTEBOOK).unlink()
        (folder / "ada" / NOTEBOOK).symlink_to("/etc/passwd")
        with pytest.raises(OSError, match="symbolic"):
            download.read(entry)


@pytest.mark.linux
def test_a_submission_s_place_that_is_a_link_is_left_alone(course: Course, tmp_path: Path) -> None:
    place = course.folder("submitted", "ada", "ps02")
    place.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    told = collected(course, zipped(tmp_path / "x.zip", {f"ada/{NOTEBOOK}": b"1"}), replace=True)
    assert "in the way" in told["ada"].said
    assert not any((tmp_path / "elsewhere").iterdir())


@given(st.binary(max_size=300))
def test_bytes_that_are_no_zip_are_told(data: bytes) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"unrolled-{os.getpid()}.zip"
    path.write_bytes(data)
    try:
        with (
            pytest.raises(UserError, match="neither a folder nor a sound zip"),
            open_download(path),
        ):
            pass
    finally:
        path.unlink()


# The command.


def command(course: Course, *arguments: object) -> Result:
    given = [str(a) for a in arguments]
    return CliRunner().invoke(main, ["collect", *given, "--course", str(course.root)])


def test_the_command_s_exit_status(course: Course, tmp_path: Path) -> None:
    sound, nobody = {f"ada/{NOTEBOOK}": b"1"}, {f"nemo/{NOTEBOOK}": b"1"}
    for files, status, said in (
        (sound, 0, "✓ ada: collected: received 2024-02-28 09:30 UTC"),
        (sound, 0, "1 unchanged"),
        (sound | nobody, 1, f"! nemo: left out: nemo/{NOTEBOOK}: nemo is nobody in the roster."),
        (nobody, 2, "1 left out"),
    ):
        path = zipped(tmp_path / "x.zip", files)
        result = command(course, "ps02", "--from", path, "--lms", "folders")
        assert (result.exit_code, said in result.stdout) == (status, True), result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ps02", "--from", "nowhere.zip"], "there is no nowhere.zip"),
        (["ps03", "--from", "."], "no assignment 'ps03'"),
        (["ps02", "--from", __file__], "neither a folder nor a sound zip"),
        (["ps02", "--from", Path(__file__).parent], "--lms canvas"),
        (["ps02"], "--from"),
        (["ps02", "--from", ".", "--received", "soon"], "--received"),
    ],
)
def test_misuse_is_told(course: Course, arguments: list[object], said: str) -> None:
    result = command(course, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_an_empty_roster_is_told(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(prepared, root)
    course = Course(root)
    with course.gradebook() as gradebook:
        for student in ROSTER:
            gradebook.remove_student(student.id)
    result = command(course, "ps02", "--from", tmp_path)
    assert result.exit_code == 2
    assert "--roster" in result.stderr
