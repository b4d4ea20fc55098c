"""JupyterLab and other commands as somebody runs them: in a folder, as a user, with a home of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]


def environment(home: Path, **more: str) -> dict[str, str]:
    """This one, with the commands beside this interpreter first and somebody's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "jupyter"), "PATH": path}
    return kept | own | {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"} | more


def without_news(home: Path) -> None:
    """Lab asks on its first start whether to fetch news, in front of everything else."""
    settings = home / "jupyter/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')


@contextlib.contextmanager
def jupyter_lab(
    folder: Path, home: Path, *, as_user: Sequence[str] = (), **variables: str
) -> Iterator[str]:
    """JupyterLab on loopback, started in a folder, without a token; its address.

    `as_user` is a command in front of it.
    """
    command = [*as_user, sys.executable, "-m", "jupyterlab"]
    with served(lambda told: [*command, *told], folder, home, environment(home, **variables)) as at:
        yield at


@contextlib.contextmanager
def served(
    command: Callable[[list[str]], list[str]],
    folder: Path,
    home: Path,
    environment: Mapping[str, str],
) -> Iterator[str]:
    """What a command with a server's options starts; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1"]
    with (home / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            command([*options, "--IdentityProvider.token="]),
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,  # with what stands in front of it, to be ended together
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"{address}/api/status", timeout=5).close()
                break
            except OSError:
                said = (home / "lab.log").read_text()
                assert server.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.3)
        yield address
    finally:
        for sent in (signal.SIGTERM, signal.SIGKILL):  # now and then it does not hear the first
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=20)
                break
