"""The feedback pages of a class: what stands on them, what does not, and when they are written anew."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import hostile_pages
import nbformat
import pytest
from click.testing import CliRunner
from nbformat import NotebookNode, v4

from autograder import exercises
from autograder import feedback as pages
from autograder.cli import main
from autograder.grade import grade
from autograder.judge import Kind
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.feedback import write_feedback
from autograder.sanitise import sanitise
from autograder.submissions import fill_in
from benchmarks.fixtures import lay_out

CHECKOUT = Path(__file__).parents[2]
PS02 = exercises.worksheet("ps02")
HALF_RIGHT = """\
# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + b_h)

# %% [markdown] written state_limits 10 points
$|h| < 1$, since tanh is <b>bounded</b>. <img src=x onerror="alert('mine')">

# %%
import matplotlib.pyplot as plt
plt.plot([1, 2, 3])
plt.show()
"""
OWN_TEST = """\
assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(17) == 34
### END HIDDEN TESTS"""


def _own_assignment() -> NotebookNode:
    """An instructor's, with a hidden test among plain asserts."""
    base = {"schema_version": 3, "task": False}
    answer = v4.new_code_cell("### BEGIN SOLUTION\ndouble = lambda x: 2 * x\n### END SOLUTION")
    answer.metadata.nbgrader = base | {
        "grade_id": "double",
        **{"solution": True, "grade": False, "locked": False},
    }
    test = v4.new_code_cell(OWN_TEST)
    test.metadata.nbgrader = base | {
        "grade_id": "test",
        **{"solution": False, "grade": True, "locked": True, "points": 3},
    }
    notebook = v4.new_notebook(cells=[answer, test])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "P", "language": "python"}
    return notebook


def _hand_in(course: Course, assignment: str, student: str, notebook: NotebookNode) -> None:
    (released,) = course.released(assignment)
    folder = course.folder("submitted", student, assignment)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / released.name)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which a class of two, and one in an assignment of the instructor's, is graded."""
    root = tmp_path_factory.mktemp("feedback") / "course"
    settings = "c.ExecuteInSandbox.cell_seconds = c.ExecuteInSandbox.exercise_seconds = 60"
    course = lay_out(root, "ps02", settings=settings)
    (root / "solutions" / "own").mkdir()
    nbformat.write(_own_assignment(), root / "solutions" / "own" / "own.ipynb")
    course.generate("ps02")
    course.generate("own")
    released = nbformat.read(course.released("ps02")[0], as_version=4)
    solved = nbformat.read(root / "solutions" / "ps02" / f"{PS02.notebook}.ipynb", as_version=4)
    _hand_in(course, "ps02", "ada", fill_in("# base: solved\n", released, solved))
    _hand_in(course, "ps02", "ben", fill_in(HALF_RIGHT, released, solved))
    own = nbformat.read(course.released("own")[0], as_version=4)
    own.cells[0].source = "def double(x):\n    print('told', x)\n    return 4"
    _hand_in(course, "own", "cem", own)
    for assignment in ("ps02", "own"):
        students = course.submitters(assignment)
        assert not [o.trouble for o in grade(course, assignment, students) if o.trouble]
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    shutil.copytree(graded, tmp_path / "course")
    return Course(tmp_path / "course")


def _page(course: Course, student: str, assignment: str = "ps02", name: str = PS02.notebook) -> str:
    return (course.folder("feedback", student, assignment) / f"{name}.html").read_text()


def _write(course: Course, assignment: str = "ps02", **options: bool) -> dict[str, tuple[int, int]]:
    found = list(write_feedback(course, assignment, **options))
    assert not [fed.trouble for fed in found if fed.trouble]
    return {fed.student: (fed.written, fed.unchanged) for fed in found}


def _mark_by_hand(course: Course, student: str, points: float, comment: str) -> None:
    with course.gradebook() as book:
        whose = (PS02.notebook, "ps02", student)
        written = book.find_grade("state_limits", *whose)
        written.manual_score, written.needs_manual_grade = points, False
        book.find_comment("state_limits", *whose).manual_comment = comment
        book.find_submission_notebook(*whose).late_submission_penalty = 1.5
        book.db.commit()


