"""The panels that a notebook shows, each as HTML and as plain text that says the same.

Colour is never the only signal: every panel has a symbol and a word.  The HTML carries its own style,
so it looks the same in JupyterLab, on nbgrader's feedback page and in print, on white and on dark.
Everything that a student wrote is escaped by the template, `panel.html.j2`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import jinja2

from autograder.exercise import Written
from autograder.judge import Kind, Verdict
from autograder.questions import VARIABLE, Drawn

SYMBOLS = {
    Kind.CORRECT: ("✓", "#1a7f5a"),
    Kind.PARTLY: ("◐", "#b7791f"),
    Kind.WRONG: ("✗", "#c2410c"),
    Kind.NOT_ATTEMPTED: ("○", "#64748b"),
}
OTHER = ("!", "#c2410c")
HINT = ("→", "#2563eb")

_environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_template = _environment.from_string(
    Path(__file__).with_name("panel.html.j2").read_text(encoding="utf-8")
)


class Panel:
    """One panel: what its two forms are made of."""

    def __init__(
        self,
        look: tuple[str, str],
        headline: str,
        subject: str = "",
        aside: str = "",
        paragraphs: Sequence[str] = (),
        numbers: Sequence[tuple[str, str, str]] = (),
        sections: Sequence[tuple[str, Sequence[str]]] = (),
        footer: str = "",
    ) -> None:
        self.symbol, self.colour = look
        self.headline, self.subject, self.aside = headline, subject, aside
        self.paragraphs, self.numbers = [p for p in paragraphs if p], numbers
        self.sections, self.footer = sections, footer

    def html(self) -> str:
        return _template.render(vars(self))

    def text(self) -> str:
        head = " · ".join(part for part in (self.headline, self.subject, self.aside) if part)
        lines = [f"{self.symbol} {head}"]
        lines += [_indent(paragraph) for paragraph in self.paragraphs]
        lines += [f"    {w}: you {got}, expected {exp}" for w, got, exp in self.numbers]
        for heading, section in self.sections:
            lines += [f"  {heading}", *(_indent(line, 4) for line in section)]
        return "\n".join([*lines, *([f"  {self.footer}"] if self.footer else [])])

    def data(self) -> dict[str, str]:
        """Both forms, keyed by mime type."""
        return {"text/html": self.html(), "text/plain": self.text()}

    def show(self) -> None:
        """Display in a notebook; print the text where there is none."""
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is None:
            print(self.text())
        else:
            display(self.data(), raw=True)


def verdict_panel(verdict: Verdict, title: str = "", *, at_home: bool = True) -> Panel:
    """What a verdict looks like.  `at_home` adds the way to a hint."""
    look = SYMBOLS.get(verdict.kind, OTHER)
    headline = verdict.headline[:1].upper() + verdict.headline[1:]
    aside = title
    heading, lines = verdict.shown
    sections = [(heading, lines)] if lines else []
    if verdict.kind == Kind.CORRECT:
        return Panel(look, headline, verdict.exercise, aside, [verdict.message], sections=sections)
    parts = []
    if verdict.kind == Kind.PARTLY:
        tried = " · ".join(f"{'✓' if right else '✗'} {about}" for about, right in verdict.tried)
        parts.append(
            f"{verdict.passed} of {verdict.cases} are right" + (f": {tried}" if tried else ".")
        )
    footer = [f"Read again: “{verdict.read}”."] if verdict.read else []
    if at_home:
        lead = "For a start:" if verdict.kind == Kind.NOT_ATTEMPTED else "Stuck?"
        footer.append(f'{lead} hint("{verdict.exercise}")')
    if verdict.diagnosis:
        aside = f"{aside} · it looks like: {verdict.diagnosis}" if aside else verdict.diagnosis
    return Panel(
        look,
        headline,
        verdict.exercise,
        aside,
        [*parts, verdict.message, verdict.explanation],
        verdict.numbers,
        sections,
        footer=" ".join(footer),
    )


def show_verdict(verdict: Verdict, title: str = "") -> None:
    verdict_panel(verdict, title).show()


def show_hint(exercise: str, text: str, step: int, steps: int) -> None:
    last = "That was the last hint." if step == steps else f'For more: hint("{exercise}")'
    Panel(HINT, f"Hint {step} of {steps}", exercise, "", [text], footer=last).show()


def show_question(drawn: Drawn) -> None:
    about, footer = [], ""
    if drawn.student:
        about = [f"Drawn for {drawn.student}."]
        footer = f"If your course knows you by another name, set {VARIABLE} to that and start Jupyter again."
    Panel(
        HINT,
        f"Your question: {drawn.name}" if drawn.name else "The same question for everybody",
        drawn.exercise.id,
        drawn.exercise.title,
        about,
        footer=footer,
    ).show()


def show_rubric_closed(question: Written) -> None:
    Panel(
        HINT,
        "Write first",
        question.id,
        f"{question.points:g} points",
        ["An answer of your own teaches more than ours. Write yours in the cell above."],
        footer=f'Then open the criteria: rubric("{question.id}", attempted=True)',
    ).show()


def show_rubric(question: Written) -> None:
    criteria = [f"{n}. ({c.points:g} points) {c.text}" for n, c in enumerate(question.criteria, 1)]
    samples = [
        (
            f"Sample answer {n}: {question.mark(sample.met):g} of {question.points:g} points",
            [
                f"“{sample.text}”",
                "Meets: " + (", ".join(map(str, sample.met)) if sample.met else "none") + ".",
                sample.comment,
            ],
        )
        for n, sample in enumerate(question.samples, 1)
    ]
    Panel(
        HINT,
        "How this is marked",
        question.id,
        f"{question.points:g} points",
        ["Which of these does your answer say, in your own words?"],
        sections=[("Criteria", criteria), *samples],
        footer=f'Add up your own: rubric("{question.id}", met=[1, 2])',
    ).show()


def show_own_mark(question: Written, met: Sequence[int]) -> None:
    missing = [c.text for n, c in enumerate(question.criteria, 1) if n not in met]
    Panel(
        HINT,
        f"{question.mark(met):g} of {question.points:g} points by your own count",
        question.id,
        sections=[("Not yet in your answer", missing)] if missing else [],
    ).show()


def _indent(text: str, by: int = 2) -> str:
    return textwrap.fill(text, 88, initial_indent=" " * by, subsequent_indent=" " * by)
