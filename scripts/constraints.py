"""Write constraints.txt anew: the newest versions that the project and its extras allow.

    make constraints                        keep torch where it is
    make constraints TORCH=torch==2.14.0    move it

The packages are resolved in an empty throwaway environment, so nothing that happens to be installed
here has a say. torch goes first and alone: its CPU and GPU builds share a version number and differ
in what they drag along, and only the number belongs in the file.
The direct dependencies' pins in environment.yml are brought in line.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# The tested versions of everything that `unrolled` and all its extras need.
# Made by `make constraints`, not edited by hand.
# Resolved on Linux for the oldest Python that the project takes. Newer Pythons and other systems
# are expected to resolve the same, but for packages that exist on one system only.
"""
# The project itself, what every environment has, one system's own packages, a GPU build's luggage.
LEFT_OUT = re.compile(
    r"unrolled|pip|setuptools|wheel|appnope|colorama|pywinpty|pywin32|triton|(nvidia|cuda)-.*"
)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(python: Path, *args: str) -> str:
    command = [str(python), "-m", "pip", *args]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit("pip could not resolve the dependencies; its reason stands above.")
    return done.stdout


def resolve(torch: str) -> dict[str, str]:
    """Name -> version of the whole closure, by asking pip in an empty environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = sum(project["optional-dependencies"].values(), project["dependencies"])
    # The first release of the oldest Python: a later one may take packages that this one refuses.
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    pip_args = shlex.split(os.environ.get("PIP_ARGS", ""))
    torch_args = shlex.split(os.environ.get("TORCH_PIP_ARGS", ""))
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python, report = Path(folder) / "bin" / "python", Path(folder) / "report.json"
        # The pip that comes with an older Python cannot resolve for another one.
        pip(python, "install", "-qq", *pip_args, "--upgrade", "pip")
        pip(python, "install", "-qq", *torch_args, "--no-deps", torch)
        question = ["--dry-run", "--report", str(report), "--python-version", oldest]
        pip(python, "install", "-qq", *pip_args, *question, "--only-binary", ":all:", *wanted)
        found = [
            (item["name"], item["version"])
            for item in json.loads(pip(python, "list", "--format", "json"))
        ]
        found += [
            (item["metadata"]["name"], item["metadata"]["version"])
            for item in json.loads(report.read_text())["install"]
        ]
    return {
        name: version.partition("+")[0]
        for name, version in sorted((canonical(name), version) for name, version in found)
        if not LEFT_OUT.fullmatch(name)
    }


def main(torch: str) -> None:
    versions = resolve(torch)
    pins = "".join(f"{name}=={version}\n" for name, version in versions.items())
    (ROOT / "constraints.txt").write_text(HEADER + pins)

    environment = ROOT / "environment.yml"
    environment.write_text(
        re.sub(
            r"(?m)^(\s+- )([\w.-]+)==\S+",
            lambda line: f"{line[1]}{line[2]}=={versions[canonical(line[2])]}",
            environment.read_text(),
        )
    )
    print(f"{len(versions)} versions in constraints.txt. Run `make test` before you keep them.")


if __name__ == "__main__":
    main(sys.argv[1])
