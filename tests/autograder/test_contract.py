"""The driver: shapes in words, answers called as their contract says, troubles as sentences."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import numpy as np
import pytest

from autograder import contract as contracts
from autograder.contract import (
    Call,
    Class,
    Function,
    Get,
    New,
    Set,
    Spec,
    Value,
    argument_specs,
    output_specs,
    sizes,
)
from autograder.driver import MAX_OUTPUT_BYTES, MAX_TEXT, Answer, drive

ADD = Function("add", {"x": "N D", "b": "D", "n": "int", "c": ""}, {"y": "N D"})
ADD_INPUTS = {"x": np.ones((2, 3)), "b": np.arange(3.0), "n": np.array(4), "c": np.array(0.5)}

PAIR = Function("pair", {"x": "N"}, {"low": "", "high": ""})
PAIR_INPUTS = {"x": np.array([3.0, 1.0, 2.0])}

BOX = Class(
    "Box",
    {
        "main": (
            New({"H": "int", "rng": "rng"}),
            Set("w", "H"),
            Call("push", {"x": "H"}, {"y": "H"}),
            Call("clear"),
            Get("w", "w_after", "H"),
        ),
        "fresh": (New({"H": "int", "rng": "rng"}), Get("w", "w_first", "H")),
    },
)
BOX_INPUTS = {"H": np.array(2), "rng": np.array(7), "w": np.array([1.0, 2.0]), "x": np.ones(2)}


class Box:
    def __init__(self, H: int, rng: np.random.Generator) -> None:
        self.w = rng.standard_normal(H)

    def push(self, x: np.ndarray) -> np.ndarray:
        return self.w + x

    def clear(self) -> None:
        self.w = 0 * self.w


def trouble(contract: contracts.Contract, answer: Any, inputs: Any) -> tuple[str, str]:
    problem = drive(contract, answer, inputs).problem
    assert problem is not None
    return problem.kind, problem.text


# Shapes in words


@pytest.mark.parametrize(
    ("text", "kind", "dims", "said"),
    [
        ("N T D", "float", ("N", "T", "D"), "(N, T, D)"),
        ("H", "float", ("H",), "(H,)"),
        ("", "float", (), "a number"),
        ("int", "int", (), "a whole number"),
        ("int 3", "int", ("3",), "(3,)"),
        ("H H+D", "float", ("H", "H+D"), "(H, H+D)"),
        ("rng", "rng", (), "a number"),
    ],
)
def test_a_spec_is_read_and_said(text: str, kind: str, dims: tuple[str, ...], said: str) -> None:
    spec = Spec.parse(text)
    assert (spec.kind, spec.dims, str(spec)) == (kind, dims, said)


def test_a_spec_becomes_numbers() -> None:
    assert Spec.parse("N H+D 2").shape({"N": 4, "H": 3, "D": 5}) == (4, 8, 2)
    assert Spec.parse("").shape({}) == ()
    with pytest.raises(KeyError):
        Spec.parse("N").shape({})


def test_letters_are_bound_by_inputs_and_whole_numbers_by_their_value() -> None:
    specs = {"x": "N D", "W": "D H", "input_size": "int", "k": "int 2"}
    inputs = {
        "x": np.ones((2, 3)), "W": np.ones((3, 4)), "input_size": np.array(9), "k": np.arange(2),
    }  # fmt: skip
    assert sizes(specs, inputs) == {"N": 2, "D": 3, "H": 4, "input_size": 9}


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"x": np.ones((2, 3)), "W": np.ones((4, 5))}, "input W: D is 4 here and 3 before"),
        ({"x": np.ones(3), "W": np.ones((3, 5))}, r"input x has shape \(3,\)"),
    ],
)
def test_inputs_that_contradict_their_contract_are_refused(inputs: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        sizes({"x": "N D", "W": "D H"}, inputs)


def test_a_class_reads_and_gives_what_its_script_says() -> None:
    assert argument_specs(BOX) == {"H": "int", "rng": "rng", "w": "H", "x": "H"}
    assert output_specs(BOX) == {"y": "H", "w_after": "H"}
    assert output_specs(BOX, "fresh") == {"w_first": "H"}
    assert argument_specs(Value("v", {"a": ""})) == {}


@pytest.mark.parametrize(
    "contract",
    [ADD, PAIR, BOX, Value("v", {"a": "", "b": "int 2"}), Function("f", {}, {"y": ""}, pure=False)],
)
def test_a_contract_survives_json(contract: contracts.Contract) -> None:
    text = json.dumps(contracts.to_json(contract))
    assert contracts.from_json(json.loads(text)) == contract


# Functions


def test_a_function_is_called_with_arrays_and_plain_numbers() -> None:
    seen: list[Any] = []

    def add(x: Any, b: Any, n: Any, c: Any) -> Any:
        seen.append((type(x), type(b), type(n), type(c)))
        return x + b + n + c

    answer = drive(ADD, add, ADD_INPUTS)
    assert answer.problem is None
    assert seen == [(np.ndarray, np.ndarray, int, float)] * 2  # pure: called twice
    np.testing.assert_array_equal(answer.outputs["y"], np.ones((2, 3)) + np.arange(3) + 4.5)
    assert answer.again is not None
    np.testing.assert_array_equal(answer.again["y"], answer.outputs["y"])


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: (x.min(), x.max()),
        lambda x: [1.0, 3],
        lambda x: {"high": 3, "low": 1},
        lambda x: np.array([1.0, 3.0]),
    ],
)
def test_several_results_are_matched_by_order_or_by_name(answer: Any) -> None:
    outputs = drive(PAIR, answer, PAIR_INPUTS).outputs
    assert {name: float(value) for name, value in outputs.items()} == {"low": 1.0, "high": 3.0}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x: x.min(), "pair gave a float64; it should give low, high."),
        (lambda x: None, "pair gave None; it should give low, high. Is a return missing?"),
        (lambda x: x, "pair gave an array of float64; it should give low, high."),
        (lambda x: x[:2, None], "pair gave an array of float64; it should give low, high."),
        (lambda x: (1.0, 2.0, 3.0), "pair gave 3 things; it should give low, high."),
        (lambda x: {"low": 1.0}, "pair lacks high; it should have low, high."),
        (lambda x: (1.0, None), "pair: high is None; it should be a number. Is a return missing?"),
        (lambda x: (1.0, "2"), "pair: high is a str; it should be a number."),
        (lambda x: (1.0, [[1], [2, 3]]), "pair: high is a list; it should be a number."),
        (lambda x: (1.0, object()), "pair: high is an object; it should be a number."),
        (None, "pair is None; it should be something that can be called."),
        (np.ones(2), "pair is an array of float64; it should be a function."),
    ],
)
def test_a_result_of_the_wrong_kind_is_a_sentence(answer: Any, says: str) -> None:
    assert trouble(PAIR, answer, PAIR_INPUTS) == ("type", says)


def test_an_answer_may_be_any_callable_and_a_subclass_of_array_is_made_plain() -> None:
    class Callable:
        def __call__(self, x: np.ndarray) -> Any:
            return np.ma.masked_array(x.min()), np.float64(3)

    answer = drive(PAIR, Callable(), PAIR_INPUTS)
    assert {type(value) for value in answer.outputs.values()} == {np.ndarray}


def test_a_result_that_is_far_too_large_is_not_kept() -> None:
    huge = np.broadcast_to(0.0, (MAX_OUTPUT_BYTES // 8 + 1,))
    kind, text = trouble(PAIR, lambda x: (huge, 1.0), PAIR_INPUTS)
    assert kind == "type"
    assert "far too large" in text


def test_inputs_are_copies_and_changes_are_noted() -> None:
    def overwrites(x: np.ndarray) -> Any:
        x.sort()
        return x[0], x[-1]

    inputs = {"x": np.array([3.0, 1.0, 2.0])}
    answer = drive(PAIR, overwrites, inputs)
    assert answer.changed == ("x",)
    assert inputs["x"].tolist() == [3.0, 1.0, 2.0]


def test_an_input_changed_before_an_exception_is_noted_too() -> None:
    def overwrites(x: np.ndarray) -> Any:
        x[0] = 9
        raise ValueError

    answer = drive(PAIR, overwrites, PAIR_INPUTS)
    assert (answer.changed, answer.outputs) == (("x",), {})


def test_printing_and_warnings_are_captured(capfd: pytest.CaptureFixture[str]) -> None:
    def prints(x: np.ndarray) -> Any:
        print("hello")
        print("trouble", file=sys.stderr)
        np.log(np.zeros(1))
        return 1.0, 2.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # floating point warnings are switched off
        answer = drive(PAIR, prints, PAIR_INPUTS)
    assert answer.printed == "hello\ntrouble\n" * 2
    assert capfd.readouterr() == ("", "")


def test_endless_printing_is_cut() -> None:
    answer = drive(PAIR, lambda x: print("x" * 10**6) or (1.0, 2.0), PAIR_INPUTS)
    assert len(answer.printed) == 4 * MAX_TEXT


# Exceptions


def not_written(x: np.ndarray) -> Any:
    raise NotImplementedError("not written yet: replace this line")


def test_its_own_stub_is_not_attempted() -> None:
    assert trouble(PAIR, not_written, PAIR_INPUTS) == ("not attempted", "pair is not written yet.")


def test_the_stub_of_another_function_is_named() -> None:
    kind, text = trouble(PAIR, lambda x: not_written(x), PAIR_INPUTS)
    assert (kind, text) == ("raised", "it needs not_written, which is not written yet.")


def test_a_method_that_is_not_written_is_named() -> None:
    class Half(Box):
        def push(self, x: np.ndarray) -> np.ndarray:
            raise NotImplementedError

    assert trouble(BOX, Half, BOX_INPUTS) == ("raised", "Box.push is not written yet.")


def test_an_exception_is_told_with_the_line_of_the_answer_s_own_file() -> None:
    def answer(x: np.ndarray) -> Any:
        return np.linalg.inv(x)  # raises within NumPy

    kind, text = trouble(PAIR, answer, PAIR_INPUTS)
    assert kind == "raised"
    assert text.startswith("LinAlgError: 1-dimensional array given.")
    assert "return np.linalg.inv(x)" in text


def test_an_exception_without_words_is_told_by_its_name() -> None:
    def answer(x: np.ndarray) -> Any:
        raise ValueError

    problem = drive(PAIR, answer, PAIR_INPUTS).problem
    assert problem is not None
    assert problem.error == "ValueError"
    assert problem.text.startswith("ValueError (line ")


def test_a_long_message_is_clipped() -> None:
    def answer(x: np.ndarray) -> Any:
        raise ValueError("x" * 10_000)

    assert len(trouble(PAIR, answer, PAIR_INPUTS)[1]) < 3 * MAX_TEXT


def test_leaving_the_interpreter_is_an_exception_like_others_but_a_person_s_interrupt_is_not() -> (
    None
):
    assert trouble(PAIR, lambda x: sys.exit(3), PAIR_INPUTS)[0] == "raised"

    def interrupts(x: np.ndarray) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(PAIR, interrupts, PAIR_INPUTS)


def test_running_out_of_memory_has_a_kind_of_its_own() -> None:
    def hungry(x: np.ndarray) -> Any:
        raise MemoryError

    assert trouble(PAIR, hungry, PAIR_INPUTS)[0] == "memory"


# Values


TABLE = Value("table", {"a": "", "b": "int 2"})


def test_a_table_may_be_filled_in_partly() -> None:
    assert drive(TABLE, {"a": 1.5, "b": (1, 2)}, {}).outputs.keys() == {"a", "b"}
    assert drive(TABLE, {"a": None, "b": (1, 2), "more": 3}, {}).outputs.keys() == {"b"}


@pytest.mark.parametrize("empty", [None, {}, {"a": None, "b": None}])
def test_a_table_without_entries_is_not_attempted(empty: Any) -> None:
    assert trouble(TABLE, empty, {}) == ("not attempted", "table is not filled in yet.")


def test_a_misspelt_entry_is_named() -> None:
    kind, text = trouble(TABLE, {"a": 1.5, "B": (1, 2)}, {})
    assert (kind, text) == ("type", "there is no 'B' in table; it has a, b.")


def test_a_table_may_be_a_tuple_in_order() -> None:
    outputs = drive(TABLE, (1.5, [1, 2]), {}).outputs
    assert outputs["b"].tolist() == [1, 2]


def test_a_single_value_needs_no_table() -> None:
    single = Value("answer", {"a": ""})
    assert drive(single, 4.0, {}).outputs["a"] == 4.0
    assert trouble(single, None, {})[0] == "not attempted"
    assert trouble(single, "four", {}) == ("type", "answer: a is a str; it should be a number.")


# Classes


def test_a_class_is_driven_step_by_step() -> None:
    answer = drive(BOX, Box, BOX_INPUTS)
    assert answer.problem is None
    assert {name: value.tolist() for name, value in answer.outputs.items()} == {
        "y": [2.0, 3.0],
        "w_after": [0.0, 0.0],
    }
    assert answer.again is None


def test_a_seed_becomes_the_same_generator_each_time() -> None:
    first, second = (drive(BOX, Box, BOX_INPUTS, "fresh").outputs["w_first"] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, np.random.default_rng(7).standard_normal(2))


def test_outputs_are_what_they_were_when_they_were_given() -> None:
    """A state that is changed in place afterwards does not change what was seen before."""

    class InPlace(Box):
        def push(self, x: np.ndarray) -> np.ndarray:
            self.y = self.w + x
            return self.y

        def clear(self) -> None:
            self.y *= 0
            self.w = 0 * self.w

    assert drive(BOX, InPlace, BOX_INPUTS).outputs["y"].tolist() == [2.0, 3.0]


def test_weights_that_were_set_are_inputs_and_must_not_change() -> None:
    class Adds(Box):
        def push(self, x: np.ndarray) -> np.ndarray:
            self.w += x
            return self.w

    assert drive(BOX, Adds, BOX_INPUTS).changed == ("w",)


def test_a_missing_attribute_method_or_value_is_a_sentence() -> None:
    class NoPush:
        def __init__(self, H: int, rng: Any) -> None: ...

    class NoState(Box):
        def clear(self) -> None:
            del self.w

    class Nothing(Box):
        def clear(self) -> None:
            self.w = None  # type: ignore[assignment]

    kind, text = trouble(BOX, NoPush, BOX_INPUTS)
    assert kind == "raised"
    assert "'NoPush' object has no attribute 'push'" in text
    assert trouble(BOX, NoState, BOX_INPUTS) == (
        "type", "a NoState has no attribute w. Set it on self.",
    )  # fmt: skip
    assert trouble(BOX, Nothing, BOX_INPUTS) == (
        "type",
        "Nothing.w is None; it should be (H,) by then.",
    )


def test_an_answer_is_plain_data() -> None:
    assert Answer() == Answer(outputs={}, again=None, changed=(), problem=None, printed="")
