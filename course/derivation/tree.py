"""Working a tree out from its innermost parts, however deep it is and however much is shared in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol, TypeVar


class Tree(Protocol):
    """Anything that is made of parts of its own kind."""

    @property
    def parts(self: _Tree) -> tuple[_Tree, ...]: ...


_Tree = TypeVar("_Tree", bound=Tree)
_Result = TypeVar("_Result")


def fold(tree: _Tree, visit: Callable[[_Tree, list[_Result]], _Result]) -> _Result:
    """Work a tree out from its innermost parts: `visit(part, results of its parts)`.

    A part that is used twice is visited once.  No recursion: a tree may be deeper than Python's
    stack, and results are dropped as soon as nobody needs them.
    """
    order = in_order(tree)
    uses = Counter(id(part) for node in order for part in node.parts)
    done: dict[int, _Result] = {}
    for node in order:
        done[id(node)] = visit(node, [done[id(part)] for part in node.parts])
        for part in node.parts:
            uses[id(part)] -= 1
            if not uses[id(part)]:
                done.pop(id(part), None)
    return done[id(tree)]


def in_order(tree: _Tree) -> list[_Tree]:
    """The tree and all its parts, each once and after its own parts."""
    order: list[_Tree] = []
    seen: set[int] = set()
    waiting = [(tree, False)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.append((node, True))
            waiting += [(part, False) for part in reversed(node.parts)]
    return order
