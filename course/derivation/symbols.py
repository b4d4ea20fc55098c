"""What a derivation is written with: `s.dh_dC[2]`, the names of a network that runs for T steps."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Iterator
from typing import Any

from course.derivation.formula import DerivationError, Formula, Unfinished, UnknownPartial
from course.derivation.names import Family, Partial, families, node_text


class Symbols:
    """The partial derivatives of a network that runs for T steps: `s.dh_dC[2]`, `s.steps`."""

    def __init__(self, network: str, T: int) -> None:
        self._families = families(network)
        self.network, self.T = network, T

    @property
    def steps(self) -> range:
        """1, 2, ..., T: what to sum over."""
        return range(1, self.T + 1)

    def __getattr__(self, name: str) -> Indexed:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._families:
            return Indexed(self._families[name], self.T)
        if _is_the_gradient(name):
            raise UnknownPartial(f"{name} is not given: it is what you are to write.")
        near = [known for known in self._families if known.casefold() == name.casefold()]
        near = near or difflib.get_close_matches(name, self._families, n=2, cutoff=0.5)
        raise UnknownPartial(
            f"there is no partial derivative {name}."
            + (f" Did you mean {' or '.join(near)}?" if near else "")
            + " The names are listed by print(s)."
        )

    def __dir__(self) -> list[str]:
        return ["T", "steps", *self._families]

    def __repr__(self) -> str:
        lines = [f"Partial derivatives of an {self.network.upper()} that runs for {self.T} steps."]
        for kind in ("direct", "immediate", "total"):
            names = [name for name, family in self._families.items() if family.kind == kind]
            lines += ["", f"{kind}, {_KINDS[kind]}:", *_columns(names)]
        return "\n".join(lines)


_KINDS = {
    "direct": "an arrow of the network, everything else held fixed",
    "immediate": "all that happens inside one step; what the step before left is held fixed",
    "total": "every way counts",
}


def _is_the_gradient(name: str) -> bool:
    """Does the name say that the loss is derived by a weight?"""
    return re.fullmatch(r"[dD][JL]_[dD][WU]\w*", name) is not None


def _columns(names: list[str]) -> Iterator[str]:
    for start in range(0, len(names), 8):
        yield "  " + "  ".join(f"{name:9}" for name in names[start : start + 8]).rstrip()


def lstm(T: int) -> Symbols:
    """The partial derivatives of an LSTM that runs for T steps."""
    return Symbols("lstm", T)


def rnn(T: int) -> Symbols:
    """The partial derivatives of a vanilla recurrent network that runs for T steps."""
    return Symbols("rnn", T)


def _shown(thing: object) -> str:
    """A thing that is no step, as it was written if that is short."""
    written = repr(thing)
    return written if len(written) <= 20 else f"a thing of type {type(thing).__name__}"


class Indexed(Unfinished):
    """A name that still lacks its step: `s.dh_dC`, of which `s.dh_dC[2]` is the second."""

    def __init__(self, family: Family, T: int) -> None:
        self._family, self._last = family, T - family.spared

    def __getitem__(self, t: Any) -> Formula:
        family, last = self._family, self._last
        try:
            t = operator.index(t)
        except TypeError:
            raise DerivationError(
                f"{family.name}[...] takes a step, a whole number; {_shown(t)} is none."
            ) from None
        if family.spared and t == last + 1:
            top = node_text(family.ends(t)[0])
            raise DerivationError(
                f"where T = {t}, {family.name}[{t}] is not given: what all steps together do to {top} "
                "is for you to work out. What the steps before left behind is given, as "
                f"{family.name}[{t - 1}]."
            )
        if not family.first <= t <= last:
            T = last + family.spared
            edge = f"the first is {family.name}[{family.first}]"
            if t > last:
                edge = f"where T = {T}, the last is {family.name}[{last}]"
            raise DerivationError(f"there is no {family.name}[{t}]: {edge}.")
        return Formula("symbol", symbol=Partial(family, t))

    def __repr__(self) -> str:
        top, bottom = (node_text(n, "t" if n[1] == 0 else "{t-1}") for n in self._family.ends(0))
        d = "d" if self._family.total else "∂"
        steps = f"t = {self._family.first} to {self._last}"
        return f"{self._family.name}[t]: {d}{top}/{d}{bottom}, {self._family.kind}, {steps}"

    def lacks(self) -> str:
        name = self._family.name
        return f"{name} lacks its step: write {name}[t], in square brackets."
