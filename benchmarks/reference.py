"""The reference cells against torch's layers: forward and backward, one thread, every gradient.

`python -m benchmarks.reference` prints this table alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.timing import seconds, table
from course.shapes import Array

#: N, T, D, H: where a call costs more than its work, an ordinary layer, a large one.
SIZES = ((1, 32, 16, 32), (32, 64, 64, 128), (64, 128, 128, 256))
RUNS = (60, 9, 5)


class Cell(NamedTuple):
    """A chapter's cell: how many gates and states it has, and torch's name for it."""

    gates: int
    states: int
    layer: str


CELLS = {
    "rnn": Cell(1, 1, "RNN"),
    "lstm": Cell(4, 2, "LSTM"),
    "gru": Cell(3, 1, "GRU"),
}


def reference() -> Table:
    """Every cell, size and float type: our time, torch's, and the ratio of the two."""
    made = table("Forward and backward of the reference cells", "ms", "torch, ms", "ratio")
    try:
        import torch
    except ImportError:
        made.add_row("torch is not installed", "", "", "")
        return made
    torch.set_num_threads(1)
    for name, cell in CELLS.items():
        try:
            chapter = importlib.import_module(f"course.{name}")
        except ModuleNotFoundError:
            continue
        for sizes, runs in zip(SIZES, RUNS, strict=True):
            for dtype in (np.float64, np.float32):
                ours, theirs = seconds(*_both(name, cell, chapter, *sizes, dtype), runs=runs)
                N, T, D, H = sizes
                made.add_row(
                    f"{name} {np.dtype(dtype).name} N={N} T={T} D={D} H={H}",
                    f"{1e3 * ours:.2f}",
                    f"{1e3 * theirs:.2f}",
                    f"{ours / theirs:.2f}",
                )
        made.add_section()
    return made


def _both(
    name: str, cell: Cell, chapter: Any, N: int, T: int, D: int, H: int, dtype: type
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Two actions that do the same work: ours and torch's, on the same numbers."""
    import torch

    rng = np.random.default_rng(0)

    def draw(*shape: int) -> Array:
        return rng.standard_normal(shape).astype(dtype)

    x, dh = draw(N, T, D), draw(N, T, H)
    start = [draw(N, H) for _ in range(cell.states)]
    G = cell.gates
    U, W, b = draw(D, G * H) / dtype(D**0.5), draw(H, G * H) / dtype(H**0.5), draw(G * H)
    forward = getattr(chapter, f"{name}_forward")
    backward = getattr(chapter, f"{name}_backward")
    upstream = (dh, None) if name == "lstm" else (dh,)  # nothing reads the last c by itself

    def ours() -> None:
        states = forward(x, *start, U, W, b)
        backward(*upstream, x, *start, states, U, W)

    options = {"batch_first": True, "dtype": getattr(torch, np.dtype(dtype).name)}
    layer = getattr(torch.nn, cell.layer)(D, H, **options)
    inputs = torch.from_numpy(x).requires_grad_()
    first = tuple(torch.from_numpy(array)[None].requires_grad_() for array in start)
    theirs_upstream = torch.from_numpy(dh)

    def theirs() -> None:
        states, _ = layer(inputs, first if len(first) > 1 else first[0])
        states.backward(theirs_upstream)

    return ours, theirs


if __name__ == "__main__":
    Console().print(reference())
