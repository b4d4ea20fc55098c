"""Judges formulas: what a combination of partial derivatives is worth, and which paths it follows.

A student's formula is right if its *value* is.  `networks` computes every partial derivative of a small
random network as a matrix, so that a formula is a number for every weight, to be compared with the
gradient that going backward through the network gives.  What is said of a wrong one comes from its
*paths*: multiplied out, every product of a right formula is a path from the loss down to the weight,
and each path occurs once; `paths` finds which are missing, which count twice, and which products are no
paths, and `sentences` says so.  `reading` puts value and paths at the judge's disposal.

All of this is trusted code, and none of it is where student code runs.
"""

from autograder.derivations.reading import FormulaReading

__all__ = ["FormulaReading"]
