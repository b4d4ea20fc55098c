"""Calls an answer as its contract says, and reports what came of it as plain data.

The same few drivers run in a student's notebook and in the sandbox.  They copy the inputs, keep what
the answer prints, and turn exceptions into sentences; they know no expected value.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from autograder.contract import (
    Arrays,
    Call,
    Choice,
    Contract,
    Expression,
    Function,
    New,
    Set,
    Spec,
    Step,
    Value,
)
from course import derivation

#: Nothing that a contract asks for is larger; a bigger array is not sent back.
MAX_OUTPUT_BYTES = 4 << 20
MAX_TEXT = 500


@dataclasses.dataclass(frozen=True)
class Problem:
    """Why an answer gave no outputs: what kind of trouble, and a sentence for its author."""

    kind: str  # "not attempted", "raised", "type", "memory"
    text: str
    error: str = ""  # the exception as Python prints it, if one was raised


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of driving one answer through one case.  Plain data: no verdict, no expected value."""

    outputs: Arrays = dataclasses.field(default_factory=dict)
    again: Arrays | None = None  # outputs of a second call, for a pure function
    changed: tuple[str, ...] = ()  # inputs that the answer overwrote
    problem: Problem | None = None
    printed: str = ""

    def pack(self, number: int) -> tuple[dict[str, Any], Arrays]:
        """The answer to case `number` as JSON-ready data, and its arrays by names of their own."""
        problem = self.problem
        told = {
            "problem": problem and [problem.kind, problem.text, problem.error],
            "changed": list(self.changed),
            "again": self.again is not None,
        }
        parts = (("outputs", self.outputs), ("again", self.again or {}))
        arrays = {
            f"{number}/{part}/{name}": value
            for part, values in parts
            for name, value in values.items()
        }
        return told, arrays


class _BadAnswer(Exception):
    """The answer is not of the kind that its contract asks for."""

    def __init__(self, text: str, outputs: Arrays | None = None) -> None:
        super().__init__(text)
        self.outputs: Arrays = outputs or {}  # the entries of a table that are of the right kind


class _NotAttempted(Exception):
    """Nothing has been filled in."""


def drive(
    contract: Contract,
    answer: Any,
    inputs: Mapping[str, np.ndarray],
    script: str = "main",
) -> Answer:
    """Call `answer` as its contract says, on copies of `inputs`, and return what came of it.

    Whatever the answer prints is captured.  Exceptions become a `Problem`, KeyboardInterrupt aside.
    """
    given = {name: np.array(value) for name, value in inputs.items()}
    printed = io.StringIO()
    outputs: Arrays = {}
    again: Arrays | None = None
    problem = None
    with _captured(printed):
        try:
            outputs = _outputs(contract, answer, given, script)
            if isinstance(contract, Function) and contract.pure:
                again = _outputs(contract, answer, _copies(inputs), script)
        except _NotAttempted as none:
            problem = Problem("not attempted", str(none))
        except _BadAnswer as bad:
            problem, outputs = Problem("type", _clip(str(bad))), bad.outputs
        except MemoryError:
            problem = Problem("memory", "it asked for more memory than there is.")
        except (Exception, SystemExit) as error:
            problem = _raised(error, answer, contract.name)
    changed = tuple(name for name in inputs if not _same(given[name], inputs[name]))
    return Answer(
        outputs=outputs,
        again=again,
        changed=changed,
        problem=problem,
        printed=printed.getvalue()[: 4 * MAX_TEXT],
    )


def _outputs(contract: Contract, answer: Any, given: Arrays, script: str) -> Arrays:
    if isinstance(contract, Value):
        return _filled_in(contract, answer)
    if isinstance(contract, Choice):
        return _chosen(contract, answer)
    if answer is None:
        raise _BadAnswer(f"{contract.name} is None; it should be something that can be called.")
    if not callable(answer):
        raise _BadAnswer(f"{contract.name} is {_describe(answer)}; it should be a function.")
    if isinstance(contract, Expression):
        return _expressed(contract, answer, int(given["T"]))
    if isinstance(contract, Function):
        result = answer(*_arguments(contract.args, given))
        return _collect(result, contract.returns, contract.name)
    return _play(contract.scripts[script], answer, given)


def _filled_in(contract: Value, answer: Any) -> Arrays:
    """A value, or the entries of a table."""
    if answer is None:
        raise _NotAttempted(f"{contract.name} is not filled in yet.")
    if len(contract.returns) == 1 or not isinstance(answer, Mapping):
        return _collect(answer, contract.returns, contract.name)

    def read(key: str, value: Any) -> np.ndarray:
        return _plain(value, f"{contract.name}: {key}", contract.returns[key])

    return _entries(contract, answer, read)


