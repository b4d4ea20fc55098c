"""The edits: what may stand in the place of one node of a syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.prove.mutant_places import PRECISION, Scope

#: Whatever is exchanged for whatever: the operators, comparisons and callees that get mixed up.
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.MatMult: (ast.Add, ast.Mult),
    ast.Pow: (ast.Mult,),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_CALLEES = {
    "sum": "mean",
    "mean": "sum",
    "zeros": "ones",
    "ones": "zeros",
    "hstack": "vstack",
    "vstack": "hstack",
    "max": "min",
    "min": "max",
}

#: Calls without which the value is the same, or nothing that could run.
_KEPT = ("range", "float")

#: Calls whose arguments get no minus sign: a length stays what it is, and what a negative size means
#: depends on the version of NumPy.
_UNSIGNED = ("len", "reshape")

#: Calls whose result is as good with a minus sign before it.
_ZEROS = ("zeros", "zeros_like", "empty", "empty_like")

#: Expressions that a minus sign can stand before.
_SIGNED = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.Call)


def edits(node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """Everything that may stand in a node's place."""
    match node:
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield operand
        case ast.Compare(left, [op, *more], rights):
            for comparison in _COMPARISONS[type(op)]:
                yield ast.Compare(left, [comparison(), *more], rights)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from values
        case ast.IfExp(_, body, orelse):
            yield from (body, orelse)
        case ast.Constant(value):
            for near in _near(value):
                yield ast.Constant(near)
        case ast.Name(name, ast.Load()) if name in scope.bound:
            for other, line in scope.bound.items():
                if other != name and line < node.lineno:
                    yield ast.Name(other, ast.Load())
        case ast.Attribute(value, "T", ast.Load()):
            yield value
        case ast.Attribute(ast.Name(this), name, ast.Load()) if this == scope.this:
            for other in scope.attributes if name in scope.attributes else ():
                if other != name:
                    yield ast.Attribute(node.value, other, ast.Load())
        case ast.Subscript(value, index, context):
            for changed in _of_index(index):
                yield ast.Subscript(value, changed, context)
        case ast.List(elements, ast.Load()) | ast.Tuple(elements, ast.Load()):
            for changed_elements in _of_elements(elements):
                yield type(node)(changed_elements, ast.Load())
        case ast.Call():
            yield from _of_call(node, scope)
        case ast.stmt():
            yield from _of_statement(node)


