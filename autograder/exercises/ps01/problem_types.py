"""ps01 `problem_types`: twelve tasks, by what goes in and what comes out."""

from __future__ import annotations

from autograder.contract import Choice
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

ONE_ONE, ONE_MANY, MANY_ONE = "one-to-one", "one-to-many", "many-to-one"
ALIGNED, UNALIGNED = "many-to-many aligned", "many-to-many unaligned"
NO_LABEL = "no label"
KINDS = (ONE_ONE, ONE_MANY, MANY_ONE, ALIGNED, UNALIGNED, NO_LABEL)

#: The tasks of the worksheet's table.
TASKS = {
    "digit": ONE_ONE,
    "caption": ONE_MANY,
    "review": MANY_ONE,
    "word_class": ALIGNED,
    "translation": UNALIGNED,
    "visits": NO_LABEL,
    "pixels": ONE_ONE,
    "heartbeat": MANY_ONE,
    "video_frames": ALIGNED,
    "melody": ONE_MANY,
    "dictation": UNALIGNED,
    "next_word": ALIGNED,
}

SECTION = "What goes in, what comes out"

MISTAKES = (
    Mistake(
        "the arrow is read backwards",
        {"caption": MANY_ONE, "review": ONE_MANY},
        "Caption and review look exchanged. The first half of a name is what goes in, the second "
        "what comes out.",
        SECTION,
    ),
    Mistake(
        "pixels taken for a sequence",
        {"pixels": ALIGNED},
        "About pixels: a picture has many of them, but always as many: nothing varies in length, in or "
        "out. One picture goes in, one map of the same size comes out.",
        SECTION,
    ),
    Mistake(
        "a caption taken for one thing",
        {"caption": ONE_ONE},
        "About caption: it is a sequence of words. One picture may need three words, another one twelve.",
        SECTION,
    ),
    Mistake(
        "next words have no label",
        {"next_word": NO_LABEL},
        "About next_word: nobody wrote labels beside the text, true. But every word has a right answer "
        "all the same: the word that follows it. The text is its own label.",
        SECTION,
    ),
    Mistake(
        "one next word for a whole text",
        {"next_word": MANY_ONE},
        "About next_word: the task asks after each word, not once at the end. Count the guesses for a "
        "text of a hundred words.",
        SECTION,
    ),
    Mistake(
        "a label for the visits",
        {"visits": MANY_ONE},
        "About visits: each is a sequence, that is right. But who says which group is the right one for "
        "it? Look for the column of right answers.",
        SECTION,
    ),
    Mistake(
        "translation is aligned",
        {"translation": ALIGNED},
        "About translation: aligned means one answer for each thing read, in step. Does a translation "
        "always have as many words as the sentence, in the same order?",
        SECTION,
    ),
    Mistake(
        "dictation is aligned",
        {"dictation": ALIGNED},
        "About dictation: a recording has many slices of sound for each letter. Speak slowly, and the "
        "recording grows while the text does not: they are not in step.",
        SECTION,
    ),
    Mistake(
        "word classes are unaligned",
        {"word_class": UNALIGNED},
        "About word_class: each word gets a class of its own, so the third answer belongs to the third "
        "word.",
        SECTION,
    ),
    Mistake(
        "one answer for a whole video",
        {"video_frames": MANY_ONE},
        "About video_frames: the task wants an answer for each frame, not one for the video.",
        SECTION,
    ),
)

PROBLEM_TYPES = Exercise(
    Choice("problem_types", dict.fromkeys(TASKS, KINDS)),
    "Twelve tasks, six kinds",
    points=4,
    minutes=10,
    difficulty=1,
    cases=a_value,
    reference=TASKS,
    mistakes=MISTAKES,
    hints=(
        "Ask three questions of each task. Does what goes in vary in length? Does what comes out? "
        "And is there a right answer to learn from?",
        "A picture of fixed size is one thing, however many pixels it has. So is a number, a class "
        "or a yes.",
        "If much goes in and much comes out: does the third answer belong to the third thing read? "
        "Then it is aligned.",
        "Two are one-to-one, two one-to-many, two many-to-one, three aligned, two unaligned, and one "
        "has no label.",
    ),
)