def _chosen(contract: Choice, answer: Any) -> Arrays:
    """For each item the number of the option that was picked."""
    if len(contract.options) == 1 and not isinstance(answer, Mapping):
        answer = {next(iter(contract.options)): answer}
    if answer is None:
        raise _NotAttempted(f"{contract.name} is not filled in yet.")
    if not isinstance(answer, Mapping):
        items = ", ".join(contract.options)
        raise _BadAnswer(
            f"{contract.name} is {_describe(answer)}; it should be a dict with one option for each "
            f"of {items}."
        )

    def read(item: str, picked: Any) -> np.ndarray:
        options = contract.options[item]
        words = " ".join(str(picked).split()).casefold()
        for number, option in enumerate(options):
            if words == option.casefold():
                return np.array(number)
        listed = ", ".join(repr(option) for option in options)
        raise _BadAnswer(
            f"{contract.name}: {item} is {_clip(repr(picked))}, which is no option. Choose one of {listed}."
        )

    return _entries(contract, answer, read)


def _expressed(contract: Expression, answer: Callable[..., Any], T: int) -> Arrays:
    """A formula, as arrays."""
    result = answer(derivation.Symbols(contract.network, T))
    if isinstance(result, int | float) and result == 0:
        result = derivation.ZERO  # a sum without summands
    if result is None:
        raise _BadAnswer(
            f"{contract.name} gave None; it should give a formula. Is a return missing?"
        )
    if isinstance(result, derivation.Indexed):
        raise _BadAnswer(f"{contract.name} gave no formula: {result.lacks()}")
    if not isinstance(result, derivation.Formula):
        raise _BadAnswer(
            f"{contract.name} gave {_describe(result)}; it should give a formula, made of the "
            "partial derivatives of s."
        )
    return derivation.encode(result, contract.network)


def _entries(
    contract: Value | Choice, answer: Mapping[str, Any], read: Callable[[str, Any], np.ndarray]
) -> Arrays:
    """Those entries of a table that are not None.  A missing one is for the judge."""
    unknown = [key for key in answer if key not in contract.returns]
    if unknown and any(key not in answer for key in contract.returns):  # a name misspelt
        entries = ", ".join(contract.returns)
        raise _BadAnswer(f"there is no {unknown[0]!r} in {contract.name}; it has {entries}.")
    first: _BadAnswer | None = None
    filled = [key for key in contract.returns if answer.get(key) is not None]
    if not filled:
        raise _NotAttempted(f"{contract.name} is not filled in yet.")
    found: Arrays = {}
    for key in filled:
        try:
            found[key] = read(key, answer[key])
        except _BadAnswer as bad:
            bad.outputs = found
            first = first or bad
    if first is not None:
        raise first
    return found


def _play(steps: Sequence[Step], cls: Callable[..., Any], given: Arrays) -> Arrays:
    name = getattr(cls, "__name__", "the class")
    outputs: Arrays = {}
    thing: Any = None
    for step in steps:
        if isinstance(step, New):
            thing = cls(*_arguments(step.args, given))
        elif isinstance(step, Set):
            setattr(thing, step.attribute, given[step.attribute])
        elif isinstance(step, Call):
            result = getattr(thing, step.method)(*_arguments(step.args, given))
            if step.returns:
                outputs |= _collect(result, step.returns, f"{name}.{step.method}")
        else:
            if not hasattr(thing, step.attribute):
                raise _BadAnswer(f"a {name} has no attribute {step.attribute}. Set it on self.")
            value = getattr(thing, step.attribute)
            if value is None:
                what = Spec.parse(step.spec)
                raise _BadAnswer(f"{name}.{step.attribute} is None; it should be {what} by then.")
            outputs |= _collect(value, {step.name: step.spec}, f"{name}.{step.attribute}")
    return outputs


def _arguments(specs: Mapping[str, str], given: Arrays) -> Iterator[Any]:
    for name, text in specs.items():
        spec = Spec.parse(text)
        if spec.kind == "rng":
            yield np.random.default_rng(int(given[name]))
        elif spec.kind == "function":
            yield functools.partial(_smooth, given[name])
        elif spec.kind == "int" and not spec.dims:
            yield int(given[name])
        elif not spec.dims:
            yield float(given[name])
        else:
            yield given[name]


def _smooth(c: np.ndarray, x: np.ndarray) -> float:
    """What a `"function"` computes: every number has another slope, which depends on all others."""
    if np.shape(x) != c.shape:
        raise ValueError(f"the function was called with shape {np.shape(x)}; it takes {c.shape}")
    return float(np.exp(np.mean(np.sin(c * x))))


