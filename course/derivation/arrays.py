"""Formulas as two arrays, in which form they leave a sandbox, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.derivation.formula import MAX_NODES, OPS, ZERO, DerivationError, Formula, scaled
from course.derivation.names import families
from course.derivation.symbols import Symbols
from course.derivation.tree import in_order


def encode(formula: Formula, network: str) -> dict[str, np.ndarray]:
    """A formula as two arrays, `nodes` (n, 3) of whole numbers and `numbers` (m,).

    A row is an operation and its two parts, which are rows above it.  A symbol has the number of its
    name and its step there instead, a factor the number of its entry in `numbers`.
    """
    order = in_order(formula)
    at = {id(node): row for row, node in enumerate(order)}
    names = list(families(network))
    rows, factors = [], [1.0]
    for node in order:
        one, other = 0, 0
        if node.op == "symbol":
            assert node.symbol is not None
            name, other = node.symbol.family.name, node.symbol.t
            if name not in names:
                raise DerivationError(f"{name} is no partial derivative of this network.")
            one = names.index(name)
        elif node.parts:
            one, other = at[id(node.parts[0])], at[id(node.parts[-1])]
        if node.op == "scaled":
            other = len(factors)
            factors.append(node.number)
        rows.append((OPS.index(node.op), one, other))
    return {"nodes": np.array(rows, dtype=np.int64), "numbers": np.array(factors)}


def decode(nodes: np.ndarray, numbers: np.ndarray, network: str, T: int) -> Formula:
    """The formula that `encode` wrote.  Raises DerivationError for arrays that hold none."""
    if not (
        nodes.ndim == 2 and nodes.shape[1] == 3 and nodes.dtype.kind in "iu" and numbers.ndim == 1
    ):
        raise DerivationError("these arrays hold no formula.")
    if numbers.dtype.kind not in "fiu" or not 1 <= len(nodes) <= MAX_NODES:
        raise DerivationError("these arrays hold no formula.")
    symbols = Symbols(network, T)
    names = list(families(network))
    made: list[Formula] = []

    def pick(items: list[Any] | tuple[Any, ...] | np.ndarray, index: int) -> Any:
        if not 0 <= index < len(items):
            raise DerivationError("these arrays hold no formula: a row points nowhere.")
        return items[index]

    for op, one, other in nodes.tolist():
        match pick(OPS, op):
            case "symbol":
                made.append(getattr(symbols, pick(names, one))[other])
            case "sum" | "product" as name:
                made.append(Formula(name, (pick(made, one), pick(made, other))))
            case "scaled":
                made.append(scaled(pick(made, one), pick(numbers, other)))
            case "transposed":
                made.append(Formula("transposed", (pick(made, one),)))
            case _:
                made.append(ZERO)
    return made[-1]