def _visible(html: str) -> str:
    """A page's text without its style and its scripts."""
    return re.sub(r"(?s)<(style|script)>.*?</\1>", "", html)


# What stands on a page


def test_page_begins_with_what_became_of_each_exercise(course: Course) -> None:
    _write(course)
    seen = _visible(_page(course, "ben"))
    table, notebook = seen.split("Your notebook")
    places = [table.index(task.title) for task in (*PS02.exercises, *PS02.written)]
    assert places == sorted(places), "in the worksheet's order"
    step = next(e for e in PS02.exercises if e.id == "rnn_step")
    forgets = next(m for m in step.mistakes if m.answer is not None and "state" in m.name)
    assert forgets.name in table
    assert f"Read again: “{forgets.read}”." in table
    assert f"0 of {step.points:g}" in table
    assert "1 answer is still to be marked by a person." in table
    assert "return np.tanh(x @ W_xh + b_h)" in re.sub("<[^>]*>", "", notebook)


def test_a_person_s_mark_and_comment_and_the_penalty_are_told(course: Course) -> None:
    _mark_by_hand(course, "ben", 6.5, "**Good**, but why?\n\n<script>alert(1)</script>")
    _write(course)
    seen = _visible(_page(course, "ben"))
    assert "6.5 of 10" in seen
    assert "<strong>Good</strong>, but why?" in seen
    assert "&lt;script&gt;alert(1)" in seen
    assert "Handed in late" in seen
    assert "−1.5" in seen
    with course.gradebook() as book:
        submission = book.find_submission("ps02", "ben")
        total = submission.score - 1.5
    assert f"{total:g} of 50 points" in seen


def test_points_that_a_person_changed_are_told_beside_the_check_s(course: Course) -> None:
    with course.gradebook() as book:
        book.find_grade("rnn_step", PS02.notebook, "ps02", "ben").manual_score = 2.0
        book.db.commit()
    _write(course)
    assert "A person has set these points; the check gave 0." in _page(course, "ben")


def test_hidden_tests_and_what_they_printed_stay_out(course: Course) -> None:
    """The same by both commands; nbgrader's own page shows both."""
    _write(course, "own")
    ours = _page(course, "cem", "own", "own")
    assert "assert" in _visible(ours)
    assert "hidden, and so is what came of them" in ours
    assert "AssertionError" in ours
    course.feedback("own", "cem")  # the same page by nbgrader's command
    by_command = _page(course, "cem", "own", "own")
    del course.config["GenerateFeedback"], course.config["HTMLExporter"]
    course.feedback("own", "cem")
    stock = _page(course, "cem", "own", "own")
    for told in ("HIDDEN TESTS", "told 17"):
        assert told in re.sub("<[^>]*>", "", stock), "the control: stock nbgrader shows it"
        assert told not in re.sub("<[^>]*>", "", ours)
        assert told not in re.sub("<[^>]*>", "", by_command)
    assert "17" not in re.sub("<[^>]*>", "", _visible(ours))


def test_both_commands_write_the_same_page(course: Course) -> None:
    _write(course)
    ours = _page(course, "ben")
    course.feedback("ps02", "ben")
    theirs = _page(course, "ben")
    basis = pages.basis_of(ours)
    assert len(basis) == 64
    assert theirs == ours.replace(basis, "")


def test_own_figures_are_kept(course: Course) -> None:
    _write(course)
    pictures = {name: _page(course, name).count("data:image/png;base64") for name in ("ada", "ben")}
    assert pictures["ben"] == pictures["ada"] + 1


def test_a_page_needs_nothing_beside_it(course: Course) -> None:
    _write(course)
    seen = _page(course, "ada")
    assert not re.search(r'(src|href)="(?!data:|#|https://)', _visible(seen))
    assert "://" not in seen.partition("<script>")[0]


