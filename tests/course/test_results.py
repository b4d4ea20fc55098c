"""Tables of experiments: what is written is read again, and is shown with its protocol."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from course import results

PROTOCOL = {"task": "adding, T = 40: two marked numbers", "seeds": "0, 1"}
ROWS = [
    {"cell": "LSTM, bias 1", "T": 40, "loss": 0.00123456789, "solved at": 900},
    {"cell": "#RNN <plain>", "T": np.int64(40), "loss": np.float64(1) / 6, "solved at": None},
]


@pytest.fixture
def found() -> results.Table:
    return results.table(PROTOCOL, ROWS)


def test_what_is_written_is_read_again(found: results.Table) -> None:
    assert results.parse(results.to_text(found)) == found
    assert found.protocol == PROTOCOL
    assert found.columns == ("cell", "T", "loss", "solved at")
    assert found.rows[0] == ("LSTM, bias 1", 40, 0.00123457, 900)


def test_numbers_are_numbers_and_a_gap_is_none(found: results.Table) -> None:
    _, T, loss, solved_at = found.rows[1]
    assert isinstance(T, int)
    assert isinstance(loss, float)
    assert solved_at is None
    (value,) = results.table({}, [{"a": np.nan}]).rows[0]
    assert isinstance(value, float)
    assert math.isnan(value)


def test_a_file_is_a_protocol_and_plain_csv(found: results.Table) -> None:
    assert results.to_text(found).splitlines() == [
        "# task: adding, T = 40: two marked numbers",
        "# seeds: 0, 1",
        "cell,T,loss,solved at",
        '"LSTM, bias 1",40,0.00123457,900',
        "#RNN <plain>,40,0.166667,",
    ]


def test_columns_and_rows_are_picked_by_name(found: results.Table) -> None:
    assert found["T"] == [40, 40]
    assert found.where(cell="LSTM, bias 1")["solved at"] == [900]
    assert len(found.where(T=20)) == 0
    assert found.where(T=20).protocol == PROTOCOL
    with pytest.raises(KeyError, match="no column 'lost'; there are cell, T"):
        found["lost"]


def test_text_and_html_say_the_same(found: results.Table) -> None:
    assert str(found).splitlines() == [
        "cell          T   loss      solved at",
        "------------  --  --------  ---------",
        "LSTM, bias 1  40  0.001235        900",
        "#RNN <plain>  40    0.1667          –",
        "task: adding, T = 40: two marked numbers",
        "seeds: 0, 1",
    ]
    shown = found._repr_html_()
    assert '<td style="text-align:left">#RNN &lt;plain&gt;</td>' in shown
    assert '<td style="text-align:right">40</td><td style="text-align:right">0.1667</td>' in shown
    assert "<small>task: adding, T = 40: two marked numbers<br>seeds: 0, 1</small>" in shown


def test_an_empty_table_is_shown(found: results.Table) -> None:
    assert str(found.where(T=20)).startswith("cell  T  loss  solved at\n")


@pytest.mark.parametrize(
    ("protocol", "rows", "said"),
    [
        ({}, [], "without rows"),
        ({}, [{"a": 1, "b": 2}, {"a": 1}], "a row has a; the first one has a, b"),
        ({"a: b": 1}, ROWS, "does not fit on a line"),
        ({"a": "two\nlines"}, ROWS, "does not fit on a line"),
        ({}, [{"a": True}], "yes or no"),
    ],
)
def test_what_no_file_could_hold_is_refused(protocol: dict, rows: list, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        results.table(protocol, rows)


def test_an_unknown_table_is_told_with_those_that_there_are() -> None:
    with pytest.raises(FileNotFoundError, match=r"no table 'adding_up'; there are: .*running_mean"):
        results.load("adding_up")


@pytest.mark.parametrize("name", results.names())
def test_every_committed_table_is_whole(name: str) -> None:
    found = results.load(name)
    assert len(found) > 0
    assert found.protocol
    assert all(len(row) == len(found.columns) for row in found.rows)
    path = Path(results.FOLDER, f"{name}.csv")
    assert results.to_text(found) == path.read_text(encoding="utf-8")
