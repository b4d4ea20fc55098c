"""What a course adds to Jupyter: settings without news, a kernel, and no instructor's menus for students.

    env.sh                   for the instructor's terminal: puts the folders below on Jupyter's paths
    share/jupyter/           on JUPYTER_PATH: the kernelspec python3, and the settings' defaults
    etc/jupyter/             on JUPYTER_CONFIG_PATH: tells JupyterLab where these defaults are
    students/env.sh, students/etc/jupyter/      the same for students, and where the exchange is

JupyterLab looks for `overrides.json` in its application's own folder and nowhere else, JUPYTER_PATH or not;
so `jupyter_lab_config.py` names the course's folder in its place.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path

from ipykernel.kernelspec import write_kernel_spec

from autograder.files import write_whole
from autograder.nbgrader_plugin.course import CONFIG_FILE, Course
from autograder.nbgrader_plugin.offline import jupyter_path
from autograder.nbgrader_plugin.setup import exchange_root

ENVIRONMENT = "env.sh"
SETTINGS = Path("share") / "jupyter" / "lab" / "settings"
KERNEL = Path("share") / "jupyter" / "kernels" / "python3"

#: No question about news on the first start, and no look for newer versions: both need a network.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}
#: Menus that are of no use to students, and the servers behind them.
HIDDEN = ("formgrader", "create-assignment", "course-list")
_SWITCHED_OFF = ("nbgrader.server_extensions.formgrader", "nbgrader.server_extensions.course_list")

_ENV = """\
# Written by `autograder init`, which writes it anew.  In a terminal:  . {env}
export PATH={bin}:"$PATH"
export JUPYTER_PATH={data}"${{JUPYTER_PATH:+:$JUPYTER_PATH}}"
export JUPYTER_CONFIG_PATH={config}"${{JUPYTER_CONFIG_PATH:+:$JUPYTER_CONFIG_PATH}}"
"""
_LAB = """\
# Written by `autograder init`, which writes it anew.
c = get_config()
c.LabApp.app_settings_dir = {settings!r}
"""
_STUDENTS = """\
# Written by `autograder init`, which writes it anew: what a student's nbgrader has to know.
c = get_config()
c.CourseDirectory.course_id = {id!r}
c.Exchange.root = {exchange!r}
"""


def settle(course: Course) -> str:
    """Write Jupyter's files below the course; a sentence about them."""
    root = course.root
    _write(root / SETTINGS / "overrides.json", _json(OVERRIDES))
    shutil.rmtree(root / KERNEL, ignore_errors=True)
    (root / KERNEL).parent.mkdir(parents=True, exist_ok=True)
    write_kernel_spec(root / KERNEL)
    for person in (root, root / "students"):
        config = person / "etc" / "jupyter"
        _write(config / "jupyter_lab_config.py", _LAB.format(settings=str(root / SETTINGS)))
        _write(person / ENVIRONMENT, _environment(root, person / ENVIRONMENT, config))
    students = root / "students" / "etc" / "jupyter"
    told = {"id": course.directory.course_id, "exchange": str(exchange_root(course))}
    _write(students / CONFIG_FILE, _STUDENTS.format(**told))
    hidden = {f"@jupyter/nbgrader:{name}": True for name in HIDDEN}
    _write(students / "labconfig" / "page_config.json", _json({"disabledExtensions": hidden}))
    off = {"ServerApp": {"jpserver_extensions": dict.fromkeys(_SWITCHED_OFF, False)}}
    _write(students / "jupyter_server_config.d" / "unrolled.json", _json(off))
    for shared in ("share", "students"):
        _open_to_all(root / shared)
    return f"Jupyter: source {root / ENVIRONMENT} before you work; students, students/{ENVIRONMENT}"


def _environment(root: Path, env: Path, config: Path) -> str:
    data = os.pathsep.join([str(root / "share" / "jupyter"), str(jupyter_path())])
    places = {"env": env, "bin": Path(sys.executable).parent, "data": data, "config": config}
    return _ENV.format(**{name: shlex.quote(str(place)) for name, place in places.items()})


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text.encode())
        path.chmod(0o644)


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def _open_to_all(folder: Path) -> None:
    """Students are other users, and whoever made it may have kept new files to himself."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
