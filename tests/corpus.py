"""The corpus: hostile, broken and odd submissions as data, how they are played, what must hold after each.

An entry is a folder of `tests/submissions`: what is handed in, and `expect.yml`, which says what has to
become of it.  A `Stage` is a small class with one grader.  Playing an entry hands it in as one more
student, grades it and then a neighbour in the same warm slot, and asserts that nobody else and nothing
of the host's has changed.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import hashlib
import json
import logging
import os
import re
import runpy
import shutil
import socket
import sqlite3
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import yaml
from nbformat import NotebookNode

from autograder import build as builder
from autograder import exercises
from autograder.build import grade_id
from autograder.contract import Class, Function
from autograder.exercise import Worksheet
from autograder.grade import Outcome, Row, grade
from autograder.judge import Kind
from autograder.marking import Key
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.secret import course_secret
from autograder.sandbox import launch
from autograder.sandbox.pool import POOL
from autograder.sanitise import Trusted, of_worksheet, sanitise
from autograder.submissions import fill_in
from benchmarks.fixtures import lay_out

CHECKOUT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "submissions"

#: What an attack on confinement prints when it succeeds, and nobody else does.
SUCCEEDED = "ATTACK SUCCEEDED"
#: Short, and longer than an honest cell takes on a busy machine.
BUDGET = {"cell_seconds": 10.0, "exercise_seconds": 10.0, "notebook_seconds": 60.0}
#: How long after its budget a submission may at most end.
GRACE_SECONDS = 15.0

#: Expected arrays that are larger are left out of the search for leaks: some number is always near.
MOST_NUMBERS = 500

ID = re.compile(r"([frexdah]\d\d)([a-z]?)_[a-z0-9_]+")
LEVELS = ("full", "reduced", "none")
CONTROLS = ("naive", "none", "stock", "script")

# Entries


class BadEntry(Exception):
    """An entry is not as it should be; the message says what is wrong."""


@dataclasses.dataclass(frozen=True)
class Control:
    """Proof that an attack works where nobody guards.

    `naive` and `stock`: there the exercises of `gains` get full points, or, if `ends` says so, the
    judge comes to an end before its last mark.  `none` and `script`: these print the words of `finds`.
    """

    kind: str
    finds: str = SUCCEEDED
    style: str = "assert_allclose"  # of the naive judge's tests
    gains: tuple[str, ...] = ()
    ends: bool = False
    needs: str = ""  # a module without which there is no control


@dataclasses.dataclass(frozen=True)
class Entry:
    """One submission and what has to become of it: the fields are the keys of `expect.yml`."""

    folder: Path
    about: str
    worksheet: str = "ps02"
    base: str = "solved"
    files: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    links: Mapping[str, str] = dataclasses.field(default_factory=dict)
    without_notebook: bool = False
    student: str = "mallory"
    budget: Mapping[str, float] = dataclasses.field(default_factory=dict)
    verdicts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    others: str = ""
    points: float | None = None
    refused: str = ""
    says: Mapping[str, str] = dataclasses.field(default_factory=dict)
    prints: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("full",)
    slow: bool = False
    control: Control | None = None
    stock: str = ""

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def item(self) -> str:
        """The letter and number that the entry plays: `f13` of `f13a_broadcast`."""
        found = ID.fullmatch(self.id)
        return found[1] if found else ""

    @classmethod
    def read(cls, folder: Path) -> Entry:
        """Read `expect.yml`.  Raises BadEntry for a key or value that is not known."""
        told = yaml.safe_load((folder / "expect.yml").read_text(encoding="utf-8"))
        if not isinstance(told, dict):
            raise BadEntry(f"{folder.name}: expect.yml holds no mapping")
        known = {field.name for field in dataclasses.fields(cls)} - {"folder"}
        _refuse_unknown(folder, set(told) - known)
        for name in ("prints", "absent", "levels"):
            if name in told:
                told[name] = tuple(told[name])
        if "control" in told:
            control = dict(told["control"])
            known = {field.name for field in dataclasses.fields(Control)}
            _refuse_unknown(folder, {f"control: {name}" for name in set(control) - known})
            control["gains"] = tuple(control.get("gains", ()))
            told["control"] = Control(**control)
        entry = cls(folder=folder, **told)
        entry.check()
        return entry

    def check(self) -> None:
        """Raise BadEntry unless the entry is whole and makes sense."""
        worksheet = exercises.worksheet(self.worksheet)
        names = {exercise.id for exercise in worksheet.exercises}
        kinds = {str(kind) for kind in Kind}
        sources = [n for n in ("submission.py", "notebook.ipynb", "tamper.py") if self.has(n)]
        complaints = {
            "its name is not of the form f10_two_words": not ID.fullmatch(self.id),
            "about is empty": not self.about.strip(),
            "it needs one of submission.py, notebook.ipynb, tamper.py, or without_notebook": (
                len(sources) != (0 if self.without_notebook else 1)
            ),
            "a verdict is of no exercise": not set(self.verdicts) | set(self.says) <= names,
            "a verdict is no kind": not {*self.verdicts.values(), self.others or "wrong"} <= kinds,
            "it needs verdicts or refused, and not both": (
                bool(self.verdicts or self.others) == bool(self.refused)
            ),
            "others is missing": bool(self.verdicts)
            and not self.others
            and set(self.verdicts) != names,
            "a level is not known": not set(self.levels) <= set(LEVELS),
            "a budget is not known": not set(self.budget) <= {*BUDGET, "memory_bytes"},
            "base is solved or released": self.base not in ("solved", "released"),
            "a control of this group is missing": self.id[0] in "frexd" and self.control is None,
            "stock is missing": self.id[0] in "ah" and not self.stock.strip(),
        }
        if self.control is not None:
            complaints |= {
                "control.kind is not known": self.control.kind not in CONTROLS,
                "control.py is missing": self.control.kind == "script"
                and not self.has("control.py"),
                "control.gains is of no exercise": not set(self.control.gains) <= names,
            }
        if wrong := [text for text, holds in complaints.items() if holds]:
            raise BadEntry(f"{self.id}: {'; '.join(wrong)}")

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def expected(self, exercise: str) -> str:
        return self.verdicts.get(exercise, self.others)

    @property
    def gains(self) -> tuple[str, ...]:
        """What the attack gets where nobody guards: by default all that it must not get with us."""
        named = self.control.gains if self.control else ()
        return named or tuple(e for e, kind in self.verdicts.items() if kind != Kind.CORRECT)

    def notebook(self, words: Words, released: NotebookNode, solved: NotebookNode) -> bytes:
        """The bytes of the notebook that is handed in."""
        if self.has("notebook.ipynb"):
            return words.put_into((self.folder / "notebook.ipynb").read_bytes())
        if self.has("submission.py"):
            text = (self.folder / "submission.py").read_text(encoding="utf-8")
            filled = fill_in(words.put(text), released, solved)
            return nbformat.writes(filled).encode()
        base = fill_in(f"# base: {self.base}\n", released, solved)
        tamper = runpy.run_path(str(self.folder / "tamper.py"))["tamper"]
        made = tamper(json.loads(nbformat.writes(base)))
        return words.put_into(made if isinstance(made, bytes) else json.dumps(made).encode())


def _refuse_unknown(folder: Path, unknown: set[str]) -> None:
    if unknown:
        raise BadEntry(f"{folder.name}: expect.yml has unknown keys {', '.join(sorted(unknown))}")


def folders() -> list[Path]:
    """The folders of all entries, sorted; those still without `expect.yml` are not entries."""
    return sorted(path.parent for path in FOLDER.glob("*/expect.yml"))


def entries() -> list[Entry]:
    """All entries that can be read.  A broken one is left to the test that reads them strictly."""
    found = []
    for folder in folders():
        with contextlib.suppress(Exception):
            found.append(Entry.read(folder))
    return found


# The stage


@dataclasses.dataclass(frozen=True)
class Words:
    """What stands for the words between @ signs in an entry's texts."""

    course: Path
    host: Path
    port: int

    def put(self, text: str) -> str:
        for word, value in self._values().items():
            text = text.replace(word, value)
        return text

    def put_into(self, data: bytes) -> bytes:
        for word, value in self._values().items():
            data = data.replace(word.encode(), value.encode())
        return data

    def _values(self) -> dict[str, str]:
        return {
            "@COURSE@": str(self.course),
            "@HOST@": str(self.host),
            "@TOKEN_PATH@": str(self.host / "token"),
            "@PID@": str(os.getpid()),
            "@PORT@": str(self.port),
        }


