"""Small networks as graphs: the nodes of all steps, with a Jacobian on every arrow between them.

    h_t = o_t tanh(C_t)    C_t = f_t C_{t-1} + i_t g_t    each gate of x_t U + h_{t-1} W + b
    h_t = tanh(a_t)        a_t = x_t W_xh + h_{t-1} W_hh + b_h        y_t = h_t W_hy

An arrow leads from what is derived to what it is derived by.  By the chain rule the derivative of one
node by another is the sum over all ways between them, of the products of the Jacobians on the way:
over all ways at all for a *total* derivative, over those inside one step for an *immediate* one.

A Jacobian has a row for each number of the upper node and a column for each of the lower one; a weight
is flattened row by row.  One sequence, not a batch.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from course.activations import sigmoid
from course.derivation import Node, Partial

Inputs: TypeAlias = Mapping[str, np.ndarray]
Path: TypeAlias = tuple[Node, ...]


class Network:
    """A graph with a matrix on every arrow.  `arrows[upper][lower]` is the Jacobian; `loss` is the top."""

    def __init__(
        self,
        loss: str,
        arrows: Mapping[Node, Mapping[Node, np.ndarray]],
        sizes: Mapping[str, int],
    ) -> None:
        self.loss: Node = (loss, None)
        self.arrows, self._sizes = arrows, sizes
        self._known: dict[tuple[Node, Node, int | None], np.ndarray] = {}
        self._arrived: dict[Node, np.ndarray] = {}

    def matrix(self, partial: Partial) -> np.ndarray:
        """What a factor of a formula stands for."""
        inside = None if partial.family.total else partial.t
        found = self.derivative(partial.top, partial.bottom, inside)
        return found.T if partial.flipped else found

    def fits(self, word: Sequence[Partial], weight: str) -> bool:
        """Is the product of these factors a matrix of the gradient's shape?"""
        ends = [n for p in word for n in ((p.bottom, p.top) if p.flipped else (p.top, p.bottom))]
        sizes = [self._sizes[letter] for letter, _ in (self.loss, *ends, (weight, None))]
        return all(one == other for one, other in zip(sizes[::2], sizes[1::2], strict=True))

    def derivative(self, upper: Node, lower: Node, inside: int | None = None) -> np.ndarray:
        """The sum over all ways from `upper` to `lower`; of those, if wanted, that stay in one step."""
        key = upper, lower, inside
        if key not in self._known:
            whole = np.zeros((self._sizes[upper[0]], self._sizes[lower[0]]))
            for node, jacobian in self.arrows.get(upper, {}).items():
                if node == lower:
                    whole = whole + jacobian
                elif inside is None or node[1] == inside:
                    whole = whole + jacobian @ self.derivative(node, lower, inside)
            self._known[key] = whole
        return self._known[key]

    def paths(self, upper: Node, lower: Node, inside: int | None = None) -> Iterator[Path]:
        """All ways from `upper` to `lower`, node by node."""
        for node in self.arrows.get(upper, {}):
            if node == lower:
                yield (upper, lower)
            elif inside is None or node[1] == inside:
                yield from ((upper, *rest) for rest in self.paths(node, lower, inside))

    def gradient(self, weight: str) -> np.ndarray:
        """The gradient of the loss by a weight, flattened: once backward through the graph.

        It goes another way than `derivative`: each node hands on what has arrived there, as
        backpropagation does.
        """
        if not self._arrived:
            self._arrived[self.loss] = np.ones(1)
            for upper in self._downward():
                for lower, jacobian in self.arrows.get(upper, {}).items():
                    more = self._arrived[upper] @ jacobian
                    self._arrived[lower] = self._arrived.get(lower, 0.0) + more
        return self._arrived[(weight, None)]

    def _downward(self) -> list[Node]:
        """All nodes below the loss, each before those that it leads to."""
        order: list[Node] = []

        def visit(node: Node) -> None:
            for lower in self.arrows.get(node, {}):
                if lower not in seen:
                    seen.add(lower)
                    visit(lower)
            order.append(node)

        seen = {self.loss}
        visit(self.loss)
        return order[::-1]


#: The inputs from which `lstm` makes a network, with their shapes: weights, biases, and `dJ_dh`, the
#: derivative of each step's own loss by its h.
LSTM_INPUTS = {
    "x": "T D",
    "h_0": "H",
    "C_0": "H",
    **{f"U^{gate}": "D H" for gate in "fiog"},
    **{f"W^{gate}": "H H" for gate in "fiog"},
    **{f"b^{gate}": "H" for gate in "fiog"},
    "dJ_dh": "T H",
}

