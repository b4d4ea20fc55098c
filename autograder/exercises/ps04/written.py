"""ps04 `why_vanish`: how the written question about vanishing and exploding gradients is marked."""

from __future__ import annotations

from autograder.exercise import Criterion, Sample, Written

WHY_VANISH = Written(
    id="why_vanish",
    title="Why it matters",
    minutes=20,
    difficulty=2,
    criteria=(
        Criterion(
            3,
            "Cause: the gradient at distance k is multiplied by k Jacobians, diag(slope) W_hh^T, "
            "with the same W_hh each time. So it changes about geometrically with the distance, and "
            "the typical factor (below or above 1) decides. Slopes of at most 1 and the matrix both "
            "belong to the factor; 'many small numbers are multiplied' with both named is enough.",
        ),
        Criterion(
            3,
            "Why vanishing is an issue: dL/dW_hh is a sum over distances, so it need not be small; "
            "but what far steps contribute is lost beside what near steps contribute. The network "
            "goes on learning, from short dependences only, and does not learn the long ones. Saying "
            "merely 'the weights stop changing' does not meet this.",
        ),
        Criterion(
            2,
            "Why exploding is an issue: a step of gradient descent becomes huge and throws the "
            "weights far away from what was learned, or to NaN; training becomes unstable. It can be "
            "seen at once, in the loss or the norm.",
        ),
        Criterion(
            2,
            "What helps against which: clipping bounds the step and so helps against exploding, and "
            "it brings back nothing that has vanished. Against vanishing at least one of: a way "
            "around the matrix (skip, gates), a start that keeps lengths (orthogonal; identity with "
            "ReLU), with the reason that it keeps the factor near 1.",
        ),
    ),
    samples=(
        Sample(
            "A loss at step T reaches step T - k through k Jacobians, each the transposed recurrent "
            "matrix with its rows scaled by the slopes of tanh, which are at most 1. The same matrix "
            "comes in every time, so the norm shrinks or grows by roughly a constant factor per step: "
            "after 50 steps 0.9 per step leaves half a percent, 1.1 makes it a hundred times larger. "
            "The weight's gradient adds up all distances. If it vanishes along the way, that sum "
            "still has its near terms, so the loss goes down, but the part that would teach the "
            "network to connect an early input with a late output is drowned. If it explodes, one "
            "batch with a steep place gives a step that throws the weights away, and the loss jumps "
            "or becomes NaN. Clipping the norm makes that step harmless. It does nothing for a part "
            "that arrives as 1e-9; for that the factor itself must be near 1, as with an additive "
            "path whose Jacobian is the unit matrix or a gate near 1.",
            (1, 2, 3, 4),
            "All four. It keeps the gradient of a far state apart from the gradient of the weight, "
            "which is a sum: that is the point most often missed.",
        ),
        Sample(
            "In backpropagation through time we multiply by W_hh^T and by the derivative of tanh at "
            "every step. tanh' is between 0 and 1, so over many steps the product tends to zero. "
            "Then the early time steps get no gradient and the network cannot learn long-term "
            "dependencies. If the weights are large the product can instead blow up and training "
            "diverges; we can clip the gradient in that case.",
            (1, 3),
            "The product with its two factors is there, and what exploding does. For vanishing the "
            "conclusion is right and half of the reason is missing: the weights are shared, so "
            "they do get a gradient, from near steps. Clipping is named for exploding, which is half "
            "of the last criterion: say also what helps against vanishing, and why.",
        ),
        Sample(
            "The gradients get smaller and smaller because they are multiplied many times. When "
            "they explode, the loss becomes NaN.",
            (3,),
            "NaN is a consequence of exploding, and seen at once. For the cause, say what is "
            "multiplied and why it is about the same at every step; for vanishing, say what "
            "is then not learned, and what still is.",
        ),
        Sample(
            "Vanishing gradients arise whenever an eigenvalue of W_hh is smaller than one, because "
            "the determinant of the Jacobian then tends to zero, and exploding gradients arise "
            "whenever an eigenvalue exceeds one. Since dL/dW_hh is a product of these Jacobians, it "
            "vanishes too, the optimizer takes no more steps and the loss stays where it is. "
            "Gradient clipping rescales every gradient to unit length and therefore cures both "
            "problems at the same time, while a learning rate that grows with the sequence length "
            "makes up for whatever is lost.",
            (),
            "It sounds exact, and each claim fails. Neither one eigenvalue nor the determinant decides: "
            "slopes count, and a matrix can have small eigenvalues beside large ones. dL/dW_hh is a "
            "sum over distances, and its near terms do not vanish. Clipping shortens "
            "long gradients only; a larger step enlarges near and far terms alike.",
        ),
    ),
)
