"""Questions that differ from student to student: drawn alike at home and by the grader, or not at all."""

from __future__ import annotations

import dataclasses
import getpass
import importlib
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

from autograder import build as builder
from autograder import exercises
from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake, Worksheet
from autograder.grade import Outcome, grade
from autograder.marker import BuildError
from autograder.marking import DRAWS
from autograder.nbgrader_plugin.course import Course
from autograder.questions import Drawn, draw, student
from autograder.submissions import fill_in

home = importlib.import_module("autograder.check")  # the function has the name of its module
COURSE = "Toys, autumn 2027"


def times(factor: float) -> Exercise:
    """Multiply by a number."""
    return Exercise(
        Function("scale", {"x": "N"}, {"y": "N"}),
        "A multiple",
        points=3,
        minutes=5,
        difficulty=1,
        cases=draw_cases,
        reference=lambda x: factor * x,
        mistakes=(Mistake("minus", lambda x: -factor * x, "The sign is wrong.", "A toy"),),
        hints=(f"Multiply by {factor:g}.",),
    )


def draw_cases(rng: np.random.Generator) -> list[Case]:
    return [Case({"x": rng.standard_normal(N)}) for N in (2, 5)]


SCALE = Exercise.one_of({"twice": times(2), "thrice": times(3), "half": times(0.5)})
PLAIN = dataclasses.replace(times(7), contract=Function("plain", {"x": "N"}, {"y": "N"}))
TOY = Worksheet("ps91", "toy", "A toy", (SCALE, PLAIN), (), ())
ANSWERS = {"twice": "2 * x", "thrice": "3 * x", "half": "x / 2"}

SOURCE = """\
# %% locked imports
import numpy as np

from autograder import check, hint, question, student

# %% locked scale_question
question("scale")

# %% solution scale
def scale(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %%
print(f"This is the work of {student()}.")

# %% test scale 3 points
check("scale", scale)

# %% solution plain
def plain(x):
    ### BEGIN SOLUTION
    return 7 * x
    ### END SOLUTION

# %% test plain 3 points
check("plain", plain)
"""


def student_of(question: str, not_in: tuple[str, ...] = ()) -> str:
    """Somebody who gets this question."""
    names = (f"student{n}" for n in range(100))
    return next(s for s in names if draw(SCALE, COURSE, s).name == question and s not in not_in)


# The draw


def test_everybody_gets_one_of_them_and_always_the_same() -> None:
    drawn = [draw(SCALE, COURSE, f"student{n}").name for n in range(300)]
    assert drawn == [draw(SCALE, COURSE, f"student{n}").name for n in range(300)]
    assert set(drawn) == {"twice", "thrice", "half"}
    assert min(Counter(drawn).values()) > 60


def test_another_course_draws_anew() -> None:
    students = [f"student{n}" for n in range(50)]
    first, second = ([draw(SCALE, c, s).name for s in students] for c in (COURSE, "Toys, 2028"))
    assert first != second


def test_the_draw_is_public_and_stays_what_it_is() -> None:
    """Half a term's work would be worth nothing if it moved."""
    assert [draw(SCALE, COURSE, s).name for s in ("ada", "ben", "cleo", "dev")] == [
        "half",
        "thrice",
        "half",
        "half",
    ]


def test_the_weights_of_the_derivation_stay_drawn_as_they_are() -> None:
    exercise = exercises.find_exercise("dJ_dWg")
    drawn = [draw(exercise, "Deep learning, 2027", s).name for s in ("ada", "ben", "cleo", "dev")]
    assert drawn == ["W^i", "W^i", "W^i", "W^g"]


def test_a_question_more_moves_only_those_who_get_it() -> None:
    more = dataclasses.replace(SCALE, questions={**SCALE.questions, "tenfold": SCALE})
    for name in (f"student{n}" for n in range(50)):
        before, after = draw(SCALE, COURSE, name).name, draw(more, COURSE, name).name
        assert after in (before, "tenfold")


def test_how_a_name_is_typed_makes_no_difference() -> None:
    for name in ("ada", "ben", "cleo", "dev"):
        assert draw(SCALE, COURSE, f" {name.upper()} ").name == draw(SCALE, COURSE, name).name


def test_without_a_course_everybody_gets_the_first() -> None:
    drawn = draw(SCALE, "", "ada")
    assert drawn == Drawn(SCALE, "twice")
    assert drawn.title == "A multiple"


def test_an_exercise_of_one_question_stays_as_it_is() -> None:
    assert draw(PLAIN, COURSE, "ada") == Drawn(PLAIN)


