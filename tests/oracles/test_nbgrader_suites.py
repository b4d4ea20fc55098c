"""nbgrader's own tests, from its wheel, run with our steps in the place of its own.

Where ours differ on purpose, `deviations.toml` says which test that fails and why.  The list is exact: a
failure that is not on it fails here, and so does a test on it that passes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path

import our_lists
import pytest
from our_lists import THEIR_TESTS

pytestmark = [pytest.mark.slow, pytest.mark.linux]

LISTS = tomllib.loads((Path(__file__).parent / "deviations.toml").read_text(encoding="utf-8"))

#: What is run: how many of its tests must pass at least, and whether our steps are swapped in.
SUITES = {
    "apps/test_nbgrader_autograde.py": (30, True),
    "apps/test_nbgrader_validate.py": (10, False),
    "preprocessors": (150, False),
}


@pytest.mark.long
@pytest.mark.parametrize("suite", SUITES)
def test_suite_fails_where_the_list_says_so(suite: str, tmp_path: Path) -> None:
    enough, swapped = SUITES[suite]
    found = _run([THEIR_TESTS / suite], tmp_path / "ours", swapped=swapped)
    failed = {name: said for name, said in found.items() if said is not None}
    broken = _broken_here(suite, set(failed), tmp_path)
    listed = {name for name in LISTS["deviations"] if _belongs(name, suite)}
    unexpected = {name: failed[name] for name in sorted(set(failed) - listed - broken)}
    assert not unexpected, "\n\n".join(f"{name}\n{said}" for name, said in unexpected.items())
    assert sorted(listed - set(failed)) == [], "these pass, and do not belong on the list"
    assert len(found) - len(failed) >= enough


def _broken_here(suite: str, failed: set[str], tmp_path: Path) -> set[str]:
    """Tests of the list `environment` that failed, and fail with nbgrader's own steps as well."""
    asked = sorted(failed & {name for name in LISTS["environment"] if _belongs(name, suite)})
    if not asked:
        return set()
    found = _run([f"{THEIR_TESTS / name}" for name in asked], tmp_path / "stock", swapped=False)
    return {name for name in asked if found[name] is not None}


def _belongs(name: str, suite: str) -> bool:
    return name.startswith((f"{suite}::", f"{suite}/"))


def _run(tests: Sequence[Path | str], folder: Path, *, swapped: bool) -> Mapping[str, str | None]:
    """Run tests of nbgrader's; by name what a failed one said, None if it passed.  Skipped: absent.

    All that they write goes into `folder`.
    """
    _prepare(folder)
    report = folder / "report.xml"
    paths = [str(Path(__file__).parent), str(our_lists.CHECKOUT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # alembic, jupyter
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PYTHONDONTWRITEBYTECODE": "1",
        our_lists.SWAPPED: "both" if swapped else "",
    }
    for name in [name for name in environment if name.startswith(("PYTEST_", "JUPYTER_"))]:
        del environment[name]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junitxml={report}"]
    # No configuration but our plugin: neither this project's nor one that lies above the folder.
    command += [
        "-c",
        os.devnull,
        f"--rootdir={folder}",
        "-p",
        "our_lists",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [*command, *map(str, tests)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return _read(report)


def _prepare(folder: Path) -> None:
    """The folder that the tests run in, with what some of them look for in nbgrader's own checkout."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(parents=True)
    guide = Path("docs", "source", "user_guide")
    shutil.copytree(THEIR_TESTS.parent / guide, folder / "nbgrader" / guide)


def _read(report: Path) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for case in ET.parse(report).getroot().iter("testcase"):
        named = case.find(f"properties/property[@name='{our_lists.TEST}']")
        if named is not None and case.find("skipped") is None:
            wrong = [p.text or "" for kind in ("failure", "error") for p in case.iter(kind)]
            found[named.get("value", "")] = "\n".join(wrong)[-3000:] if wrong else None
    return found
