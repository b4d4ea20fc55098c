"""Mutants: every wrong answer that is one edit away from a right one.

A check is as good as the wrong answers that it refuses.  A bank of known mistakes holds those that
somebody thought of; this module makes the others, by one edit each to the reference:

    operators, comparisons     h @ W -> h * W, a += b -> a = b, < -> <=
    indices, constants         x[:, t] -> x[:, t - 1], range(T) -> range(T + 1), 0 -> 1, 0.5 -> 1.0
    dropped                    a + b -> a, tanh(a) -> a, W.T -> W, `axis=0`, a whole statement
    exchanged                  a local name for another, self.b_h for self.b_y, f(a, b) -> f(b, a)
    added                      -a, W.T

A name is exchanged only for one that is bound by then.  Validation and precision are left alone:
`mutant_places` says what that is, `mutant_edits` holds the edits.

No mutant runs for ever: references loop with `for` over ranges and arrays (`while` is refused), no edit
adds a call, and one that lets a list grow while it is walked through, or hold itself, is left out.
"""

from __future__ import annotations
import __future__

import ast
import collections
import dataclasses
import functools
import inspect
import sys
import textwrap
import types
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.prove.mutant_edits import edits
from autograder.prove.mutant_places import Slot, names_in, slots

_GROWS = ("append", "extend", "insert")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A wrong answer by one edit: what was edited (lines count from `def` or `class`), its source,
    and `build`, which makes the function, class or value."""

    description: str
    source: str
    build: Callable[[], Any]


def mutants(
    original: Any, used: Collection[str] | None = None, attributes: Sequence[str] = ()
) -> list[Mutant]:
    """All mutants of a function or class, in the order of its lines.

    Args:
        original: the reference, written with `def` or `class`.
        used: of a class, the methods and attributes that are used from outside.  Methods that
            nothing of this reaches are left alone.
        attributes: of a function, the attributes of its first argument that can be taken for one
            another.

    Raises:
        ValueError: `original` is neither, or it has a `while` loop.
    """
    if not isinstance(original, type | types.FunctionType):
        raise ValueError(f"only a function or a class has mutants, not {original!r}")
    definition = ast.parse(textwrap.dedent(inspect.getsource(original))).body[0]
    if (
        not isinstance(definition, ast.FunctionDef | ast.ClassDef)
        or definition.name != original.__name__
    ):
        raise ValueError(f"{original.__name__} has to be written with def or class")
    if any(isinstance(node, ast.While) for node in ast.walk(definition)):
        raise ValueError(f"{original.__name__} has a while loop: a mutant of it might never end")
    found: list[Mutant] = []
    seen, named = {ast.dump(definition)}, collections.Counter[str]()
    for slot, scope in slots(definition, used, attributes):
        for new in edits(slot.node, scope):
            if _does_nothing(slot, new):
                continue
            described = slot.describe(new)
            with slot.holding(new):
                key, source = ast.dump(definition), ast.unparse(definition)
                refused = (
                    key in seen or _grows_while_walked(definition) or _holds_itself(definition)
                )
            seen.add(key)
            if refused or _code(source) is None:
                continue
            named[described] += 1
            if named[described] > 1:
                described += f" (place {named[described]})"
            found.append(Mutant(described, source, functools.partial(_build, original, source)))
    return found


def value_mutants(original: Any, rtol: float, atol: float) -> list[Mutant]:
    """All mutants of a value, or of a dict of values: each entry off by little, or exchanged."""
    entries = original if isinstance(original, Mapping) else {"the value": original}
    changed = [
        (f"{key}: {_short(value)} -> {_short(new)}", key, new)
        for key, value in entries.items()
        for new in _off(value, rtol, atol)
    ]
    changed += [
        (f"{key}: {_short(entries[key])} -> {_short(other)}, which is {name}", key, other)
        for key in entries
        for name, other in entries.items()
        if not np.array_equal(entries[key], other)
    ]
    found: dict[str, Mutant] = {}
    for described, key, new in changed:
        value = {**entries, key: new} if isinstance(original, Mapping) else new
        if (source := repr(value)) != repr(original):
            found.setdefault(source, Mutant(described, source, functools.partial(_itself, value)))
    return list(found.values())


def choice_mutants(
    original: Mapping[str, str], options: Mapping[str, tuple[str, ...]]
) -> list[Mutant]:
    """All mutants of a choice: each item with each of its other options."""
    return [
        Mutant(f"{item}: {right!r} -> {other!r}", repr(value), functools.partial(_itself, value))
        for item, right in original.items()
        for other in options[item]
        if other != right
        for value in [{**original, item: other}]
    ]


def _does_nothing(slot: Slot, new: ast.AST) -> bool:
    """A statement without an effect (its being dropped is enough), or axes in another order."""
    match slot.parent, slot.node, new:
        case ast.Expr(), _, _:
            return not isinstance(new, ast.Call)
        case ast.keyword("axis"), ast.Tuple(before), ast.Tuple(after):
            return len(before) == len(after)
    return False


def _holds_itself(tree: ast.AST) -> bool:
    """Is a list put into itself?  NumPy would stack it for ever."""
    return any(
        isinstance(node.func, ast.Attribute)
        and node.func.attr in _GROWS
        and any(ast.unparse(given) == ast.unparse(node.func.value) for given in node.args)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


def _grows_while_walked(tree: ast.AST) -> bool:
    """Does a loop append to what it goes through?"""
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in _GROWS
        and not {*names_in(node.value)}.isdisjoint(names_in(loop.iter))
        for loop in loops
        for node in ast.walk(loop)
    )


# Making them


def _code(source: str) -> types.CodeType | None:
    """Compiled as the original was, with annotations that are not evaluated; None if it cannot be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `is` with a number and the like: it is wrong on purpose
        try:
            return compile(source, "<mutant>", "exec", __future__.annotations.compiler_flag)
        except SyntaxError:
            return None


def _build(original: Any, source: str) -> Any:
    """Define a mutant where the original's names mean the same, without touching its module."""
    if isinstance(original, type):
        names = dict(vars(sys.modules[original.__module__]))
    else:
        names = {**original.__globals__, **inspect.getclosurevars(original).nonlocals}
    code = _code(source)
    assert code is not None
    exec(code, names)
    return names[original.__name__]


def _itself(value: Any) -> Any:
    return value


def _off(value: Any, rtol: float, atol: float) -> Iterator[Any]:
    """Values next to this one: just outside the tolerance, of the other sign, twice as large."""
    if np.ndim(value):
        for i, element in enumerate(value):
            for other in _off(element, rtol, atol):
                yield _like(value, [*value[:i], other, *value[i + 1 :]])
        for i in range(len(value) - 1):
            yield _like(value, [*value[:i], value[i + 1], value[i], *value[i + 2 :]])
        yield _like(value, list(value[:-1]))
    elif isinstance(value, int | np.integer):
        yield from (value - 1, value + 1)
    else:
        least = 2 * (rtol * abs(value) + atol)
        yield from (value - least, value + least, -value, 2 * value)


def _like(value: Any, elements: list[Any]) -> Any:
    return np.array(elements) if isinstance(value, np.ndarray) else type(value)(elements)


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