def _of_operation(node: ast.BinOp) -> Iterator[ast.AST]:
    left, op, right = node.left, node.op, node.right
    for other in _OPERATORS.get(type(op), ()):
        yield ast.BinOp(left, other(), right)
    if isinstance(op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield ast.BinOp(right, op, left)
    if not isinstance(op, ast.MatMult):
        yield left
    if isinstance(op, ast.Add | ast.Mult):
        yield right
    if isinstance(op, ast.Sub):
        yield ast.UnaryOp(ast.USub(), right)
    if isinstance(op, ast.Add | ast.Sub):
        yield from (ast.BinOp(minus, op, right) for minus in _negated(left))
    if isinstance(op, ast.MatMult):
        yield from (ast.BinOp(turned, op, right) for turned in _transposed(left))
        yield from (ast.BinOp(left, op, turned) for turned in _transposed(right))


def _of_call(node: ast.Call, scope: Scope) -> Iterator[ast.AST]:
    func, args, keywords = node.func, node.args, node.keywords
    name = _callee(node)
    # Without the call: the object of a method, or the first argument.
    if isinstance(func, ast.Attribute) and _is_value(func.value, scope):
        yield func.value
    elif args and name not in _KEPT:
        yield args[0]
    if name in _CALLEES and isinstance(func, ast.Attribute):
        yield ast.Call(ast.Attribute(func.value, _CALLEES[name], ast.Load()), args, keywords)
    if name == "len":
        yield from _shifted(node)
    for changed_args in _of_elements(args, drop=False):
        yield ast.Call(func, changed_args, keywords)
    for i, arg in enumerate(args):
        others = _negated(arg) if name not in _UNSIGNED else []
        others += _shifted(arg) if name == "range" else []
        others += _transposed(arg) if name in ("dot", "matmul") else []
        for other in others:
            yield ast.Call(func, [*args[:i], other, *args[i + 1 :]], keywords)
    for changed_keywords in _of_keywords(keywords):
        yield ast.Call(func, args, changed_keywords)


def _of_keywords(keywords: Sequence[ast.keyword]) -> Iterator[list[ast.keyword]]:
    """One left out or with a minus sign, or two neighbours with their values exchanged."""
    for i, keyword in enumerate(keywords):
        before, after = keywords[:i], keywords[i + 1 :]
        if keyword.arg in PRECISION:
            continue
        yield [*before, *after]
        for other in _negated(keyword.value):
            yield [*before, ast.keyword(keyword.arg, other), *after]
        if after and after[0].arg not in PRECISION:
            one = ast.keyword(keyword.arg, after[0].value)
            yield [*before, one, ast.keyword(after[0].arg, keyword.value), *after[1:]]


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Assign(targets, value):
            yield ast.Pass()
            for other in _negated(value):
                yield ast.Assign(targets, other, lineno=node.lineno)
        case ast.AnnAssign(target, annotation, ast.expr() as value, simple):
            yield ast.Pass()
            for other in _negated(value):
                yield ast.AnnAssign(target, annotation, other, simple)
        case ast.AugAssign(target, op, value):
            yield ast.Pass()
            yield ast.Assign([target], value, lineno=node.lineno)
            for swapped in _OPERATORS.get(type(op), ()):
                yield ast.AugAssign(target, swapped(), value)
        case ast.Expr() | ast.For():
            yield ast.Pass()
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Return(ast.Tuple(elements)):
            for i, element in enumerate(elements):
                for other in _negated(element):
                    parts = [*elements[:i], other, *elements[i + 1 :]]
                    yield ast.Return(ast.Tuple(parts, ast.Load()))
        case ast.Return(ast.expr() as value):
            for other in _negated(value):
                yield ast.Return(other)


def _of_index(index: ast.expr) -> Iterator[ast.expr]:
    if isinstance(index, ast.Tuple):
        for i, element in enumerate(index.elts):
            for other in _of_index(element):
                yield ast.Tuple([*index.elts[:i], other, *index.elts[i + 1 :]], ast.Load())
    elif isinstance(index, ast.Slice):
        low, high, step = index.lower, index.upper, index.step
        for other in _shifted(low) if low else [ast.Constant(1)]:
            yield ast.Slice(other, high, step)
        for other in _shifted(high) if high else [_minus(ast.Constant(1))]:
            yield ast.Slice(low, other, step)
        if low:
            yield ast.Slice(None, high, step)
        if high:
            yield ast.Slice(low, None, step)
    else:
        yield from _shifted(index)


def _of_elements(elements: Sequence[ast.expr], drop: bool = True) -> Iterator[list[ast.expr]]:
    """Two neighbours exchanged, or one left out."""
    for i in range(len(elements) - 1):
        yield [*elements[:i], elements[i + 1], elements[i], *elements[i + 2 :]]
    if drop and len(elements) > 1:
        for i in range(len(elements)):
            yield [*elements[:i], *elements[i + 1 :]]


def _shifted(index: ast.expr) -> list[ast.expr]:
    """One less and one more.  A number by itself is edited where it stands."""
    if not isinstance(index, ast.Name | ast.BinOp | ast.Call | ast.Attribute):
        return []
    return [ast.BinOp(index, op, ast.Constant(1)) for op in (ast.Sub(), ast.Add())]


def _negated(value: ast.expr) -> list[ast.expr]:
    """With a minus sign, where that matters and no other edit does the same."""
    difference = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub)
    zeros = isinstance(value, ast.Call) and _callee(value) in _ZEROS
    if difference or zeros or not isinstance(value, _SIGNED):
        return []
    return [_minus(value)]


def _minus(value: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), value)


def _transposed(value: ast.expr) -> list[ast.expr]:
    already = isinstance(value, ast.Attribute) and value.attr == "T"
    if already or not isinstance(value, _SIGNED):
        return []
    return [ast.Attribute(value, "T", ast.Load())]


def _near(value: object) -> Sequence[bool | int | float]:
    """Constants that one writes by mistake for this one."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value - 1, value + 1]
    if isinstance(value, float):
        return [value * 2, 0.0] if value else [1.0]
    return []


def _callee(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_value(node: ast.expr, scope: Scope) -> bool:
    """Is it something computed, and not a module?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return not isinstance(node, ast.Name) or node.id in scope.bound or node.id == scope.this
