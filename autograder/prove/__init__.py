"""Tests the checks themselves: `make check-the-checks`, or `python -m autograder.prove ps02`.

For every exercise, on the public inputs, on secret ones and on 20 fresh draws:

    mistakes    each known mistake is refused, and named as itself
    variants    right answers, written in other ways, are accepted
    mutants     at least 95 % of all one-edit mutants of the reference are refused, and for each that is
                not, it is written why it is as good (`tests/autograder/equivalent_*.toml`)
    diagnoses   at most 5 % of the mutants get a specific diagnosis that is wrong: in one of the draws
                their outputs differ from those of the mistake that was named

`prove` is pure: an exercise in, a report out.  Files and the terminal come after it.
"""

from __future__ import annotations

from autograder.prove.trial import prove

__all__ = ["prove"]
