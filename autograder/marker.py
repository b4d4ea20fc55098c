"""The short marker after `# %%` in a worksheet's source, which says what a cell is.

solution NAME           the student's cell; the answer stands between BEGIN and END SOLUTION
test NAME 4 points      graded by machine, locked: `check("NAME", ...)`
written NAME 10 points  a markdown cell that a person marks
locked NAME             read-only
locked NAME from course.rnn: rnn_step rnn_forward
                        read-only, and these definitions of the package follow the cell's own lines:
                        for a worksheet that needs part of a chapter and withholds it
lab NAME                training or experiment: never run while grading
"""

from __future__ import annotations

import dataclasses
import re

from autograder.errors import UserError

SOLUTION_SUFFIX = "-solution"

_MARKER = re.compile(
    r"(?P<kind>solution|test|written|locked|lab) (?P<name>\w+)"
    r"(?: (?P<points>\d+(?:\.\d+)?) points| from (?P<module>course[.\w]*):(?P<taken>(?: \w+)+))?",
    re.ASCII,  # a name becomes a cell's id
)


class BuildError(UserError):
    """The worksheet cannot be built; the message says which cell and what to do."""


@dataclasses.dataclass(frozen=True)
class Marker:
    """What the text after `# %%` says."""

    kind: str
    name: str
    points: float | None
    module: str = ""  # what `taken` is cut from
    taken: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Marker:
        """Read a marker.  Raises BuildError if it is none of the known forms."""
        match = _MARKER.fullmatch(text.strip())
        if match is None:
            raise BuildError(
                f"cannot read the cell marker {text!r}. Markers are: solution NAME, "
                "test NAME N points, written NAME N points, locked NAME, "
                "locked NAME from course.MODULE: NAME ..., lab NAME."
            )
        points = match["points"]
        graded = match["kind"] in ("test", "written")
        if graded != (points is not None):
            raise BuildError(
                f"the marker {text!r} "
                + (
                    "needs points, as in `test rnn_step 4 points`."
                    if graded
                    else "takes no points."
                )
            )
        if match["module"] and match["kind"] != "locked":
            raise BuildError(
                f"the marker {text!r} cuts code from the package: make its cell locked."
            )
        return cls(
            match["kind"],
            match["name"],
            None if points is None else float(points),
            match["module"] or "",
            tuple((match["taken"] or "").split()),
        )

    @property
    def grade_id(self) -> str:
        """The id in nbgrader: an exercise's own name is that of its graded cell."""
        return self.name + (SOLUTION_SUFFIX if self.kind == "solution" else "")
