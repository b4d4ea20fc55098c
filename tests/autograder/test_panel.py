"""Panels: the HTML and the text say the same, in words, and show a student's text as text."""

from __future__ import annotations

import html
import io
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from autograder import panel
from autograder.check import Points
from autograder.exercise import Criterion, Sample, Written
from autograder.grade import Outcome, Row
from autograder.judge import Kind, Verdict
from autograder.panel import Panel, verdict_panel
from autograder.table import diagnosis, grades_table, plain, summary, where_next

HOSTILE = """<script>alert(1)</script><img src=x onerror="alert('2')"> & "quoted" 'too'"""
WRONG = Verdict(
    "rnn_step",
    Kind.WRONG,
    1.5,
    4.0,
    "wrong values",
    "rnn_step has wrong values.",
    "forgot the bias",
    read="One step",
    numbers=(("h[0, 1]", "0.25", "0.75"), ("h[1, 0]", "-3", "3")),
    passed=1,
    cases=4,
)
QUESTION = Written(
    "state_limits",
    "What a state can hold",
    20,
    2,
    (Criterion(6, "It names the size."), Criterion(4, "It names the time.")),
    (Sample("Anything.", (), "Says nothing."), Sample("H numbers.", (1,), "Half of it.")),
)


class Reader(HTMLParser):
    """The text of a page as a person reads it, and its tags and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def verdict(kind: Kind, text: str = "Something.") -> Verdict:
    return Verdict("rnn_step", kind, 0, 4, message=text)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text))


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_symbol_and_a_word_in_both_forms(kind: Kind) -> None:
    shown = verdict_panel(verdict(kind), "One step")
    symbol = panel.SYMBOLS.get(kind, panel.OTHER)[0]
    word = str(kind).capitalize()
    assert shown.text().startswith(f"{symbol} {word} · rnn_step")
    page = Reader(shown.html())
    assert page.text.startswith(f"{symbol} {word} · rnn_step")
    assert "One step" in shown.text()
    assert "One step" in page.text


def test_kinds_that_matter_differ_by_more_than_colour() -> None:
    symbols = [symbol for symbol, _ in (*panel.SYMBOLS.values(), panel.OTHER, panel.HINT)]
    assert len(set(symbols)) == len(symbols)


def test_a_wrong_answer_shows_reason_numbers_and_what_to_read() -> None:
    shown = verdict_panel(WRONG, "One step")
    for text in (shown.text(), Reader(shown.html()).text):
        for part in ("Wrong values", "forgot the bias", "h[0, 1]", "0.25", "0.75", "“One step”"):
            assert part in text
        assert 'hint("rnn_step")' in text


def test_the_text_twin_says_the_same_numbers() -> None:
    partly = Verdict("rnn_step", Kind.PARTLY, 1, 4, message="Off.", passed=1, cases=4)
    for shown in (verdict_panel(WRONG, "One step"), verdict_panel(partly)):
        assert numbers(shown.text()) == numbers(Reader(shown.html()).text)


def test_a_graded_notebook_offers_no_hint() -> None:
    shown = verdict_panel(WRONG, "One step", at_home=False)
    assert "hint(" not in shown.text() + html.unescape(shown.html())


def test_who_has_not_begun_is_told_how_to_begin() -> None:
    shown = verdict_panel(verdict(Kind.NOT_ATTEMPTED))
    assert 'For a start: hint("rnn_step")' in shown.text()


def test_text_of_a_student_stays_text() -> None:
    shown = Panel(
        ("!", "#000"),
        HOSTILE,
        HOSTILE,
        HOSTILE,
        [HOSTILE],
        [(HOSTILE, HOSTILE, HOSTILE)],
        [(HOSTILE, [HOSTILE])],
        HOSTILE,
    )
    harmless = Panel(("!", "#000"), "a", "a", "a", ["a"], [("a", "a", "a")], [("a", ["a"])], "a")
    page, usual = Reader(shown.html()), Reader(harmless.html())
    assert page.tags == usual.tags
    assert page.attributes == usual.attributes
    assert not {"script", "img"} & set(page.tags)
    assert page.text.count("alert(1)") == 10  # heading, table and all
    assert "<script" not in shown.html()


def test_an_error_message_of_a_student_stays_text() -> None:
    shown = verdict_panel(verdict(Kind.RAISED, f"ValueError: {HOSTILE}"), HOSTILE)
    assert not {"script", "img"} & set(Reader(shown.html()).tags)
    assert HOSTILE.split()[0] in Reader(shown.html()).text


def test_a_panel_brings_no_script_and_loads_nothing() -> None:
    page = Reader(verdict_panel(WRONG).html())
    assert set(page.attributes) <= {"role", "style", "aria-hidden", "open"}
    assert "url(" not in verdict_panel(WRONG).html()


def test_without_a_notebook_the_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    panel.show_verdict(WRONG, "One step")
    assert capsys.readouterr().out == verdict_panel(WRONG, "One step").text() + "\n"


def test_hints_say_where_one_is_on_the_ladder(capsys: pytest.CaptureFixture[str]) -> None:
    panel.show_hint("rnn_step", "Look at the shapes.", 1, 3)
    first = capsys.readouterr().out
    assert "Hint 1 of 3 · rnn_step" in first
    assert "Look at the shapes." in first
    assert 'For more: hint("rnn_step")' in first
    panel.show_hint("rnn_step", "Add the bias.", 3, 3)
    assert "That was the last hint." in capsys.readouterr().out


def test_a_rubric_stays_closed_until_something_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    panel.show_rubric_closed(QUESTION)
    shown = capsys.readouterr().out
    assert "Write first" in shown
    assert "10 points" in shown
    assert 'rubric("state_limits", attempted=True)' in shown
    assert "names the size" not in shown


def test_a_rubric_shows_criteria_and_marked_samples(capsys: pytest.CaptureFixture[str]) -> None:
    panel.show_rubric(QUESTION)
    shown = capsys.readouterr().out
    assert "1. (6 points) It names the size." in shown
    assert "2. (4 points) It names the time." in shown
    assert "Sample answer 1: 0 of 10 points" in shown
    assert "Meets: none." in shown
    assert "Sample answer 2: 6 of 10 points" in shown
    assert "Meets: 1." in shown


def test_ones_own_mark_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    panel.show_own_mark(QUESTION, [2])
    shown = capsys.readouterr().out
    assert "4 of 10 points by your own count" in shown
    assert "It names the size." in shown
    assert "It names the time." not in shown
    panel.show_own_mark(QUESTION, [1, 2])
    assert "Not yet" not in capsys.readouterr().out


def test_points_read_as_a_plain_number_and_show_as_words() -> None:
    points = Points(2.5, 4)
    assert repr(points) == "2.5"
    assert float(repr(points)) == points == 2.5
    assert Reader(points._repr_html_()).text == "2.5 of 4 points"
    assert repr(Points(4, 4)) == "4.0"


# The same text in a terminal.


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hcleared", "cleared"),
        ("\x1b[?25lhidden", "hidden"),
        ("correct\rwrong", "correctwrong"),
        ("a\b\b\x7f", "a"),
        ("\x9b31mred", "31mred"),
        ("\x1b]0;title\x07text", "]0;titletext"),
        ("\0\x01\x1f", ""),
        ("lines\nand\ttabs", "lines and tabs"),
        ("half \ud800 a character", "half ? a character"),
        ("umlauts äöü · ✓", "umlauts äöü · ✓"),
    ],
)
def test_nothing_in_a_text_can_move_the_cursor(text: str, shown: str) -> None:
    assert plain(text) == shown


def row(**changes: object) -> Row:
    fields = {
        "student": "ada",
        "assignment": "ps02",
        "exercise": "rnn_step",
        "verdict": Kind.WRONG,
        "points": 1.0,
        "max_points": 4.0,
        "diagnosis": "forgot the bias",
        "seconds": 0.1,
        "level": "full",
        "read": "One step",
    }
    return Row(**(fields | changes))  # type: ignore[arg-type]


def test_a_table_shows_hostile_text_without_its_control_characters() -> None:
    bad = "\x1b[2J\x1b]0;x\x07[red]\r\ud800"
    outcome = Outcome(f"mallory{bad}", (row(diagnosis=bad),), trouble=f"refused: {bad}")
    other = Outcome(f"eve{bad}", (row(diagnosis=bad, exercise="other"),))
    console = Console(width=200, no_color=True, record=True, file=io.StringIO())
    console.print(
        grades_table([outcome, other], {o.student: f"autograded/{bad}" for o in (outcome, other)})
    )
    text = console.export_text()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800]", text)
    assert "[red]" in text  # nor is it read as rich's own markup


def test_a_row_says_first_what_is_wrong_and_where_to_look() -> None:
    outcome = Outcome("ada", (row(exercise="a", verdict=Kind.CORRECT, diagnosis=""), row()))
    assert "1 of 2" in summary(outcome)
    assert diagnosis(outcome) == "rnn_step: forgot the bias"
    assert where_next(row(), "autograded/ada/ps02") == "“One step”\nautograded/ada/ps02"
