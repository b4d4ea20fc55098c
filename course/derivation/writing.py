"""Formulas as a student reads them: in plain characters, and in LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from course.derivation.names import Partial
from course.derivation.tree import fold

if TYPE_CHECKING:
    from course.derivation.formula import Formula


def text(formula: Formula) -> str:
    """The formula as it was written, in plain characters."""
    return _written(formula, Partial.text, ("(", ")"), "ᵀ", " · ")


def latex(formula: Formula) -> str:
    """The formula as it was written, in LaTeX."""
    return _written(formula, Partial.latex, (r"\left(", r"\right)"), r"^\top", r"\,")


def summands(formula: Formula) -> list[Formula]:
    """What the formula is a sum of, from left to right."""
    found, waiting = [], [formula]
    while waiting:
        node = waiting.pop()
        if node.op == "sum":
            waiting += reversed(node.parts)
        else:
            found.append(node)
    return found


def _written(
    formula: Formula,
    symbol: Callable[[Partial], str],
    brackets: tuple[str, str],
    transposed: str,
    times: str,
) -> str:
    def bracketed(part: tuple[str, str], *kinds: str) -> str:
        return brackets[0] + part[0] + brackets[1] if part[1] in kinds else part[0]

    def visit(node: Formula, parts: list[tuple[str, str]]) -> tuple[str, str]:
        """The text, and what kind of text it is."""
        match node.op:
            case "symbol":
                assert node.symbol is not None
                return symbol(node.symbol), "symbol"
            case "sum":
                one, other = parts
                second = bracketed(other, "sum")
                if other[1] == "negative":
                    return f"{one[0]} - {other[0][1:]}", "sum"
                return f"{one[0]} + {second}", "sum"
            case "product":
                one, other = parts
                kind = "negative" if one[1] == "negative" else "product"
                first = bracketed(one, "sum")
                return first + times + bracketed(other, "sum", "negative"), kind
            case "scaled":
                (part,) = parts
                inner = bracketed(part, "sum", "negative")
                if node.number == -1:
                    return f"-{inner}", "negative"
                kind = "negative" if node.number < 0 else "product"
                return f"{node.number:.4g}{times}{inner}", kind
            case "transposed":
                return brackets[0] + parts[0][0] + brackets[1] + transposed, "symbol"
        return "0", "symbol"

    return fold(formula, visit)[0]