def test_questions_of_one_exercise_are_alike() -> None:
    dearer = dataclasses.replace(times(3), points=5)
    with pytest.raises(ValueError, match="scale: the question 'thrice' has another points"):
        Exercise.one_of({"twice": times(2), "thrice": dearer})


WORKSHEETS = [exercises.worksheet(id) for id in exercises.IDS]
QUESTIONED = [e for w in WORKSHEETS for e in w.exercises if e.questions]


@pytest.mark.parametrize("exercise", QUESTIONED, ids=lambda e: e.id)
def test_each_question_of_the_course_has_an_answer_of_its_own(exercise: Exercise) -> None:
    """And whoever gives another one's is told which."""
    for mine in exercise.questions:
        names = (f"student{n}" for n in range(200))
        drawn = next(d for d in (draw(exercise, COURSE, name) for name in names) if d.name == mine)
        cases = drawn.exercise.draw("secret")
        for name, other in exercise.questions.items():
            answers = [other.drive(other.reference, case) for case in cases]
            verdict = drawn.judge(cases, answers)
            right = name == mine
            assert verdict.points == (exercise.points if right else 0)
            assert verdict.diagnosis == ("" if right else f"the answer for {name}")


# Who is it


def test_a_student_is_known_by_the_first_name_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "macbook")
    for variable, name in (
        ("", "macbook"),
        ("JUPYTERHUB_USER", "hub"),
        ("UNROLLED_STUDENT", "ada"),
    ):
        if variable:
            monkeypatch.setenv(variable, name)
        else:
            monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
            monkeypatch.delenv("UNROLLED_STUDENT", raising=False)
        assert student() == name


def test_a_user_without_a_name_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.delenv("UNROLLED_STUDENT", raising=False)
    assert student() == ""
    assert draw(SCALE, COURSE, student()).student == "you"


# At home


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worksheet]:
    """The toy is one of the course's worksheets, and the notebook has just been opened."""
    module = types.ModuleType("ps91")
    module.WORKSHEET = TOY  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "autograder.exercises.ps91", module)
    monkeypatch.setattr(exercises, "IDS", (*exercises.IDS, "ps91"))
    monkeypatch.setattr(home, "_course", "")
    monkeypatch.setattr(home, "_climbed", {})
    exercises.worksheet.cache_clear()
    yield TOY
    exercises.worksheet.cache_clear()


def answer(question: str) -> Callable[[Any], Any]:
    names: dict[str, Any] = {}
    exec(f"def scale(x): return {ANSWERS[question]}", names)
    found: Callable[[Any], Any] = names["scale"]
    return found


