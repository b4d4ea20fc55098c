"""The algebra of partial derivatives: its laws, its errors in words, its limits, its way into arrays."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course import derivation
from course.derivation import (
    MAX_FACTORS,
    MAX_NODES,
    MAX_TERMS,
    ZERO,
    DerivationError,
    Formula,
    Symbols,
    decode,
    encode,
    families,
    latex,
    lstm,
    products,
    rnn,
    summands,
    text,
)

s = lstm(T=3)
SYMBOLS = [s.dJ_dh[1], s.dh_dC[2], s.dC_dC[2], s.dC_dWg[1], s.DC_DWg[2], s.dh_dh[3]]

formulas = st.recursive(
    st.sampled_from([*SYMBOLS, ZERO]),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, n: n * a, inner, st.integers(-3, 3)),
        st.builds(lambda a: a.T, inner),
    ),
    max_leaves=6,
)

# The free algebra


@given(formulas, formulas, formulas)
@settings(deadline=None, max_examples=60)
def test_the_laws_of_an_algebra(a: Formula, b: Formula, c: Formula) -> None:
    def same(one: Any, other: Any) -> bool:
        return products(one) == products(other)

    assert same(a + b, b + a)
    assert same((a + b) + c, a + (b + c))
    assert same((a * b) * c, a * (b * c))
    assert same(a * (b + c), a * b + a * c)
    assert same((a + b) * c, a * c + b * c)
    assert same(a - b, a + -b)
    assert products(a - a) == {}
    assert same(a + ZERO, a)
    assert products(a * ZERO) == {}
    assert same(2 * a, a + a)
    assert same(a * 2 * b, a * (2 * b))
    assert same((a * b).T, b.T * a.T)
    assert same((a + b).T, a.T + b.T)
    assert same(a.T.T, a)
    assert same(a @ b, a * b)


def test_products_keep_their_order() -> None:
    a, b = s.dh_dC[2], s.dC_dC[2]
    assert products(a * b) != products(b * a)
    ((word, times),) = products(3 * a * b).items()
    assert [partial.family.name for partial in word] == ["dh_dC", "dC_dC"]
    assert times == 3


def test_a_factor_zero_leaves_nothing() -> None:
    """As where what came before the first step is written as the number 0."""
    assert 0 * s.dh_dC[1] is 2 * ZERO is ZERO
    assert text(s.dh_dC[1] + s.dC_dC[1] * 0 * s.dC_dC[2]) == text(s.dh_dC[1])


def test_a_sum_may_be_empty_and_begins_with_the_number_zero() -> None:
    assert products(sum([s.dJ_dh[1], s.dJ_dh[2]])) == products(s.dJ_dh[1] + s.dJ_dh[2])
    assert products(s.dJ_dh[1] * sum([])) == {}
    assert products(np.sum([s.dJ_dh[1], s.dJ_dh[2]])) == products(s.dJ_dh[1] + s.dJ_dh[2])


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2), np.int32(2), Fraction(2), True + True])
def test_numbers_are_factors_on_either_side(number: Any) -> None:
    a = s.dh_dC[2]
    assert products(number * a) == products(a * number) == products(a + a)
    assert products((2 * a) / number) == products(a)


# The names


def test_every_name_says_what_is_derived_by_what() -> None:
    for network, names in (("lstm", families("lstm")), ("rnn", families("rnn"))):
        symbols = Symbols(network, 4)
        for name, family in names.items():
            d = "D" if family.total else "d"
            assert name == f"{d}{family.top}_{d}{family.bottom}"
            assert (family.kind == "total") == name.startswith("D")
            for t in range(family.first, 5 - family.spared):
                assert getattr(symbols, name)[t].symbol.family is family
            assert name in dir(symbols)
            assert name in repr(symbols)


def test_an_index_says_which_step_the_lower_end_has() -> None:
    assert s.dC_dC[2].symbol.bottom == ("C", 1)
    assert s.dh_dC[2].symbol.bottom == ("C", 2)
    assert s.dJ_dh[2].symbol.top == ("J", None)
    assert s.DC_DWg[0].symbol.bottom == ("Wg", None)
    assert list(s.steps) == [1, 2, 3]
    assert repr(s.dh_dh) == "dh_dh[t]: ∂h_t/∂h_{t-1}, immediate, t = 1 to 3"
    assert repr(rnn(2).Dh_DW_hh) == "Dh_DW_hh[t]: dh_t/dW_hh, total, t = 0 to 1"


def test_no_name_is_the_gradient_itself() -> None:
    """Neither the loss by a weight nor, at the last step, all that a weight does to the state."""
    for network in ("lstm", "rnn"):
        for family in families(network).values():
            weight = family.bottom[0] in "WU"
            assert not (family.top in "JL" and weight)
            assert not (family.total and weight) or family.spared == 1


# Errors, in words


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda: s.dh_dc[1], "Did you mean dh_dC?"),
        (lambda: s.dh_dX[1], "there is no partial derivative dh_dX"),
        (lambda: s.dh_dC[0], "there is no dh_dC[0]: the first is dh_dC[1]."),
        (lambda: s.dh_dC[4], "there is no dh_dC[4]: where T = 3, the last is dh_dC[3]."),
        (lambda: s.DC_DWg[4], "there is no DC_DWg[4]: where T = 3, the last is DC_DWg[2]."),
        (lambda: s.DC_DWg[-1], "there is no DC_DWg[-1]: the first is DC_DWg[0]."),
        (lambda: s.DC_DWg[3], "DC_DWg[3] is not given"),
        (lambda: s.dh_dC["a"], "takes a step, a whole number; 'a' is none"),
        (lambda: s.dh_dC[1:2], "takes a step"),
        (lambda: s.dh_dC[s], "a thing of type Symbols is none"),
        (lambda: s.dJ_dWg[1], "dJ_dWg is not given: it is what you are to write."),
        (lambda: rnn(3).DL_DW_hh, "DL_DW_hh is not given"),
        (lambda: s.dh_dC[1.0], "takes a step"),
        (lambda: s.dh_dC * s.dC_dC[1], "dh_dC lacks its step"),
        (lambda: s.dC_dC[1] * s.dh_dC, "dh_dC lacks its step"),
        (lambda: 2 * s.dh_dC, "dh_dC lacks its step"),
        (lambda: s.dh_dC(1), "write dh_dC[t], in square brackets"),
        (lambda: s.dh_dC[1] / s.dC_dC[1], "cannot be divided by"),
        (lambda: 1 / s.dh_dC[1], "cannot be divided by"),
        (lambda: s.dh_dC[1] / 0, "cannot be divided by"),
        (lambda: s.dh_dC[1] ** 2, "write the product out"),
        (lambda: s.dh_dC[1] + 1, "you add the number 1 and a derivative"),
        (lambda: 1 - s.dh_dC[1], "you subtract the number 1"),
        (lambda: np.float64(0.5) + s.dh_dC[1], "you add the number"),
        (lambda: s.dh_dC[1] * "W", "of type str"),
        (lambda: s.dh_dC[1] * np.ones(3), "of type ndarray"),
        (lambda: np.ones(3) * s.dh_dC[1], "of type ndarray"),
        (lambda: s.dh_dC[1] + None, "of type NoneType"),
        (lambda: 1j * s.dh_dC[1], "an ordinary number, not 1j"),
        (lambda: float("nan") * s.dh_dC[1], "an ordinary number"),
        (lambda: 10**400 * s.dh_dC[1], "an ordinary number"),
        (lambda: s.dh_dC[1] / float("inf") * float("inf"), "an ordinary number"),
    ],
)
def test_what_is_no_formula_is_refused_in_a_sentence(
    write: Callable[[], object], says: str
) -> None:
    with pytest.raises(DerivationError) as error:
        write()
    assert says in str(error.value)
    assert str(error.value)[-1] in ".?"


def test_an_unknown_name_is_an_attribute_error_so_that_tools_can_ask() -> None:
    assert not hasattr(s, "nothing")
    assert not hasattr(s, "_repr_html_")
    assert getattr(s, "nothing", None) is None


# As text


def test_text_and_latex_show_partial_and_total_derivatives_apart() -> None:
    formula = s.dh_dC[2] * (s.dC_dWg[2] + s.dC_dC[2] * s.DC_DWg[1])
    assert text(formula) == "∂h_2/∂C_2 · (∂C_2/∂W^g + ∂C_2/∂C_1 · dC_1/dW^g)" == repr(formula)
    assert r"\frac{\partial h_{2}}{\partial C_{2}}" in latex(formula)
    assert r"\frac{\mathrm{d}C_{1}}{\mathrm{d}W^g}" in latex(formula)
    assert text(rnn(2).dh_dW_hh[1]) == "∂h_1/∂W_hh"
    assert r"\partial W_{hh}" in latex(rnn(2).dh_dW_hh[1])


@pytest.mark.parametrize(
    ("write", "shown"),
    [
        (lambda a, b, c: a - b - c, "a - b - c"),
        (lambda a, b, c: a - (b - c), "a - (b - c)"),
        (lambda a, b, c: a + (b + c), "a + (b + c)"),
        (lambda a, b, c: -a * b, "-a · b"),
        (lambda a, b, c: -(a + b) * c, "-(a + b) · c"),
        (lambda a, b, c: a * -b, "a · (-b)"),
        (lambda a, b, c: (a + b) * c, "(a + b) · c"),
        (lambda a, b, c: a * b * c, "a · b · c"),
        (lambda a, b, c: 0.5 * a + b, "0.5 · a + b"),
        (lambda a, b, c: a - 2 * b, "a - 2 · b"),
        (lambda a, b, c: -2 * (a - b), "-2 · (a - b)"),
        (lambda a, b, c: a - -b, "a - (-b)"),
        (lambda a, b, c: (a * b).T + c.T, "(a · b)ᵀ + (c)ᵀ"),
        (lambda a, b, c: sum([a, ZERO * b]), "a"),
    ],
)
def test_brackets_stand_where_they_are_needed(write: Callable[..., Formula], shown: str) -> None:
    a, b, c = s.dh_dh[1], s.dh_dh[2], s.dh_dh[3]
    said = text(write(a, b, c))
    for name, symbol in (("a", a), ("b", b), ("c", c)):
        said = said.replace(text(symbol), name)
    assert said == shown


def test_a_long_sum_is_shown_in_lines() -> None:
    formula = s.dJ_dh[1] + s.dJ_dh[2] - s.dJ_dh[3]
    assert len(summands(formula)) == 3
    shown = formula._repr_latex_()
    assert shown.count(r"\\") == 2
    assert shown.startswith("$")
    assert shown.endswith("$")
    assert shown.count("{") == shown.count("}")
    assert "aligned" not in s.dJ_dh[1]._repr_latex_()


# Limits


def refused_at_once(write: Callable[[], object], says: str) -> None:
    with pytest.raises(DerivationError, match=says):
        write()


def test_a_formula_that_doubles_a_hundred_times_is_refused_at_once() -> None:
    def doubled() -> Formula:
        formula = s.dh_dC[1]
        for _ in range(100):
            formula = formula + formula
        return formula

    refused_at_once(doubled, f"more than {MAX_NODES:,} parts")


def test_a_formula_that_is_squared_again_and_again_is_refused_at_once() -> None:
    def squared() -> Formula:
        formula = s.dh_dC[1] + s.dh_dC[2]
        for _ in range(100):
            formula = formula * formula
        return formula

    refused_at_once(squared, "more than")


def test_few_brackets_that_hold_many_products_are_refused_before_they_are_multiplied_out() -> None:
    def wide() -> Formula:
        bracket = sum([s.dh_dh[1 + n % 3] for n in range(30)], ZERO)
        assert (bracket * bracket).nodes < MAX_NODES
        return bracket * bracket * bracket

    refused_at_once(wide, f"more than {MAX_TERMS:,} products")


def test_many_long_products_are_refused_before_they_are_multiplied_out() -> None:
    def long() -> Formula:
        formula = s.dh_dh[1] + s.dh_dh[2]
        for _ in range(12):
            formula = formula * (s.dh_dh[1] + s.dh_dh[2])
        for _ in range(900):
            formula = s.dh_dh[3] * formula
        return formula

    refused_at_once(long, f"more than {MAX_FACTORS:,} factors")


@pytest.mark.parametrize(
    "grow",
    [lambda f: f.T, lambda f: 2 * f, lambda f: f + s.dh_dh[1]],
    ids=["transposed", "scaled", "added to"],
)
def test_what_is_multiplied_out_on_the_way_counts_too(grow: Callable[[Formula], Formula]) -> None:
    """A bracket of 2,048 products has few parts, and each further operation writes all of them anew."""

    def again_and_again() -> Formula:
        formula = s.dh_dh[1] + s.dh_dh[2]
        for _ in range(10):
            formula = formula * (s.dh_dh[1] + s.dh_dh[2])
        for _ in range(900):
            formula = grow(formula)
            last.append(formula)
        return formula

    last: list[Formula] = []
    refused_at_once(again_and_again, f"more than {MAX_FACTORS:,} factors")
    assert last[-1].nodes < MAX_NODES
    products(last[-1])


def test_a_formula_at_the_limit_is_multiplied_out_quickly() -> None:
    bracket = sum([(n + 1) * s.dh_dh[1 + n % 3] for n in range(100)], ZERO)
    formula = bracket * bracket
    assert formula.terms == MAX_TERMS
    assert len(products(formula)) == 9


@pytest.fixture
def shallow_stack() -> Iterator[None]:
    """Python's stack ends soon after what is on it now."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 150)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("shallow_stack")
