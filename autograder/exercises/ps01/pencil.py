"""ps01 `skipped_layers`: a two-word input in a network that was built for five, by pencil."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.contract import Value
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

#: The worksheet's network: h_t = w_t h_{t-1} + u_t x + b_t, a layer an entry.
W, U, B = (1, 2, 3, 2, 2), (1, 2, 1, 3, 2), (3, 0, 2, 1, -1)
WORDS = (2, 5)

#: How many of its training sentences have 1, 2, ... 5 words.
SENTENCES = (400, 300, 200, 90, 10)

SECTION = "One layer for each word"


def run(
    first: int, before: float = 0, words: Sequence[float] = WORDS, bias: bool = True
) -> dict[str, float]:
    """Two layers, from layer `first` on, which starts from `before`."""
    states, h = [], before
    for t, x in enumerate(words, first - 1):
        h = W[t] * h + U[t] * x + bias * B[t]
        states.append(h)
    return {"first_layer": first, "before": before, "after_x_1": states[0], "after_x_2": states[1]}


#: A sentence of n words uses the last n layers.
TRAINED = {"trains_layer_1": SENTENCES[4], "trains_layer_4": sum(SENTENCES[1:])}
RIGHT = run(4) | TRAINED


def _zeros_through_the_first_layers() -> dict[str, float]:
    h = 0
    for t in range(3):
        h = W[t] * h + B[t]
    return run(4, before=h) | TRAINED


MISTAKES = (
    Mistake(
        "it enters at the bottom",
        run(1) | {"trains_layer_1": sum(SENTENCES), "trains_layer_4": sum(SENTENCES[3:])},
        "You let x_1 enter at layer 1. After two layers it is out of words, and the answer is read "
        "three layers further up.",
        SECTION,
    ),
    Mistake(
        "it enters at the bottom, but trains the top",
        run(1) | TRAINED,
        "You let x_1 enter at layer 1. After two layers it is out of words, and the answer is read "
        "three layers further up. (Your two counts do not go with that.)",
        SECTION,
    ),
    Mistake(
        "zeros go through the first layers",
        _zeros_through_the_first_layers(),
        "It looks as if zeros had been fed to layers 1 to 3. A layer with a bias makes something of "
        "nothing. Skipped means that they do not run at all.",
        SECTION,
    ),
    Mistake(
        "one layer too early",
        run(3) | TRAINED,
        "Two words in layers 3 and 4: then layer 5 has nothing to read.",
        SECTION,
    ),
    Mistake(
        "layers counted from 0",
        RIGHT | {"first_layer": RIGHT["first_layer"] - 1},
        "Your states are right, and the number of the layer is one less than theirs. Here the first "
        "layer is number 1, as in the table.",
        SECTION,
    ),
    Mistake(
        "the words change places",
        run(4, words=WORDS[::-1]) | TRAINED,
        "The layers are right. It looks as if the second word went in first.",
        SECTION,
    ),
    Mistake(
        "a one stands in",
        run(4, before=1) | TRAINED,
        "The layers are right. It looks as if a 1 stood in for the missing state. "
        "Which number, times any weight, adds nothing?",
        SECTION,
    ),
    Mistake(
        "no bias",
        run(4, bias=False) | TRAINED,
        "The layers are right. It looks as if their biases were left out.",
        SECTION,
    ),
    Mistake(
        "the state is lost on the way",
        run(4) | {"after_x_2": U[4] * WORDS[1] + B[4]} | TRAINED,
        "Up to after_x_1 all is right. Layer 5 seems to start from zero again; "
        "what does layer 4 hand to it?",
        SECTION,
    ),
    Mistake(
        "trained from the bottom",
        run(4) | {"trains_layer_1": sum(SENTENCES), "trains_layer_4": sum(SENTENCES[3:])},
        "The layers are right. The counts look as if short sentences used the first layers. "
        "Which ones do they use here?",
        SECTION,
    ),
    Mistake(
        "trained by one length only",
        run(4) | {"trains_layer_1": SENTENCES[4], "trains_layer_4": SENTENCES[1]},
        "The layers are right. It looks as if only the sentences of two words were counted for "
        "layer 4. Longer ones go through it too.",
        SECTION,
    ),
    Mistake(
        "as many words as the layer's number",
        run(4) | {"trains_layer_1": SENTENCES[0], "trains_layer_4": SENTENCES[3]},
        "The layers are right. It looks as if sentences of one word had been counted for layer 1 and "
        "those of four words for layer 4. Which layers does a sentence of one word use?",
        SECTION,
    ),
)

SKIPPED_LAYERS = Exercise(
    Value(
        "skipped_layers",
        {
            "first_layer": "int",
            "before": "",
            "after_x_1": "",
            "after_x_2": "",
            "trains_layer_1": "int",
            "trains_layer_4": "int",
        },
    ),
    "Two words in a network for five",
    points=3,
    minutes=10,
    difficulty=1,
    cases=a_value,
    reference=RIGHT,
    mistakes=MISTAKES,
    hints=(
        "The answer is read off layer 5, so layer 5 has to read the last word.",
        "If x_2 goes to layer 5, x_1 goes to the layer below. All layers before that one are left "
        "out, and nobody computes the state that they would have handed over.",
        "Zero stands in for that state. Then after_x_1 = w 0 + u x_1 + b, with the numbers of that "
        "layer, and after_x_2 starts from after_x_1.",
        "Layer 1 runs only for sentences of five words; layer 4 for all that have two words or more.",
    ),
    rtol=0.0,
    atol=1e-6,
)
