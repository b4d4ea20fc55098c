"""The table of all exercises, made from the exercises themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograder import exercises
from autograder.contract import (
    Call,
    Choice,
    Class,
    Contract,
    Expression,
    Function,
    Get,
    New,
    Set,
    Spec,
)

_HEAD = """\
# Exercises and their contracts

Made by `make contracts` from `autograder/exercises/`; do not edit by hand. Shapes: `N` batch, `T` time,
`D` input, `H` hidden, `M` output; a shape without axes is a number.
"""


def contracts_table() -> str:
    """Markdown: one table for each worksheet."""
    parts = [_HEAD]
    for id in exercises.IDS:
        worksheet = exercises.worksheet(id)
        lines = [
            f"## {id}: {worksheet.title} ({worksheet.points:g} points)",
            "",
            "| exercise | what is handed over | points | minutes | difficulty |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| `{e.id}` | {signature(e.contract)} | {e.points:g} | {e.minutes} | {'●' * e.difficulty} |"
            for e in worksheet.exercises
        ]
        lines += [
            f"| `{w.id}` | a written answer, marked by a person | {w.points:g} | {w.minutes} "
            f"| {'●' * w.difficulty} |"
            for w in worksheet.written
        ]
        withheld = ", ".join(f"`{module}`" for module in worksheet.withheld)
        parts.append(
            "\n".join([*lines, "", f"Not importable while {id} is graded: {withheld}.", ""])
        )
    return "\n".join(parts)


def signature(contract: Contract) -> str:
    """One line of Markdown that says what an answer takes and gives."""
    if isinstance(contract, Function):
        return f"`{contract.name}({', '.join(contract.args)})`: {_flow(contract.args, contract.returns)}"
    if isinstance(contract, Class):
        return "<br>".join(dict.fromkeys(_methods(contract)))
    if isinstance(contract, Choice):
        options = list(dict.fromkeys(o for some in contract.options.values() for o in some))
        return f"a choice for {', '.join(contract.options)}, among: {'; '.join(options)}"
    if isinstance(contract, Expression):
        network = {"lstm": "an LSTM", "rnn": "a vanilla RNN"}[contract.network]
        return f"`{contract.name}(s)`: a formula of the partial derivatives of {network}"
    return f"values {_shapes(contract.returns)}"


def _methods(contract: Class) -> Iterator[str]:
    steps = [step for script in contract.scripts.values() for step in script]
    made = next(step for step in steps if isinstance(step, New))
    yield f"class, made with `({', '.join(made.args)})`"
    methods: dict[str, str] = {}
    for step in steps:
        if isinstance(step, Call):
            args, returns = _unnumbered(step.args), _unnumbered(step.returns)
            flow = f": {_flow(args, returns)}" if returns else ""
            methods.setdefault(step.method, f"`.{step.method}({', '.join(args)})`{flow}")
    yield from methods.values()
    attributes = dict.fromkeys(step.attribute for step in steps if isinstance(step, Set | Get))
    yield f"attributes `{'`, `'.join(attributes)}`"


def _unnumbered(specs: Mapping[str, str]) -> dict[str, str]:
    """`x_1` and `x_2` are one argument at two steps of a script."""
    return {name.rstrip("0123456789").rstrip("_"): spec for name, spec in specs.items()}


def _flow(args: Mapping[str, str], returns: Mapping[str, str]) -> str:
    return f"{_shapes(args)} → {_shapes(returns)}"


def _shapes(specs: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {Spec.parse(spec)}" for name, spec in specs.items())