def test_page_without_a_formula_has_no_script() -> None:
    report = pages.Report("ada", "own", "own", [])
    plain = pages.page(v4.new_notebook(cells=[v4.new_markdown_cell("Costs 5 dollars.")]), report)
    assert "<script" not in plain
    assert "script-src 'none'" in plain
    maths = pages.page(v4.new_notebook(cells=[v4.new_markdown_cell("$x^2$")]), report)
    script = re.search(r"(?s)<script>(.*)</script>", maths)
    assert script is not None
    assert "script-src 'sha256-" in maths


def test_a_diagnosis_with_signs_of_html_is_text() -> None:
    result = pages.Result("f", "f", "raised", 0, 1, Kind.RAISED, "<b>boom</b>", "a < b")
    html = pages.page(v4.new_notebook(), pages.Report("<i>", "<i>", "<i>", [result]))
    assert "&lt;b&gt;boom" in html
    assert "<i>" not in html


# Writing


def test_only_what_has_changed_is_written_again(course: Course) -> None:
    assert _write(course) == {"ada": (1, 0), "ben": (1, 0)}
    assert _write(course) == {"ada": (0, 1), "ben": (0, 1)}
    _mark_by_hand(course, "ben", 5, "Yes.")
    assert _write(course) == {"ada": (0, 1), "ben": (1, 0)}
    page = course.folder("feedback", "ada", "ps02") / f"{PS02.notebook}.html"
    page.write_text("damaged")
    assert _write(course) == {"ada": (1, 0), "ben": (0, 1)}
    assert _write(course, force=True) == {"ada": (1, 0), "ben": (1, 0)}


def test_files_beside_the_notebook_and_permissions_are_as_nbgrader_has_them(course: Course) -> None:
    autograded = course.folder("autograded", "ada", "ps02")
    (autograded / "data").mkdir()
    (autograded / "data" / "plot.png").write_bytes(b"picture")

    def tree(folder: Path) -> dict[str, int]:
        return {
            str(p.relative_to(folder)): stat.S_IMODE(p.stat().st_mode)
            for p in folder.rglob("*")
            if p.is_file()
        }

    _write(course)
    ours = tree(course.folder("feedback", "ada", "ps02"))
    course.feedback("ps02", "ada")
    assert ours == tree(course.folder("feedback", "ada", "ps02"))
    assert set(ours) >= {f"{PS02.notebook}.html", "data/plot.png"}


def test_page_that_cannot_be_made_stops_no_other(course: Course) -> None:
    _write(course)
    before = _page(course, "ada")
    (course.folder("autograded", "ada", "ps02") / f"{PS02.notebook}.ipynb").write_text("{")
    _mark_by_hand(course, "ben", 5, "Yes.")
    found = {fed.student: fed for fed in write_feedback(course, "ps02")}
    assert "no page could be made" in found["ada"].trouble
    assert found["ben"].written == 1
    assert _page(course, "ada") == before, "the old page is whole"


def test_command(course: Course) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["feedback", *arguments, "--course", str(course.root)])
        return done.exit_code, done.output

    assert run("ps02", "--student", "ben") == (
        0,
        "feedback of ps02: 1 pages written, 0 unchanged\n",
    )
    assert run("ps02") == (0, "feedback of ps02: 1 pages written, 1 unchanged\n")
    status, said = run("ps02", "--student", "eve")
    assert status == 2
    assert "Run `autograder grade ps02`" in said
    assert run("ps09")[0] == 2


# In a browser

