"""ps03 `shared_gradients`: how the derivation of dL/dW_xh and dL/dW_hh is marked."""

from __future__ import annotations

from autograder.exercise import Criterion, Sample, Written

SHARED_GRADIENTS = Written(
    id="shared_gradients",
    title="Two weights, one way back",
    minutes=25,
    difficulty=3,
    criteria=(
        Criterion(
            3,
            "The sum: both gradients are sums over all steps, because each weight is used at every "
            "step and the ways through its uses add up: dL/dW_xh = sum_t x_t^T da_t and "
            "dL/dW_hh = sum_t h_(t-1)^T da_t, with da_t = dL/da_t. The shapes fit, (D, H) and "
            "(H, H), with a word on the batch (summed) or for one sequence.",
        ),
        Criterion(
            3,
            "The recursion: da_t is the total gradient of h_t times the slope 1 - h_t^2, number by "
            "number; the total gradient of h_t has two parts, from the step's own output and, "
            "through W_hh transposed, from da_(t+1). It begins at t = T, with the first part alone. "
            "Written out as products of Jacobians it is as good.",
        ),
        Criterion(
            2,
            "What is alike: both use the same da_t, so every loss at a step t reaches the use at "
            "step s <= t through the same t - s Jacobians. If these products vanish or explode, "
            "they do so for W_xh and for W_hh alike, even though W_xh itself is not in the loop.",
        ),
        Criterion(
            2,
            "What differs: only the other factor. x_t is an input, given, and knows nothing of the "
            "past; h_(t-1) is a state that depends on all earlier inputs and on the weights. Here "
            "one consequence at least: with h_0 = 0 the first step contributes nothing to dW_hh but "
            "does to dW_xh; or, a state is bounded by 1 and an input is not; or similar.",
        ),
    ),
    samples=(
        Sample(
            "Let da_t be dL/da_t, a row of H numbers, for one sequence. W_xh enters every a_t as "
            "x_t W_xh. If I give the copy at each step a name of its own, the copy at step t has the "
            "gradient x_t^T da_t, and since they are one matrix the copies' gradients add up: "
            "dL/dW_xh = sum_t x_t^T da_t, which is (D,1)(1,H). In the same way dL/dW_hh = sum_t "
            "h_(t-1)^T da_t. For da_t: the state h_t is read by y_t and by a_(t+1), so dL/dh_t = "
            "dL_t/dy_t W_hy^T + da_(t+1) W_hh^T, where the second term is absent at t = T, and da_t "
            "= dL/dh_t * (1 - h_t^2). Unrolling it, loss t reaches step s through the product of "
            "the Jacobians of steps t, t-1, ..., s+1, and it is the same product for both weights: "
            "W_xh is not inside the loop but everything that it did went into it. So if far losses "
            "fade for one they fade for the other. What is different is what the delta is "
            "multiplied with: x_t is what came in at that step, whatever was before; h_(t-1) is "
            "itself a result of all steps before, and it is zero at the first step if h_0 = 0, so "
            "that W_hh learns nothing from it.",
            (1, 2, 3, 4),
            "All four. Giving each copy a name of its own is the cleanest way to the sum.",
        ),
        Sample(
            "dL/dW_xh = sum_t x_t^T da_t and dL/dW_hh = sum_t h_(t-1)^T da_t, because the weights "
            "are shared over time and so contributions of all the time steps get added. Here da_t = "
            "(dL/dy_t W_hy^T + da_(t+1) W_hh^T) * (1 - h_t^2), computed from the last step to the "
            "first, starting with da_(T+1) = 0. Shapes: (D,N)(N,H) = (D,H), and (H,N)(N,H) = (H,H).",
            (1, 2),
            "Both formulas and the recursion, with shapes. The question also asks to compare: which "
            "factor do the two have in common, which not, and what follows for far losses?",
        ),
        Sample(
            "By the chain rule, dL/dW_hh = dL/dy_T dy_T/dh_T dh_T/dW_hh. The hidden state at T "
            "depends on W_hh and also on the hidden state at T-1, which depends on W_hh again, so "
            "one needs to sum over all the time steps: dL/dW_hh = sum_t h_(t-1)^T dL/da_t, a (H,1) "
            "times a (1,H). The same is true for W_xh since h_(T-1) depends on it too: there it is "
            "sum_t x_t^T dL/da_t, (D,1)(1,H).",
            (1,),
            "The sums, their reason and the shapes are there. But dL/da_t is only named: how does one "
            "get it, from step T back to step T-1? And what have the two weights in common, and what "
            "not, when a loss is far away?",
        ),
        Sample(
            "The two gradients differ fundamentally. W_hh is applied again and again, so its "
            "gradient contains a product of T factors W_hh and vanishes or explodes with the "
            "length of the sequence: dL/dW_hh = dL/dh_T (W_hh^T)^T h_0. W_xh, on the other hand, is "
            "not part of the recurrence: the input x_t enters only at time t and influences only "
            "h_t, so dL/dW_xh = x_t^T dL/dh_t involves a single time step and is always well "
            "behaved. This is why input weights in an RNN can be trained even for long sequences "
            "while recurrent weights cannot.",
            (),
            "It reads well, and every claim fails. x_t influences h_t and through it all later "
            "states; both gradients are sums over all steps with the same da_t. Near losses are in "
            "both sums, so neither vanishes as a whole; far ones fade in both alike.",
        ),
    ),
)
