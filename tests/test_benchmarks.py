"""The benchmarks measure what they say.  Nothing here is timed: sizes are tiny, or the figures made up."""

from __future__ import annotations

import doctest
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

from autograder.build import grade_id, is_test
from benchmarks import __main__ as program
from benchmarks import cells, classes, fixtures, otter, processes, reference, tables, timing
from benchmarks.classes import Rate
from benchmarks.processes import CommandFailed, Mark, Used

SIZES = tables.Sizes(5, 4, 0, 3, memory=(4,), names=("numpy",))


def test_every_cell_is_measured_in_both_float_types(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(reference, "SIZES", ((2, 3, 4, 5),))
    monkeypatch.setattr(reference, "RUNS", (5,))  # a median, which one hiccup cannot make 0.00
    table = reference.reference()
    rows = list(table.columns[0].cells)
    assert rows == [
        f"{cell} {dtype} N=2 T=3 D=4 H=5"
        for cell in ("rnn", "lstm", "gru")
        for dtype in ("float64", "float32")
    ]
    assert all(float(str(ratio)) > 0 for ratio in table.columns[-1].cells)


def test_a_median_leaves_the_first_round_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0, 9, 0, 1, 0, 2, 0, 3])  # what an action takes: 9, then 1, 2, 3
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert timing.seconds(lambda: None, runs=3) == [2]


@pytest.fixture(params=["numpy", "torch"])
def name(request: pytest.FixtureRequest) -> str:
    if request.param == "torch":
        pytest.importorskip("torch")
    return str(request.param)


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A word for each picture that is shown."""
    shown: list[str] = []
    plt.switch_backend("agg")
    monkeypatch.setattr(plt, "show", lambda: shown.append("picture"))
    yield shown
    plt.close("all")


def test_a_fixture_has_13_cells_one_picture_and_a_solution_that_passes(
    name: str, pictures: list[str]
) -> None:
    sources = [c.source for c in fixtures.worksheet(name).cells if c.cell_type == "code"]
    assert len(sources) == 13
    names: dict[str, Any] = {}
    for source in sources:
        exec(source, names)
    assert pictures == ["picture"]


def test_submissions_differ_from_each_other_and_not_from_run_to_run(name: str) -> None:
    worksheet, answers = fixtures.worksheet(name), fixtures.answers(name)
    made = [fixtures.submission(worksheet, answers, seed) for seed in range(50)]
    assert made[7] == fixtures.submission(worksheet, answers, 7)
    assert len({tuple(c.source for c in notebook.cells) for notebook in made}) == 50
    for solution, sources in answers.items():
        found = "\n".join(c.source for n in made for c in n.cells if grade_id(c) == solution)
        assert len(sources) > 1
        assert all(source in found for source in sources)


def test_a_class_of_the_course_s_own_worksheet_is_made_alike() -> None:
    answers = fixtures.answers("ps02")
    assert "rnn_step-solution" in answers
    made = fixtures.submission(fixtures.worksheet("ps02"), answers, 1)
    assert any("rnn_step, attempt" in cell.source for cell in made.cells)


def test_otter_gets_the_same_tests(pictures: list[str]) -> None:
    """Its form of a test is a conversation with the interpreter, so the interpreter can judge it."""
    names: dict[str, Any] = {}
    for cell in fixtures.worksheet("numpy").cells:
        if not is_test(cell):
            if cell.cell_type == "code":
                exec(cell.source, names)
            continue
        made: dict[str, Any] = {}
        exec(otter._as_test(cell), made)
        (suite,) = made["test"]["suites"]
        (case,) = suite["cases"]
        test = doctest.DocTestParser().get_doctest(case["code"], names, grade_id(cell), "", 0)
        assert len(test.examples) >= 3
        assert doctest.DocTestRunner().run(test, clear_globs=False).failed == 0
        names = test.globs


def test_the_start_is_taken_off() -> None:
    marks = [Mark(n, 6 + 2 * n, 3 + n, 1 + 0.5 * n) for n in (1, 2, 10)]
    marks[0] = Mark(1, 7, 9, 9)  # of the first worker, while the second is not there yet
    used = Used(seconds=29, marks=marks)
    assert classes.rate([used], 10, 2) == Rate(start=9, seconds=2, cpu=1, own_cpu=0.5)


def test_two_processes_are_as_fast_as_both_and_cost_what_each_costs() -> None:
    def shared(seconds: float, cpu: float) -> Used:
        marks = [Mark(n, 1 + seconds * n, cpu * n, n) for n in range(1, 6)]
        return Used(seconds=11, marks=marks)

    found = classes.rate([shared(1, 3), shared(2, 5)], 10)
    assert found == Rate(start=pytest.approx(11 - 10 / 1.5), seconds=1 / 1.5, cpu=4, own_cpu=1)


def test_a_share_of_one_submission_tells_nothing_of_how_long_one_takes() -> None:
    shares = [
        Used(seconds=5, marks=[Mark(1, 3, 1, 1)]),
        Used(seconds=5, marks=[Mark(n, 1 + 2 * n, n, n) for n in (1, 2)]),
    ]
    assert classes.rate(shares, 2) == Rate(start=1, seconds=2, cpu=1, own_cpu=1)


def test_a_mark_is_set_when_more_has_been_done(tmp_path: Path) -> None:
    works = "import pathlib, time\nfor n in range(3): pathlib.Path(str(n)).touch(); time.sleep(0.3)"
    (used,) = processes.run(
        [([sys.executable, "-c", works], tmp_path)],
        classes.environment(),
        done=lambda folder: sum(path.name.isdigit() for path in folder.iterdir()),
    )
    assert [mark.done for mark in used.marks] == [1, 2, 3]
    assert sorted(mark.seconds for mark in used.marks) == [mark.seconds for mark in used.marks]
    assert used.marks[-1].seconds < used.seconds


@pytest.mark.linux
def test_what_a_command_takes_is_counted_with_its_children(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass\n"
    child = f"import subprocess, sys; x = b'x' * 50_000_000; subprocess.run([sys.executable, '-c', {busy!r}])"
    command = [sys.executable, "-c", child]
    (used,) = processes.run([(command, tmp_path)], classes.environment(), memory=True)
    assert used.own_cpu < 0.3
    assert used.own_peak > 50e6
    assert math.isnan(used.cpu) or used.cpu > 0.3
    assert math.isnan(used.cpu) or 0 < used.others_peak < 50e6


def test_a_command_that_fails_is_not_taken_for_a_fast_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such assignment')"]
    with pytest.raises(CommandFailed, match="no such assignment"):
        processes.run([(command, tmp_path)], classes.environment())


def _quietly(text: str) -> None:
    """Say nothing of what is being measured."""


class _MadeUp:
    """A bench that measures nothing: a submission takes 1 s, and nbgrader 30."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def own_cells(self, name: str, numbers: Sequence[int]) -> list[float]:
        return [0.5] * len(numbers)

    def ours(self, name: str, workers: int, size: int, *, memory: bool = False) -> list[Used]:
        counts = range(1, size + 1)
        marks = [Mark(n, 3 + n / workers, 4 + 0.6 * n, 2 + 0.03 * n) for n in counts]
        used = Used(3 + size / workers, own_peak=10**8, others_peak=2 * 10**8, marks=marks)
        return [used]

    def stock(self, name: str, workers: int, size: int) -> list[Used]:
        share = size // workers
        marks = [Mark(n, 3 + 30 * n, 2 + 2 * n, 1) for n in range(1, share + 1)]
        return [Used(3 + 30 * share, marks=marks)] * workers


