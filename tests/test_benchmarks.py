"""The benchmark of the cells measures what it says: all cells, both float types, every gradient."""

from __future__ import annotations

import pytest

from benchmarks import reference, timing


def test_every_cell_is_measured_in_both_float_types(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(reference, "SIZES", ((2, 3, 4, 5),))
    monkeypatch.setattr(reference, "RUNS", (1,))
    table = reference.reference()
    rows = list(table.columns[0].cells)
    assert rows == [
        f"{cell} {dtype} N=2 T=3 D=4 H=5"
        for cell in ("rnn", "lstm", "gru")
        for dtype in ("float64", "float32")
    ]
    assert all(float(str(ratio)) > 0 for ratio in table.columns[-1].cells)


def test_a_median_leaves_the_first_round_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0, 9, 0, 1, 0, 2, 0, 3])  # what an action takes: 9, then 1, 2, 3
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert timing.seconds(lambda: None, runs=3) == [2]
