"""Formulas judged: the value decides, the paths explain, and only what is true is said.

Nothing here believes `paths`: what it says of a formula is measured again, by the value of the formula
on networks in which one path alone is alive.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derivation_variants import DJ_DWG, DJ_DWG_BY_GATE, VARIANTS_PS03, VARIANTS_PS05

from autograder import contract as contracts
from autograder.contract import Case, Expression, from_json, to_json
from autograder.derivations.networks import NETWORKS, Network, network
from autograder.derivations.paths import account, as_path, differences
from autograder.derivations.reading import evaluate
from autograder.derivations.sentences import explain
from autograder.driver import Answer, drive
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_arrays
from autograder.exercises.ps03.derivation import DL_DW_HH
from autograder.exercises.ps05.derivation import DJ_DWG as EXERCISE
from autograder.exercises.ps05.derivation import DJ_DWO, QUESTIONS, dJ_dWg, translated
from autograder.judge import Kind, Verdict, judge
from autograder.panel import verdict_panel
from autograder.prove.trial import mutants_of
from autograder.sandbox.child import Budget
from autograder.sandbox.execute import execute
from autograder.sandbox.launch import Level, why_not
from autograder.sandbox.library import library
from autograder.sandbox.messages import Cell, Question, pack
from autograder.sandbox.slot import slot
from course.derivation import (
    MAX_NODES,
    ZERO,
    DerivationError,
    Formula,
    Partial,
    Symbols,
    encode,
    families,
    lstm,
    node_text,
    products,
)

EXERCISES = (EXERCISE, DJ_DWO, DL_DW_HH)
VARIANTS = {**VARIANTS_PS03, **VARIANTS_PS05}
WEIGHTS = {"W^g": "Wg", "W^f": "Wf", "W^i": "Wi", "U^g": "Ug"}

each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
each_length = pytest.mark.parametrize("T", range(1, 7))


def verdict(exercise: Exercise, answer: Any, *secret: str) -> Verdict:
    cases = exercise.draw(*secret)
    answers = [exercise.drive(answer, case) for case in cases]
    return judge(exercise, cases, answers, secret=bool(secret))


def inputs_of(name: str, T: int, seed: int = 0, D: int = 2, H: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([seed, T])
    sizes = {"T": T, "D": D, "H": H, "M": 4}
    return {"T": np.array(T), **draw_arrays(rng, NETWORKS[name][1], sizes)}


def value(formula: Any, graph: Network) -> np.ndarray:
    found = evaluate(formula, graph)
    assert found is not None
    return found.ravel()


def agree(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-12) -> bool:
    return float(np.max(np.abs(a - b))) <= tolerance * float(np.max(np.abs(b)))


# The formula is exact


@each_length
@pytest.mark.parametrize("weight", WEIGHTS.values())
def test_the_discussion_s_formula_is_the_gradient(T: int, weight: str) -> None:
    graph = network("lstm", inputs_of("lstm", T))
    assert agree(value(translated(dJ_dWg, weight)(lstm(T)), graph), graph.gradient(weight))


@each_length
@each_exercise
def test_every_right_answer_is_the_gradient(exercise: Exercise, T: int) -> None:
    name, weight = exercise.reading.network, exercise.reading.weight  # type: ignore[union-attr]
    graph = network(name, inputs_of(name, T))
    for right in (exercise.reference, *(VARIANTS[exercise.id] if T < 6 else ())):
        assert agree(value(right(Symbols(name, T)), graph), graph.gradient(weight)), right


@each_length
def test_the_gradient_is_torch_s(T: int) -> None:
    torch = pytest.importorskip("torch")
    inputs = inputs_of("lstm", T)
    tensors = {
        n: torch.tensor(a, requires_grad=n[0] in "WU") for n, a in inputs.items() if n != "T"
    }
    h, C = tensors["h_0"], tensors["C_0"]
    loss = torch.zeros((), dtype=torch.float64)
    for t in range(T):
        a = {
            gate: tensors["x"][t] @ tensors[f"U^{gate}"] + h @ tensors[f"W^{gate}"]
            + tensors[f"b^{gate}"]
            for gate in "fiog"
        }  # fmt: skip
        C = torch.sigmoid(a["f"]) * C + torch.sigmoid(a["i"]) * torch.tanh(a["g"])
        h = torch.sigmoid(a["o"]) * torch.tanh(C)
        loss = loss + h @ tensors["dJ_dh"][t]
    loss.backward()
    graph = network("lstm", inputs)
    for weight in (matrix + gate for matrix in "WU" for gate in "fiog"):
        expected = tensors[f"{weight[0]}^{weight[1]}"].grad
        if float(expected.abs().max()):
            assert agree(graph.gradient(weight), expected.numpy().ravel()), weight


@each_length
def test_the_gradient_of_the_vanilla_network_is_torch_s(T: int) -> None:
    torch = pytest.importorskip("torch")
    inputs = inputs_of("rnn", T)
    tensors = {
        n: torch.tensor(a, requires_grad=n in ("W_hh", "W_xh"))
        for n, a in inputs.items()
        if n != "T"
    }
    h, loss = tensors["h_0"], torch.zeros((), dtype=torch.float64)
    for t in range(T):
        a = tensors["x"][t] @ tensors["W_xh"] + h @ tensors["W_hh"] + tensors["b_h"]
        h = torch.tanh(a)
        loss = loss + h @ tensors["W_hy"] @ tensors["dL_dy"][t]
    loss.backward()
    graph = network("rnn", inputs)
    for weight in ("W_hh", "W_xh"):
        assert agree(graph.gradient(weight), tensors[weight].grad.numpy().ravel())


@each_length
def test_the_gradient_is_that_of_the_course_s_own_lstm(T: int) -> None:
    chapter = pytest.importorskip("course.lstm")
    inputs = inputs_of("lstm", T)
    U, W, b = (
        chapter.stack(*(inputs[f"{letter}^{gate}"] for gate in chapter.GATES)) for letter in "UWb"
    )
    x, h0, c0 = inputs["x"][None], inputs["h_0"][None], inputs["C_0"][None]
    states = chapter.lstm_forward(x, h0, c0, U, W, b)
    arguments = {"x": x, "h0": h0, "c0": c0, "U": U, "W": W, "b": b, "states": states}
    arguments |= {"h": states.h, "c": states.c, "gates": states.gates}
    arguments |= {"dh": inputs["dJ_dh"][None], "dc_last": np.zeros_like(c0)}
    arguments |= {"dc": np.zeros_like(states.c)}
    import inspect

    names = inspect.signature(chapter.lstm_backward).parameters
    found = chapter.lstm_backward(**{n: arguments[n] for n in names if n in arguments})
    graph = network("lstm", inputs)
    for matrix in "WU":
        by_gate = chapter.split(getattr(found, f"d{matrix}"))
        for gate in chapter.GATES:
            expected = getattr(by_gate, gate).ravel()
            if np.any(expected):
                assert agree(graph.gradient(matrix + gate), expected)


@each_length
@pytest.mark.parametrize("name", NETWORKS)
def test_every_partial_derivative_is_what_finite_differences_say_of_the_total(
    name: str, T: int
) -> None:
    """The total dJ/dh_0, measured by moving h_0."""
    inputs = inputs_of(name, T)
    loss, upstream = ("J", "dJ_dh") if name == "lstm" else ("L", "dL_dy")

    def whole(h_0: np.ndarray) -> float:
        graph = network(name, {**inputs, "h_0": h_0})
        # The Jacobian of a step's own loss is constant: the loss itself is linear in h or y.
        total = 0.0
        for t in range(1, T + 1):
            total += float(inputs[upstream][t - 1] @ state(graph, name, {**inputs, "h_0": h_0}, t))
        return total

    def state(graph: Network, name: str, inputs: Any, t: int) -> np.ndarray:
        h = inputs["h_0"]
        if name == "rnn":
            for k in range(t):
                h = np.tanh(inputs["x"][k] @ inputs["W_xh"] + h @ inputs["W_hh"] + inputs["b_h"])
            return h @ inputs["W_hy"]
        C = inputs["C_0"]
        for k in range(t):
            a = {
                g: inputs["x"][k] @ inputs[f"U^{g}"] + h @ inputs[f"W^{g}"] + inputs[f"b^{g}"]
                for g in "fiog"
            }
            f, i, o = (1 / (1 + np.exp(-a[g])) for g in "fio")
            C = f * C + i * np.tanh(a["g"])
            h = o * np.tanh(C)
        return h

    graph = network(name, inputs)
    found = value(getattr(Symbols(name, T), f"D{loss}_Dh")[0], graph)
    eps = 1e-6
    measured = [
        (whole(inputs["h_0"] + eps * unit) - whole(inputs["h_0"] - eps * unit)) / (2 * eps)
        for unit in np.eye(len(inputs["h_0"]))
    ]
    assert np.allclose(found, measured, rtol=1e-6, atol=1e-8)


# Right answers


@each_exercise
def test_right_answers_get_full_points(exercise: Exercise) -> None:
    for right in (exercise.reference, *VARIANTS[exercise.id]):
        for secret in ((), ("secret",)):
            found = verdict(exercise, right, *secret)
            assert (found.kind, found.points) == (Kind.CORRECT, exercise.points), found.message


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_weight_that_may_be_drawn_is_an_exercise_of_its_own(name: str) -> None:
    exercise, weight = QUESTIONS[name], WEIGHTS[name]
    assert node_text((weight, None)) == name
    for right in (dJ_dWg, *DJ_DWG):
        assert verdict(exercise, translated(right, weight)).kind == Kind.CORRECT
        for other in set(WEIGHTS.values()) - {weight}:
            assert verdict(exercise, translated(right, other)).kind != Kind.CORRECT
    for mistake in exercise.mistakes:
        assert verdict(exercise, mistake.answer).diagnosis == mistake.name
        assert "W^g" not in mistake.diagnosis.replace(name, "")
    if weight[1] == "g":
        for right in DJ_DWG_BY_GATE:
            assert verdict(exercise, translated(right, weight)).kind == Kind.CORRECT


def test_the_sum_over_all_ways_arrow_by_arrow_is_right() -> None:
    """The longest right answer that somebody may write: 182 products for 4 steps."""

    def cell(s: Symbols, t: int) -> Any:
        if t == 0:
            return 0
        ways = s.dC_dg[t] * (s.dg_dWg[t] + s.dg_dh[t] * state(s, t - 1))
        ways += s.dC_df[t] * s.df_dh[t] * state(s, t - 1) + s.dC_di[t] * s.di_dh[t] * state(
            s, t - 1
        )
        return ways + s.dC_dC[t] * cell(s, t - 1)

    def state(s: Symbols, t: int) -> Any:
        if t == 0:
            return 0
        return s.dh_dC[t] * cell(s, t) + s.dh_do[t] * s.do_dh[t] * state(s, t - 1)

    found = verdict(EXERCISE, lambda s: sum(s.dJ_dh[t] * state(s, t) for t in s.steps))
    assert (found.kind, found.points) == (Kind.CORRECT, EXERCISE.points)


def test_diagonal_factors_in_another_order_are_right_and_remarked_upon() -> None:
    swapped = next(v for v in DJ_DWG if "exchanged" in v.__name__)
    found = verdict(EXERCISE, swapped)
    assert (found.kind, found.points) == (Kind.CORRECT, EXERCISE.points)
    assert "diagonal matrices may change places" in found.message
    assert "As a path it reads ∂J/∂h_2 · ∂h_2/∂C_2 · ∂C_2/∂C_1" in found.message
    assert verdict(EXERCISE, dJ_dWg).message == ""


# Rewriting: what stays equal is accepted, what does not is refused

Tree = tuple[Any, ...]  # ("symbol", name, t), ("number", x, tree), or (operation, tree, ...)


def as_tree(formula: Formula) -> Tree:
    if formula.op == "symbol":
        assert formula.symbol is not None
        return ("symbol", formula.symbol.family.name, formula.symbol.t)
    parts = tuple(map(as_tree, formula.parts))
    return ("scaled", formula.number, *parts) if formula.op == "scaled" else (formula.op, *parts)


def as_formula(tree: Tree, s: Symbols) -> Any:
    match tree:
        case ("symbol", name, t):
            return getattr(s, name)[t]
        case ("scaled", number, part):
            return number * as_formula(part, s)
        case ("sum", a, b):
            return as_formula(a, s) + as_formula(b, s)
        case ("product", a, b):
            return as_formula(a, s) * as_formula(b, s)
        case ("transposed", a):
            return as_formula(a, s).T
    return ZERO


def places(tree: Tree) -> Iterator[tuple[int, ...]]:
    yield ()
    for n, part in enumerate(tree):
        if isinstance(part, tuple):
            yield from ((n, *rest) for rest in places(part))


def at(tree: Tree, place: tuple[int, ...]) -> Tree:
    return functools.reduce(lambda node, n: node[n], place, tree)


def put(tree: Tree, place: tuple[int, ...], new: Tree) -> Tree:
    if not place:
        return new
    n, *rest = place
    return (*tree[:n], put(tree[n], tuple(rest), new), *tree[n + 1 :])


LSTM, RNN = families("lstm"), families("rnn")


def is_diagonal(tree: Tree) -> bool:
    return tree[0] == "symbol" and {**LSTM, **RNN}[tree[1]].diagonal


def definition(tree: Tree) -> Tree | None:
    """What a composite derivative is made of."""
    match tree:
        case ("symbol", "dh_dh", t):
            through_C = ("product", ("symbol", "dh_dC", t), ("symbol", "dC_dh", t))
            through_o = ("product", ("symbol", "dh_do", t), ("symbol", "do_dh", t))
            return ("sum", through_C, through_o)
        case ("symbol", "dC_dWg", t):
            return ("product", ("symbol", "dC_dg", t), ("symbol", "dg_dWg", t))
        case ("symbol", "DC_DWg", t) if t > 0:
            carried = ("product", ("symbol", "dC_dC", t), ("symbol", "DC_DWg", t - 1))
            through_h = ("product", ("symbol", "dC_dh", t), ("symbol", "Dh_DWg", t - 1))
            return ("sum", ("sum", carried, ("symbol", "dC_dWg", t)), through_h)
    return None


def equal_forms(tree: Tree) -> list[Tree]:
    """What may stand in the place of a part without changing the value."""
    zero = ("sum", tree, ("scaled", -1.0, tree))
    forms: list[Tree] = [
        ("sum", tree, ("zero",)),
        ("scaled", 2.0, ("scaled", 0.5, tree)),
        ("sum", zero, tree),
        ("transposed", ("transposed", tree)),
        ("sum", ("scaled", 0.25, tree), ("scaled", 0.75, tree)),
    ]
    match tree:
        case ("sum", a, b):
            forms.append(("sum", b, a))
            if a[0] == "sum":
                forms.append(("sum", a[1], ("sum", a[2], b)))
            if a[0] == b[0] == "product" and a[1] == b[1]:
                forms.append(("product", a[1], ("sum", a[2], b[2])))
            if a[0] == b[0] == "product" and a[2] == b[2]:
                forms.append(("product", ("sum", a[1], b[1]), a[2]))
        case ("product", a, b):
            if a[0] == "sum":
                forms.append(("sum", ("product", a[1], b), ("product", a[2], b)))
            if b[0] == "sum":
                forms.append(("sum", ("product", a, b[1]), ("product", a, b[2])))
            if a[0] == "product":
                forms.append(("product", a[1], ("product", a[2], b)))
            if b[0] == "product":
                forms.append(("product", ("product", a, b[1]), b[2]))
            if is_diagonal(a) and is_diagonal(b):
                forms.append(("product", b, a))
            forms.append(("transposed", ("product", ("transposed", b), ("transposed", a))))
        case ("symbol", *_):
            forms += [d] if (d := definition(tree)) else []
            forms += [("transposed", tree)] if is_diagonal(tree) else []
    return forms


def rewritten(rng: np.random.Generator, formula: Formula, times: int) -> Tree:
    tree = as_tree(formula)
    for _ in range(times):
        where = list(places(tree))
        place = where[rng.integers(len(where))]
        forms = equal_forms(at(tree, place))
        if len(list(places(tree))) < 250:
            tree = put(tree, place, forms[rng.integers(len(forms))])
    return tree


@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_formulas_rewritten_at_random_are_all_accepted(seed: int) -> None:
    """Twenty for each seed: distributed, factored, regrouped, reordered, with x - x put in."""
    rng = np.random.default_rng(seed)
    starts = (dJ_dWg, *DJ_DWG)
    for _ in range(20):
        start, random = starts[rng.integers(len(starts))], int(rng.integers(2**31))

        def answer(s: Symbols, start: Any = start, random: int = random) -> Any:
            tree = rewritten(np.random.default_rng(random), start(s), times=12)
            return as_formula(tree, s)

        found = verdict(EXERCISE, answer)
        assert found.kind == Kind.CORRECT, (random, found.message)


def edits(rng: np.random.Generator, tree: Tree, T: int) -> Tree:
    """One part that is another: left out, doubled, of the other sign, exchanged for a neighbour."""
    where = list(places(tree))
    place = where[rng.integers(len(where))]
    part = at(tree, place)
    changed: list[Tree] = [("scaled", -1.0, part), ("scaled", 2.0, part), ("transposed", part)]
    if part[0] == "symbol":
        names = list(LSTM)
        near = [n for n in names if LSTM[n].top == LSTM[part[1]].top]
        for pool in (names, near):
            changed.append(("symbol", pool[rng.integers(len(pool))], part[2]))
        changed += [("symbol", part[1], part[2] + 1), ("symbol", part[1], part[2] - 1)]
    if part[0] in ("sum", "product"):
        changed += [part[1], part[2]]
        changed += [("product" if part[0] == "sum" else "sum", part[1], part[2])]
    if part[0] == "product":
        changed += [("product", part[2], part[1])]
    return put(tree, place, changed[rng.integers(len(changed))])


def counted(formula: Any, graph: Network, path: tuple[Any, ...]) -> float:
    """How often a formula follows a path, by its value on networks with that path's arrows alone.

    The part of the value that needs every one of these arrows: by inclusion and exclusion over them.
    """
    steps = list(itertools.pairwise(path))
    whole: Any = 0.0
    for kept in itertools.product((False, True), repeat=len(steps)):
        alive = {step for step, is_kept in zip(steps, kept, strict=True) if is_kept}
        arrows = {
            upper: {
                lower: jacobian * ((upper, lower) in alive) for lower, jacobian in lowers.items()
            }
            for upper, lowers in graph.arrows.items()
        }
        found = evaluate(formula, Network(graph.loss[0], arrows, graph._sizes))
        assert found is not None
        whole = whole + (-1) ** (len(steps) - sum(kept)) * found
    once = functools.reduce(np.matmul, (graph.arrows[upper][lower] for upper, lower in steps))
    largest = np.unravel_index(np.argmax(np.abs(once)), once.shape)
    return float(np.broadcast_to(whole, once.shape)[largest] / once[largest])


def begins_like(path: tuple[Any, ...], start: tuple[Any, ...]) -> bool:
    """Does a path begin so, perhaps with more nodes inside the steps?"""
    rest = iter(path)
    before = next(rest)
    if before != start[0]:
        return False
    for node in start[1:]:
        for passed in rest:
            if passed == node:
                break
            if passed[0] in "hC" and passed[1] != before[1]:
                return False  # that would leave the step
        else:
            return False
        before = node
    return True


@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_formulas_edited_at_random_are_all_refused_and_for_a_true_reason(
    seed: int,
) -> None:
    """Twenty for each seed.  A mistake that is named is that mistake on fresh networks too, a path
    that is said to be missing or to count twice is measured, and a product that is said to be no path
    stands in the formula and does not hang together."""
    rng = np.random.default_rng([7, seed])
    tried = 0
    while tried < 20:
        random, T = int(rng.integers(2**31)), 3
        starts = (dJ_dWg, dJ_dWg, DJ_DWG[0], DJ_DWG[3])
        start = starts[rng.integers(len(starts))]

        def edited(s: Symbols, start: Any = start, random: int = random) -> Any:
            return as_formula(edits(np.random.default_rng(random), as_tree(start(s)), s.T), s)

        try:
            formulas = {n: edited(lstm(n)) for n in (3, 4, 5)}
        except DerivationError:
            continue  # an index out of range: no formula at all
        differs = False
        for n, formula in formulas.items():
            graph = network("lstm", inputs_of("lstm", n, seed=99, D=4, H=2))
            found = evaluate(formula, graph)
            right = graph.gradient("Wg")
            fits = found is not None and found.shape == (1, right.size)
            differs = differs or not fits or not agree(found.ravel(), right, 1e-6)  # type: ignore
        result = verdict(EXERCISE, edited)
        if not differs:
            continue  # a diagonal transposed, a zero doubled: no error either
        tried += 1
        assert result.kind in (Kind.WRONG, Kind.PARTLY, Kind.RAISED), random
        if result.diagnosis:
            mistake = next(m for m in EXERCISE.mistakes if m.name == result.diagnosis)
            assert same_on_fresh_networks(edited, mistake), (random, mistake.name)
        graph = network("lstm", inputs_of("lstm", T, seed=1, D=3, H=2))
        check_paths(formulas[T], graph)


def same_on_fresh_networks(answer: Any, mistake: Mistake) -> bool:
    reading = EXERCISE.reading
    assert reading is not None
    for seed in range(3):
        for T in (3, 4, 5):
            case = Case(inputs_of("lstm", T, seed=50 + seed))
            one, other = (
                reading.value(EXERCISE.drive(a, case), case) for a in (answer, mistake.answer)
            )
            if one.outputs.keys() != other.outputs.keys():
                return False
            if not all(agree(one.outputs[n], other.outputs[n], 1e-9) for n in one.outputs):
                return False
    return True


def check_paths(formula: Any, graph: Network) -> None:
    end = ("Wg", None)
    found = account(graph, "Wg", formula)
    assert found is not None
    whole = products(formula)
    for word in found.strays:
        assert not any(hangs_together(w, graph.loss, end) for w in with_diagonals_moved(word))
    kept: Any = sum(
        times * functools.reduce(lambda a, b: a * b, map(as_symbol, word))
        for word, times in whole.items()
        if word not in found.strays and not any(p.family.spared and not p.t for p in word)
    )
    formula = kept + ZERO
    rng = np.random.default_rng(0)
    paths = list(graph.paths(graph.loss, end))
    told = differences(graph, "Wg", found.counts)
    for difference in told[:4]:
        begun = [path for path in paths if begins_like(path, difference.start)]
        assert begun, difference
        path = begun[rng.integers(len(begun))]
        if len(path) <= 8:
            assert counted(formula, graph, path) == pytest.approx(difference.times, abs=1e-6)
    others = [p for p in paths if not any(begins_like(p, d.start) for d in told) and len(p) <= 7]
    for path in others[:2]:
        assert counted(formula, graph, path) == pytest.approx(1.0, abs=1e-6)


def as_symbol(partial: Partial) -> Formula:
    symbol: Formula = getattr(lstm(9), partial.family.name)[partial.t]
    return symbol.T if partial.flipped else symbol


def with_diagonals_moved(word: tuple[Partial, ...]) -> list[tuple[Partial, ...]]:
    """Every order in which neighbours that are diagonal can stand."""
    blocks = [
        list(itertools.permutations(group)) if diagonal else [tuple(group)]
        for diagonal, group in itertools.groupby(word, lambda p: p.family.diagonal)
    ]
    return [tuple(itertools.chain(*choice)) for choice in itertools.product(*blocks)]


def hangs_together(word: tuple[Partial, ...], start: Any, end: Any) -> bool:
    """Do the factors fit end to end as they stand?"""
    ends = [start, *itertools.chain.from_iterable((p.top, p.bottom) for p in word), end]
    return all(a == b for a, b in zip(ends[::2], ends[1::2], strict=True)) and not any(
        p.flipped for p in word if not p.family.diagonal
    )


# What is said


def said(answer: Callable[[Symbols], Any], T: int = 3) -> str:
    graph = network("lstm", inputs_of("lstm", T))
    return " ".join(explain(graph, "Wg", answer(lstm(T))))


def test_a_missing_path_is_named() -> None:
    found = said(
        lambda s: sum(
            s.dJ_dh[t] * (s.dh_dC[t] * s.dC_dWg[t] + s.dh_dh[t] * s.Dh_DWg[t - 1]) for t in s.steps
        )
    )
    assert found == (
        "The path J → h_t → C_t → C_{t-1} ⇒ W^g is missing for t = 2 and 3. "
        "Here ⇒ stands for every way on."
    )


def test_a_path_that_counts_twice_is_named() -> None:
    found = said(lambda s: dJ_dWg(s) + s.dJ_dh[2] * s.dh_dC[2] * s.dC_dWg[2])
    assert found == "The path J → h_2 → C_2 → W^g counts twice instead of once."


def test_a_product_that_is_no_path_is_named_with_the_place_where_it_breaks() -> None:
    found = said(lambda s: dJ_dWg(s) + s.dJ_dh[2] * s.dh_do[2] * s.dC_dWg[2])
    assert found == (
        "The product ∂J/∂h_2 · ∂h_2/∂o_2 · ∂C_2/∂W^g is no path: "
        "∂h_2/∂o_2 leads to o_2, and ∂C_2/∂W^g begins at C_2."
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (lambda s: s.dC_dWg[2] * s.dh_dC[2] * s.dJ_dh[2], "in reverse order"),
        (lambda s: s.dJ_dh[2] * s.dC_dh[2] * s.dh_dC[2] * s.Dh_DWg[1], "in the wrong order"),
        (lambda s: s.dJ_dh[2] * s.dh_dh[2].T * s.Dh_DWg[1], "(∂h_2/∂h_1)ᵀ is transposed"),
        (lambda s: s.dh_dC[2] * s.dC_dWg[2], "it begins at h_2 and not at J"),
        (lambda s: s.dJ_dh[2] * s.dh_dC[2], "it ends at C_2 and not at W^g"),
        (lambda s: s.dJ_dh[2] * s.dh_dC[2] * s.dC_dWf[2], "it ends at W^f and not at W^g"),
    ],
)
def test_why_a_product_is_no_path(more: Callable[[Symbols], Any], says: str) -> None:
    assert says in said(lambda s: dJ_dWg(s) + more(s))


def test_signs_means_and_nothing_at_all() -> None:
    assert said(lambda s: -dJ_dWg(s)) == "Every path from J to W^g has the wrong sign."
    assert (
        said(lambda s: dJ_dWg(s) / 4)
        == "Every path from J to W^g counts 0.25 times instead of once."
    )
    assert said(lambda s: ZERO) == "Every path from J to W^g is missing."
    assert said(dJ_dWg) == ""


def test_cancelled_products_are_not_spoken_of() -> None:
    def answer(s: Symbols) -> Any:
        stray = s.dC_dWg[1] * s.dJ_dh[1]
        return dJ_dWg(s) + stray - stray

    assert said(answer) == ""
    assert verdict(EXERCISE, answer).kind != Kind.CORRECT  # its matrices do not fit, all the same


def test_diagonal_factors_are_put_in_the_order_of_a_path() -> None:
    s = lstm(3)
    word = next(iter(products(s.dJ_dh[2] * s.dC_dC[2] * s.dh_dC[2].T * s.dC_dWg[1])))
    path = as_path(word, ("J", None), ("Wg", None))
    assert path is not None
    assert [p.family.name for p in path] == ["dJ_dh", "dh_dC", "dC_dC", "dC_dWg"]
    assert as_path(word[::-1], ("J", None), ("Wg", None)) is None


def test_a_verdict_shows_the_formula_and_the_path_and_no_number_of_a_secret_case() -> None:
    mistake = next(m for m in EXERCISE.mistakes if "carry" in m.name)
    for secret in ((), ("secret",)):
        found = verdict(EXERCISE, mistake.answer, *secret)
        assert not found.numbers
        panel = verdict_panel(found, EXERCISE.title)
        for shown in (" ".join(panel.text().split()), panel.html()):
            assert "J → h_t → C_t → C_{t-1} ⇒ W^g is missing" in shown
            assert "Your formula for T = 3" in shown
            assert "∂h_2/∂C_2 · ∂C_2/∂W^g" in shown
    assert verdict(EXERCISE, mistake.answer).message == found.message


@each_exercise
def test_messages_are_short_enough_to_be_read(exercise: Exercise) -> None:
    for mistake in exercise.mistakes:
        found = verdict(exercise, mistake.answer)
        assert len(found.message) < 520, mistake.name
        assert "  " not in found.message


# Wrong kinds of answers


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "dJ_dWg is None"),
        (3, "it should be a function"),
        (lambda s: None, "Is a return missing?"),
        (lambda s: 5, "gave an int"),
        (lambda s: "W", "gave a str"),
        (lambda s: s.dJ_dh, "gave no formula: dJ_dh lacks its step"),
        (lambda s: [s.dJ_dh[1]], "gave a list"),
        (lambda s: s.dJ_dh[1] + 1, "you add the number 1"),
        (lambda s: s.nothing[1], "there is no partial derivative nothing"),
        (lambda s: s.dh_dC[0], "there is no dh_dC[0]"),
        (lambda s: s.dJ_dh[s.T] * s.Dh_DWg[s.T], "is not given: what all steps together do"),
        (lambda s: Symbols("rnn", 1).dL_dh[1], "no partial derivative of this network"),
        (lambda s: lstm(9).dJ_dh[9] * lstm(9).Dh_DWg[0], "there is no dJ_dh[9]"),
        (lambda: 0, "takes 0 positional arguments"),
    ],
)
def test_what_is_no_formula_is_said_in_words_at_home_and_when_it_counts(
    answer: Any, says: str
) -> None:
    for secret in ((), ("secret",)):
        found = verdict(EXERCISE, answer, *secret)
        assert found.kind in (Kind.WRONG, Kind.RAISED)
        assert found.points == 0
        assert says in found.message
        assert found.shown == ("", ())


def test_a_zero_is_a_formula_and_wrong() -> None:
    for answer in (lambda s: 0, lambda s: 0.0, lambda s: sum([]), lambda s: 0 * s.dJ_dh[1]):
        found = verdict(EXERCISE, answer)
        assert (found.kind, found.points) == (Kind.WRONG, 0)


def test_an_answer_that_is_not_written_is_not_attempted() -> None:
    def stub(s: Symbols) -> Any:
        raise NotImplementedError

    assert verdict(EXERCISE, stub).kind == Kind.NOT_ATTEMPTED


def test_a_formula_that_grows_without_end_is_refused_quickly() -> None:
    def doubled(s: Symbols) -> Any:
        formula = s.dJ_dh[1]
        for _ in range(200):
            formula = formula + formula
        return formula

    found = verdict(EXERCISE, doubled)
    assert (found.kind, found.points) == (Kind.RAISED, 0)
    assert f"more than {MAX_NODES:,} parts" in found.message


NODES = encode(dJ_dWg(lstm(3)), "lstm")["nodes"]


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"nodes": NODES},
        {"nodes": NODES, "numbers": np.array("1")},
        {"nodes": NODES.astype(float), "numbers": np.ones(1)},
        {"nodes": NODES.ravel(), "numbers": np.ones(1)},
        {"nodes": NODES[:, :2], "numbers": np.ones(1)},
        {"nodes": NODES[::-1], "numbers": np.ones(1)},
        {"nodes": np.full((3, 3), 2**62), "numbers": np.ones(1)},
        {"nodes": np.zeros((0, 3), dtype=np.int64), "numbers": np.ones(0)},
        {"nodes": np.array([[1, 0, 1], *([2, n, n] for n in range(90))]), "numbers": np.ones(1)},
        {"nodes": np.array([[1, 0, 1], [4, 0, 0]]), "numbers": np.array([np.inf])},
        {"nodes": np.array([[1, 0, 1], [4, 0, 0], [4, 1, 0]]), "numbers": np.array([1e308])},
        {"value": np.ones(9)},
    ],
    ids=str,
)
def test_forged_arrays_are_a_wrong_answer_and_never_an_error(outputs: dict[str, Any]) -> None:
    cases = EXERCISE.draw("secret")
    found = judge(EXERCISE, cases, [Answer(dict(outputs)) for _ in cases])
    assert (found.kind, found.points) == (Kind.WRONG, 0)
    assert found.message


# The contract, and its way through the sandbox


@each_exercise
def test_the_contract_survives_json_and_reads_the_number_of_steps_alone(exercise: Exercise) -> None:
    contract = exercise.contract
    assert from_json(json.loads(json.dumps(to_json(contract)))) == contract
    assert contracts.argument_specs(contract) == {"T": "int"}
    header, arrays = pack(Question(exercise.id, contract, exercise.draw("secret")))
    assert all(case["inputs"] == ["T"] for case in header["cases"])
    assert {name.partition("/")[2] for name in arrays} == {"T"}


@each_exercise
def test_cases_hold_random_dense_networks_of_unequal_sizes(exercise: Exercise) -> None:
    lengths = [int(case.inputs["T"]) for case in exercise.public_cases]
    assert sorted(lengths) == [1, 3, 4, 4, 4]
    for case in exercise.draw("a secret"):
        T, D = case.inputs["x"].shape
        H = len(case.inputs["h_0"])
        assert len({T, D, H}) == 3
        numbers = np.concatenate([a.ravel() for n, a in case.inputs.items() if n != "T"])
        assert np.all(numbers)
        assert len(np.unique(numbers)) == len(numbers)


SOURCE = """
from autograder import check
def dJ_dWg(s):
    return sum(s.dJ_dh[t] * (s.dh_dC[t] * (s.dC_dWg[t] + s.dC_dC[t] * s.DC_DWg[t-1])
                             + s.dh_dh[t] * s.Dh_DWg[t-1]) for t in s.steps)
