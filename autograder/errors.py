"""The base of errors that a person can mend: one sentence that says what is wrong and what to do."""

from __future__ import annotations


class UserError(Exception):
    """Shown without a traceback, in a notebook too; the command line ends with status 2."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return [str(self)]