def test_a_deep_formula_needs_no_deep_stack() -> None:
    """Deeper than Python's stack: a chain of products, each bracket in the one before."""
    depth = 400
    formula = s.dh_dh[1]
    for _ in range(depth):
        formula = s.dh_dh[1] * formula
    assert len(next(iter(products(formula)))) == depth + 1
    assert len(text(formula)) > depth
    assert len(latex(formula)) > depth
    arrays = encode(formula, "lstm")
    assert products(decode(**arrays, network="lstm", T=3)) == products(formula)


# As arrays


@given(formulas)
@settings(deadline=None, max_examples=60)
def test_a_formula_survives_its_way_through_arrays(formula: Formula) -> None:
    arrays = encode(formula, "lstm")
    assert {name: array.dtype.kind for name, array in arrays.items()} == {
        "nodes": "i",
        "numbers": "f",
    }
    back = decode(**arrays, network="lstm", T=3)
    assert text(back) == text(formula)
    assert products(back) == products(formula)
    assert (back.nodes, back.terms) == (formula.nodes, formula.terms)


def test_a_shared_part_crosses_once() -> None:
    part = s.dC_dWg[1] + s.dC_dC[1] * s.DC_DWg[0]
    assert len(encode(s.dh_dC[1] * part + s.dh_do[1] * part, "lstm")["nodes"]) == 10