check("dJ_dWg", dJ_dWg)
"""


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    with library("ps05", ("course.lstm", "course.rnn", "torch")) as folder:
        yield folder


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (SOURCE, Kind.CORRECT),
        (SOURCE.replace("s.dC_dC[t] * ", ""), Kind.PARTLY),
        (SOURCE.replace("dh_dC[t]", "dh_dc[t]"), Kind.RAISED),
    ],
)
@pytest.mark.parametrize("level", list(Level))
def test_a_formula_crosses_the_sandbox(
    packages: Path, level: Level, source: str, kind: Kind
) -> None:
    if why := why_not(level):
        pytest.skip(why)
    cases = EXERCISE.draw("secret")
    cell = Cell("cell", source, (Question(EXERCISE.id, EXERCISE.contract, cases),))
    budget = Budget(cell_seconds=20, exercise_seconds=20, notebook_seconds=60, start_seconds=60)
    with slot(packages, level) as own:
        reply = execute([cell], own, budget).replies[EXERCISE.id]
    assert reply.answers is not None, reply.ended
    found = judge(EXERCISE, cases, reply.answers)
    assert found.kind == kind, found.message
    if kind == Kind.RAISED:
        assert "Did you mean dh_dC?" in found.message


def test_driving_leaves_nothing_but_two_arrays() -> None:
    answer = drive(Expression("dJ_dWg", "lstm"), dJ_dWg, {"T": np.array(3)})
    assert set(answer.outputs) == {"nodes", "numbers"}
    assert answer.problem is None
    assert answer.again is None


# The check itself


def test_mutants_of_a_formula_exchange_its_derivatives_for_all_others() -> None:
    described = {mutant.description.partition(": ")[2] for mutant in mutants_of(EXERCISE)}
    assert described >= {f"s.dJ_dh[t] -> s.{name}[t]" for name in set(LSTM) - {"dJ_dh"}}
    assert "s.dJ_dh[t] -> s.dJ_dh[t - 1]" in described


def test_readings_are_of_the_exercise_s_own_network() -> None:
    for exercise in EXERCISES:
        assert isinstance(exercise.contract, Expression)
        assert dataclasses.asdict(exercise.reading)["network"] == exercise.contract.network  # type: ignore
