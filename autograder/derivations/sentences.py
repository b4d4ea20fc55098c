"""What is said of a formula's paths, in sentences.

    J → h_3 → C_3 → C_2 ⇒ W^g          (⇒: all the ways that lead on from there)

Only differences that are there are named, the shortest first, and those of a kind in one sentence.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from autograder.derivations.networks import Network
from autograder.derivations.paths import Difference, Word, account, as_path, differences
from course.derivation import Formula, Node, Partial, node_text

_Item = TypeVar("_Item")

#: How many products that are no paths are told, and how many differences.
_STRAYS, _DIFFERENCES = 2, 2


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
        wrong = _grouped(differences(network, weight, found.counts), lambda d: d.shape)
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
    path = " → ".join(_node(node, group[0].first, len(group) > 1) for node in start)
    what = f"The path {path}"
    if len(start) == 1:
        what = f"Every path from {path} to {node_text(end)}"
    elif start[-1] != end:
        what += f" ⇒ {node_text(end)}"
    *most, last = (str(d.first) for d in group)
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


def _shape_of_word(word: Word) -> Hashable:
    return tuple((p.family.name, p.flipped, p.t - word[0].t) for p in word)


def _grouped(items: Iterable[_Item], shape: Callable[[_Item], Hashable]) -> list[list[_Item]]:
    """Items that differ by their step alone, together."""
    groups: dict[Hashable, list[_Item]] = defaultdict(list)
    for item in items:
        groups[shape(item)].append(item)
    return list(groups.values())
