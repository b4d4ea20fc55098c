"""Intake: a submission is fit to be graded, or is refused with a sentence; nothing else happens."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder import intake
from autograder.intake import Refused, check_student_id, examine, read_notebook

NAME = "toy.ipynb"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def notebook(**changes: Any) -> dict[str, Any]:
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    text = {"cell_type": "markdown", "metadata": {}}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            code | {"id": "a", "source": "x = 1"},
            text | {"id": "b", "source": ["two\n", "lines"]},
        ],
    } | changes


def cells(**changes: Any) -> list[dict[str, Any]]:
    """The notebook's cells, the first one changed; None takes a key away."""
    first, *others = notebook()["cells"]
    changed = {key: value for key, value in (first | changes).items() if value is not ...}
    return [changed, *others]


def nested(depth: int) -> Any:
    value: Any = "end"
    for _ in range(depth):
        value = [value]
    return value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission that is as it should be."""
    made = tmp_path / "submitted" / "toy"
    made.mkdir(parents=True)
    write(made, notebook())
    return made


def write(folder: Path, content: Any) -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / NAME).write_bytes(data)


def taken_in(folder: Path) -> NotebookNode:
    """The notebook, if the submission is not refused."""
    (path,) = examine(folder, [Path(NAME).stem]).values()
    return read_notebook(path.name, path.read_bytes())


def refusal(folder: Path) -> str:
    with pytest.raises(Refused) as refused:
        taken_in(folder)
    said = str(refused.value)
    assert said
    assert "\n" not in said
    assert len(said) < 400
    return said


# What passes.


def test_a_good_submission_passes(folder: Path) -> None:
    taken_in(folder)


def test_data_and_other_notebooks_may_lie_beside_it(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "numbers.csv").write_text("1,2")
    (folder / "scratch.ipynb").write_text("not read, so not looked at")
    (folder / "numpy.py").write_text("raise SystemExit  # never imported")
    taken_in(folder)


@pytest.mark.parametrize(
    "stamp",
    [
        "2015-02-02 15:58:23.948203 America/Los_Angeles",
        "2026-01-01 10:00:00 UTC",
        "2026-01-01 10:00:00.5 Europe/Paris",
        "2026-01-01 10:00:00 CET",
        "2026-01-01T10:00:00Z",
        "2026-01-01 10:00:00+01:00",
        "2026-01-01",
        "2026-01-01 10:00:00 UTC\n",
        "",
        "\n",
    ],
)
def test_timestamps_as_nbgrader_writes_and_reads_them_pass(folder: Path, stamp: str) -> None:
    (folder / "timestamp.txt").write_text(stamp)
    taken_in(folder)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"cells": []}, id="all cells deleted"),
        pytest.param({"cells": cells(id="b")}, id="an id twice"),
        pytest.param({"cells": cells(id=...)}, id="a cell without id"),
        pytest.param(
            {"metadata": {"kernelspec": {"name": "bash", "display_name": "x"}}}, id="kernel"
        ),
        pytest.param({"metadata": {"x": nested(50)}}, id="somewhat nested"),
        pytest.param({"cells": cells(metadata={"nbgrader": 5})}, id="claims of another form"),
        pytest.param({"nbformat_minor": 99}, id="a later minor version"),
    ],
)
def test_what_restoring_mends_is_not_refused(
    folder: Path, changes: dict[str, Any], recwarn: pytest.WarningsRecorder
) -> None:
    write(folder, notebook(**changes))
    taken_in(folder)
    assert list(recwarn) == []  # nor told on the terminal


def test_format_4_without_ids_passes(folder: Path) -> None:
    old = [{k: v for k, v in cell.items() if k != "id"} for cell in notebook()["cells"]]
    write(folder, notebook(cells=old, nbformat_minor=4))
    taken_in(folder)


# What is missing or misplaced.


def test_a_missing_notebook_is_told(folder: Path) -> None:
    (folder / NAME).unlink()
    assert (
        refusal(folder)
        == "toy.ipynb is missing; there is no notebook at all. Was it renamed or moved?"
    )


def test_a_renamed_notebook_is_told_with_what_was_found(folder: Path) -> None:
    (folder / NAME).rename(folder / "toy (1).ipynb")
    assert refusal(folder) == "toy.ipynb is missing; found toy (1).ipynb. Was it renamed or moved?"


def test_a_folder_in_place_of_the_notebook_is_told(folder: Path) -> None:
    (folder / NAME).unlink()
    (folder / NAME).mkdir()
    assert "toy.ipynb is missing; there is no notebook" in refusal(folder)


@pytest.mark.parametrize("prepare", [lambda path: None, lambda path: path.write_text("a file")])
def test_a_submission_is_a_folder(tmp_path: Path, prepare: Callable[[Path], Any]) -> None:
    prepare(tmp_path / "toy")
    assert refusal(tmp_path / "toy") == "toy should be a folder and is something else."


# Links and other things that are no files.


@posix
@pytest.mark.parametrize("target", ["solution.ipynb", "nowhere", "/etc/passwd"])
def test_a_linked_notebook_is_refused(folder: Path, target: str) -> None:
    (folder / NAME).rename(folder.parent / "solution.ipynb")
    (folder / NAME).symlink_to(folder.parent / target)
    assert refusal(folder) == "toy.ipynb is a link; hand in the file itself."


@posix
def test_a_linked_folder_is_refused_and_not_entered(folder: Path) -> None:
    (folder / "data").symlink_to("/")
    assert refusal(folder) == "data is a link; hand in the file itself."


@posix
def test_a_submission_that_is_a_link_is_refused(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert "link should be a folder" in refusal(link)


@posix
def test_a_link_in_a_folder_is_found(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "gradebook.db").symlink_to("/tmp")
    assert refusal(folder) == "data/gradebook.db is a link; hand in the file itself."


@posix
@pytest.mark.parametrize("name", [NAME, "data.csv"])
def test_a_pipe_is_refused_without_being_opened(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert refusal(folder) == f"{name} is neither a file nor a folder."


@pytest.mark.linux
@pytest.mark.parametrize("name", [NAME, "data.csv"])
def test_what_may_not_be_read_is_told_by_name(name: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, notebook())
        (folder / "data.csv").write_text("1,2")
        (folder / name).chmod(0)
        with contextlib.ExitStack() as afterwards:
            if os.geteuid() == 0:  # may read everything: looks as nobody
                folder.chmod(0o755)
                os.seteuid(65534)
                afterwards.callback(os.seteuid, 0)
            assert refusal(folder) == f"{name} cannot be read (Permission denied)."


# Sizes.


def test_a_large_notebook_is_refused_unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_NOTEBOOK_BYTES", 2 << 20)
    write(folder, b"x" * ((2 << 20) + 1))
    assert refusal(folder) == "toy.ipynb is larger than 2 MiB."


def test_a_large_data_file_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_FILE_BYTES", 1 << 20)
    (folder / "data.bin").write_bytes(bytes((1 << 20) + 1))
    assert refusal(folder) == "data.bin is larger than 1 MiB."


def test_many_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_FILES", 10)
    for number in range(10):
        (folder / f"{number}.txt").touch()
    assert refusal(folder) == "it holds more than 10 files."


def test_folders_in_folders_end_somewhere(folder: Path) -> None:
    deep = folder
    for _ in range(intake.MAX_FILES + 5):
        deep = deep / "d"
    os.makedirs(deep)
    assert "more than" in refusal(folder)


def test_too_many_cells_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_CELLS", 3)
    write(folder, notebook(cells=notebook()["cells"] * 2))
    assert refusal(folder) == "toy.ipynb has no list of cells, or more than 3."


# Bytes that are no notebook.


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "toy.ipynb is empty."),
        (b" \n\t ", "toy.ipynb is empty."),
        (b"{", "damaged: it is not JSON"),
        (b"\0" * 100, "damaged: it is not JSON"),
        (json.dumps(notebook()).encode()[:-1], "damaged: it is not JSON"),
        (b"\xef\xbb\xbf" + json.dumps(notebook()).encode(), "byte-order mark"),
        (b'{"nbformat": ' + b"4" * 5000 + b"}", "damaged: it is not JSON"),
        (b"[" * 100_000, "damaged: it is not JSON"),
        (json.dumps(notebook()).encode("utf-16"), "not text in UTF-8"),
        (b"\xff\xfe", "not text in UTF-8"),
        (json.dumps(notebook(cells=cells(source="\ud800"))).encode(), "not text in UTF-8"),
        (b"[]", "not a notebook of format 4"),
        (b"null", "not a notebook of format 4"),
        (b'"text"', "not a notebook of format 4"),
        (b"{}", "not a notebook of format 4 (it says None)"),
    ],
)
def test_bytes_that_are_no_notebook_are_refused(folder: Path, data: bytes, said: str) -> None:
    write(folder, data)
    assert said in refusal(folder)


@pytest.mark.parametrize("format", [3, 5, "4", None, [4], "x" * 1000])
def test_another_format_is_refused(folder: Path, format: Any) -> None:
    write(folder, notebook(nbformat=format))
    assert "is not a notebook of format 4" in refusal(folder)


@pytest.mark.parametrize("count", [100, 300, 900])
def test_deep_nesting_is_refused(folder: Path, count: int) -> None:
    """Each later step copies a notebook by recursion, on top of whatever called it."""
    text = json.dumps(notebook(metadata={"x": "deep"})).replace('"deep"', "[" * count + "]" * count)
    write(folder, text.encode())
    assert refusal(folder) == "toy.ipynb is nested more than 100 levels deep."


@pytest.mark.parametrize(
    "changes",
    [
        {"cells": None},
        {"cells": {}},
        {"metadata": []},
        {"nbformat_minor": "5"},
        {"nbformat_minor": None},
        {"nbformat_minor": []},
        {"cells": [1]},
        {"cells": [None]},
        {"cells": [{}]},
        {"cells": [{"cell_type": "heading"}]},
        {"cells": cells(source=[1])},
        {"cells": cells(source={"a": 1})},
        {"cells": cells(source=...)},
        {"cells": cells(metadata=None)},
        {"cells": cells(metadata=...)},
        {"cells": cells(cell_type="code\x1b[31m")},
    ],
)
def test_a_notebook_of_another_form_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    write(folder, notebook(**changes))
    assert refusal(folder).startswith("toy.ipynb ")


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata": {"kernelspec": 5}},
        {"worksheets": []},
        {"nbformat_minor": -1},
        {"nbformat": 4.0},
        {"nbformat_minor": 4},  # and cells with ids
        {"cells": cells(outputs={})},
        {"cells": cells(outputs=[{"output_type": "x"}])},
        {"cells": cells(outputs=...)},
        {"cells": cells(execution_count=...)},
        {"cells": cells(metadata={"tags": [{"tag": n} for n in range(3000)]})},
        {"cells": cells(id="not an id")},
        {"cells": cells(id="x" * 65)},
        {"cells": cells(id=5)},
    ],
)
def test_what_is_thrown_away_may_be_as_broken_as_it_likes(
    folder: Path, changes: dict[str, Any]
) -> None:
    """Validating it would refuse honest work, and can take hours: unequal tags are compared in pairs."""
    write(folder, notebook(**changes))
    found = taken_in(folder)
    assert [cell.source for cell in found.cells]
    for cell in found.cells:
        assert set(cell.metadata) <= {"nbgrader"}
        assert cell.get("outputs", []) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "metadata", "source", "outputs", "cell_type", "id", "data"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    where=st.sampled_from(["nbformat", "nbformat_minor", "metadata", "cells", "first cell"]),
    what=JSON,
)
def test_no_notebook_is_worse_than_refused(folder: Path, where: str, what: Any) -> None:
    write(folder, notebook(**({"cells": [what]} if where == "first cell" else {where: what})))
    with contextlib.suppress(Refused):
        taken_in(folder)


# Timestamps and names.


@pytest.mark.parametrize(
    "stamp",
    [
        "tomorrow",
        "2026-13-01 10:00:00 UTC",
        "x/y",
        "1" * 5000,
        "9" * 30,
        "0.5e999999",
        "\0",
        "2026-01-01 99:00:00 America/Los_Angeles",
        "\x1b[31mred",
        "2026-01-01 " * 100_000,
    ],
)
def test_a_timestamp_that_is_no_date_is_refused(folder: Path, stamp: str) -> None:
    (folder / "timestamp.txt").write_text(stamp)
    said = refusal(folder)
    assert said.startswith("timestamp.txt holds '")
    assert said.endswith("', which is no date.")
    assert "\x1b" not in said


def test_a_timestamp_that_is_a_folder_is_refused(folder: Path) -> None:
    (folder / "timestamp.txt").mkdir()
    assert refusal(folder).startswith("timestamp.txt cannot be read")


@pytest.mark.parametrize(
    "student", ["ada", "a.b-c_d", "s1234567", "Ada_Lovelace", "ada@example.org", "a+b", "x" * 100]
)
def test_ordinary_ids_pass(student: str) -> None:
    check_student_id(student)


@pytest.mark.parametrize(
    "student",
    [
        "",
        ".",
        "..",
        "../ada",
        "a/b",
        "a\\b",
        "/etc/passwd",
        "=cmd|'/c calc'!A1",
        "+1+1",
        "-1",
        "@SUM(A1)",
        "ada\n",
        "ada\nbob",
        "a b",
        "a,b",
        'a"b',
        "a\tb",
        "a\0",
        "\x1b[31mada",
        "<script>",
        "adá",
        "x" * 101,
        ".hidden",
        "*",
    ],
)
def test_ids_that_could_be_something_else_are_refused(student: str) -> None:
    with pytest.raises(Refused, match="letters, digits"):
        check_student_id(student)
