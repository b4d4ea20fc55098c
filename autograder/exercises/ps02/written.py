"""ps02 `state_limits`: how the written question about the hidden state is marked."""

from __future__ import annotations

from autograder.exercise import Criterion, Sample, Written

STATE_LIMITS = Written(
    id="state_limits",
    title="What a state can hold",
    minutes=20,
    difficulty=2,
    criteria=(
        Criterion(
            3,
            "Range: each of the H numbers lies strictly between -1 and 1, because it came out of "
            "tanh. So from the first step on the state stays inside a cube, whatever the weights "
            "and inputs are. (A given h_0 may lie outside; on a computer, tanh of a large number is "
            "rounded to exactly 1 or -1.)",
        ),
        Criterion(
            3,
            "Size: the state has H numbers however long the sequence is, so in general it is a "
            "summary and not a copy. One sound reason is enough: T steps bring T times D numbers, "
            "and no continuous map takes more than H freely chosen numbers to H numbers without two "
            "different histories falling together; or, on a computer, H floats have finitely many "
            "values, and there are more long sequences than that.",
        ),
        Criterion(
            2,
            "Law of motion: h_t is determined by h_(t-1), x_t and weights that are the same at every "
            "step; so by h_0 and the inputs up to t. Not by later inputs, and not by the number of "
            "the step as such: the same state followed by the same inputs goes on alike at any time.",
        ),
        Criterion(
            2,
            "What can be seen of it: outputs know the past through h_t alone. What the state has "
            "lost, no later step and no output can recover: two histories that end in the same "
            "state have the same future, given the same inputs.",
        ),
    ),
    samples=(
        Sample(
            "After the first step every entry of the state is a tanh, so it is a point inside a cube "
            "of H dimensions with corners at plus and minus 1; large weights push it against the "
            "walls but never through them. The cube has H dimensions whether 5 or 5000 inputs went "
            "in. With T D larger than H, a smooth map cannot give every input sequence a state of "
            "its own, so some different sequences end in the same state, or so close that floats "
            "cannot tell them apart. The state is made only from the state before and the present "
            "input, with the same weights each time: it does not know the future, and it knows the "
            "time only if it has counted. And since y_t and everything later read nothing but h_t, "
            "two histories with equal states are the same to the network from then on.",
            (1, 2, 3, 4),
            "All four, each with its reason. It says 'smooth' and 'floats' where these matter: "
            "with exact real numbers and an arbitrary map, one number could encode everything.",
        ),
        Sample(
            "The hidden state is a vector of H numbers and all of them are between -1 and 1, because "
            "tanh is. It depends on the previous state and on the input at time t, and W_xh, W_hh and "
            "b_h are shared by all time steps, so running the same input from the same state always "
            "gives the same next state. If H is too small the network will have trouble with long "
            "sequences.",
            (1, 3),
            "Range and law of motion are there, with reasons. 'Trouble with long sequences' is true "
            "and is not yet a reason: say what is fixed (H), what grows (T times D), and what must "
            "therefore happen. What later steps can see of the past is not mentioned.",
        ),
        Sample(
            "The state is limited since tanh only gives values from -1 to 1. A bigger H means that "
            "more can be stored. It is the memory of the network.",
            (1,),
            "The range, with its reason. 'More' is no limit: how much for a given H, and what of "
            "what does not fit? Calling it a memory names the thing and does not describe it.",
        ),
        Sample(
            "Each entry of the hidden state is a probability between 0 and 1. Since tanh is strictly "
            "increasing it can be inverted, and a generic W_hh can be inverted too, so no "
            "information is ever lost: from h_T one can run the recurrence backwards and recover "
            "x_T, then x_(T-1), and so on down to the first input. The network learns separate "
            "weights for each time step, so its capacity grows with the length of the sequence. H "
            "therefore affects only how fast the network learns, not what its state can hold.",
            (),
            "It reads well, and each sentence fails. tanh lies between -1 and 1, and nothing makes "
            "its values probabilities. One step can be undone if x_t is known; with x_t and "
            "h_(t-1) both unknown there are H equations for H + D unknowns. The weights are shared, and the "
            "state has H numbers at any length.",
        ),
    ),
)
