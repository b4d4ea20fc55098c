"""Code cut from a chapter of `course`, for a worksheet that withholds that chapter.

A worksheet may need what an earlier one asked for while it withholds the chapter that has it: ps03 has
the forward pass to start from and must not import `course.rnn`, whose backward pass it asks for.  So a
locked cell of the worksheet holds the very code of the package, cut when the worksheet is built.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib.util
import symtable
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.errors import UserError


class ExcerptError(UserError):
    """That cannot be cut from the module; the message says why."""


def cut(module: str, names: Sequence[str]) -> str:
    """The definitions of these names, as they stand in the module, in the order asked for.

    Functions, classes and constants.  Raises ExcerptError for an unknown module or name.
    """
    text = _source(module)
    lines = text.split("\n")
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        for name in _bound(node):
            found[name] = "\n".join(lines[first - 1 : node.end_lineno])
    if unknown := [name for name in names if name not in found]:
        raise ExcerptError(f"{module} defines no {unknown[0]}.")
    return "\n\n\n".join(dict.fromkeys(found[name] for name in names))


def missing(code: str, before: Sequence[str]) -> list[str]:
    """Names that the code uses, and that neither it nor the code before it defines or imports."""
    known = set(dir(builtins))
    for source in (*before, code):
        with contextlib.suppress(SyntaxError):  # a magic: it defines nothing
            known.update(name for node in ast.parse(source).body for name in _bound(node))
    return sorted(set(_globals(symtable.symtable(code, "cell", "exec"))) - known)


def _source(module: str) -> str:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise ExcerptError(f"there is no module {module}.")
    return Path(spec.origin).read_text(encoding="utf-8")


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement at the margin defines or imports."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    else:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    """Every name that is looked up at the margin, from there or from inside a function."""
    at_margin = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or at_margin):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)