def test_a_symbol_of_another_network_has_no_number() -> None:
    with pytest.raises(DerivationError, match="no partial derivative of this network"):
        encode(rnn(2).dL_dh[1], "lstm")


GOOD = encode(s.dh_dC[1] + 2 * s.dC_dC[1], "lstm")
TOO_LARGE = 2**62


@pytest.mark.parametrize(
    "nodes",
    [
        np.zeros((0, 3), dtype=np.int64),
        np.zeros(3, dtype=np.int64),
        np.zeros((2, 4), dtype=np.int64),
        np.zeros((2, 3)),
        np.zeros((2, 3), dtype=bool),
        np.zeros((MAX_NODES + 1, 3), dtype=np.int64),
        np.array(1),
        np.array([[1, 0, 0]]),  # dJ_dh[0]
        np.array([[1, 0, 99]]),
        np.array([[1, 0, TOO_LARGE]]),
        np.array([[1, 999, 1]]),
        np.array([[1, -1, 1]]),
        np.array([[2, 0, 0]]),  # a part of itself
        np.array([[1, 0, 1], [2, 0, 1]]),
        np.array([[1, 0, 1], [2, -1, 0]]),
        np.array([[1, 0, 1], [3, 0, 7]]),
        np.array([[1, 0, 1], [4, 0, 2]]),  # a factor that is not there
        np.array([[1, 0, 1], [4, 0, -1]]),
        np.array([[5, 0, 0]]),
        np.array([[6, 0, 0]]),
        np.array([[-1, 0, 0]]),
        np.array([[2**64 - 1, 0, 0]], dtype=np.uint64),
        np.array([[1, 0, 1], *([2, n, n] for n in range(60))]),  # 2^60 summands
        np.array([[1, 0, 1], [2, 0, 0], *([3, n, n] for n in range(1, 60))]),
    ],
    ids=str,
)
def test_arrays_that_hold_no_formula_are_refused_in_a_sentence(nodes: np.ndarray) -> None:
    with pytest.raises(DerivationError):
        decode(nodes, np.array([1.0, 2.0]), "lstm", 3)


