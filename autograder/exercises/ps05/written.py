"""ps05 `immediate_or_total`: how the written question about the two kinds of derivative is marked."""

from __future__ import annotations

from autograder.exercise import Criterion, Sample, Written

IMMEDIATE_OR_TOTAL = Written(
    id="immediate_or_total",
    title="Immediate or total",
    minutes=20,
    difficulty=2,
    criteria=(
        Criterion(
            3,
            "The two kinds: an immediate derivative of C_t by W^g lets the weight change at step t "
            "alone and holds what the step before left (h_(t-1) and C_(t-1)) fixed; a total one "
            "lets it change at every step up to t, so all ways from the weight to C_t count.",
        ),
        Criterion(
            2,
            "Which is which: dC_t/dW^g is immediate; dC_(t-1)/dW^g and dh_(t-1)/dW^g are total, "
            "and zero for t = 1, since h_0 and C_0 do not depend on the weight; dJ/dh_t is direct, "
            "the loss of step t alone.",
        ),
        Criterion(
            3,
            "What is held fixed: in dh_t/dC_t the output gate o_t; in dC_t/dC_(t-1) the state "
            "h_(t-1), so that it is f_t; in dh_t/dh_(t-1) the cell C_(t-1), so that it goes "
            "through all four gates, and reaches h_t by C_t and by o_t. (Two of the three with "
            "their reason earn this.)",
        ),
        Criterion(
            2,
            "Why mixing fails: a way is counted twice or not at all. For instance with the total "
            "dJ/dh_t, which holds later losses already, beside totals of t - 1; or with a total "
            "dC_t/dW^g, which holds the carry already, beside the carry term.",
        ),
    ),
    samples=(
        Sample(
            "Immediate means that I nudge W^g in step t only and keep h_(t-1) and C_(t-1) as they "
            "are; total means that I nudge it in all steps, so the old state moves too. In the "
            "formula dC_t/dW^g is immediate. dC_(t-1)/dW^g and dh_(t-1)/dW^g are total, they "
            "collect the history and begin with zero at t = 1. dJ/dh_t is the loss of step t only. "
            "dh_t/dC_t keeps o_t fixed, which is why it is o_t (1 - tanh^2 C_t). dC_t/dC_(t-1) "
            "keeps h_(t-1) fixed; otherwise the gates would move and it would not be f_t. "
            "dh_t/dh_(t-1) keeps C_(t-1) fixed but nothing else, so it has a part through f, i and "
            "g into C_t and one through o_t. If I took the total dJ/dh_t, in which h_t acts on "
            "J_(t+1) as well, then the term of step t + 1, whose totals of step t hold the same "
            "way, would count it again.",
            (1, 2, 3, 4),
            "All four. The last sentence names the way that is counted twice, which is what shows "
            "that the difference is understood and not only remembered.",
        ),
        Sample(
            "An immediate derivative only looks at one time step: the previous hidden state and "
            "cell are constants. A total derivative also differentiates those, because they were "
            "computed with the same weights. So dC_t/dW^g in the bracket is immediate and the two "
            "derivatives with index t - 1 on top are total; at the first step they are zero. "
            "dJ/dh_t means the loss at this step only, since the sum over t takes care of the "
            "others. One must not mix them up.",
            (1, 2),
            "The two kinds and which is which, with reasons. What is held fixed in dh_t/dC_t, "
            "dC_t/dC_(t-1) and dh_t/dh_(t-1) is missing, and so is what happens if one mixes.",
        ),
        Sample(
            "dC_t/dW^g is immediate. dC_(t-1)/dW^g and dh_(t-1)/dW^g are total because they "
            "contain everything before, and they start at zero. dJ/dh_t is only the loss at time "
            "t. The others are just the chain rule through the cell and can be looked up in the "
            "backward pass.",
            (2,),
            "The right labels for the weights' derivatives. What the labels mean is not said: what "
            "moves and what is held fixed? 'The chain rule' is what needs to be spelt out.",
        ),
        Sample(
            "All the partials in the formula are ordinary partial derivatives of the network, and "
            "by the multivariable chain rule a partial derivative is the same whatever else is "
            "held fixed, so the distinction between immediate and total is a matter of notation. "
            "The forget gate is the total derivative of C_t by C_(t-1), since that is the quantity "
            "that decides whether gradients vanish, and dJ/dh_t is best taken from automatic "
            "differentiation, which returns the total derivative and is therefore more accurate. "
            "Summing over all time steps then averages out the remaining double counting.",
            (),
            "It reads well, and each sentence fails. What is held fixed decides the value: "
            "dC_t/dC_(t-1) is f_t with h_(t-1) fixed and something else without. The total dJ/dh_t "
            "counts later losses twice in this sum, and sums do not average anything out.",
        ),
    ),
)
