"""The mutants of a reference: which edits there are, and what is left alone."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.compare import close
from autograder.prove.mutants import mutants, value_mutants
from course import rnn
from course.shapes import Array, check_shapes

OFFSET = 2.0


def line(w: float, x: float) -> float:
    """w x + 1."""
    return w * x + 1


def last_states(x: Array, h: Array, W: Array, n: int) -> Array:
    for t in range(n):
        h = np.tanh(x[:, t] @ W.T + h)
    return h[:, 1:]


def total(x: Array) -> Any:
    out = np.zeros(3)
    out += x.sum(axis=(0, 2))
    return np.concatenate([out, OFFSET * x[0, :, 0]], axis=0)


def smallest(a: float, b: float, strict: bool = False) -> float:
    if a < b and not strict:
        return -a
    return b if a == b else 0.5


def doubled(x: float) -> float:
    return helper(x) + OFFSET


def helper(x: float) -> float:
    return 2 * x


def checked(x: Array, size: int = 3) -> Array:
    """Half of x, size 1.0."""
    letters = "N" if x.ndim == 1 else "ND"
    check_shapes("checked", x=(x, letters))
    if len(x) > 9:
        raise ValueError("more than 9 rows")
    assert size > 1
    dtype = np.result_type(x, np.float16)
    return x.astype(dtype, copy=False)


def appends(x: list[float], y: list[float]) -> list[float]:
    out: list[float] = []
    for a in x:
        out.append(a)
    return out


def endless(x: int) -> int:
    while x:
        x -= 1
    return x


class Counter:
    """Counts steps, with a second hand."""

    def __init__(self, start: int) -> None:
        self.count = start
        self.last = 0
        self._go(1)

    def _go(self, by: int) -> None:
        self.count += by

    def step(self) -> int:
        self._go(2)
        return self.count

    def unused(self) -> int:
        return self.last + 7


ALL = (line, last_states, total, smallest, doubled, checked, appends, Counter)


def descriptions(original: Any, used: list[str] | None = None) -> list[str]:
    return [mutant.description.partition(": ")[2] for mutant in mutants(original, used)]


def test_all_mutants_of_a_line() -> None:
    assert [mutant.description for mutant in mutants(line)] == [
        "line 3: minus before w * x + 1",
        "line 3: w * x + 1 -> w * x - 1",
        "line 3: w * x + 1 -> w * x * 1",
        "line 3: w * x + 1 -> w * x",
        "line 3: w * x + 1 -> 1",
        "line 3: w * x + 1 -> -(w * x) + 1",
        "line 3: w * x -> w + x",
        "line 3: w * x -> w / x",
        "line 3: w * x -> w",
        "line 3: w * x -> x",
        "line 3: w * x -> x * x",
        "line 3: w * x -> w * w",
        "line 3: w * x + 1 -> w * x + 0",
        "line 3: w * x + 1 -> w * x + 2",
    ]


@pytest.mark.parametrize(
    ("original", "edit"),
    [
        (last_states, "x[:, t] -> x[:, t - 1]"),
        (last_states, "x[:, t] -> x[1:, t]"),
        (last_states, "range(n) -> range(n - 1)"),
        (last_states, "for t in range(n) dropped"),
        (last_states, "np.tanh(x[:, t] @ W.T + h) -> x[:, t] @ W.T + h"),
        (last_states, "np.tanh(x[:, t] @ W.T + h) -> np.tanh(-(x[:, t] @ W.T + h))"),
        (last_states, "x[:, t] @ W.T + h -> x[:, t] @ W.T"),
        (last_states, "x[:, t] @ W.T + h -> h"),
        (last_states, "x[:, t] @ W.T -> x[:, t] + W.T"),
        (last_states, "x[:, t] @ W.T -> x[:, t] * W.T"),
        (last_states, "x[:, t] @ W.T -> W.T @ x[:, t]"),
        (last_states, "x[:, t] @ W.T -> x[:, t].T @ W.T"),
        (last_states, "x[:, t] @ W.T -> x[:, t] @ W"),
        (last_states, "x[:, t] @ W.T + h -> x[:, t] @ W.T + x"),
        (last_states, "h[:, 1:] -> h[:, :]"),
        (last_states, "1: -> 2:"),
        (total, "out = np.zeros(3) dropped"),
        (total, "np.zeros(3) -> np.ones(3)"),
        (total, "out += x.sum(axis=(0, 2)) -> out = x.sum(axis=(0, 2))"),
        (total, "out += x.sum(axis=(0, 2)) -> out -= x.sum(axis=(0, 2))"),
        (total, "x.sum(axis=(0, 2)) -> x.mean(axis=(0, 2))"),
        (total, "x.sum(axis=(0, 2)) -> x.sum()"),
        (total, "(0, 2) -> (0,)"),
        (total, "(0, 2) -> (1, 2)"),
        (total, "axis=0 -> axis=1"),
        (total, "[out, OFFSET * x[0, :, 0]] -> [OFFSET * x[0, :, 0], out]"),
        (smallest, "if a < b and (not strict) negated"),
        (smallest, "a < b -> a <= b"),
        (smallest, "a == b -> a != b"),
        (smallest, "-a -> a"),
        (smallest, "b if a == b else 0.5 -> 0.5"),
        (smallest, "b if a == b else 0.5 -> b if a == b else 1.0"),
        (Counter, "self._go(1) dropped"),
        (Counter, "self._go(1) -> self._go(2)"),
        (Counter, "return self.count -> return self.last"),
    ],
)
def test_edit_is_made(original: Any, edit: str) -> None:
    assert edit in descriptions(original)


@pytest.mark.parametrize("original", ALL)
def test_every_mutant_is_made_and_is_another_program(original: Any) -> None:
    before = ast.dump(ast.parse(textwrap.dedent(inspect.getsource(original))))
    found = mutants(original)
    trees = {ast.dump(ast.parse(mutant.source)) for mutant in found}
    assert found
    assert len(trees) == len(found)
    assert before not in trees
    assert len({mutant.description for mutant in found}) == len(found)
    for mutant in found:
        made = mutant.build()
        assert made is not original
        assert made.__name__ == original.__name__


@pytest.mark.parametrize("original", [*ALL, rnn.rnn_forward, rnn.VanillaRNN])
def test_mutants_come_in_the_same_order_every_time(original: Any) -> None:
    first, second = mutants(original), mutants(original)
    assert [(m.description, m.source) for m in first] == [(m.description, m.source) for m in second]
    lines = [int(m.description.split(":")[0].removeprefix("line ")) for m in first]
    assert lines == sorted(lines)


def test_a_mutant_knows_the_names_of_its_module_and_changes_none() -> None:
    by_edit = {mutant.description: mutant.build() for mutant in mutants(doubled)}
    assert by_edit["line 2: helper(x) + OFFSET -> helper(x) - OFFSET"](5.0) == 8.0
    assert by_edit["line 2: helper(x) -> x"](5.0) == 7.0
    assert doubled(5.0) == 12.0
    assert helper(5.0) == 10.0


@pytest.mark.parametrize(
    "word", ["check_shapes", "raise", "assert", "float16", "copy", "1.0", "ND"]
)
def test_validation_precision_and_prose_are_left_alone(word: str) -> None:
    unchanged = ast.unparse(ast.parse(inspect.getsource(checked)))
    assert {mutant.source.count(word) for mutant in mutants(checked)} == {unchanged.count(word)}


def test_methods_that_are_not_used_are_left_alone() -> None:
    assert "minus before self.last + 7" in descriptions(Counter)
    used = descriptions(Counter, ["step"])
    assert not any("7" in edit for edit in used)
    assert "self.count += by dropped" in used  # reached through step


def test_no_mutant_appends_to_the_list_that_it_walks_through() -> None:
    found = descriptions(appends)
    assert "for a in y" not in found
    assert not any(edit.startswith("x -> out") for edit in found)
    for mutant in mutants(appends):
        assert "x.append" not in mutant.source


def test_no_mutant_puts_a_list_into_itself() -> None:
    assert any("append(a) -> " in found for found in descriptions(appends))
    assert not any("out.append(out)" in mutant.source for mutant in mutants(appends))


def test_a_while_loop_is_refused() -> None:
    with pytest.raises(ValueError, match="endless has a while loop"):
        mutants(endless)


@pytest.mark.parametrize("original", [np.tanh, 3, lambda x: x])
def test_only_what_def_and_class_make_has_mutants(original: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"def|function"):
        mutants(original)


def test_every_entry_of_a_table_is_perturbed() -> None:
    table = {"a": 0.25, "shape": (3, 4), "n": 7}
    found = {mutant.description: mutant.build() for mutant in value_mutants(table, 0.0, 1e-3)}
    assert {
        "a: 0.25 -> 0.248",
        "a: 0.25 -> -0.25",
        "a: 0.25 -> 7, which is n",
        "shape: (3, 4) -> (3, 5)",
        "shape: (3, 4) -> (4, 3)",
        "shape: (3, 4) -> (3,)",
        "n: 7 -> 6",
    } <= found.keys()
    assert table not in found.values()
    assert table == {"a": 0.25, "shape": (3, 4), "n": 7}
    for value in found.values():
        same = [key for key in table if np.array_equal(value[key], table[key])]
        assert len(same) == 2


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_perturbed_number_is_outside_its_tolerance(scale: float) -> None:
    for mutant in value_mutants(scale, 1e-7, 1e-12):
        assert not close(np.array(mutant.build()), np.array(scale), 1e-7, 1e-12)
