"""Formulas: sums and products of partial derivatives, and how they are multiplied out."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import Any, NoReturn, TypeAlias

from course.derivation.names import Partial
from course.derivation.tree import fold
from course.derivation.writing import latex, summands, text

#: A longer formula is refused before anybody multiplies it out: by its parts, by its products, and by the
#: factors that are written on the way, bracket by bracket.  The gradient of an LSTM of 4 steps, written
#: arrow by arrow with nothing shared, has 1,589 parts and 182 products.
MAX_NODES = 2_000
MAX_TERMS = 10_000
MAX_FACTORS = 100_000


class DerivationError(ValueError):
    """What was written is no formula of this algebra.  The message says why, in a sentence."""


class UnknownPartial(DerivationError, AttributeError):
    """No partial derivative has that name.  The message suggests one."""


class Formula:
    """A derivative, or what has been made of derivatives by +, - and *.

    `op` is one of OPS; `parts` are what it is made of; `symbol` and `number` belong to the operations
    that have one.  `nodes` counts the parts of the whole tree; `terms` and `factors` are the numbers of
    its products, and of all factors in them, when it is multiplied out.  `work` adds up the factors of
    all parts, each of which is multiplied out on the way.
    """

    __slots__ = ("factors", "nodes", "number", "op", "parts", "symbol", "terms", "work")
    __array_ufunc__ = None  # a number of NumPy's multiplies as any other number does

    def __init__(
        self,
        op: str,
        parts: tuple[Formula, ...] = (),
        symbol: Partial | None = None,
        number: float = 1.0,
    ) -> None:
        self.op, self.parts, self.symbol, self.number = op, parts, symbol, number
        self.nodes: int = 1 + sum(part.nodes for part in parts)
        self.terms: int = sum(part.terms for part in parts) if parts else int(op == "symbol")
        self.factors: int = sum(part.factors for part in parts) if parts else self.terms
        if op == "product":
            one, other = parts
            self.terms = one.terms * other.terms
            self.factors = one.factors * other.terms + one.terms * other.factors
        self.work: int = self.factors + sum(part.work for part in parts)
        for count, limit, what in (
            (self.nodes, MAX_NODES, "parts"),
            (self.terms, MAX_TERMS, "products when it is multiplied out"),
            (self.work, MAX_FACTORS, "factors when it is multiplied out"),
        ):
            if count > limit:
                raise DerivationError(
                    f"this formula has more than {limit:,} {what}. The answer needs far fewer: "
                    "does something grow with every turn of a loop?"
                )

    def __add__(self, other: object) -> Formula:
        return _sum(self, _formula(other, "add"))

    def __radd__(self, other: object) -> Formula:
        return _sum(_formula(other, "add"), self)

    def __sub__(self, other: object) -> Formula:
        return _sum(self, -_formula(other, "subtract"))

    def __rsub__(self, other: object) -> Formula:
        return _formula(other, "subtract") - self

    def __neg__(self) -> Formula:
        return scaled(self, -1.0)

    def __pos__(self) -> Formula:
        return self

    def __mul__(self, other: object) -> Formula:
        if _is_number(other):
            return scaled(self, other)
        return _product(self, _formula(other, "multiply"))

    def __rmul__(self, other: object) -> Formula:
        if _is_number(other):
            return scaled(self, other)
        return _product(_formula(other, "multiply"), self)

    __matmul__, __rmatmul__ = __mul__, __rmul__

    def __truediv__(self, other: Any) -> Formula:
        if _is_number(other) and other != 0:
            return scaled(self, 1 / other)
        raise DerivationError(_NO_DIVISION)

    def __rtruediv__(self, other: object) -> NoReturn:
        raise DerivationError(_NO_DIVISION)

    def __pow__(self, other: object) -> NoReturn:
        raise DerivationError("a power is not needed here: write the product out.")

    @property
    def T(self) -> Formula:
        """Transposed."""
        return Formula("transposed", (self,))

    def __repr__(self) -> str:
        return text(self)

    def _repr_latex_(self) -> str:
        first, *more = map(latex, summands(self))
        if not more:
            return rf"$\displaystyle {first}$"
        lines = [first, *(line if line.startswith("-") else f"+ {line}" for line in more)]
        return r"$\begin{aligned} & " + r" \\[4pt] & ".join(lines) + r" \end{aligned}$"


_NO_DIVISION = (
    "a derivative cannot be divided by. The bar in ∂h/∂C is part of its name; "
    "the chain rule multiplies."
)

ZERO = Formula("zero")
OPS = ("zero", "symbol", "sum", "product", "scaled", "transposed")


class Unfinished:
    """Something that lacks a part to be a formula, and says so whatever is done with it."""

    __array_ufunc__ = None

    def lacks(self) -> str:
        """What is missing, in a sentence."""
        raise NotImplementedError

    def refuse(self, *_: object) -> NoReturn:
        raise DerivationError(self.lacks())

    __call__ = __add__ = __radd__ = __sub__ = __rsub__ = __neg__ = __mul__ = __rmul__ = refuse
    __matmul__ = __rmatmul__ = __truediv__ = __rtruediv__ = __pow__ = refuse


def _is_number(other: object) -> bool:
    return isinstance(other, numbers.Number)


def _formula(other: object, doing: str) -> Formula:
    """What stands on the other side of an operation."""
    if isinstance(other, Formula):
        return other
    if isinstance(other, Unfinished):
        other.refuse()
    if _is_number(other):
        if other == 0:
            return ZERO
        raise DerivationError(
            f"you {doing} the number {other!r} and a derivative. A number can be a factor; "
            "a sum needs derivatives on both sides."
        )
    kind = type(other).__name__
    raise DerivationError(f"you {doing} a derivative and a thing of type {kind}, which is none.")


def _sum(one: Formula, other: Formula) -> Formula:
    """The builtin sum begins with the number 0, which need not be seen."""
    if one is ZERO or other is ZERO:
        return other if one is ZERO else one
    return Formula("sum", (one, other))


def _product(one: Formula, other: Formula) -> Formula:
    return ZERO if one is ZERO or other is ZERO else Formula("product", (one, other))


def scaled(formula: Formula, number: object) -> Formula:
    try:
        factor = float(number)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        factor = math.nan
    if not math.isfinite(factor):
        raise DerivationError(f"a factor has to be an ordinary number, not {number!r}.")
    if formula is ZERO or not factor:
        return ZERO
    return Formula("scaled", (formula,), number=factor)


# The free algebra

#: A sum of products: how often each product counts.
Products: TypeAlias = dict[tuple[Partial, ...], float]


def products(formula: Formula) -> Products:
    """Multiply out: the products of a formula, each with its coefficient.  What cancels is left out."""

    def visit(node: Formula, parts: list[Products]) -> Products:
        match node.op:
            case "symbol":
                assert node.symbol is not None
                return {(node.symbol,): 1.0}
            case "sum":
                return _collected(pair for part in parts for pair in part.items())
            case "product":
                one, other = parts
                return _collected((a + b, x * y) for a, x in one.items() for b, y in other.items())
            case "scaled":
                return {word: x * node.number for word, x in parts[0].items()}
            case "transposed":
                return {_flipped(word): x for word, x in parts[0].items()}
        return {}

    return {word: x for word, x in fold(formula, visit).items() if x}


def _collected(pairs: Iterable[tuple[tuple[Partial, ...], float]]) -> Products:
    found: Products = {}
    for word, x in pairs:
        found[word] = found.get(word, 0.0) + x
    return found


def _flipped(word: tuple[Partial, ...]) -> tuple[Partial, ...]:
    return tuple(p.transposed for p in reversed(word))
