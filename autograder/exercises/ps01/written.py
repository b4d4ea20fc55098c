"""ps01 `earlier_frames`: how the written question about evidence from the past is marked."""

from __future__ import annotations

from autograder.exercise import Criterion, Sample, Written

EARLIER_FRAMES = Written(
    id="earlier_frames",
    title="Evidence from earlier frames",
    minutes=20,
    difficulty=2,
    criteria=(
        Criterion(
            3,
            "No path: the answer for frame t is computed from frame t alone, y_t = f(x_t). Two videos "
            "that look alike at frame t get the same answer there, whatever came before. So no "
            "training and no size of f can help: what decides is not among the inputs.",
        ),
        Criterion(
            3,
            "A window moves the border and does not remove it: with k frames, y_t is a function of "
            "those, and the argument holds again as soon as the deciding frame is more than k back. "
            "And one price of a larger k, with its reason: the first layer's weights, and the work of "
            "a step, grow in proportion to k; or each slot has its own, so that what was learned for a "
            "thing at one place in the window is not known at another.",
        ),
        Criterion(
            2,
            "What has to be added: something that is handed from step to step, computed by "
            "h_t = f(h_(t-1), x_t), so that there is a path from every earlier frame to y_t. With the "
            "same f at each step it serves any length with a fixed number of weights.",
        ),
        Criterion(
            2,
            "Two sentences of the same words, each as often, with different meanings; and of bag and "
            "window, rightly: the bag cannot tell them apart, a window can if it covers a "
            "place where they differ.",
        ),
    ),
    samples=(
        Sample(
            "The network sees one frame and nothing else, so y_t = f(x_t). Film the end of the game "
            "twice, once with the coin under the left cup and once under the right: at the last frame "
            "the two pictures are equal, so f gives the same for both, and one answer is wrong. A "
            "bigger f is still a function of the same picture. With the last k frames the same "
            "happens to games that shuffle for longer than k frames, and each frame more in the "
            "window means another block of weights in the first layer. One has to carry something "
            "along: a vector h that holds where the coin is, h_t = g(h_{t-1}, x_t), with the same g "
            "for every frame; then the first frame reaches the last through all the h. My sentences: "
            "'the dog bit the man' and 'the man bit the dog'. Their bags are the same; a window of "
            "the last word already sees 'man' and 'dog'.",
            (1, 2, 3, 4),
            "All four. The two films that agree in the last frame are the argument itself: they show "
            "that no function of that frame can be right for both.",
        ),
        Sample(
            "A feed-forward network gets each frame separately, so its output at frame t depends on "
            "frame t only and it cannot know what was in frame 1, no matter how it is trained. "
            "Therefore we need memory: the hidden state of the previous step goes into the next "
            "step, together with the frame, and the weights are the same in all steps, so there may "
            "be any number of frames. You could also give it several frames. Sentences: 'I only ate "
            "fish', 'only I ate fish'.",
            (1, 3),
            "The missing path and its cure are there, with reasons. 'Several frames' stops where the "
            "second question begins: how many, at what price, and what of games that last longer? "
            "The sentences are good ones, but what do bag and window make of them?",
        ),
        Sample(
            "Because it is a feed-forward network it has no memory and forgets what it has seen. For "
            "a long video this is a problem and you would have to make the network much larger or use "
            "an RNN. 'good not bad' and 'bad not good' have the same words, so a bag of words gives "
            "the same counts for both and cannot tell them apart. A window of three words can.",
            (4,),
            "The sentences and what the two views make of them are right. 'Has no memory' names the "
            "trouble and does not explain it: say of what y_t is a function, and what follows for "
            "two videos that agree in frame t. A larger network does not help.",
        ),
        Sample(
            "A feed-forward network processes the frames one after another, so the activations of the "
            "earlier frames remain in its hidden layers, but they fade exponentially because of the "
            "activation function. With enough training data and depth the network learns to "
            "preserve them, so the problem is one of capacity rather than of principle. "
            "Alternatively one can widen its window: a window of k frames can represent a dependence "
            "of any length, since its effects overlap from one position to the next, and its number "
            "of weights does not depend on k.",
            (),
            "It reads well, and each sentence fails. Nothing remains: each frame is a fresh call of "
            "the same function. No depth helps, as what decides is not among the inputs. Overlapping "
            "windows hand nothing on to each other, and the first layer has a block of weights for "
            "each of the k frames.",
        ),
    ),
)
