"""An algebra of named partial derivatives, to write a derivation in.

A gradient through time is a sum of products, and every product follows one way through the network:

    s = lstm(T=3)
    s.dh_dC[2] * s.dC_dC[2]        # how h_2 depends on C_1 through C_2

A name says what is derived by what, a step in brackets says when. A small **d** is a *partial*
derivative, shown as ∂: only what happens inside that step counts, and what earlier steps left behind
(h_{t-1}, C_{t-1}) is held fixed. A capital **D** is a *total* one, shown as d: every way counts, through
all steps between. For a state at step t and a weight,

    dC_dWg[t]    immediate: W^g changes at step t alone
    DC_DWg[t]    total: W^g changes at every step up to t

The total one is given for the steps before the last, as what earlier steps left behind; at t = 0, the
initial state, it is zero.

Products keep their order, as those of matrices do: `a * b` is not `b * a` (`a @ b` is `a * b`).
The derivative of a vector y by a vector x has a row for each y and a column for each x, so the chain
rule reads from left to right, from the loss down to the weight.  `a.T` is a transposed.

The algebra is free: it knows no numbers, and which products are equal only by distributing,
`a * (b + c) == a * b + a * c`.  `products` does that; `encode` and `decode` turn a formula into two
arrays and back.
"""

from course.derivation.arrays import decode, encode
from course.derivation.formula import (
    MAX_FACTORS,
    MAX_NODES,
    MAX_TERMS,
    ZERO,
    DerivationError,
    Formula,
    Products,
    UnknownPartial,
    products,
)
from course.derivation.names import Family, Node, Partial, families, node_text
from course.derivation.symbols import Indexed, Symbols, lstm, rnn
from course.derivation.tree import fold, in_order
from course.derivation.writing import latex, summands, text

__all__ = [
    "MAX_FACTORS",
    "MAX_NODES",
    "MAX_TERMS",
    "ZERO",
    "DerivationError",
    "Family",
    "Formula",
    "Indexed",
    "Node",
    "Partial",
    "Products",
    "Symbols",
    "UnknownPartial",
    "decode",
    "encode",
    "families",
    "fold",
    "in_order",
    "latex",
    "lstm",
    "node_text",
    "products",
    "rnn",
    "summands",
    "text",
]
