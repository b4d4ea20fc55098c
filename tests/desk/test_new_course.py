"""A course made anywhere by one command: what is in it, what it does in real Jupyter, what it refuses."""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from autograder import exercises
from autograder.cli import main
from autograder.nbgrader_plugin import jupyter, newcourse
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.enrol import roster
from autograder.roster import RosterError, Student, read_roster
from benchmarks.servers import served

CHECKOUT = Path(__file__).parents[2]
CSV = "\ufeffEmail;ID;Last name;First-Name;group\r\na@x.example;ada;Lovelace;Ada;1\r\n;ben;Müller;Ben;2\r\n"
ADA, BEN = Student("ada", "Ada", "Lovelace", "a@x.example"), Student("ben", "Ben", "Müller")


def init(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["init", *map(str, arguments)])


def assert_misuse(result: Result, *said: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output
    for part in said:
        assert part in result.stderr


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of worksheets with ps02 alone, as making all six takes its time."""
    home = tmp_path / "home"
    shutil.copytree(CHECKOUT / "solutions" / "ps02", home / "solutions" / "ps02")
    shutil.copyfile(CHECKOUT / "nbgrader_config.py", home / "nbgrader_config.py")
    monkeypatch.setattr(newcourse, "_home", lambda: home)
    return home


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A course with all worksheets and a roster, and what was said while it was made."""
    folder = tmp_path_factory.mktemp("init")
    (folder / "students.csv").write_text(CSV, encoding="utf-8")
    result = init(folder / "rnn-2027", "--roster", folder / "students.csv")
    assert result.exit_code == 0, result.output
    return folder / "rnn-2027", result.stdout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_course_is_made_whole(made: tuple[Path, str]) -> None:
    root, said = made
    course = Course(root)
    assert course.directory.course_id == "rnn-2027"
    for id in exercises.IDS:
        course.require_assignment(id)
        notebook = f"{exercises.worksheet(id).notebook}.ipynb"
        assert (root / "notebooks" / id / notebook).is_file()
        assert (root / "solutions" / id / notebook).is_file()
        assert f"assignment {id}: in the gradebook" in said
    assert roster(course) == [ADA, BEN]
    for part in ("course: ", "roster: 2 added", "Jupyter: ", "secret: ", "exchange: ", "sandbox: "):
        assert part in said


@pytest.mark.linux
def test_students_reach_the_exchange_and_nothing_else(made: tuple[Path, str]) -> None:
    root, _ = made
    assert mode(root / "exchange") == 0o777
    assert mode(root) == 0o755
    for name in ("solutions", "submitted", "autograded", "feedback", ".unrolled"):
        assert mode(root / name) == 0o700
    assert mode(root / "gradebook.db") == 0o600
    for path in (root / "share", root / "students", *(root / "students").rglob("*")):
        assert mode(path) & stat.S_IROTH
        assert path.is_file() or mode(path) & stat.S_IXOTH


def test_a_second_time_changes_nothing(made: tuple[Path, str]) -> None:
    root, _ = made
    before = {p: p.stat().st_mtime_ns for p in root.rglob("*.ipynb")}
    secret = (root / ".unrolled" / "secret").read_bytes()
    result = init(root)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("(unchanged)") == len(exercises.IDS)
    assert {p: p.stat().st_mtime_ns for p in root.rglob("*.ipynb")} == before
    assert (root / ".unrolled" / "secret").read_bytes() == secret
    assert roster(Course(root)) == [ADA, BEN]


def test_without_dir_the_course_here_is_prepared(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(small, tmp_path / "checkout")
    monkeypatch.chdir(tmp_path / "checkout")
    for done in ("made anew", "unchanged"):
        result = init()
        assert result.exit_code == 0, result.output
        assert (
            f"assignment ps02: in the gradebook, released notebook in notebooks/ps02 ({done})"
            in (result.stdout)
        )
    assert not (
        tmp_path / "checkout" / "env.sh"
    ).exists()  # nothing is put into a course not made here


def test_a_changed_source_setting_or_release_is_released_anew(small: Path, tmp_path: Path) -> None:
    root = tmp_path / "rnn"
    assert init(root).exit_code == 0
    released = root / "notebooks" / "ps02" / "ps02_vanilla_rnn.ipynb"
    was = released.read_text()

    def changed(path: Path) -> None:
        path.write_text(path.read_text().replace("vanilla", "plain"))

    for touched in (released, root / "solutions" / "ps02" / released.name):
        changed(touched)
        assert "(made anew)" in init(root).stdout
        assert "(unchanged)" in init(root).stdout
    assert released.read_text() != was
    config = root / "nbgrader_config.py"
    config.write_text(f'{config.read_text()}\nc.ClearSolutions.text_stub = "Here."\n')
    assert "(made anew)" in init(root).stdout
    assert "Here." in released.read_text()


def test_the_settings_are_the_instructor_s(small: Path, tmp_path: Path) -> None:
    root, book = tmp_path / "some where" / "x", tmp_path / "marks.db"
    result = init(root, "--course-id", "rnn.27", "--db-url", f"sqlite:///{book}")
    assert result.exit_code == 0, result.output
    course = Course(root)
    assert (course.directory.course_id, course.db_url) == ("rnn.27", f"sqlite:///{book}")
    course.require_assignment("ps02")
    assert not (root / "gradebook.db").exists()
    assert_misuse(init(root, "--course-id", "other"), "is a course already", "course_id")
    assert_misuse(init(root, "--db-url", "sqlite:///other.db"), "is a course already", "db_url")


def test_the_folder_one_stands_in_can_become_a_course(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rnn").mkdir()
    monkeypatch.chdir(tmp_path / "rnn")
    assert init(".").exit_code == 0
    assert Course(Path()).directory.course_id == "rnn"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x y"], "--course-id"),
        (["x+y"], "--course-id"),
        (["x", "--course-id", "../y"], "cannot be the course's id"),
        (["x", "--db-url", "nonsense"], "--db-url"),
        (["x", "--db-url", "nosuch://ta:hush@127.0.0.1:9/marks"], "cannot be opened"),
        (["x", "--roster", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["/usr/local/unrolled-course"], "student code may read"),
        (["x", "--course", "y"], "name the folder once"),
    ],
)
def test_what_cannot_be_made_leaves_nothing_behind(
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    somewhere = tmp_path / "somewhere"
    somewhere.mkdir()
    monkeypatch.chdir(somewhere)
    result = init(*arguments)
    assert_misuse(result, said)
    assert "hush" not in result.output
    assert list(somewhere.iterdir()) == []


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    assert_misuse(init(tmp_path), "holds something else (thesis.tex)")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]
    assert_misuse(init(tmp_path / "thesis.tex"), "is a file")


@pytest.mark.parametrize("step", ["settle", "prepare", "enrol"])
@pytest.mark.parametrize("there", [False, True])
def test_nothing_half_made_is_left(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, there: bool
) -> None:
    def fail(*_: object) -> Iterator[str]:
        raise KeyboardInterrupt

    root = tmp_path / "a" / "rnn"
    if there:
        root.mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(newcourse, step, fail)
        with pytest.raises(KeyboardInterrupt):
            list(newcourse.init(root, students=[ADA]))
    assert (list(root.iterdir()) == []) if there else not (tmp_path / "a").exists()


@pytest.mark.linux
def test_a_course_that_was_killed_half_way_is_finished(small: Path, tmp_path: Path) -> None:
    root = tmp_path / "rnn"
    program = (
        "import os; from pathlib import Path; from autograder.nbgrader_plugin import newcourse;"
        f"newcourse._home = lambda: Path({str(small)!r}); newcourse.settle = lambda _: os._exit(9);"
        f"list(newcourse.init(Path({str(root)!r})))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    assert (root / "nbgrader_config.py").is_file()
    result = init(root)
    assert result.exit_code == 0, result.output
    assert (root / "env.sh").is_file()
    assert not (root / ".unrolled" / "unfinished").exists()
    Course(root).require_assignment("ps02")


# Rosters.


def csv(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_roster_in_any_order_with_semicolons_and_a_mark(tmp_path: Path) -> None:
    assert read_roster(csv(tmp_path / "r.csv", CSV)) == [ADA, BEN]
    text = 'id,first_name,last_name,lms_user_id\n\nada,"Ada, Countess of",Lovelace,340\n,,,\n'
    assert read_roster(csv(tmp_path / "r.csv", text)) == [
        Student("ada", "Ada, Countess of", "Lovelace", "", "340")
    ]
    assert [s.id for s in read_roster(csv(tmp_path / "r.csv", "id\tx\nada\t1\nben\t2\n"))] == [
        "ada",
        "ben",
    ]
    assert [s.id for s in read_roster(csv(tmp_path / "r.csv", "id\nada\nben"))] == ["ada", "ben"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no student"),
        ("id,first_name\n", "holds no student"),
        ("name,mail\nAda,a@x\n", "line 1 has no column id (it has: name, mail)"),
        ("id,id\na,b\n", "column id twice"),
        ("id,email\nada,a@x\n../ben,b@x\n", "line 3: '../ben' cannot be an id"),
        ("id,email\nada,a@x\n,b@x\n", "line 3: '' cannot be an id"),
        ("id,email\nada,a@x\n=cmd,b@x\n", "line 3: '=cmd' cannot be an id"),
        ("id,email\nada,a@x\nben,b\nADA,c\n", "line 4: the id ADA is in line 2 already"),
        ("id,last_name\nada,Lovelace, Ada\n", "line 2 has 3 cells and the headings are 2"),
        ('id,last_name\n"ada\nx",y\n', "line 2: 'ada\\nx' cannot be an id"),
        ('id,last_name\nada,"a\nb"\nada2,b\n', "line 2: the last_name"),
        ('id,last_name\nada,"Love"lace\n', "line 2 is no CSV"),
        (f"id,last_name\nada,{'x' * 200}\n", "line 2: the last_name"),
        (b"id\nJ\xfcrgen\n", "not text in UTF-8"),
        (b"id\nada\0\n", "is no CSV file"),
    ],
)
def test_a_bad_roster_is_refused_by_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(RosterError) as caught:
        read_roster(csv(tmp_path / "r.csv", text))
    assert said in str(caught.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_roster_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with contextlib.suppress(RosterError):
        assert read_roster(csv(path, b"id,first_name\n" + data))


def test_a_roster_updates_and_never_doubles(small: Path, tmp_path: Path) -> None:
    root = tmp_path / "rnn"
    assert init(root).exit_code == 0
    path = csv(tmp_path / "r.csv", CSV)
    for text, said in (
        (CSV, "2 added, 0 updated, 0 unchanged"),
        (CSV, "0 added, 0 updated, 2 unchanged"),
        (CSV.replace("Lovelace", "King"), "0 added, 1 updated, 1 unchanged"),
        (
            "id,lms_user_id\nada,340\ncem,2\n",
            "1 added, 1 updated, 0 unchanged; 1 in the gradebook alone",
        ),
    ):
        csv(path, text)
        assert f"roster: {said}" in init(root, "--roster", path).stdout
    assert roster(Course(root)) == [
        Student("ada", "Ada", "King", "a@x.example", "340"),
        BEN,
        Student("cem", lms_user_id="2"),
    ]


# What Jupyter makes of it.


def shell(env: Path, program: str, home: Path) -> str:
    """Run a program in a shell that has read env.sh."""
    command = f". '{env}' && exec python -c '{program}'"
    done = subprocess.run(
        ["sh", "-c", command],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.contextmanager
def lab(env: Path, root: Path, home: Path) -> Iterator[str]:
    """JupyterLab on loopback as env.sh sets it up; its address."""
    home.mkdir(exist_ok=True)

    def command(options: list[str]) -> list[str]:
        words = f"--ServerApp.root_dir='{root}' {' '.join(options)}"
        return ["sh", "-c", f". '{env}' && exec jupyter lab {words}"]

    kept = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    with served(command, root, home / "lab.log", kept) as address:
        yield address


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def page_config(address: str) -> dict[str, Any]:
    """What JupyterLab's page tells its scripts."""
    page = fetched(f"{address}/lab")
    begin = page.index(">", page.index('id="jupyter-config-data"')) + 1
    found: dict[str, Any] = json.loads(page[begin : page.index("</script>", begin)])
    return found


@pytest.mark.linux
def test_env_puts_kernel_and_templates_on_jupyter_s_path(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    root, _ = made
    program = (
        "from jupyter_client.kernelspec import KernelSpecManager as M; import shutil;"
        'print(M(ensure_native_kernel=False).get_kernel_spec("python3").resource_dir);'
        'print(M().get_kernel_spec("python3").argv[0]); print(shutil.which("alembic"))'
    )
    kernel, python, alembic = shell(root / "env.sh", program, tmp_path).splitlines()
    assert Path(kernel) == root / jupyter.KERNEL
    assert python == sys.executable
    assert alembic == str(Path(sys.executable).with_name("alembic"))


@pytest.mark.slow
@pytest.mark.linux
def test_jupyter_has_no_news_and_students_no_instructor_s_menus(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    root, _ = made
    desk = tmp_path / "desk"
    desk.mkdir()
    hidden = {f"@jupyter/nbgrader:{name}" for name in jupyter.HIDDEN}
    setting = "/lab/api/settings/@jupyterlab/apputils-extension:notification"
    for env, folder, disabled in (
        (root / "env.sh", root, set()),
        (root / "students" / "env.sh", desk, hidden),
    ):
        with lab(env, folder, tmp_path / "home") as address:
            properties = json.loads(fetched(address + setting))["schema"]["properties"]
            assert properties["fetchNews"]["default"] == "false"
            assert properties["checkForUpdates"]["default"] is False
            assert set(page_config(address)["disabledExtensions"]) & hidden == disabled
            formgrader = urllib.request.Request(f"{address}/formgrader/manage_assignments")
            if disabled:
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(formgrader, timeout=60)
            else:
                assert "Manage Assignments" in fetched(formgrader.full_url)


@pytest.mark.slow
@pytest.mark.linux
def test_no_question_about_news_in_a_real_browser(
    browser: Any, made: tuple[Path, str], tmp_path: Path
) -> None:
    """And the menu has what is for whom."""
    root, _ = made
    desk = tmp_path / "desk"
    desk.mkdir()
    plain = tmp_path / "plain.sh"  # what happens without the course's settings
    plain.write_text(f"export PATH={Path(sys.executable).parent}:$PATH\n")
    hidden = {"Formgrader", "Create assignment", "Course List"}
    for env, folder, menus, asked in (
        (plain, desk, hidden, True),
        (root / "env.sh", root, hidden, False),
        (root / "students" / "env.sh", desk, set(), False),
    ):
        with lab(env, folder, tmp_path / env.parent.name) as address:
            page = browser.new_page()
            page.goto(f"{address}/lab")
            page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click(timeout=60_000)
            labels = set(page.locator(".lm-Menu-itemLabel").all_inner_texts())
            assert labels & hidden == menus
            assert "Assignment List" in labels
            page.keyboard.press("Escape")
            question = page.get_by_text("official Jupyter news")
            if asked:
                question.first.wait_for(timeout=30_000)
            else:  # it comes a moment after the page
                page.wait_for_timeout(3000)
                assert question.count() == 0
            page.close()


@pytest.mark.linux
def test_a_student_s_nbgrader_finds_the_exchange(made: tuple[Path, str], tmp_path: Path) -> None:
    """Release as the instructor, list as a student, with nothing but env.sh."""
    root, _ = made
    Course(root).release("ps02")
    env = root / "students" / "env.sh"
    done = subprocess.run(
        ["sh", "-c", f". '{env}' && nbgrader list"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "rnn-2027 ps02" in done.stdout + done.stderr


# An installed package.


@pytest.mark.slow
@pytest.mark.linux
def test_a_wheel_brings_what_a_course_is_made_from(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="77")
    source = tmp_path / "source"
    names = subprocess.run(
        ["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    for name in filter(lambda name: (CHECKOUT / name).is_file(), names):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CHECKOUT / name, source / name)
    if not names:
        pytest.skip("needs git")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*command, "-w", str(tmp_path / "wheels"), str(source)], check=True)
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert "autograder/worksheets/nbgrader_config.py" in held
    for id in exercises.IDS:
        notebook = exercises.worksheet(id).notebook
        assert f"autograder/worksheets/solutions/{notebook}.py" in held
        assert f"autograder/worksheets/solutions/{id}/{notebook}.ipynb" in held
    assert not any(name.startswith(("solutions", "tests")) for name in held)
