"""Makes a formula that crossed the border into what the judge compares and says."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

import numpy as np

from autograder.contract import Arrays, Case
from autograder.derivations.networks import Network, network
from autograder.derivations.sentences import explain, remark
from autograder.driver import Answer, Problem
from autograder.exercise import Told
from course.derivation import (
    DerivationError,
    Formula,
    decode,
    fold,
    products,
    summands,
    text,
)

#: How much of a formula is shown: lines, and characters of a line.
_LINES, _LONG = 6, 400


@dataclasses.dataclass(frozen=True)
class FormulaReading:
    """How an exercise reads formulas for the gradient of a network's loss by one of its weights."""

    network: str  # "lstm" or "rnn"
    weight: str  # "Wg", "W_hh": as in the names of `course.derivation`

    def value(self, answer: Answer, case: Case) -> Answer:
        """With the formula's value as its output, or, if it has none, what tells its products apart.

        A formula has no value if matrices do not fit, or if it is no derivative of the loss by the weight.
        """
        if answer.problem is not None:
            return answer
        try:
            formula = self._formula(answer, case)
        except DerivationError as error:
            return dataclasses.replace(answer, outputs={}, problem=Problem("type", str(error)))
        found = evaluate(formula, network(self.network, case.inputs))
        wanted = self.expected(case)["value"]
        if found is not None and not found.ndim:
            found = np.zeros((1, wanted.size))
        if found is None or found.shape != (1, wanted.size):
            return dataclasses.replace(answer, outputs={"products": fingerprint(formula)})
        return dataclasses.replace(answer, outputs={"value": found[0]})

    def expected(self, case: Case) -> Arrays:
        """The gradient, by going backward through the network."""
        return {"value": network(self.network, case.inputs).gradient(self.weight)}

    def tell(self, cases: Sequence[Case], answers: Sequence[Answer], right: bool) -> Told:
        """What to say of a formula beside that it is right or wrong, and how to show it."""

        def steps(pair: tuple[Case, Answer]) -> tuple[bool, int]:
            T = int(pair[0].inputs["T"])
            return T == 1, T  # few steps can be read, a single one has little to show

        case, answer = min(zip(cases, answers, strict=True), key=steps)
        try:
            formula = self._formula(answer, case)
        except DerivationError:
            return Told()
        graph = network(self.network, case.inputs)
        about = graph, self.weight, formula
        said = remark(*about) if right else " ".join(explain(*about))
        lines = [_clip(text(part)) for part in summands(formula)]
        if len(lines) > _LINES:
            lines = [*lines[: _LINES - 1], f"... and {len(lines) - _LINES + 1} more"]
        lines = [lines[0], *(line if line[0] in "-." else f"+ {line}" for line in lines[1:])]
        return Told(said, f"Your formula for T = {int(case.inputs['T'])}", tuple(lines))

    def _formula(self, answer: Answer, case: Case) -> Formula:
        nodes, numbers = answer.outputs.get("nodes"), answer.outputs.get("numbers")
        if nodes is None or numbers is None:
            raise DerivationError("no formula was handed over.")
        return decode(nodes, numbers, self.network, int(case.inputs["T"]))


def evaluate(formula: Formula, network: Network) -> np.ndarray | None:
    """The value of a formula, a matrix; a plain zero for none at all; None where matrices do not fit."""

    def visit(node: Formula, parts: list[np.ndarray | None]) -> np.ndarray | None:
        if any(part is None for part in parts):
            return None
        known = [part for part in parts if part is not None]
        match node.op:
            case "symbol":
                assert node.symbol is not None
                return network.matrix(node.symbol)
            case "scaled":
                return node.number * known[0]
            case "transposed":
                return known[0].T
            case "sum":
                one, other = known
                fits = one.shape == other.shape or not (one.ndim and other.ndim)
                return one + other if fits else None
            case "product":
                one, other = known
                if not (one.ndim and other.ndim):
                    return np.zeros(())
                return one @ other if one.shape[1] == other.shape[0] else None
        return np.zeros(())

    with np.errstate(all="ignore"):
        return fold(formula, visit)


def fingerprint(formula: Formula) -> np.ndarray:
    """Numbers that are equal for formulas with the same products; for others they never happen to be."""
    whole = np.zeros(32)
    with np.errstate(all="ignore"):
        for word, times in products(formula).items():
            told = " ".join(partial.text() for partial in word)
            digest = hashlib.sha256(told.encode()).digest()
            whole += times * np.frombuffer(digest, dtype=np.uint8)
    return whole


def _clip(line: str) -> str:
    return line if len(line) <= _LONG else line[:_LONG] + " ..."
