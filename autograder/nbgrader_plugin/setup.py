"""Prepares a course's folder, so that nbgrader's documented commands work in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder import exercises
from autograder.build import solved_path
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.secret import course_secret
from autograder.sandbox.launch import why_not_full


def prepare(course: Course) -> Iterator[str]:
    """Make the secret, the exchange and the gradebook; a sentence for each thing done."""
    with course.gradebook():  # refuse a damaged one before anything is made anew
        pass
    course_secret(course.root)
    yield "secret: .unrolled/secret (keep it; the inputs of every grading are drawn from it)"
    exchange = Path(course.config.Exchange.get("root", course.root / "exchange"))
    exchange.mkdir(exist_ok=True)
    exchange.chmod(0o777)  # students write their submissions into it
    yield f"exchange: {exchange}"
    for id in exercises.IDS:
        if solved_path(course.root, exercises.worksheet(id)).is_file():
            course.generate(id)
            yield f"assignment {id}: in the gradebook, released notebook in notebooks/{id}"
        else:
            yield f"assignment {id}: not built yet; run `autograder build {id}`"
    reason = why_not_full()
    yield f"sandbox: {reason or 'level full works here'}"
    yield "Next: nbgrader release_assignment ps02, and later: autograder grade ps02"