@dataclasses.dataclass(frozen=True)
class Played:
    """What came of an entry."""

    outcome: Outcome
    zoe: tuple[Row, ...]
    seconds: float
    notebook: str  # as it is stored, empty if none is
    log: str
    secrets: Mapping[str, str]  # what must be nowhere, by what it is
    expected: np.ndarray  # numbers that must be nowhere, sorted

    @property
    def rows(self) -> dict[str, Row]:
        return {row.exercise: row for row in self.outcome.rows}

    @property
    def outputs(self) -> str:
        """All that the stored notebook shows below its cells."""
        if not self.notebook:
            return ""
        cells = json.loads(self.notebook)["cells"]
        return "\n".join(_strings([cell.get("outputs", []) for cell in cells]))

    @property
    def told(self) -> str:
        """All that anybody is told: verdicts, log and notebook."""
        rows = json.dumps([dataclasses.asdict(row) for row in self.outcome.rows])
        return "\n".join([rows, self.outcome.trouble, self.log, self.notebook, self.outputs])


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        if value and all(isinstance(line, str) for line in value):
            yield "".join(value)
        else:
            for inner in value:
                yield from _strings(inner)


ADA = "# base: solved\n"
ZOE = """\
# base: released

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %% solution rnn_output
def rnn_output(h, W_hy, b_y):
    return h @ W_hy
"""


