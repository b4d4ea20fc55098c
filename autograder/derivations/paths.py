"""What is said of a formula: which paths it misses, which it counts wrongly, which products are none.

    J → h_3 → C_3 → C_2 ⇒ W^g          (⇒: all the ways that lead on from there)

Multiplied out, a formula is a sum of products.  A product whose factors fit end to end, from the loss
to the weight, stands for paths through the network: one for every way that its factors stand for.  In
the whole gradient each path of the network counts once.  Counting them takes no numbers at all, so what
is said here is true of every network, and only differences that are there are named.

Diagonal matrices commute.  Neighbouring diagonal factors are therefore put in the order of a path if
there is one.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from autograder.derivations.networks import Network, Path
from course.derivation import Formula, Node, Partial, node_text, products

Word: TypeAlias = tuple[Partial, ...]
_Item = TypeVar("_Item")

#: More paths than this are not counted; then nothing is said.
MAX_PATHS = 100_000

#: Nodes inside a step, which are no places to stop; and those that a path may skip where it reads as
#: well without.
_INSIDE, _SILENT = "figoay", "figay"

#: How many products that are no paths are told, and how many differences.
_STRAYS, _DIFFERENCES = 2, 2


class Difference(NamedTuple):
    """All paths that begin like this count `times` times, and not once.

    `routes` is how many ways through its last step it stands for.
    """

    start: Path
    times: float
    routes: int = 1


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
    known = Counter(map(_shape_of_path, found))
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
        alike = (d for d in drawn_out if known[_shape_of_path(d)] > (d == difference))
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


# In words


def explain(network: Network, weight: str, formula: Formula) -> list[str]:
    """What is wrong with a formula's paths, in sentences; none if all is right or too much."""
    found = account(network, weight, formula)
    if found is None:
        return []
    end = (weight, None)
    strays = _grouped(found.strays, _shape_of_word)
    said = [
        f"The product {_word(words)} is no path: {_why(words, network.loss, end)}."
        for words in strays[:_STRAYS]
    ]
    if found.counts or not strays:
        wrong = _grouped(differences(network, weight, found.counts), _shape_of_path)
        wrong.sort(key=lambda group: len(group[0].start))
        told = wrong[: _DIFFERENCES - len(said[1:])]
        said += [_of_paths(group, end) for group in told]
        said += ["Other paths differ too."] if len(told) < len(wrong) else []
    if any("⇒" in sentence for sentence in said):
        said.append("Here ⇒ stands for every way on.")
    return said


def remark(network: Network, weight: str, formula: Formula) -> str:
    """What is worth saying of a right formula."""
    found = account(network, weight, formula)
    if found is None or not found.reordered:
        return ""
    word = found.reordered[0]
    path = as_path(word, network.loss, (weight, None))
    assert path is not None
    return (
        f"A remark on the chain: {_word([word])} has the right value only because diagonal matrices "
        f"may change places. As a path it reads {_word([path])}."
    )


def _of_paths(group: Sequence[Difference], end: Node) -> str:
    start, times, _ = group[0]
    path = " → ".join(_node(node, _first_step(start), len(group) > 1) for node in start)
    what = f"The path {path}"
    if len(start) == 1:
        what = f"Every path from {path} to {node_text(end)}"
    elif start[-1] != end:
        what += f" ⇒ {node_text(end)}"
    *most, last = (str(_first_step(d.start)) for d in group)
    when = f" for t = {', '.join(most)} and {last}" if most else ""
    if times == 0:
        return f"{what} is missing{when}."
    if times == -1:
        return f"{what} has the wrong sign{when}."
    often = "twice" if times == 2 else f"{times:.4g} times"
    return f"{what} counts {often} instead of once{when}."


def _why(words: Sequence[Word], start: Node, end: Node) -> str:
    word, first, symbolic = words[0], words[0][0].t, len(words) > 1
    flipped = [p for p in word if p.flipped and not p.family.diagonal]
    if as_path(word[::-1], start, end):
        return "its factors stand in reverse order"
    if flipped:
        return f"{_partial(flipped[0], first, symbolic)} is transposed"
    if _permuted(word, start, end):
        return "its factors stand in the wrong order"
    if word[0].top != start:
        top = _node(word[0].top, first, symbolic)
        return f"it begins at {top} and not at {node_text(start)}"
    for one, other in itertools.pairwise(word):
        if one.bottom != other.top:
            bottom, top = (_node(n, first, symbolic) for n in (one.bottom, other.top))
            before, after = (_partial(p, first, symbolic) for p in (one, other))
            return f"{before} leads to {bottom}, and {after} begins at {top}"
    bottom = _node(word[-1].bottom, first, symbolic)
    return f"it ends at {bottom} and not at {node_text(end)}"


def _permuted(word: Word, start: Node, end: Node) -> bool:
    """Do the factors make a path in some other order?  No two of one path have the same top."""
    by_top = {p.top: p for p in word}
    at = start
    for _ in word:
        if at not in by_top:
            return False
        at = by_top.pop(at).bottom
    return at == end


def _word(words: Sequence[Word]) -> str:
    """A product; with t for its step if there are several that differ by that alone."""
    return " · ".join(_partial(p, words[0][0].t, len(words) > 1) for p in words[0])


def _partial(partial: Partial, first: int, symbolic: bool) -> str:
    return partial.text(lambda node: _node(node, first, symbolic))


def _node(node: Node, first: int, symbolic: bool) -> str:
    if node[1] is None or not symbolic:
        return node_text(node)
    apart = node[1] - first
    return node_text(node, f"{{t{apart:+d}}}" if apart else "t")


def _first_step(path: Path) -> int:
    return next((t for _, t in path if t is not None), 0)


def _shape_of_word(word: Word) -> Hashable:
    return tuple((p.family.name, p.flipped, p.t - word[0].t) for p in word)


def _shape_of_path(difference: Difference) -> Hashable:
    start = difference.start
    steps = [(letter, t and t - _first_step(start)) for letter, t in start]
    return difference.times, tuple(steps)


def _grouped(items: Iterable[_Item], shape: Callable[[_Item], Hashable]) -> list[list[_Item]]:
    """Items that differ by their step alone, together."""
    groups: dict[Hashable, list[_Item]] = defaultdict(list)
    for item in items:
        groups[shape(item)].append(item)
    return list(groups.values())