def _collect(result: Any, returns: Mapping[str, str], name: str) -> Arrays:
    """Match what came back with what was promised, as plain arrays."""
    names = ", ".join(returns)
    if len(returns) == 1:
        spec = Spec.parse(next(iter(returns.values())))
        if isinstance(result, tuple) and spec.kind == "float":
            raise _BadAnswer(
                f"{name} gave a tuple of {len(result)}; it should give {names} alone. "
                "Is there a comma too many?"
            )
        parts = {next(iter(returns)): result}
    elif isinstance(result, Mapping):
        if missing := [key for key in returns if key not in result]:
            raise _BadAnswer(f"{name} lacks {', '.join(missing)}; it should have {names}.")
        parts = {key: result[key] for key in returns}
    elif isinstance(result, tuple | list):
        if len(result) != len(returns):
            raise _BadAnswer(f"{name} gave {len(result)} things; it should give {names}.")
        parts = dict(zip(returns, result, strict=True))
    elif result is None:
        raise _BadAnswer(f"{name} gave None; it should give {names}. Is a return missing?")
    elif isinstance(result, np.ndarray) and _is_stack(result, returns):
        parts = dict(zip(returns, result, strict=True))
    else:
        raise _BadAnswer(f"{name} gave {_describe(result)}; it should give {names}.")
    return {key: _plain(part, f"{name}: {key}", returns[key]) for key, part in parts.items()}


def _is_stack(result: np.ndarray, returns: Mapping[str, str]) -> bool:
    """Is one array all that was promised, one after the other, as `f, i = result` takes it apart?"""
    dims = {len(Spec.parse(spec).dims) for spec in returns.values()}
    return dims == {result.ndim - 1} and len(result) == len(returns)


def _plain(part: Any, name: str, spec: str) -> np.ndarray:
    wanted = Spec.parse(spec)
    what = str(wanted) if not wanted.dims else f"an array {wanted}"
    if wanted.kind == "int" and len(wanted.dims) == 1 and wanted.dims[0].isdigit():
        what = f"a tuple of length {wanted.dims[0]}, of whole numbers"
    if part is None:
        raise _BadAnswer(f"{name} is None; it should be {what}. Is a return missing?")
    try:
        array = np.array(part, subok=False)
    except Exception:
        array = np.empty(0, dtype=object)
    plain = (
        array.dtype.kind in "fiub" and array.dtype.itemsize <= 8
    )  # no float128: nothing sends it
    if not plain or type(array) is not np.ndarray:
        raise _BadAnswer(f"{name} is {_describe(part)}; it should be {what}.")
    if array.nbytes > MAX_OUTPUT_BYTES:
        raise _BadAnswer(f"{name} has shape {array.shape}, far too large; it should be {what}.")
    return array


def _describe(thing: Any) -> str:
    kind = type(thing).__name__
    if isinstance(thing, np.ndarray):
        return f"an array of {thing.dtype}"
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def _raised(error: BaseException, answer: Any, name: str) -> Problem:
    """Turn an exception into a Problem that shows the student's own line."""
    printed = _clip(f"{type(error).__name__}: {error}".rstrip(": \n"))
    own = _codes(answer)
    files = {code.co_filename for code in own}
    frames, tb = [], error.__traceback__
    while tb is not None:
        frames.append((tb.tb_frame.f_code, tb.tb_lineno))
        tb = tb.tb_next
    code, line = next(((c, n) for c, n in reversed(frames) if c.co_filename in files), (None, 0))
    if type(error) is NotImplementedError:
        other = frames[-1][0].co_name
        if frames[-1][0] in own and isinstance(answer, type) and other != "__init__":
            # The object could be made, so something of the class has been written.
            return Problem("raised", f"{name}.{other} is not written yet.", printed)
        if frames[-1][0] in own:
            return Problem("not attempted", f"{name} is not written yet.")
        return Problem("raised", f"it needs {other}, which is not written yet.", printed)
    source = linecache.getline(code.co_filename, line).strip() if code is not None else ""
    where = f" (line {line} of its cell: {source})" if source else ""
    text = printed + _clip(where)
    return Problem("raised", text if text.endswith((".", "!", "?")) else f"{text}.", printed)


def _codes(answer: Any) -> set[CodeType]:
    """The code objects that an answer is made of."""
    functions = [answer] if not isinstance(answer, type) else list(vars(answer).values())
    return {f.__code__ for f in functions if isinstance(f, FunctionType)}


def _clip(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " ..."


def _copies(inputs: Mapping[str, np.ndarray]) -> Arrays:
    return {name: np.array(value) for name, value in inputs.items()}


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == np.shape(b) and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


@contextlib.contextmanager
def _captured(printed: io.StringIO) -> Iterator[None]:
    """Keep stdout and stderr of the answer; floating point warnings are not its author's concern."""
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        np.errstate(all="ignore"),
    ):
        yield
        sys.stdout.flush()