#: The same for `rnn`; `dL_dy` is the derivative of each step's own loss by its output.
RNN_INPUTS = {
    "x": "T D",
    "h_0": "H",
    "W_xh": "D H",
    "W_hh": "H H",
    "b_h": "H",
    "W_hy": "H M",
    "dL_dy": "T M",
}


def lstm(inputs: Inputs) -> Network:
    """The graph of an LSTM, with the numbers that these inputs give."""
    x, h, C = inputs["x"], inputs["h_0"], inputs["C_0"]
    (T, D), H = x.shape, len(h)
    arrows: dict[Node, dict[Node, np.ndarray]] = {("J", None): {}}
    for t in range(1, T + 1):
        value = {}
        for gate in "fiog":
            W, U = inputs[f"W^{gate}"], inputs[f"U^{gate}"]
            a = x[t - 1] @ U + h @ W + inputs[f"b^{gate}"]
            value[gate] = np.tanh(a) if gate == "g" else sigmoid(a)
            slope = 1 - value[gate] ** 2 if gate == "g" else value[gate] * (1 - value[gate])
            arrows[gate, t] = {
                ("h", t - 1): slope[:, None] * W.T,
                ("W" + gate, None): _by_weight(h, slope),
                ("U" + gate, None): _by_weight(x[t - 1], slope),
            }
        C_next = value["f"] * C + value["i"] * value["g"]
        arrows["C", t] = {
            ("f", t): np.diag(C),
            ("i", t): np.diag(value["g"]),
            ("g", t): np.diag(value["i"]),
            ("C", t - 1): np.diag(value["f"]),
        }
        arrows["h", t] = {
            ("C", t): np.diag(value["o"] * (1 - np.tanh(C_next) ** 2)),
            ("o", t): np.diag(np.tanh(C_next)),
        }
        arrows["J", None]["h", t] = inputs["dJ_dh"][None, t - 1]
        C, h = C_next, value["o"] * np.tanh(C_next)
    weights = {**{"W" + gate: H * H for gate in "fiog"}, **{"U" + gate: D * H for gate in "fiog"}}
    return Network("J", arrows, {"J": 1, **dict.fromkeys("hCfiog", H), **weights})


def rnn(inputs: Inputs) -> Network:
    """The graph of a vanilla recurrent network, with the numbers that these inputs give."""
    x, h, W_xh, W_hh = (inputs[name] for name in ("x", "h_0", "W_xh", "W_hh"))
    (T, D), (H, M) = x.shape, inputs["W_hy"].shape
    arrows: dict[Node, dict[Node, np.ndarray]] = {("L", None): {}}
    for t in range(1, T + 1):
        arrows["a", t] = {
            ("h", t - 1): W_hh.T,
            ("W_hh", None): _by_weight(h, np.ones(H)),
            ("W_xh", None): _by_weight(x[t - 1], np.ones(H)),
        }
        h = np.tanh(x[t - 1] @ W_xh + h @ W_hh + inputs["b_h"])
        arrows["h", t] = {("a", t): np.diag(1 - h**2)}
        arrows["y", t] = {("h", t): inputs["W_hy"].T}
        arrows["L", None]["y", t] = inputs["dL_dy"][None, t - 1]
    sizes = {"L": 1, "y": M, "h": H, "a": H, "W_hh": H * H, "W_xh": D * H}
    return Network("L", arrows, sizes)


def _by_weight(v: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """squash(v W) by W: entry (j, (i, k)) is v_i slope_j where j = k, and zero elsewhere."""
    H = len(slope)
    return np.einsum("i,j,jk->jik", v, slope, np.eye(H)).reshape(H, len(v) * H)


#: By the name that a contract has for it: how a network is made, and from which inputs.
NETWORKS: Mapping[str, tuple[Callable[[Inputs], Network], Mapping[str, str]]] = {
    "lstm": (lstm, LSTM_INPUTS),
    "rnn": (rnn, RNN_INPUTS),
}


def network(name: str, inputs: Inputs) -> Network:
    """The network of that name with these numbers.  The last ones made are kept."""
    specs = NETWORKS[name][1]
    arrays = [np.ascontiguousarray(inputs[n], dtype=np.float64) for n in specs]
    return _made(name, tuple((array.shape, array.tobytes()) for array in arrays))


@functools.lru_cache(maxsize=128)
def _made(name: str, numbers: tuple[tuple[tuple[int, ...], bytes], ...]) -> Network:
    make, specs = NETWORKS[name]
    arrays = [np.frombuffer(data).reshape(shape) for shape, data in numbers]
    return make(dict(zip(specs, arrays, strict=True)))
