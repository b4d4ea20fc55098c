"""Which paths a formula follows: which it misses, which it counts wrongly, which products are none.

Multiplied out, a formula is a sum of products.  A product whose factors fit end to end, from the loss
to the weight, stands for paths through the network: one for every way that its factors stand for.  In
the whole gradient each path of the network counts once.  Counting them takes no numbers at all, so what
is found here is true of every network.

Diagonal matrices commute.  Neighbouring diagonal factors are therefore put in the order of a path if
there is one.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeAlias

from autograder.derivations.networks import Network, Path
from course.derivation import Formula, Node, Partial, products

Word: TypeAlias = tuple[Partial, ...]

#: More paths than this are not counted; then nothing is said.
MAX_PATHS = 100_000

#: Nodes inside a step, which are no places to stop; and those that a path may skip where it reads as
#: well without.
_INSIDE, _SILENT = "figoay", "figay"


class Difference(NamedTuple):
    """All paths that begin like this count `times` times, and not once.

    `routes` is how many ways through its last step it stands for.
    """

    start: Path
    times: float
    routes: int = 1

    @property
    def first(self) -> int:
        """The first step on the way; 0 if there is none."""
        return next((t for _, t in self.start if t is not None), 0)

    @property
    def shape(self) -> Hashable:
        """Equal for differences that differ by their first step alone."""
        return self.times, tuple((letter, t and t - self.first) for letter, t in self.start)


class Account(NamedTuple):
    """A formula's products, sorted: how often each path counts, and what is no path."""

    counts: dict[Path, float]
    strays: tuple[Word, ...]
    reordered: tuple[Word, ...]  # paths, once diagonal factors have changed places


def account(network: Network, weight: str, formula: Formula) -> Account | None:
    """Which paths a formula follows, and how often; None if it is too many to count."""
    ways: dict[Partial, list[Path]] = {}
    counts: dict[Path, float] = defaultdict(float)
    strays, reordered, total = [], [], 0
    for word, times in products(formula).items():
        for partial in map(_upright, word):
            if partial not in ways:
                inside = None if partial.family.total else partial.t
                ways[partial] = list(network.paths(partial.top, partial.bottom, inside))
        if not all(ways[_upright(partial)] for partial in word) and network.fits(word, weight):
            continue  # zero: a state before the first step does not depend on a weight
        path = as_path(word, network.loss, (weight, None))
        if path is None:
            strays.append(word)
            continue
        if path != tuple(_upright(partial) for partial in word):
            reordered.append(word)
        choices = [ways[partial] for partial in path]
        total += math.prod(map(len, choices))
        if total > MAX_PATHS:
            return None
        for parts in itertools.product(*choices):
            counts[sum((part[1:] for part in parts), parts[0][:1])] += times
    return Account(dict(counts), tuple(strays), tuple(reordered))


def as_path(word: Word, start: Node, end: Node) -> Word | None:
    """The factors in an order in which they lead from `start` to `end`, or None.

    Only neighbours that are diagonal may change places, and a diagonal matrix is its own transpose.
    """
    factors = [_upright(p) if p.family.diagonal else p for p in word]
    path: list[Partial] = []
    at = start
    for diagonal, group in itertools.groupby(factors, lambda p: p.family.diagonal):
        waiting = list(group)
        while waiting:
            candidates = waiting if diagonal else waiting[:1]
            following = next((p for p in candidates if p.top == at and not p.flipped), None)
            if following is None:
                return None
            waiting.remove(following)
            path.append(following)
            at = following.bottom
    return tuple(path) if at == end else None


def _upright(partial: Partial) -> Partial:
    return Partial(partial.family, partial.t)


def differences(network: Network, weight: str, counts: dict[Path, float]) -> list[Difference]:
    """Where the counts are not those of the gradient, in as few beginnings of paths as will say it."""

    def within(start: Path, paths: Sequence[Path]) -> list[Difference]:
        times = {round(counts.get(path, 0.0), 9) for path in paths}
        if len(times) == 1 and start[-1][0] not in _INSIDE:
            return [] if times == {1.0} else [Difference(start, times.pop())]
        found = []
        for _, group in itertools.groupby(paths, lambda path: path[len(start)]):
            some = list(group)
            found += within((*start, some[0][len(start)]), some)
        return _merged(network, start, found)

    paths = list(network.paths(network.loss, (weight, None)))
    found = [d._replace(start=_tidied(network, d.start)) for d in within((network.loss,), paths)]
    return _likened(found, paths)


def _tidied(network: Network, start: Path) -> Path:
    """Without nodes inside a step that need not be told, as there is no other way."""
    kept = [
        node
        for before, node, after in zip(start, start[1:], start[2:], strict=False)
        if node[0] not in _SILENT or _routes(network, before, after) > 1
    ]
    return (*start[:1], *kept, *start[1:][-1:])


def _routes(network: Network, upper: Node, lower: Node) -> int:
    """How many ways there are within a step."""
    return sum(1 for _ in network.paths(upper, lower, _step(upper, lower)))


def _step(upper: Node, lower: Node) -> int | None:
    return lower[1] if upper[1] is None else upper[1]


def _likened(found: list[Difference], paths: Sequence[Path]) -> list[Difference]:
    """With beginnings drawn out where there is one way on only, if that makes them like others.

    At the first steps few ways are left, so that J → h_1 alone may say what J → h_t → o_t does later on.
    """
    visible = {tuple(node for node in path if node[0] not in _SILENT) for path in paths}
    known = Counter(difference.shape for difference in found)
    likened = []
    for difference in found:
        start = difference.start
        longer = [path for path in visible if path[: len(start)] == start]
        agreed = itertools.takewhile(lambda nodes: len(set(nodes)) == 1, zip(*longer, strict=False))
        shared = tuple(nodes[0] for nodes in agreed)
        drawn_out = (
            difference._replace(start=shared[:length])
            for length in range(len(start), len(shared) + 1)
        )
        # One that looks like others: `known` counts the difference itself, as it was found.
        alike = (d for d in drawn_out if known[d.shape] > (d == difference))
        likened.append(next(alike, difference))
    return likened


def _merged(network: Network, start: Path, found: list[Difference]) -> list[Difference]:
    """Ways that meet again within a step, as one arrow: C → h for C → f → h, C → i → h, C → g → h."""
    here = start[-1]
    groups: dict[tuple[Node, float], list[Difference]] = defaultdict(list)
    for difference in found:
        groups[difference.start[-1], difference.times].append(difference)
    kept = []
    for (end, times), group in groups.items():
        step = _step(here, end)
        between = [node for d in group for node in d.start[len(start) : -1]]
        routes = sum(d.routes for d in group)
        if (
            len(group) > 1
            and all(node[1] == step for node in between)
            and routes == _routes(network, here, end)
        ):
            kept.append(Difference((*start, end), times, routes))
        else:
            kept += group
    return kept