@pytest.mark.parametrize(
    "numbers",
    [
        np.array(1.0),
        np.array([[1.0]]),
        np.array([1.0]),
        np.array([1.0, np.nan]),
        np.array([1.0, np.inf]),
        np.array([1.0, 1j]),
        np.array(["1", "2"]),
    ],
    ids=str,
)
def test_factors_that_are_no_numbers_are_refused(numbers: np.ndarray) -> None:
    with pytest.raises(DerivationError):
        decode(GOOD["nodes"], numbers, "lstm", 3)


@given(
    st.lists(st.tuples(st.integers(-1, 7), st.integers(-2, 80), st.integers(-2, 8)), max_size=12),
    st.lists(st.floats(), max_size=3),
)
@settings(deadline=None, max_examples=200)
def test_whatever_the_arrays_hold_it_is_a_formula_or_an_error_in_words(
    rows: list[tuple[int, int, int]], numbers: list[float]
) -> None:
    nodes = np.array(rows, dtype=np.int64).reshape(-1, 3)
    with contextlib.suppress(DerivationError):
        formula = decode(nodes, np.array(numbers, dtype=float), "lstm", 3)
        assert products(decode(**encode(formula, "lstm"), network="lstm", T=3)) == products(formula)


def test_this_module_is_a_tool() -> None:
    """It imports no chapter, and holds no path from a loss to a weight."""
    assert "dJ_dh" not in (derivation.__doc__ or "")
