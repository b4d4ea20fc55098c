"""Draw the inputs of cases: sizes that no wrong axis can pass, and numbers that no wrong sign can.

All sizes of a case are different and at least 2, so that a transposed array or a swapped axis shows.
There is always one case of a single example of a single step besides, the smallest there is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autograder.contract import Arrays, Case, Spec

#: Sizes are drawn from 2 to this.
LARGEST = 8

#: Standard deviation of the numbers drawn.  With these, a sum of a few products stays where tanh bends
#: but is not flat.
MODERATE = 0.5
LARGE = 2.0


def draw_sizes(
    rng: np.random.Generator, letters: Sequence[str], largest: int = LARGEST
) -> dict[str, int]:
    """A size for every letter: pairwise different, from 2 to `largest`, and T at least 3."""
    drawn = [int(size) for size in 2 + rng.permutation(largest - 1)]
    sizes = dict(zip(letters, drawn, strict=False))
    if sizes.get("T") == 2:
        sizes["T"] = drawn[len(letters)]
    return sizes


def draw_arrays(
    rng: np.random.Generator,
    specs: Mapping[str, str],
    sizes: Mapping[str, int],
    scale: float = MODERATE,
) -> Arrays:
    """Independent normal numbers, float64, for every shape string."""
    return {
        name: scale * rng.standard_normal(Spec.parse(spec).shape(sizes))
        for name, spec in specs.items()
    }


def letters_of(specs: Mapping[str, str]) -> list[str]:
    """The letters that shape strings use, in order."""
    dims = [dim for spec in specs.values() for dim in Spec.parse(spec).dims]
    return list(dict.fromkeys(dims))


def draw_cases(rng: np.random.Generator, specs: Mapping[str, str]) -> list[Case]:
    """Three cases of moderate numbers, one of large ones, one with N = T = 1 if there is an N or T."""
    letters = letters_of(specs)
    cases = [
        Case(draw_arrays(rng, specs, draw_sizes(rng, letters), scale), about)
        for about, scale in (
            ("unequal sizes", MODERATE),
            ("other sizes", MODERATE),
            ("other sizes again", MODERATE),
            ("large numbers", LARGE),
        )
    ]
    if ones := {letter: 1 for letter in letters if letter in "NT"}:
        others = [letter for letter in letters if letter not in ones]
        sizes = ones | draw_sizes(rng, others, largest=1 + len(others))
        about = "one example" + " of one step" * ("T" in ones)
        cases.append(Case(draw_arrays(rng, specs, sizes), about))
    return cases


def arrays(specs: Mapping[str, str]) -> Callable[[np.random.Generator], list[Case]]:
    """Cases of random arrays of these shapes, as an `Exercise` wants them."""
    return functools.partial(draw_cases, specs=specs)


def a_value(rng: np.random.Generator) -> list[Case]:
    """A value is what it is: one case without inputs."""
    return [Case({})]
