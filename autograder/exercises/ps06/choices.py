"""ps06 `what_mitigates` and `when_equal`: the discussion's last question, and when its answer is exact."""

from __future__ import annotations

from autograder.contract import Choice
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

MITIGATES = "What mitigates vanishing"
DIRECT = "Direct and total"

ANSWERS = {
    "factor": "dC_t/dC_{t-1}",
    "value": "f_t",
    "mitigates_when": "f_t is near 1",
    "can_vanish": "yes",
    "can_explode": "yes",
    "learned": "the network, step by step",
}

WHAT_MITIGATES = Exercise(
    Choice(
        "what_mitigates",
        {
            "factor": (
                "dJ/dh_t",
                "dh_t/dC_t",
                "dh_t/do_t",
                "dC_t/dC_{t-1}",
                "dC_t/dW^g",
                "dh_t/dh_{t-1}",
            ),
            "value": ("f_t", "i_t", "f_t W^f", "o_t (1 - tanh(C_t)^2)"),
            "mitigates_when": ("f_t is near 1", "i_t is near 1", "o_t is near 1", "f_t is near 0"),
            "can_vanish": ("yes", "no"),
            "can_explode": ("yes", "no"),
            "learned": ("nobody: it is 1", "the programmer", "the network, step by step"),
        },
    ),
    "Which part of the gradient mitigates vanishing",
    points=4,
    minutes=10,
    difficulty=2,
    cases=a_value,
    reference=ANSWERS,
    mistakes=(
        Mistake(
            "the loss itself",
            {"factor": "dJ/dh_t"},
            "You picked where the gradient starts. It is taken once for each step's loss; which factor "
            "is taken again and again on the way back?",
            MITIGATES,
        ),
        Mistake(
            "the state's own factor",
            {"factor": "dh_t/dh_{t-1}"},
            "You picked the way through the state. It goes through a weight matrix and the gates' "
            "slopes at every step, as in a vanilla network.",
            MITIGATES,
        ),
        Mistake(
            "the way out of the cell",
            {"factor": "dh_t/dC_t"},
            "You picked the way from the cell to the state. It is taken once, at the step where the "
            "loss is read; how often is the factor taken that you look for?",
            MITIGATES,
        ),
        Mistake(
            "the way into the weight",
            {"factor": "dC_t/dW^g"},
            "You picked the last link, from the cell into the weight. It is taken once. Which factor "
            "is taken again and again on the way back?",
            MITIGATES,
        ),
        Mistake(
            "the distractor",
            {"factor": "dh_t/do_t"},
            "You picked the output gate's share. It does not lead to an earlier step at all, except "
            "through the state.",
            MITIGATES,
        ),
        Mistake(
            "a weight in the factor",
            {"value": "f_t W^f"},
            "A weight would come in through the state, and the state is held fixed here. Differentiate "
            "C_t = f_t C_{t-1} + i_t g_t by C_{t-1}, with f_t a number.",
            MITIGATES,
        ),
        Mistake(
            "a gate that shuts",
            {"mitigates_when": "f_t is near 0"},
            "You say that f is near 0. Multiply fifty such numbers.",
            MITIGATES,
        ),
        Mistake(
            "the cell never vanishes",
            {"can_vanish": "no"},
            "You say that it cannot vanish. Take f = 0.5, which is what a forget gate without a bias "
            "starts at, to the power of 50.",
            MITIGATES,
        ),
        Mistake(
            "the cell never explodes",
            {"can_explode": "no"},
            "You say that it cannot explode. The straight way cannot, as f is below 1. Your pencil "
            "found the sum over both ways; was it below 1?",
            MITIGATES,
        ),
        Mistake(
            "the factor is always 1",
            {"learned": "nobody: it is 1"},
            "In the cell of 1997 it was 1, always. The cell of this course has a forget gate: "
            "where does its value come from?",
            MITIGATES,
        ),
        Mistake(
            "the programmer decides",
            {"learned": "the programmer"},
            "A programmer sets where its bias starts. After that f is computed at every step, from "
            "the input and the state, with weights that are learned.",
            MITIGATES,
        ),
    ),
    hints=(
        "Going back from step t to step 1, one factor is multiplied in at every step. Which of the "
        "six leads from a step to the one before, and has no matrix in it?",
        "Differentiate C_t = f_t C_{t-1} + i_t g_t by C_{t-1}, and hold everything that was made from "
        "h_{t-1} fixed: f_t, i_t and g_t are then numbers.",
        "A product of T numbers stays large only if each is near 1. f_t is a sigmoid of weights, "
        "input and state: who decides how large it is?",
    ),
)

_EQUAL, _DIFFERENT = "equal", "different"

#: The worksheet says what each of them means.
_SITUATIONS = {
    "recurrent_weights_zero": _EQUAL,
    "output_gate_closed": _EQUAL,
    "output_tanh_flat": _EQUAL,
    "forget_gate_open": _DIFFERENT,
    "cell_zero": _DIFFERENT,
    "input_zero": _DIFFERENT,
}

WHEN_EQUAL = Exercise(
    Choice(
        "when_equal",
        dict.fromkeys(_SITUATIONS, (_EQUAL, _DIFFERENT)),
    ),
    "When the direct derivative is all there is",
    points=3,
    minutes=10,
    difficulty=2,
    cases=a_value,
    reference=_SITUATIONS,
    mistakes=(
        Mistake(
            "no recurrent weights are not enough",
            {"recurrent_weights_zero": _DIFFERENT},
            "With all W zero the state is not read by any gate. How could it carry a change on?",
            DIRECT,
        ),
        Mistake(
            "a closed output gate is not enough",
            {"output_gate_closed": _DIFFERENT},
            "With o at 0, what does h know of the cell?",
            DIRECT,
        ),
        Mistake(
            "a flat tanh is not enough",
            {"output_tanh_flat": _DIFFERENT},
            "Where tanh is flat, a small change of the cell does not change h. And then?",
            DIRECT,
        ),
        Mistake(
            "an open forget gate is enough",
            {"forget_gate_open": _EQUAL},
            "With f at 1 its own slope is 0, that is true. But the input gate and the candidate read "
            "the state as well.",
            DIRECT,
        ),
        Mistake(
            "a cell of zeros is enough",
            {"cell_zero": _EQUAL},
            "Where the cell is 0 so is h, but a derivative asks what a small change would do: "
            "tanh is steepest at 0.",
            DIRECT,
        ),
        Mistake(
            "an input of zeros is enough",
            {"input_zero": _EQUAL},
            "The input x_t is not on the way from the old cell to the new one. What is?",
            DIRECT,
        ),
    ),
    hints=(
        "The difference of the two is a product: (dC_t/dh_{t-1}) (dh_{t-1}/dC_{t-1}). "
        "They are equal where it is zero.",
        "Go through the factors one by one: o, the slope of tanh, the three matrices W, and for each "
        "of f, i, g its slope and what stands beside it.",
        "Three of the six situations make one of the two factors zero. In the other three, look for "
        "a gate that is still moved by h.",
    ),
)