class Stage:
    """A class of two, ada and zoe, and a grader; others come, are graded, and leave no trace."""

    def __init__(self, root: Path, worksheet: str = "ps02", *, fresh: bool = False) -> None:
        """With `fresh`, each submission has a sandbox of its own, so zoe is not graded after it."""
        self.worksheet: Worksheet = exercises.worksheet(worksheet)
        self.temporary = root / "tmp"
        self.temporary.mkdir()
        self.host = root / "host"
        self.host.mkdir()
        self.token = os.urandom(16).hex()
        (self.host / "token").write_text(self.token)
        for path, mode in ((root, 0o755), (self.host, 0o777), (self.host / "token", 0o666)):
            path.chmod(mode)
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._answer, daemon=True).start()
        self.fresh = fresh
        settings = f"c.ExecuteInSandbox.fresh = {fresh}"
        self.course = _make_course(root / "course", self.worksheet, settings)
        self.words = Words(self.course.root, self.host, self._listener.getsockname()[1])
        self.released = _without_pictures(builder.released_path(CHECKOUT, self.worksheet))
        self.solved = _without_pictures(builder.solved_path(CHECKOUT, self.worksheet))
        self._gradebook = Path(self.course.db_url.removeprefix("sqlite:///"))
        self.enter()
        with self._own_temporary_folder():
            self._begin()

    def enter(self) -> None:
        """Other tests were here: what they have left is not an entry's doing."""
        POOL.close()
        self._others = set(descendants(processes()))

    def _begin(self) -> None:
        """Grade the two, and keep the gradebook as it is then."""
        self.course.generate(self.worksheet.id)
        for student, text in (("ada", ADA), ("zoe", ZOE)):
            notebook = fill_in(text, self.released, self.solved)
            self._put(student, nbformat.writes(notebook).encode())
        self.set_budget({})
        ada, zoe = grade(self.course, self.worksheet.id, ["ada", "zoe"], force=True)
        assert ada.points == sum(e.points for e in self.worksheet.exercises), ada
        self.zoe = _without_times(zoe.rows)
        self.ada_files = digests(self.course.folder("autograded", "ada", self.worksheet.id))
        self.marks = self._all_marks()
        self._kept = self._gradebook.read_bytes()

    def _answer(self) -> None:
        """What listens at the host's port: it says the token to whoever comes."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.sendall(self.token.encode())

    def close(self) -> None:
        POOL.close()
        self._listener.close()

    @contextlib.contextmanager
    def _own_temporary_folder(self) -> Iterator[None]:
        """What the grader leaves in its temporary folder can be told from what others leave."""
        kept = os.environ.get("TMPDIR"), tempfile.tempdir
        os.environ["TMPDIR"], tempfile.tempdir = str(self.temporary), None
        try:
            yield
        finally:
            os.environ.pop("TMPDIR")
            if kept[0] is not None:
                os.environ["TMPDIR"] = kept[0]
            tempfile.tempdir = kept[1]

    def set_budget(self, changes: Mapping[str, float]) -> None:
        settings = self.course.config.ExecuteInSandbox
        settings.pop("memory_bytes", None)
        settings.update(BUDGET | dict(changes))

    def play(self, entry: Entry, level: str = "full", *, harmless: bool = True) -> Played:
        """Hand the entry in, grade it and then zoe, assert what must hold, and remove it.

        With `harmless=False` nothing is asserted: for a control, where the attack has to succeed.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._own_temporary_folder())
            stack.enter_context(_confined_at(self.course, level))
            log = stack.enter_context(_logged())
            stack.callback(self._remove, entry)
            self._hand_in(entry)
            before = processes()
            played = self._grade(entry, log)
            if harmless:
                self._assert_unharmed(played, before)
        return played

    def _hand_in(self, entry: Entry) -> None:
        notebook = None
        if not entry.without_notebook:
            notebook = entry.notebook(self.words, self.released, self.solved)
        self._put(entry.student, notebook, entry.files, entry.links)

    def _folder(self, step: str, student: str) -> Path | None:
        """A student's own folder, unless the id would lead out of the place for submissions."""
        folder = self.course.folder(step, student, self.worksheet.id).parent
        inside = self.course.folder(step, "ada", self.worksheet.id).parents[1]
        plain = student not in ("", ".", "..") and folder.parent == inside
        return folder if plain and "\0" not in student else None

    def _put(
        self,
        student: str,
        notebook: bytes | None,
        files: Mapping[str, Any] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        own = self._folder("submitted", student)
        if own is None:
            return
        folder = own / self.worksheet.id
        folder.mkdir(parents=True)
        if notebook is not None:
            (folder / f"{self.worksheet.notebook}.ipynb").write_bytes(notebook)
        for name, content in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copies = content.get("copies", 1) if isinstance(content, Mapping) else 1
            for number in range(copies):
                path = folder / (name if copies == 1 else f"{name}-{number}")
                path.write_bytes(self.content(content))
        for name, target in (links or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(self.words.put(target))

    def content(self, told: Any) -> bytes:
        """A file of an entry: its text, or `{hex: 00ff}`, or `{fill: x, bytes: 1000}`.

        With `copies: 600` there are so many, each with a number behind its name.
        """
        if isinstance(told, str):
            return self.words.put(told).encode()
        if set(told) == {"hex"}:
            return bytes.fromhex(told["hex"])
        return (told["fill"].encode() * told["bytes"])[: told["bytes"]]

    def _grade(self, entry: Entry, log: logging.Handler) -> Played:
        who = [entry.student]
        if not self.fresh:
            who.append("zoe")  # in the same sandbox
        # With a budget of its own the entry has a batch of its own.
        batches = [[student] for student in who] if entry.budget else [who]
        graded: dict[str, Outcome] = {}
        begin = time.monotonic()
        for students, budget in zip(batches, (entry.budget, {}), strict=False):
            self.set_budget(budget)
            found = grade(self.course, self.worksheet.id, students, force=True)
            graded |= {outcome.student: outcome for outcome in found}
        seconds = time.monotonic() - begin
        self.set_budget({})
        outcome = graded[entry.student]
        zoe = self.zoe if self.fresh else _without_times(graded["zoe"].rows)
        most = entry.budget.get("notebook_seconds", BUDGET["notebook_seconds"])
        assert seconds < most + GRACE_SECONDS, f"it took {seconds:.0f} s"
        secrets, expected = self._secrets(entry.student)
        stored = self._stored(entry.student)
        messages = "\n".join(getattr(log, "messages", []))
        return Played(outcome, zoe, seconds, stored, messages, secrets, expected)

    def _stored(self, student: str) -> str:
        folder = self._folder("autograded", student)
        if folder is None:
            return ""
        path = folder / self.worksheet.id / f"{self.worksheet.notebook}.ipynb"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _secrets(self, student: str) -> tuple[dict[str, str], np.ndarray]:
        """The words and numbers that no submission may come to know."""
        secret = course_secret(self.course.root)
        words = {"the host's token": self.token, "the course's secret": secret.hex()}
        folder = self._folder("submitted", student)
        if folder is None:
            return words, np.empty(0)
        path = folder / self.worksheet.id / f"{self.worksheet.notebook}.ipynb"
        if path.is_symlink() or not path.is_file():
            return words, np.empty(0)
        key = Key(secret, student, hashlib.sha256(path.read_bytes()).digest())
        numbers = [np.empty(0)]
        for exercise in self.worksheet.exercises:
            if isinstance(exercise.contract, Function | Class):
                for case in key.cases(exercise):
                    for array in exercise.expected(case).outputs.values():
                        if array.dtype.kind == "f" and array.size <= MOST_NUMBERS:
                            numbers.append(np.abs(array).ravel())
        found = np.sort(np.concatenate(numbers))
        return words, found[found != np.round(found, 5)]  # a round one may be there by chance

    def _assert_unharmed(self, played: Played, before: set[Process]) -> None:
        outcome = played.outcome
        assert outcome.rows, f"there is no verdict: {outcome}"
        for row in outcome.rows:
            assert row.verdict in set(Kind), row
            reason = row.message or row.reason or row.diagnosis or outcome.trouble
            assert reason or row.verdict == Kind.CORRECT, f"a verdict without a reason: {row}"
        assert played.zoe == self.zoe, "zoe, who came after, has other verdicts"
        ada = digests(self.course.folder("autograded", "ada", self.worksheet.id))
        assert ada == self.ada_files, "ada's files have changed"
        assert self._all_marks() == self.marks, "marks of others have changed"
        self._assert_nothing_left(before)
        for what, word in played.secrets.items():
            assert word not in played.told, f"{what} is told"
        secret = course_secret(self.course.root)
        assert secret not in played.notebook.encode(), "the course's secret is in the notebook"
        self._assert_safe_to_look_at(played.notebook)
        for text in set(re.findall(r"\d*\.\d{7,}(?:e-?\d+)?", played.told)):
            nearest = np.searchsorted(
                played.expected, [float(text) * (1 - 1e-7), float(text) * (1 + 1e-7)]
            )
            assert nearest[0] == nearest[1], f"an expected value is told: {text}"
        assert (self.host / "token").read_text() == self.token, "the host's file has changed"
        assert os.listdir(self.host) == ["token"], "the host's folder has changed"

    def _assert_safe_to_look_at(self, stored: str) -> None:
        """Sanitising what is stored would change nothing."""
        if not stored:
            return
        notebook = nbformat.reads(stored, as_version=4)
        judged = {exercise.id for exercise in self.worksheet.exercises}
        by_grader = frozenset(cell.id for cell in notebook.cells if grade_id(cell) in judged)
        trusted = Trusted(of_worksheet(notebook, self.released), by_grader)
        assert sanitise(notebook, trusted) == notebook, "what is stored is not safe to look at"

    def _assert_nothing_left(self, before: set[Process]) -> None:
        deadline = time.monotonic() + 5
        while (left := self._left(before)) and time.monotonic() < deadline:
            time.sleep(0.05)  # the kernel may still be at it
        assert not left, left

    def _left(self, before: set[Process]) -> str:
        """What there is that should not be, in words; empty if all is well."""
        now = processes()
        mine = [p for p in descendants(now) if p not in self._others]
        parents = [p.parent for p in mine]
        if len(set(parents)) < len(parents):
            return f"beside the warm parent there is another process: {mine}"
        if len(mine) > 4:  # bubblewrap, its first process in there, setpriv's heir
            return f"more than a warm parent is left: {mine}"
        users = [os.getuid()] if os.getuid() else range(launch.FIRST_UID, launch.FIRST_UID + 1000)
        strays = [p for p in now - before if p.user in users and p.parent == 1]
        if strays:
            return f"processes outlive their run: {strays}"
        names = sorted(os.listdir(self.temporary))
        libraries = [n for n in names if n.startswith("unrolled-library-")]
        others = [n for n in names if n not in libraries]
        scratch = [n for n in others if n.startswith("unrolled-")]
        if len(libraries) > 1 or len(scratch) > 1 or others != scratch:
            return f"files are left in the temporary folder: {names}"
        return ""

    def _all_marks(self) -> list[tuple[Any, ...]]:
        """What the gradebook and our own tables hold of ada and zoe."""
        found: list[tuple[Any, ...]] = []
        with contextlib.closing(sqlite3.connect(self._gradebook)) as gradebook:
            found += gradebook.execute(_MARKS).fetchall()
            found += gradebook.execute(_VERDICTS).fetchall()
        return found

    def _remove(self, entry: Entry) -> None:
        """Take the attacker out of the class: folders and gradebook."""
        for step in ("submitted", "autograded"):
            folder = self._folder(step, entry.student)
            if folder is not None and folder.is_dir():
                shutil.rmtree(folder)
        self._gradebook.write_bytes(self._kept)


_MARKS = """
SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.manual_score,
       grade.extra_credit, grade.needs_manual_grade
FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
JOIN base_cell ON grade.cell_id = base_cell.id
WHERE submitted_assignment.student_id IN ('ada', 'zoe') ORDER BY 1, 2
"""
_VERDICTS = """
SELECT student, exercise, verdict, points, diagnosis, message FROM unrolled_verdict
WHERE student IN ('ada', 'zoe') ORDER BY 1, 2
"""


def _make_course(root: Path, worksheet: Worksheet, settings: str) -> Course:
    """A course with one worksheet and nothing else."""
    course = lay_out(root, worksheet.id, settings=settings)
    for path in root.rglob("*"):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    source = root / "solutions" / worksheet.id / f"{worksheet.notebook}.ipynb"
    nbformat.write(_without_pictures(source), source)
    return course


@contextlib.contextmanager
def _confined_at(course: Course, level: str) -> Iterator[None]:
    """Grade at a level, though the machine could do better.  Skips where it cannot do that."""
    if why := launch.why_not(launch.Level(level)):
        pytest.skip(why)
    if level == launch.Level.FULL:
        yield
        return
    settings = course.config.ExecuteInSandbox
    kept = copy.deepcopy(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "why_not_full", lambda: "this test wants less.")
        if level == launch.Level.NONE:
            patch.setattr(launch, "why_not_reduced", lambda: "this test wants less.")
        settings.reduced_sandbox = settings.unsafe_no_sandbox = True
        try:
            yield
        finally:
            course.config.ExecuteInSandbox = kept


@contextlib.contextmanager
def _logged() -> Iterator[_Log]:
    """All that the grader logs meanwhile."""
    log = _Log()
    loggers = [logging.getLogger(), logging.getLogger("autograder.nbgrader")]
    for logger in loggers:
        logger.addHandler(log)
    try:
        yield log
    finally:
        for logger in loggers:
            logger.removeHandler(log)


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _without_times(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(dataclasses.replace(row, seconds=0.0) for row in rows)


def digests(folder: Path) -> dict[str, str]:
    """Every file of a folder and a digest of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# Processes


@dataclasses.dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    user: int
    begun: str  # with the pid it tells one process from all others
    name: str


def processes() -> set[Process]:
    """All processes of the machine but those that have ended."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
            # Who hides its memory belongs to root in /proc: only its status tells the user.
            user = (folder / "status").read_text().partition("\nUid:")[2].split()[0]
            if fields[0] != "Z":
                found.add(Process(int(folder.name), int(fields[1]), int(user), fields[19], name))
    return found


def descendants(among: set[Process]) -> list[Process]:
    """This process's children, their children, and so on."""
    found: list[Process] = []
    parents = {os.getpid()}
    while parents:
        born = [p for p in among if p.parent in parents]
        found += born
        parents = {p.pid for p in born}
    return found


def _without_pictures(path: Path) -> NotebookNode:
    """A worksheet without the cells that draw, which would take nine tenths of each sandbox's time."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type != "code" or "figures." not in cell.source or grade_id(cell)
    ]
    return notebook
