"""ps06 `essential_arbitrary`: how the written question about the cell is marked."""

from __future__ import annotations

from autograder.exercise import Criterion, Sample, Written

ESSENTIAL_ARBITRARY = Written(
    id="essential_arbitrary",
    title="What is essential",
    minutes=25,
    difficulty=3,
    criteria=(
        Criterion(
            3,
            "Essential: a state that is carried on by (nearly) itself, C_t = f_t C_{t-1} + ..., so "
            "that its factor is a number near 1 and not a matrix with slopes. With a reason (a "
            "product of T factors) and with a number from the tables: without the line the adding "
            "problem at T = 40 is not learned; or the IRNN, which starts with such a line and learns it.",
        ),
        Criterion(
            3,
            "Something must decide what enters, stays or shows, from the data (a gate). The number is "
            "that of the LSTM with all gates open, or without its input gate, or of recall with random "
            "symbols, where the orthogonal network got there in 1 of 6 runs and the LSTM with chrono in "
            "all three at the rate 0.01. That an IRNN adds without any gate is a fair objection.",
        ),
        Criterion(
            2,
            "Arbitrary: at least one part that can be exchanged at little cost, with its row of the "
            "table or its measurement: three gates or two (the GRU, f = 1 - i), tanh at the output, z "
            "against 1 - z, the order of the gates.",
        ),
        Criterion(
            2,
            "Limits of the claim: one task, few units, three seeds; the initialisation and the "
            'learning rate can matter as much as the cell (recall); "solves" vanishing is wrong: '
            "f below 1 still vanishes, and the way through h can grow.",
        ),
    ),
    samples=(
        Sample(
            "Essential is the line: C_t is f_t times C_{t-1} plus something, so going back T steps "
            "multiplies T numbers that the network can hold near 1, where a plain RNN multiplies T "
            "matrices with slopes below 1. With the line cut (f = 0) no seed got below 0.05 in 1000 "
            "steps, where the whole cell needs 300. Second, something has to choose what comes in: "
            "without the input gate two of three seeds failed, with all gates open every one, and with "
            "random symbols in recall 5 of 6 orthogonal RNNs stayed short. The other gates are less "
            "clear: without the output gate or with f = 1 it learns nearly as fast, with f = 1 - i "
            "faster, and the GRU has one state. Arbitrary is also whether z keeps or writes. All of "
            "this is one task, 32 units and three seeds, and recall shows that an LSTM with a bad "
            "forget bias loses against a plain RNN: the cell mitigates vanishing, it does not abolish it.",
            (1, 2, 3, 4),
            "All four, each with a measurement. It separates what a part is for from whether the "
            "table needs it.",
        ),
        Sample(
            "The most important part is the cell state with the forget gate, because dC_t/dC_{t-1} = "
            "f_t has no matrix in it, and f_t near 1 keeps the product of many steps large. With f = 0 "
            "the LSTM does not get below 0.05 on adding any more. The tanh at the output and the output "
            "gate can be left out, the table shows that it still learns in a few hundred steps.",
            (1, 3),
            "The line and something that can go, both with evidence. Missing: why anything must gate "
            "at all, when a line alone would keep everything; and how far one task with three seeds "
            "carries.",
        ),
        Sample(
            "The gates are essential since they control the flow of information. Without gates it "
            "would be an RNN. The names of the gates are arbitrary.",
            (),
            "Two claims without a reason or a number. What would flow wrongly without gates, and which "
            "row of the table shows it? A network with C_t = C_{t-1} + g_t and no gates is not an RNN "
            "of ps02, either.",
        ),
        Sample(
            "The LSTM solves the vanishing gradient problem because its cell state has a constant "
            "derivative of 1, which is why it can learn dependencies of any length. All three gates "
            "are essential, as each has been proven necessary, and the tanh functions are what "
            "prevents the gradient from exploding. Only the initial values of the weights are "
            "arbitrary, since training finds the optimum from anywhere.",
            (),
            "It reads well, and each sentence fails against this worksheet's tables. The derivative is "
            "f_t, not 1, and at forget bias 0 the gradient fell to 1e-15 over 100 steps; some gates "
            "could go; with a forget bias of 5 gradients grew in spite of tanh; and in recall the initial "
            "values decided.",
        ),
    ),
)
