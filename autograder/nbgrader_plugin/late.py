"""Late days: each student has some to spend over the term, and each day beyond them costs a share.

c.AssignLatePenalties.plugin_class = "autograder.nbgrader_plugin.LateDays"
c.LateDays.in_the_term = 4
c.LateDays.percent_a_day = 20
"""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float, Integer

_DAY = 24 * 3600


def days_late(seconds: float, grace_seconds: float = 0.0) -> int:
    """Days that have begun since the due date; none within the grace."""
    return 0 if seconds <= grace_seconds else math.ceil(seconds / _DAY)


class LateDays(LateSubmissionPlugin):
    """nbgrader's hook for penalties.

    With d days late, b days left and a share of p percent a day, a notebook of s points loses
    min(s, s * p / 100 * max(0, d - b)).  Days are spent in the order in which assignments were due, so the
    order in which they are graded makes no difference.
    """

    in_the_term = Integer(0, help="Late days that cost nothing, for each student.").tag(config=True)
    percent_a_day = Float(10.0, help="What each further day costs of the points.").tag(config=True)
    grace_minutes = Float(10.0, help="So much is not late yet.").tag(config=True)

    #: Seconds that this student was late with each assignment that was due before; `Ledger` tells them.
    earlier: tuple[float, ...] = ()

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points to take off; None where there is nothing to take off."""
        late = self._days(total_seconds_late)
        left = max(0, self.in_the_term - sum(map(self._days, self.earlier)))
        share = self.percent_a_day / 100 * max(0, late - left)
        return min(1.0, share) * score or None

    def _days(self, seconds: float) -> int:
        return days_late(seconds, 60 * self.grace_minutes)
