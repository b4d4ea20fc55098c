"""What an answer looks like, as data.

A contract names what a student hands over: a `Function`, a `Class`, a `Value`, a `Choice` or an
`Expression`.  It is plain data (`to_json`, `from_json`), so it can cross into the process that runs
student code, which needs it to call the answer and must know nothing else of the exercise.

Shapes are short strings.  `"N T D"` is a float array of three axes, `""` a single number, `"H+D"` a
sum of sizes, `"3"` a fixed size; a leading `int` asks for integers (`"int"`, `"int 2"`), and `"rng"`
is an argument only: an integer seed that becomes a NumPy `Generator`.  `"function D H"` is an argument
only too: an array c of that shape that becomes a function of arrays of its shape,
exp(mean(sin(c x))), so that an answer can be given a function while only arrays cross.

A letter is bound by the first input that has it, and means the same size everywhere in that call; the
name of an `int` input stands for its value, so `"hidden_size hidden_size"` is a shape too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

Arrays: TypeAlias = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Spec:
    """A shape string, parsed: the kind of number and the sizes of the axes."""

    kind: str  # "float", "int", "rng" or "function"
    dims: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Spec:
        words = text.split()
        if words and words[0] in ("int", "rng", "function"):
            return cls(words[0], tuple(words[1:]))
        return cls("float", tuple(words))

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape in numbers.  Raises KeyError for a letter that no input has bound."""
        return tuple(
            sum(int(term) if term.isdigit() else sizes[term] for term in dim.split("+"))
            for dim in self.dims
        )

    def __str__(self) -> str:
        """As a worksheet writes it: `(N, T, D)`, or `a number` without axes."""
        if not self.dims:
            return "a whole number" if self.kind == "int" else "a number"
        shape = "(" + ", ".join(self.dims) + ("," if len(self.dims) == 1 else "") + ")"
        return f"a function of {shape}" if self.kind == "function" else shape


@dataclasses.dataclass(frozen=True)
class Function:
    """An answer that is called: `name(*args) -> returns`, one return or a tuple of them.

    `pure` asks that the same inputs give the same answer twice.
    """

    name: str
    args: Mapping[str, str]
    returns: Mapping[str, str]
    pure: bool = True


@dataclasses.dataclass(frozen=True)
class Value:
    """An answer that is handed over as it is: one number or array, or a dict of several."""

    name: str
    returns: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Choice:
    """An answer that picks one of several options for each item, by the option's own words."""

    name: str
    options: Mapping[str, tuple[str, ...]]

    @property
    def returns(self) -> dict[str, str]:
        """For each item the number of its option, counted from 0."""
        return dict.fromkeys(self.options, "int")


@dataclasses.dataclass(frozen=True)
class Expression:
    """An answer that is called with the partial derivatives of a network (see `course.derivation`) and
    combines them into a formula: `name(s)`.

    What comes back is the formula, as two arrays; its value is a matter of the trusted side.
    """

    name: str
    network: str  # "lstm" or "rnn"

    @property
    def returns(self) -> dict[str, str]:
        """The arrays of a formula of n parts and m factors."""
        return {"nodes": "int n 3", "numbers": "m"}


@dataclasses.dataclass(frozen=True)
class New:
    """Step of a script: construct the object."""

    args: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Set:
    """Step of a script: `object.attribute = inputs[attribute]`."""

    attribute: str
    spec: str


@dataclasses.dataclass(frozen=True)
class Call:
    """Step of a script: call a method; `returns` names its results (none, one or several)."""

    method: str
    args: Mapping[str, str] = dataclasses.field(default_factory=dict)
    returns: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Get:
    """Step of a script: read an attribute, under a name of its own."""

    attribute: str
    name: str
    spec: str


Step: TypeAlias = New | Set | Call | Get


@dataclasses.dataclass(frozen=True)
class Class:
    """An answer that is constructed and used, driven by named scripts of steps.

    Attributes can be set after construction, so random initial weights need not agree.
    """

    name: str
    scripts: Mapping[str, tuple[Step, ...]]


Contract: TypeAlias = Function | Value | Choice | Expression | Class


@dataclasses.dataclass(frozen=True)
class Case:
    """One set of inputs, as plain arrays, and the script of a class that uses them.

    `about` says in a few words what the case looks at; it is shown when the case fails.
    """

    inputs: Mapping[str, np.ndarray]
    about: str = ""
    script: str = "main"


_TYPES = {t.__name__: t for t in (Function, Value, Choice, Expression, Class, New, Set, Call, Get)}


def to_json(contract: Contract) -> dict[str, Any]:
    """The contract as JSON-ready data."""

    def encode(value: Any) -> Any:
        if dataclasses.is_dataclass(value):
            fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return {"type": type(value).__name__, **fields}
        if isinstance(value, Mapping):
            return {k: encode(v) for k, v in value.items()}
        if isinstance(value, tuple):
            return [encode(v) for v in value]
        return value

    encoded: dict[str, Any] = encode(contract)
    return encoded


def from_json(data: Mapping[str, Any]) -> Contract:
    """The contract that `to_json` wrote."""

    def decode(value: Any) -> Any:
        if isinstance(value, Mapping):
            decoded = {k: decode(v) for k, v in value.items() if k != "type"}
            return _TYPES[value["type"]](**decoded) if "type" in value else decoded
        if isinstance(value, list):
            return tuple(decode(v) for v in value)
        return value

    contract: Contract = decode(data)
    return contract


def argument_specs(contract: Contract, script: str = "main") -> dict[str, str]:
    """Every input that the contract reads, with its shape string, in order."""
    if isinstance(contract, Function):
        return dict(contract.args)
    if isinstance(contract, Value | Choice):
        return {}
    if isinstance(contract, Expression):
        return {"T": "int"}
    specs: dict[str, str] = {}
    for step in contract.scripts[script]:
        if isinstance(step, New | Call):
            specs.update(step.args)
        elif isinstance(step, Set):
            specs[step.attribute] = step.spec
    return specs


def output_specs(contract: Contract, script: str = "main") -> dict[str, str]:
    """Every output that the contract promises, with its shape string, in order."""
    if not isinstance(contract, Class):
        return dict(contract.returns)
    specs: dict[str, str] = {}
    for step in contract.scripts[script]:
        if isinstance(step, Call):
            specs.update(step.returns)
        elif isinstance(step, Get):
            specs[step.name] = step.spec
    return specs


def sizes(specs: Mapping[str, str], inputs: Mapping[str, np.ndarray]) -> dict[str, int]:
    """What each letter stands for in these inputs.  Raises ValueError if two disagree."""
    bound: dict[str, int] = {}
    for name, text in specs.items():
        spec, shape = Spec.parse(text), np.shape(inputs[name])
        dims = spec.dims
        if spec.kind == "int" and not shape:
            bound[name] = int(inputs[name])
        if len(dims) != len(shape):
            raise ValueError(f"input {name} has shape {shape}; its contract says ({text})")
        for dim, size in zip(dims, shape, strict=True):
            if dim.isidentifier() and bound.setdefault(dim, size) != size:
                raise ValueError(f"input {name}: {dim} is {size} here and {bound[dim]} before")
    return bound
