"""JupyterLab and other commands as somebody runs them: in a folder, as a user, with a home of their own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.servers import served

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
    log, kept = home / "lab.log", environment(home, **variables)
    with served(lambda told: [*command, *told], folder, log, kept) as address:
        yield address
