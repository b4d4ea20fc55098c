"""What a person sees, in a real browser: the worksheet in JupyterLab, and a feedback page.

Pictures are kept in `build/pictures/` for whoever wants to look.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import exercises
from autograder.grade import grade
from autograder.nbgrader_plugin.course import Course

pytestmark = [pytest.mark.slow, pytest.mark.linux]

sync_api = pytest.importorskip("playwright.sync_api")

PS02 = exercises.worksheet("ps02")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None:
        pytest.skip("needs Chromium: sudo apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS.split())
        yield browser
        browser.close()


@pytest.fixture
def picture(checkout: Path) -> Callable[[Any, str], None]:
    folder = checkout / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=folder / f"{name}.png")


@contextlib.contextmanager
def jupyter_lab(folder: Path, home: Path) -> Iterator[str]:
    """JupyterLab on loopback, without a token; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    _without_news(home / "jupyter")
    environment = os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "jupyter")}
    with (home / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/api/status", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < deadline, (home / "lab.log").read_text()
                time.sleep(0.3)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def _without_news(config: Path) -> None:
    """Lab asks on its first start whether to fetch news, in front of everything else."""
    settings = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')


def test_student_s_first_check_in_jupyterlab(
    browser: Any, checkout: Path, tmp_path: Path, picture: Callable[[Any, str], None]
) -> None:
    """Open the release, run it, see an exercise waiting; solve it, see the panel turn to correct."""
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    name = f"{PS02.notebook}.ipynb"
    shutil.copyfile(checkout / "notebooks" / "ps02" / name, work / name)
    with jupyter_lab(work, home) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.goto(f"{address}/lab/tree/{name}")
        page.get_by_role("heading", name="A vanilla RNN by hand").wait_for(timeout=60_000)
        panel = ".jp-OutputArea-output [role=note]"

        def run_cell(text: str) -> None:
            cell = page.locator(".jp-CodeCell", has_text=text).first
            cell.scroll_into_view_if_needed()
            cell.locator(".cm-content").click()
            page.keyboard.press("Control+Enter")

        run_cell("from autograder import check, hint, rubric")
        run_cell("figures.unrolled_network(T=3)")
        figure = page.locator(".jp-OutputArea-output img[alt]").first
        figure.wait_for(timeout=30_000)
        assert "unrolled" in (figure.get_attribute("alt") or "").lower()

        run_cell("def rnn_step(x, h, W_xh, W_hh, b_h):")
        run_cell('check("rnn_step", rnn_step)')
        page.locator(panel, has_text="Not attempted").wait_for(timeout=30_000)

        cell = page.locator(".jp-CodeCell", has_text="def rnn_step(x, h, W_xh, W_hh, b_h):").first
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(
            "def rnn_step(x, h, W_xh, W_hh, b_h):\n    return np.tanh(x @ W_xh + h @ W_hh + b_h)"
        )
        page.keyboard.press("Control+Enter")
        run_cell('check("rnn_step", rnn_step)')
        page.locator(panel, has_text="Correct").wait_for(timeout=30_000)
        assert page.locator(".jp-OutputArea-output", has_text="4 of 4 points").count() == 1
        picture(page, "first-green-panel")
        page.close()


def test_feedback_page_says_what_went_wrong(
    browser: Any,
    course: Course,
    checkout: Path,
    hand_in: Callable[[str, str], Path],
    picture: Callable[[Any, str], None],
) -> None:
    hand_in("cleo", (checkout / "demo" / "submissions" / "cleo.py").read_text(encoding="utf-8"))
    course.generate("ps02")
    (outcome,) = grade(course, "ps02", ["cleo"])
    course.feedback("ps02", "cleo")
    page = browser.new_page(viewport={"width": 1100, "height": 1400})
    page.goto((course.folder("feedback", "cleo", "ps02") / f"{PS02.notebook}.html").as_uri())
    panels = page.locator("[role=note]")
    assert panels.count() == len(PS02.exercises)
    for row in outcome.rows:
        told = panels.filter(has=page.get_by_text(row.exercise, exact=True)).inner_text()
        assert row.diagnosis in told
        if row.verdict == "wrong":
            assert "expected" not in told, "numbers of secret inputs are not shown"
    assert page.locator("img:not([alt])").count() == 0
    wrong = panels.filter(has_text=re.compile("previous state")).first
    wrong.scroll_into_view_if_needed()
    picture(page, "feedback")
    page.close()