@pytest.mark.usefixtures("toy")
def test_a_notebook_asks_hints_and_checks_the_same_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = student_of("half")
    monkeypatch.setenv("UNROLLED_STUDENT", ada)
    home.draw_questions(COURSE)
    home.question("scale")
    home.hint("scale")
    said = capsys.readouterr().out
    assert "Your question: half" in said
    assert f"Drawn for {ada}." in said
    assert "set UNROLLED_STUDENT" in " ".join(said.split())
    assert "Multiply by 0.5." in said
    assert home.check("scale", answer("half")) == 3
    assert "A multiple · half" in said + capsys.readouterr().out
    assert home.check("scale", answer("thrice")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "another question" in said.lower()
    assert f"the right answer for thrice, and the question drawn for {ada} is half" in said
    assert home.check("scale", lambda x: -0.5 * x) == 0
    assert "The sign is wrong." in capsys.readouterr().out


@pytest.mark.usefixtures("toy")
def test_a_notebook_that_does_not_draw_asks_everybody_the_first_and_names_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = student_of("half")
    monkeypatch.setenv("UNROLLED_STUDENT", ada)
    home.question("scale")
    assert home.check("scale", answer("twice")) == 3
    assert home.check("scale", answer("half")) == 0
    said = capsys.readouterr().out
    assert "Your question: twice" in said
    assert ada not in said
    assert "another question" not in said.lower()


# The worksheet


def test_a_worksheet_has_to_show_which_question_is_whose() -> None:
    hidden = SOURCE.replace('question("scale")', "None")
    with pytest.raises(BuildError, match="scale has several questions, and no locked cell"):
        builder.parse(hidden, TOY)


@pytest.fixture
def released(course: Course, toy: Worksheet) -> Callable[[str], NotebookNode]:
    """`released(settings)` releases the toy by nbgrader with these lines in the configuration."""
    plain = (course.root / "nbgrader_config.py").read_text()

    def release(settings: str) -> NotebookNode:
        (course.root / "nbgrader_config.py").write_text(plain + settings)
        course.__init__(course.root)  # type: ignore[misc]
        path = builder.solved_path(course.root, toy)
        path.parent.mkdir(exist_ok=True)
        nbformat.write(builder.parse(SOURCE, toy), path)
        course.generate(toy.id)
        return nbformat.read(builder.released_path(course.root, toy), as_version=4)

    return release


ON = f"\nc.DrawQuestions.course = {COURSE!r}\n"


def graded(course: Course, released: NotebookNode, work: dict[str, str]) -> dict[str, Outcome]:
    """Grade one submission for each student, who answers the question named."""
    for name, question in work.items():
        text = f"# %% solution scale\ndef scale(x):\n    return {ANSWERS[question]}\n"
        path = course.folder("submitted", name, TOY.id) / f"{TOY.notebook}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(fill_in(text, released, released), path)
    return {o.student: o for o in grade(course, TOY.id, list(work))}


@pytest.mark.linux
def test_each_student_gets_the_points_for_the_question_that_is_theirs(
    course: Course, released: Callable[[str], NotebookNode]
) -> None:
    notebook = released(ON)
    assert notebook.metadata[DRAWS] == COURSE
    imports = notebook.cells[0].source
    assert imports.endswith(f"draw_questions({COURSE!r})")
    ada, ben = student_of("half"), student_of("thrice")
    eve = student_of("half", not_in=(ada,))  # worked under ben's name, or handed in his answer
    work = {ada: "half", ben: "thrice", eve: "thrice"}
    outcomes = graded(course, notebook, work)
    points = {name: {r.exercise: r.points for r in o.rows} for name, o in outcomes.items()}
    assert points == {
        ada: {"scale": 3, "plain": 0},
        ben: {"scale": 3, "plain": 0},
        eve: {"scale": 0, "plain": 0},
    }
    (row,) = [row for row in outcomes[eve].rows if row.exercise == "scale"]
    assert (row.verdict, row.diagnosis) == ("wrong", "the answer for thrice")
    assert f"the right answer for thrice, and the question drawn for {eve} is half" in row.message
    assert "under another name" in row.message
    course.feedback(TOY.id, eve)
    page = (course.folder("feedback", eve, TOY.id) / f"{TOY.notebook}.html").read_text()
    assert "the right answer for thrice" in page
    assert "Your question: half" in page  # what the notebook was told while it was graded
    assert f"This is the work of {eve}." in page


@pytest.mark.linux
def test_without_draws_nothing_changes(
    course: Course, released: Callable[[str], NotebookNode]
) -> None:
    notebook = released("")
    assert DRAWS not in notebook.metadata
    assert "draw_questions" not in nbformat.writes(notebook)
    ada = student_of("half")
    outcomes = graded(course, notebook, {ada: "half", "ben": "twice"})
    scores = {name: o.rows[0].points for name, o in outcomes.items()}
    assert scores == {ada: 0, "ben": 3}
    assert outcomes[ada].rows[0].diagnosis == ""


@pytest.mark.linux
def test_a_student_s_own_call_changes_nothing(
    course: Course, released: Callable[[str], NotebookNode]
) -> None:
    """The locked cell and the metadata are the release's, whatever was handed in."""
    notebook = released(ON)
    ada = student_of("half")
    notebook.cells[0].source = notebook.cells[0].source.replace(COURSE, "Another")
    notebook.metadata[DRAWS] = "Another"
    assert graded(course, notebook, {ada: "half"})[ada].rows[0].points == 3


@pytest.mark.linux
@pytest.mark.parametrize(
    "id", sorted({w.id for w in WORKSHEETS for e in w.exercises if e.questions})
)
def test_the_solution_of_a_worksheet_is_right_for_those_who_have_its_question(
    course: Course, hand_in: Callable[..., Path], id: str
) -> None:
    """The course's own worksheets, released with draws by nbgrader."""
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + ON)
    course.__init__(course.root)  # type: ignore[misc]
    course.generate(id)
    (exercise,) = [e for e in exercises.worksheet(id).exercises if e.questions]
    names = [f"student{n}" for n in range(50)]
    solved = next(iter(exercise.questions))
    same = next(s for s in names if draw(exercise, COURSE, s).name == solved)
    other = next(s for s in names if draw(exercise, COURSE, s).name != solved)
    for name in (same, other):
        hand_in(name, "# base: solved\n", id)
    outcomes = {o.student: o for o in grade(course, id, [same, other])}
    lost = {s: [r.exercise for r in o.rows if r.points < r.max_points] for s, o in outcomes.items()}
    assert lost == {same: [], other: [exercise.id]}
