"""The names: which partial derivatives there are, of what by what, and how they are written.

    LSTM      h_t = o_t tanh(C_t)    C_t = f_t C_{t-1} + i_t g_t    each gate of h_{t-1}, its W and its U
    vanilla   a_t = x_t W_xh + h_{t-1} W_hh    h_t = tanh(a_t)    y_t = h_t W_hy    L_t of y_t

A *direct* derivative is one arrow of the network.  An *immediate* one is all that happens inside one
step, with what the step before left held fixed.  For a *total* one every way counts.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

#: What can be derived, or be derived by: a letter and the step, which the loss and the weights lack.
Node: TypeAlias = tuple[str, int | None]


@dataclasses.dataclass(frozen=True)
class Family:
    """One name: a derivative that exists at every step.

    `back` is how many steps lie between its index and what it is derived by.  `diagonal` says that
    its matrix is: each unit depends on its own number alone.
    """

    name: str
    top: str
    bottom: str
    kind: str  # "direct", "immediate" or "total"
    back: int = 0
    first: int = 1  # the smallest index
    spared: int = 0  # how many of the last steps it is not given for
    diagonal: bool = False

    @property
    def total(self) -> bool:
        return self.kind == "total"

    def ends(self, t: int) -> tuple[Node, Node]:
        """What is derived, and what by, at index t."""
        top = (self.top, None if _timeless(self.top) else t)
        return top, (self.bottom, None if _timeless(self.bottom) else t - self.back)


@dataclasses.dataclass(frozen=True)
class Partial:
    """One factor: a name at a step, perhaps transposed."""

    family: Family
    t: int
    flipped: bool = False

    @property
    def top(self) -> Node:
        return self.family.ends(self.t)[0]

    @property
    def bottom(self) -> Node:
        return self.family.ends(self.t)[1]

    @functools.cached_property
    def transposed(self) -> Partial:
        return Partial(self.family, self.t, not self.flipped)

    def text(self, node: Callable[[Node], str] | None = None) -> str:
        """As in `∂h_2/∂C_2`; `node` writes what is derived and what by, if not as `node_text`."""
        d, node = "d" if self.family.total else "∂", node or node_text
        fraction = f"{d}{node(self.top)}/{d}{node(self.bottom)}"
        return f"({fraction})ᵀ" if self.flipped else fraction

    def latex(self) -> str:
        d = r"\mathrm{d}" if self.family.total else r"\partial "
        top, bottom = _node_latex(self.top), _node_latex(self.bottom)
        fraction = rf"\frac{{{d}{top}}}{{{d}{bottom}}}"
        return rf"\left({fraction}\right)^\top" if self.flipped else fraction


def _timeless(letter: str) -> bool:
    return letter in "JL" or letter[0] in "WU"


def node_text(node: Node, step: str | None = None) -> str:
    """`h_2`, `W^g`; with `step` a letter stands for the number: `h_{t-1}`."""
    letter, t = node
    if t is None:
        return f"{letter[0]}^{letter[1]}" if len(letter) == 2 else letter
    return f"{letter}_{t if step is None else step}"


def _node_latex(node: Node) -> str:
    letter, t = node
    if t is None:
        head, _, index = letter.partition("_")
        return f"{head}_{{{index}}}" if index else head[0] + (f"^{head[1]}" if head[1:] else "")
    return f"{letter}_{{{t}}}"


def _family(kind: str, top: str, bottom: str, **more: Any) -> Family:
    d = "D" if kind == "total" else "d"
    return Family(f"{d}{top}_{d}{bottom}", top, bottom, kind, **more)


def _lstm() -> Iterator[Family]:
    """h_t = o_t tanh(C_t);  C_t = f_t C_{t-1} + i_t g_t;  each gate of h_{t-1}, its W and its U."""
    gates, states = "fiog", "hC"
    weights = [matrix + gate for matrix in "WU" for gate in gates]
    yield _family("direct", "J", "h")
    yield from (_family("direct", "h", n, diagonal=True) for n in "oC")
    yield _family("direct", "C", "C", back=1, diagonal=True)
    yield from (_family("direct", "C", gate, diagonal=True) for gate in "fig")
    yield from (_family("direct", gate, "h", back=1) for gate in gates)
    yield from (_family("direct", weight[1], weight) for weight in weights)
    yield from (_family("immediate", state, "h", back=1) for state in states)
    yield from (_family("immediate", "C", weight) for weight in weights)
    yield from (_family("total", "J", n, first=int(n in gates)) for n in states + gates)
    for n in states:
        yield from (_family("total", n, weight, first=0, spared=1) for weight in weights)


def _rnn() -> Iterator[Family]:
    """a_t = x_t W_xh + h_{t-1} W_hh;  h_t = tanh(a_t);  y_t = h_t W_hy;  L_t of y_t."""
    weights = ("W_hh", "W_xh")
    yield _family("direct", "L", "y")
    yield _family("direct", "y", "h")
    yield _family("direct", "h", "a", diagonal=True)
    yield _family("direct", "a", "h", back=1)
    yield from (_family("direct", "a", weight) for weight in weights)
    yield _family("immediate", "L", "h")
    yield _family("immediate", "h", "h", back=1)
    yield from (_family("immediate", "h", weight) for weight in weights)
    yield from (_family("total", "L", n, first=int(n != "h")) for n in "hay")
    yield from (_family("total", "h", weight, first=0, spared=1) for weight in weights)


@functools.cache
def families(network: str) -> Mapping[str, Family]:
    """All names of a network, "lstm" or "rnn", in an order that does not change."""
    made = {"lstm": _lstm, "rnn": _rnn}[network]()
    return {family.name: family for family in made}
