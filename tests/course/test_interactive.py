"""A figure with a slider: one well-formed picture, words for every position, and no ids to clash."""

from __future__ import annotations

import html
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course.figures import CYCLE, interactive
from course.figures.interactive import Interactive, slider

K = np.arange(101)
RADII = (0.5, 1.0, 1.5)
NORMS = {
    "linear": np.stack([r**K for r in RADII]),
    "tanh": np.stack([0.3 * r ** (K / 2) for r in RADII]),
}
TITLES = ("They vanish", "They stay", "They explode")
SVG = "{http://www.w3.org/2000/svg}"


def figure(**changes: Any) -> Interactive:
    arguments: dict[str, Any] = {
        "titles": TITLES,
        "values": RADII,
        "label": "spectral radius of W_hh",
        "curves": NORMS,
        "x_label": "distance k (steps)",
        "y_label": "norm of dL/dh",
        "log_y": True,
        "start": 1,
    }
    return slider(**(arguments | changes))


class Tags(HTMLParser):
    """The tags of a piece of HTML with their attributes, unescaped as a browser does it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def picture(shown: Interactive) -> dict[str, str]:
    """The attributes of the one tag that a figure is on a page."""
    ((tag, attributes),) = Tags(shown._repr_html_()).found
    assert tag == "img"
    return {name: value or "" for name, value in attributes.items()}


def positions(shown: Interactive) -> list[ElementTree.Element]:
    return ElementTree.fromstring(shown.svg).findall(f"{SVG}g[@data-value]")


def words(element: ElementTree.Element) -> str:
    return " ".join(text.text or "" for text in element.iter(f"{SVG}text"))


def test_on_a_page_it_is_one_picture_whose_source_is_the_svg() -> None:
    shown = figure()
    source = picture(shown)["src"]
    head, _, encoded = source.partition(",")
    assert head == "data:image/svg+xml;charset=utf-8"
    assert urllib.parse.unquote(encoded) == shown.svg


def test_svg_is_well_formed_with_a_group_for_each_position() -> None:
    root = ElementTree.fromstring(figure().svg)
    assert root.tag == f"{SVG}svg"
    groups = positions(figure())
    assert [group.get("data-value") for group in groups] == ["0.5", "1", "1.5"]
    assert [group.get("data-title") for group in groups] == list(TITLES)
    assert [group.get("display") for group in groups] == ["none", "inline", "none"]
    for group, title in zip(groups, TITLES, strict=True):
        assert words(group) == title
        assert len(group.findall(f".//{SVG}path")) == len(NORMS)


def test_without_scripts_the_first_position_is_shown_and_told() -> None:
    shown = figure(start=2)
    assert shown.alt.startswith("They explode. spectral radius of W_hh: 1.5. ")
    assert "linear goes from 1 at 0 to 4.1e+17 at 100" in shown.alt
    assert "norm of dL/dh against distance k (steps)" in shown.alt
    assert picture(shown)["alt"] == shown.alt
    assert [g.get("display") for g in positions(shown)] == ["none", "none", "inline"]


def test_every_position_has_words_of_its_own() -> None:
    told = [group.get("data-alt") or "" for group in positions(figure())]
    assert len(set(told)) == len(RADII)
    assert all(alt.startswith(title) for alt, title in zip(told, TITLES, strict=True))


def test_axes_are_labelled_and_curves_are_told_apart_twice() -> None:
    shown = figure()
    root = ElementTree.fromstring(shown.svg)
    assert {"distance k (steps)", "norm of dL/dh", "linear", "tanh"} <= {
        text.text for text in root.iter(f"{SVG}text")
    }
    assert "10⁰" in words(root)
    first, second = positions(shown)[0].findall(f".//{SVG}path")
    assert (first.get("stroke"), second.get("stroke")) == CYCLE[:2]
    assert first.get("stroke-dasharray") != second.get("stroke-dasharray")


def test_no_ids_no_network_and_the_same_bytes_again() -> None:
    text = figure()._repr_html_()
    assert text == figure()._repr_html_()
    assert not re.search(r"\bid\s*=|getElementById|url\(", text)
    svg = figure().svg.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//|href|<script|import", svg)


def test_file_is_small() -> None:
    many = figure(
        titles=[f"Message {n}" for n in range(9)],
        values=range(9),
        curves={n: np.random.default_rng(0).normal(size=(9, 101)) for n in "abc"},
        log_y=False,
    )
    assert len(many._repr_html_()) < 40_000


HOSTILE = "a \"b\" 'c' <script>alert(1)</script> & %22%3E %d ü"


def test_words_cannot_leave_their_place() -> None:
    shown = figure(
        titles=[HOSTILE] * 3,
        values=[HOSTILE] * 3,
        label=HOSTILE,
        curves={HOSTILE: NORMS["tanh"]},
        x_label=HOSTILE,
        y_label=HOSTILE,
    )
    assert HOSTILE in shown.alt
    attributes = picture(shown)  # still one tag
    assert set(attributes) == {"alt", "width", "height", "style", "src", "onload"}
    group = positions(shown)[0]
    assert group.get("data-title") == HOSTILE
    assert words(group).split() == HOSTILE.split()


def test_a_page_stripped_of_scripts_keeps_picture_and_words() -> None:
    """Without its `onload`, which every sanitiser takes away, the tag is an ordinary picture."""
    shown = figure()._repr_html_()
    assert "<" not in html.unescape(shown)[1:].split("onload=")[0]
    assert re.fullmatch(r'<img alt="[^"]+" [^<>]+ onload="[^"]+">', shown)


@pytest.mark.parametrize("log_y", [False, True])
def test_what_is_not_a_number_leaves_a_gap(log_y: bool) -> None:
    rows = [[1.0, np.nan, 2.0, 3.0], [1.0, 2.0, -np.inf, 3.0], [1.0, 2.0, 3.0, np.inf]]
    shown = figure(curves={"a": rows}, log_y=log_y)
    paths = [g.find(f".//{SVG}path").get("d") or "" for g in positions(shown)]  # type: ignore[union-attr]
    assert [path.count("M") for path in paths] == [2, 2, 1]
    assert "nan" not in shown.svg


def test_words_skip_what_is_not_drawn() -> None:
    shown = figure(curves={"a": [[0.0, 0.5, 2.0, np.nan], [0.0] * 4, [1.0] * 4]}, start=0)
    assert "a goes from 0.5 at 1 to 2 at 2." in shown.alt
    assert "a has no values." in (positions(shown)[1].get("data-alt") or "")


def test_limits_are_kept_and_far_values_stay_short() -> None:
    shown = figure(y_limits=(1e-3, 1e3), curves={"a": [[1e-300, 1, 1e300]] * 3})
    numbers = [abs(int(n)) for n in re.findall(r"-?\d+", paths_of(shown))]
    assert max(numbers) < 20 * interactive.WIDTH
    assert "10³" in shown.svg
    assert "10⁶" not in shown.svg


def paths_of(shown: Interactive) -> str:
    return " ".join(path.get("d") or "" for g in positions(shown) for path in g.iter(f"{SVG}path"))


def test_one_point_and_a_flat_line_can_be_drawn() -> None:
    slider(["A dot"], ["only"], "n", {"a": [[1.0]]}, "x", "y")
    slider(["Flat"], [1], "n", {"a": [[2.0, 2.0]]}, "x", "y")


def test_elsewhere_the_words_are_shown(tmp_path: Path) -> None:
    shown = figure()
    assert repr(shown) == shown.alt
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(shown)
    assert data == {"text/plain": shown.alt, "text/html": shown._repr_html_()}
    shown.save(tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").read_text(encoding="utf-8") == shown.svg


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"titles": TITLES[:2]}, "2 titles for 3 values"),
        ({"start": 3}, "starts at 3"),
        (
            {"curves": {"a": np.ones((2, 101))}},
            r"shape \(2, 101\); it must be \(P, K\) = \(3, 101\)",
        ),
        ({"x": np.arange(5)}, r"must be \(P, K\) = \(3, 5\)"),
        ({"curves": {}}, "0 curves; it draws 1 to 4"),
        ({"curves": {"a": np.zeros((3, 4))}}, "nothing to draw"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        figure(**changes)