AXE = "4.14.1"
AXE_SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, from npm; kept in .cache/ for the next time."""
    kept = CHECKOUT / ".cache" / f"axe-core-{AXE}.tgz"
    if not kept.is_file():
        if shutil.which("npm") is None:
            pytest.skip("needs npm, to fetch axe-core once")
        kept.parent.mkdir(exist_ok=True)
        command = ["npm", "pack", f"axe-core@{AXE}", "--pack-destination", str(kept.parent)]
        if subprocess.run(command, capture_output=True).returncode or not kept.is_file():
            pytest.skip(f"needs a network once, to fetch axe-core, or {kept}")
    data = kept.read_bytes()
    assert hashlib.sha256(data).hexdigest() == AXE_SHA256
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        file = archive.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


@pytest.fixture
def hostile() -> str:
    """A page with every attack, as it is stored."""
    cells = [*hostile_pages.attacks().values(), *hostile_pages.latex_attacks().values()]
    stored = sanitise(v4.new_notebook(cells=cells))
    return pages.page(stored, pages.Report("mallory", "ps", "<script>hit(1)</script>", []))


@pytest.fixture
def shown(course: Course, tmp_path: Path, hostile: str) -> dict[str, Path]:
    """Three pages: solved, half right and marked by hand, hostile."""
    _mark_by_hand(course, "ben", 6.5, "**Good**, but *why* is $h$ bounded?")
    _write(course)
    found = {
        student: course.folder("feedback", student, "ps02") / f"{PS02.notebook}.html"
        for student in ("ada", "ben")
    }
    found["mallory"] = tmp_path / "mallory.html"
    found["mallory"].write_text(hostile)
    return found


@pytest.mark.slow
@pytest.mark.linux
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100])
def test_pages_are_readable(
    browser: Any, axe: str, shown: dict[str, Path], pictures: Path, scheme: str, width: int
) -> None:
    """On a phone and on a desk, on white and on dark: nothing sticks out, axe-core finds nothing serious."""
    for student, path in shown.items():
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
        )
        page.goto(path.as_uri())
        page.screenshot(path=pictures / f"feedback-{student}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (v["id"], [node["html"][:200] for node in v["nodes"]])
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == []
        page.close()


@pytest.mark.slow
@pytest.mark.linux
def test_pages_can_be_printed(browser: Any, shown: dict[str, Path], pictures: Path) -> None:
    for student, path in shown.items():
        page = browser.new_page(color_scheme="dark")
        page.goto(path.as_uri())
        page.pdf(path=pictures / f"feedback-{student}.pdf", format="A4")
        page.emulate_media(media="print")
        white = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert white == "rgb(255, 255, 255)", "paper is white whatever the screen is"
        assert page.get_by_text("to the top").locator("visible=true").count() == 0
        page.close()


@pytest.mark.slow
@pytest.mark.linux
def test_formulas_are_typeset_and_nothing_else_runs(browser: Any, shown: dict[str, Path]) -> None:
    for student, path in shown.items():
        page = browser.new_page()
        asked: list[str] = []
        hits: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, hits=hits: hits.append(message.text))
        page.add_init_script("window.hit = name => console.log('HIT ' + name)")
        page.goto(path.as_uri())
        page.wait_for_timeout(500)
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert [text for text in hits if "HIT" in text] == []
        if student != "mallory":
            assert page.locator("math").count() > 20
            assert page.locator("section.notebook").get_by_text("$").count() == 0
        page.close()


@pytest.mark.slow
@pytest.mark.linux
def test_policy_stops_scripts_by_itself(browser: Any, tmp_path: Path) -> None:
    """The control: attacks that nothing was taken out of."""
    attack = v4.new_markdown_cell("<img src=x onerror=hit(1)> <script>hit(2)</script> $x$")
    report = pages.Report("mallory", "ps", "ps", [])
    html = pages.page(v4.new_notebook(cells=[attack]), report)
    for policy, expected in ((True, set()), (False, {"HIT 1", "HIT 2"})):
        path = tmp_path / "page.html"
        path.write_text(html if policy else html.replace("Content-Security-Policy", "x-none"))
        page = browser.new_page()
        hits: set[str] = set()
        page.on("console", lambda message, hits=hits: hits.add(message.text))
        page.add_init_script("window.hit = name => console.log('HIT ' + name)")
        page.goto(path.as_uri())
        page.locator("math").wait_for(state="attached")
        assert {text for text in hits if text.startswith("HIT")} == expected
        page.close()
