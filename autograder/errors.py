"""The base of errors that a person can mend: one sentence that says what is wrong and what to do."""

from __future__ import annotations


class UserError(Exception):
    """Shown without a traceback; the command line ends with status 2."""
