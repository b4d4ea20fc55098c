"""What a cell shows, as a real kernel would show it, and what is written past Python's own streams."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from autograder.sandbox.launch import Level
from autograder.sandbox.library import library
from tests.autograder.test_sandbox import FULL, Notebook, error_of, text_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps its descriptors")

#: Cells that show, change and clear; each ends in something, so that none agrees by being empty.
ODD = [
    "from IPython.display import HTML, clear_output, display, update_display",
    "h = display('first', display_id='a')\nprint('between')\nh.update('second')",
    "display('x', display_id='b'); display('y', display_id='b'); update_display('z', display_id='b')",
    "for n in range(3):\n    clear_output(wait=True)\n    print('n is', n)",
    "print('kept')\nclear_output(wait=True)",
    "print('gone')\nclear_output()\nprint('here')",
    "display('x', display_id='c'); clear_output(); update_display('y', display_id='c')\n'end'",
    "print('out')\nclear_output(wait=True)\n1 / 0",
    "for i in range(5):\n    (update_display if i else display)(i, display_id='p')",
    "d = display(HTML('<b>1</b>'), display_id='html')\nd.update(HTML('<i>2</i>'))\n3",
    "update_display('none', display_id='nobody')\n'end'",
    "update_display('of an earlier cell', display_id='a')\n'end'",
    "def f(x):\n    return 1 / x\nf(0)",
    "f(0)",
    "   ",
    "def broken(:",
    "import numpy as np\nnp.ones(3) @ np.ones(4)",
    "import sys; sys.exit(3)",
    "import asyncio\nawait asyncio.sleep(0.01)\nawait asyncio.gather(asyncio.sleep(0.01, 5))",
]


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    with library("toy", ("course.rnn", "torch")) as folder:
        yield folder


@pytest.fixture(params=[FULL, Level.NONE])
def notebook(request: pytest.FixtureRequest, packages: Path) -> Notebook:
    return Notebook(packages, request.param)


def plain(outputs: list[Any]) -> list[Any]:
    """Outputs without colours and without the names that a kernel gives to its files."""
    found: list[Any] = []
    for output in outputs:
        if output["output_type"] == "stream":
            if found and found[-1][:2] == ["stream", output["name"]]:
                found[-1][2] += output["text"]
            else:
                found.append(["stream", output["name"], output["text"]])
        elif output["output_type"] == "error":
            said = re.sub(r"\(\S+, line", "(cell, line", output["evalue"])
            trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output["traceback"]))
            found.append(["error", output["ename"], said, trace])
        else:
            found.append([output["output_type"], dict(output["data"])])
    return found


@pytest.mark.slow
def test_odd_cells_show_what_a_real_kernel_shows(notebook: Notebook) -> None:
    real = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in ODD])
    nbclient.NotebookClient(real, allow_errors=True, kernel_name="python3").execute()
    results = notebook.run(*ODD)
    for source, ours, theirs in zip(ODD, results, real.cells, strict=True):
        assert plain(ours.outputs) == plain(theirs.outputs), source


def test_a_display_shows_its_last_state_in_its_first_place(notebook: Notebook) -> None:
    (result,) = notebook.run(
        "from IPython.display import update_display\n"
        "display(1, display_id='a')\nprint('between')\nupdate_display(2, display_id='a')"
    )
    assert [output["output_type"] for output in result.outputs] == ["display_data", "stream"]
    assert result.outputs[0]["data"] == {"text/plain": "2"}


def test_clearing_makes_room_again(packages: Path) -> None:
    """As many states of a picture as one likes: only the last is kept."""
    (result,) = Notebook(packages, Level.NONE).run(
        "from IPython.display import clear_output\n"
        "for n in range(30):\n    clear_output(wait=True)\n    print(str(n) * 100_000)"
    )
    assert text_of(result) == "29" * 100_000 + "\n"


def test_changing_a_display_costs_what_it_then_shows(packages: Path) -> None:
    (result,) = Notebook(packages, Level.NONE).run(
        "h = display('x' * 100_000, display_id=True)\n"
        "for n in range(30): h.update(str(n) * 100_000)\nh.update('x' * 3_000_000)"
    )
    assert result.outputs[0]["data"]["text/plain"] == repr("29" * 100_000)


@posix
def test_what_is_written_past_pythons_streams_is_shown(notebook: Notebook) -> None:
    raw, quiet = notebook.run(
        """
        import ctypes, os, sys
        print("python")
        os.write(1, b"one\\n")
        os.write(2, b"two\\n")
        ctypes.CDLL(None).printf(b"three\\n")
        print("four", file=sys.__stdout__, flush=True)
        """,
        "print('quiet')",
    )
    assert text_of(raw) == "python\none\nfour\nthree\n"
    assert text_of(raw, "stderr") == "two\n"
    assert text_of(quiet) == "quiet\n"


@posix
def test_what_a_thread_writes_after_its_cell_is_no_other_cells(notebook: Notebook) -> None:
    _, later, last = notebook.run(
        "import os, threading, time\n"
        "def late():\n    time.sleep(0.2); os.write(1, b'stray')\n"
        "thread = threading.Thread(target=late); thread.start()",
        "thread.join()",
        "print('mine')",
    )
    assert text_of(later) == "stray"  # it was written while this one ran
    assert text_of(last) == "mine\n"


@posix
def test_a_flood_past_pythons_streams_blocks_nobody(notebook: Notebook) -> None:
    flood, after = notebook.run(
        """
        import ctypes
        libc = ctypes.CDLL(None)
        for _ in range(3000): libc.puts(b"x" * 1000)
        print("through")
        """,
        "print('after')",
    )
    assert text_of(flood).startswith("through\nxxx")
    assert 50_000 < len(text_of(flood)) < 80_000
    assert text_of(after) == "after\n"


@posix
def test_closed_descriptors_are_no_trouble(notebook: Notebook) -> None:
    _, after = notebook.run("import os; os.close(1); os.close(2)", "print('after')")
    assert text_of(after) == "after\n"


def test_a_cell_is_called_by_its_number_in_the_notebook(notebook: Notebook) -> None:
    """Also when the notebook is run again without a cell that died."""
    _, _, _, failed = notebook.run("1", "", "import os; os._exit(0)", "1 / 0")
    assert "Cell In[3], line 1" in "".join(failed.outputs[-1]["traceback"])


@pytest.mark.parametrize("run", ["asyncio.run(twice())", "await twice()"])
def test_event_loops_run(notebook: Notebook, run: str) -> None:
    (result,) = notebook.run(
        "import asyncio\nasync def twice():\n"
        f"    return await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.sleep(0, 2))\n{run}"
    )
    assert result.ok, error_of(result)
    assert result.outputs[0]["data"]["text/plain"] == "[1, 2]"


@pytest.mark.parametrize(
    "start",
    [
        "asyncio.run(asyncio.create_subprocess_exec('true'))",
        "await asyncio.create_subprocess_shell('true')",
        "multiprocessing.Pool(2)",
        "multiprocessing.get_context('spawn').Process(target=print).start()",
        "concurrent.futures.ProcessPoolExecutor(2).submit(abs, 1)",
        "multiprocessing.shared_memory.SharedMemory(create=True, size=100)",
    ],
)
@pytest.mark.parametrize("notebook", [FULL], indirect=True)
def test_what_needs_a_process_says_so(notebook: Notebook, start: str) -> None:
    (result,) = notebook.run(
        "import asyncio, concurrent.futures, multiprocessing, multiprocessing.shared_memory\n"
        + start
    )
    assert "no other process can be started while a notebook is graded" in error_of(result)


def test_the_working_folder_may_be_changed(notebook: Notebook) -> None:
    (result,) = notebook.run(
        "import os\nos.mkdir('a')\n%cd a\nprint(os.path.basename(os.getcwd()))"
    )
    assert result.ok
    assert text_of(result).endswith("a\n")