def test_the_tables_hold_medians_and_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "Bench", _MadeUp)
    made = [*tables.grading(SIZES, _quietly), *tables.growth(_quietly, (2, 4))]
    speed, processor, memory, growth = (program._text(table, "this command") for table in made)
    assert "| numpy: two workers | 5 | 3.0 | 120 | 1.0 |  |" in speed
    assert "| numpy: one worker | 5 | 3.0 | 60 | 2.00 | 1.7 |" in speed
    assert "| numpy: nbgrader, as it comes | 4 | 3.0 | 2 | 60.0 | 12.0 |" in speed
    assert "| numpy: nbgrader, two by hand | 4 | 3.0 | 4 | 30.0 |  |" in speed
    assert "| numpy: otter run |  |  | not here |  |  |" in speed
    assert "| numpy | 500 | 600 | 1.20 | 30 |" in processor
    assert "| numpy | 4 | 100 | 200 |" in memory
    assert "| 4 submissions | 5 | 1250 | 0.62 | 100 |" in growth


def test_the_page_names_its_commands_and_no_place_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables, "Bench", _MadeUp)
    page = program._page("", "python -m benchmarks grading", list(tables.grading(SIZES, _quietly)))
    assert page.count("`python -m benchmarks grading`") == 3
    assert "nbgrader 0.9" in page
    assert page.count("\n## ") == 3
    assert str(Path.home()) not in page
    assert str(fixtures.ROOT) not in page


def test_what_was_measured_before_stays_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "Bench", _MadeUp)
    grading = list(tables.grading(SIZES, _quietly))
    first = program._page("", "first", grading)
    both = program._page(first, "second", list(tables.growth(_quietly, (2, 4))))
    assert both.startswith(first)
    assert both.count("\n## ") == 4
    assert program._page(first, "first", grading) == first
    again = program._page(both, "again", grading[:1])
    assert (again.count("`again`"), again.count("`first`"), again.count("`second`")) == (1, 2, 1)
    elsewhere = first.replace("cores (", "others (")
    assert program._page(elsewhere, "second", grading[:1]).count("\n## ") == 1


@pytest.mark.slow
@pytest.mark.linux
def test_a_tiny_class_is_measured_in_earnest(tmp_path: Path) -> None:
    bench = classes.Bench(tmp_path)
    (ours,) = bench.ours("numpy", 1, 2, memory=True)
    first, second = bench.stock("numpy", 2, 2)
    own = bench.own_cells("numpy", [0, 1])
    assert min(ours.seconds, first.seconds, second.seconds, *own) > 0
    assert math.isnan(ours.cpu) or ours.cpu > ours.own_cpu
    assert ours.own_peak > 0
    assert not list(tmp_path.glob("run*"))


def test_a_notebook_s_own_cells_are_run_without_its_labs(tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    path.write_text(
        '{"cells": ['
        '{"cell_type": "markdown", "metadata": {}, "source": "text"},'
        '{"cell_type": "code", "metadata": {"tags": ["lab"]}, "source": "train()"},'
        '{"cell_type": "code", "metadata": {}, "source": ["x = 1\\n", "x"]}]}'
    )
    assert cells._sources(str(path)) == ["x = 1\nx"]
