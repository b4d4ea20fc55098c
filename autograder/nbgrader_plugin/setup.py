"""Prepares a course's folder, so that nbgrader's documented commands work in it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import MissingEntry

from autograder import exercises
from autograder.build import solved_path
from autograder.files import write_whole
from autograder.fingerprint import code_digest
from autograder.nbgrader_plugin.assignment import all_files, digest_of
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.secret import course_secret
from autograder.sandbox.launch import why_not_full

#: Everybody writes submissions into it; nbgrader insists on this very mode.
EXCHANGE_MODE = 0o777


def prepare(course: Course) -> Iterator[str]:
    """Make the secret, the exchange and the gradebook; a sentence for each thing done."""
    with course.gradebook():  # refuse a damaged one before anything is made anew
        pass
    course_secret(course.root)
    yield "secret: .unrolled/secret (keep it; the inputs of every grading are drawn from it)"
    exchange = exchange_root(course)
    exchange.mkdir(exist_ok=True)
    if exchange.stat().st_mode & 0o777 != EXCHANGE_MODE:
        exchange.chmod(EXCHANGE_MODE)
    yield f"exchange: {exchange}"
    settings = json.dumps(course.config, sort_keys=True, default=repr)
    for id in exercises.IDS:
        if solved_path(course.root, exercises.worksheet(id)).is_file():
            done = "made anew" if _generate(course, id, settings) else "unchanged"
            yield f"assignment {id}: in the gradebook, released notebook in notebooks/{id} ({done})"
        else:
            yield f"assignment {id}: not built yet; run `autograder build {id}`"
    reason = why_not_full()
    yield f"sandbox: {reason or 'level full works here'}"
    yield "Next: nbgrader release_assignment ps02, and later: autograder grade ps02"


def exchange_root(course: Course) -> Path:
    """Where released and submitted work changes hands."""
    return Path(course.config.Exchange.get("root", course.root / "exchange"))


def _generate(course: Course, id: str, settings: str) -> bool:
    """`nbgrader generate_assignment`, unless what it would make is there already.  Was it run?"""
    noted = course.root / ".unrolled" / "generated.json"
    made: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        made = json.loads(noted.read_bytes())
    if _known(course, id) and made.get(id) == _digest(course, id, settings):
        return False
    course.generate(id)
    made[id] = _digest(course, id, settings)
    write_whole(noted, json.dumps(made, indent=1).encode())
    return True


def _known(course: Course, id: str) -> bool:
    with course.gradebook() as gradebook:
        try:
            notebooks = gradebook.find_assignment(id).notebooks
        except MissingEntry:
            return False
        return {notebook.name for notebook in notebooks} == {p.stem for p in course.released(id)}


def _digest(course: Course, id: str, settings: str) -> str:
    """Of what a release is made from, settings and code included, and of the release itself."""
    digest = hashlib.sha256(code_digest().encode())
    digest.update(settings.encode())
    for step in ("source", "release"):
        digest.update(digest_of(all_files(course.folder(step, ".", id))).encode())
    return digest.hexdigest()
