"""Where a definition can be edited: the slots of its syntax tree, and the names known in each.

Left alone is what cannot matter on inputs that keep to the contract: docstrings, annotations and
defaults; validation, that is `raise`, `assert` and a bare call of a helper; precision, that is `dtype`
and `astype`, for every input is float64; and methods of a class that its scripts do not reach.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

#: Keywords of NumPy's functions that change a precision or a layout, and no value.
PRECISION = ("dtype", "copy", "order")

_NOT_CODE = ("annotation", "returns", "decorator_list")

#: The text of an edit: a name stands with what is around it unless that is longer, and of what is
#: longer only the words that change are given.
_LONG = 60


@dataclasses.dataclass(frozen=True)
class Scope:
    """The names of one function that can be taken for one another: local ones, with the line that
    binds them, and the attributes of `this`, as a method calls its object."""

    bound: Mapping[str, int]
    attributes: Sequence[str] = ()
    this: str = ""


@dataclasses.dataclass(frozen=True)
class Slot:
    """One node of a tree, by its place in its parent."""

    parent: ast.AST
    field: str
    index: int | None
    node: Any

    def describe(self, new: ast.AST) -> str:
        """What is edited when `new` takes the node's place."""
        line = f"line {self.node.lineno}: "
        if isinstance(new, ast.Pass):
            return line + f"{_first_line(self.node)} dropped"
        if isinstance(self.node, ast.If):
            return line + f"{_first_line(self.node)} negated"
        around = ast.unparse(self.parent)
        small = isinstance(self.node, ast.Name | ast.Constant | ast.Attribute)
        if small and "\n" not in around and len(around) <= _LONG:
            with self.holding(new):
                return line + f"{around} -> {ast.unparse(self.parent)}"
        old: Any = self.node
        if isinstance(new, ast.Assign | ast.AnnAssign | ast.Return) and type(new) is type(old):
            old, new = old.value, new.value or new
        if isinstance(new, ast.UnaryOp) and new.operand is old:
            return line + f"minus before {ast.unparse(old)}"
        return line + _change(ast.unparse(old), ast.unparse(new))

    @contextlib.contextmanager
    def holding(self, new: ast.AST) -> Iterator[None]:
        """`with`: the tree has another node here; afterwards it is as it was."""
        self._put(new)
        try:
            yield
        finally:
            self._put(self.node)

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def slots(
    definition: ast.FunctionDef | ast.ClassDef,
    used: Collection[str] | None,
    attributes: Sequence[str] = (),
) -> Iterator[tuple[Slot, Scope]]:
    """Every slot of the definition, line by line, with the names that are known there."""
    if isinstance(definition, ast.FunctionDef):
        frozen = _frozen(definition)
        scope = _scope(definition, frozen, attributes or None)
        yield from ((slot, scope) for slot in _below(definition, frozen))
        return
    methods = {node.name: node for node in definition.body if isinstance(node, ast.FunctionDef)}
    reached = _reached(methods, methods if used is None else ["__init__", *used])
    own = [name for name in _attributes(definition) if name not in methods]
    for index, statement in enumerate(definition.body):
        frozen, scope = _frozen(statement), Scope({})
        if isinstance(statement, ast.FunctionDef):
            if statement.name not in reached:
                continue
            scope = _scope(statement, frozen, own)
        if statement not in frozen:
            yield Slot(definition, "body", index, statement), scope
            yield from ((slot, scope) for slot in _below(statement, frozen))


def _below(node: ast.AST, frozen: Collection[ast.AST]) -> Iterator[Slot]:
    """Every slot below a node where an edit can matter, outermost first."""
    for field, value in ast.iter_fields(node):
        if field in _NOT_CODE or (_is_astype(node) and field != "func"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or child in frozen:
                continue
            if isinstance(child, ast.expr | ast.stmt) and not _is_astype(child):
                yield Slot(node, field, index, child)
            if not isinstance(child, ast.arguments):
                yield from _below(child, frozen)


def _is_astype(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="astype")):
            return True
    return False


def _attributes(definition: ast.ClassDef) -> list[str]:
    """What the class sets on its objects, in order."""
    set_here = [
        node.attr
        for node in ast.walk(definition)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys(set_here))


def _reached(methods: Mapping[str, ast.FunctionDef], roots: Collection[str]) -> set[str]:
    """The methods that are used, directly or by one another."""
    reached: set[str] = set()
    waiting = [name for name in roots if name in methods]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            attributes = [n for n in ast.walk(methods[name]) if isinstance(n, ast.Attribute)]
            waiting += [n.attr for n in attributes if n.attr in methods]
    return reached


def _scope(
    function: ast.FunctionDef, frozen: Collection[ast.AST], attributes: Sequence[str] | None = None
) -> Scope:
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    this = "" if attributes is None else names.pop(0)
    bound = dict.fromkeys(names, 0)
    loops = [node for node in ast.walk(function) if isinstance(node, ast.comprehension)]
    inner = {name for loop in loops for name in names_in(loop.target)}
    left_alone = {node for statement in frozen for node in ast.walk(statement)}
    for node in ast.walk(function):
        match node:
            case ast.Name(name, ast.Store()) if name not in inner and node not in left_alone:
                bound[name] = min(node.lineno, bound.get(name, node.lineno))
    return Scope(bound, attributes or (), this)


def _frozen(definition: ast.stmt) -> set[ast.AST]:
    """Statements and expressions that only validate or only choose a precision."""
    frozen: set[ast.AST] = set()
    for node in ast.walk(definition):
        match node:
            case ast.Raise() | ast.Assert() | ast.Expr(ast.Constant()):
                frozen.add(node)
            case ast.Expr(ast.Call(func=ast.Name())):
                frozen.add(node)
            case ast.If(body=body, orelse=[]) if all(isinstance(s, ast.Raise) for s in body):
                frozen.add(node)
            case ast.Name(id="dtype") | ast.Attribute(attr="dtype"):
                frozen.add(node)
            case ast.keyword(arg=arg) if arg in PRECISION:
                frozen.add(node)
            case ast.Assign(targets=[ast.Name(id="dtype")]):
                frozen.add(node)
    # A local that nothing but validation reads is validation too.
    inside = {node for statement in frozen for node in ast.walk(statement)}
    read_inside: set[str] = set()
    read_outside: set[str] = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            (read_inside if node in inside else read_outside).add(node.id)
    for node in ast.walk(definition):
        match node:
            case ast.Assign(targets=[ast.Name(name)]) if name in read_inside - read_outside:
                frozen.add(node)
    return frozen


def names_in(node: ast.AST) -> list[str]:
    """Every name that occurs in a node."""
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]


def _change(before: str, after: str) -> str:
    """`before -> after`; where that is long, only the words that differ and one on either side."""
    first, second = before.split(" "), after.split(" ")
    start = end = 0
    if max(len(before), len(after)) > _LONG:
        shortest = min(len(first), len(second))
        while start < shortest and first[start] == second[start]:
            start += 1
        while end < shortest - start and first[-1 - end] == second[-1 - end]:
            end += 1
    start, end = max(start - 1, 0), max(end - 1, 0)
    return " -> ".join(
        " ".join(["..."][:start] + words[start : len(words) - end] + ["..."][:end])
        for words in (first, second)
    )


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0].rstrip(":")
