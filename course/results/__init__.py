"""Tables of experiments that take too long for a worksheet, each with the protocol that made it.

`load("running_mean")` reads `running_mean.csv` from this folder.  `make experiments` writes those files
from `experiments/`, one module a table.  A file opens with its protocol, line by line, and goes on as
plain CSV, so any spreadsheet reads it too:

    # task: running mean, T = 20
    units,seed,loss
    4,0,0.0813
"""

from __future__ import annotations

import csv
import dataclasses
import html
import io
from collections.abc import Iterable, Mapping
from itertools import repeat
from pathlib import Path
from typing import TypeAlias

FOLDER = Path(__file__).parent

#: What stands in a cell; None is an empty one (no such measurement, or a goal that was never reached).
Entry: TypeAlias = str | int | float | None


@dataclasses.dataclass(frozen=True)
class Table:
    """The results of one experiment, shown with their protocol."""

    protocol: Mapping[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, column: str) -> list[Entry]:
        """One column.  Raises KeyError if there is none of that name."""
        place = self._place(column)
        return [row[place] for row in self.rows]

    def where(self, **wanted: Entry) -> Table:
        """The rows in which these columns have these values: `table.where(cell="LSTM", T=40)`.

        Raises KeyError for an unknown column.
        """
        places = {self._place(column): value for column, value in wanted.items()}
        kept = (row for row in self.rows if all(row[p] == v for p, v in places.items()))
        return dataclasses.replace(self, rows=tuple(kept))

    def _place(self, column: str) -> int:
        if column not in self.columns:
            raise KeyError(f"there is no column {column!r}; there are {', '.join(self.columns)}")
        return self.columns.index(column)

    def __str__(self) -> str:
        """The table and its protocol as text; numbers stand on the right."""
        texts = [[_shown(entry) for entry in row] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(self.columns, *texts, strict=True)]
        lines = ["  ".join(name.ljust(w) for name, w in zip(self.columns, widths, strict=True))]
        lines.append("  ".join("-" * width for width in widths))
        for row, text in zip(self.rows, texts, strict=True):
            lines.append("  ".join(map(_aligned, row, text, widths)))
        lines += [f"{key}: {value}" for key, value in self.protocol.items()]
        return "\n".join(line.rstrip() for line in lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The same for a notebook, in its own colours, on white and on dark."""
        sides = [
            "left" if any(isinstance(row[place], str) for row in self.rows) else "right"
            for place in range(len(self.columns))
        ]
        head = "".join(map(_html_entry, repeat("th"), self.columns, sides))
        body = "".join(
            f"<tr>{''.join(map(_html_entry, repeat('td'), row, sides))}</tr>" for row in self.rows
        )
        about = "<br>".join(html.escape(f"{k}: {v}") for k, v in self.protocol.items())
        return (
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<p><small>{about}</small></p>"
        )


def load(name: str) -> Table:
    """The committed table of that name.  Raises FileNotFoundError, with the names that there are."""
    path = FOLDER / f"{name}.csv"
    if name not in names():
        raise FileNotFoundError(f"there is no table {name!r}; there are: {', '.join(names())}")
    return parse(path.read_text(encoding="utf-8"))


def names() -> list[str]:
    """The tables that there are."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def table(protocol: Mapping[str, object], rows: Iterable[Mapping[str, object]]) -> Table:
    """A table from its rows, which all have the same keys: the columns.

    NumPy's numbers become plain ones, and fractions keep six digits, as the file has them.
    Raises ValueError if there are no rows, if two differ in their keys, or if a key or a value of the
    protocol would not fit on its line.
    """
    collected = [dict(row) for row in rows]
    if not collected:
        raise ValueError("an experiment without rows has no result")
    columns = tuple(collected[0])
    if odd := [row for row in collected if tuple(row) != columns]:
        raise ValueError(f"a row has {', '.join(odd[0])}; the first one has {', '.join(columns)}")
    told = {key: str(value) for key, value in protocol.items()}
    for key, value in told.items():
        if ": " in key or "\n" in key + value or key != key.strip() or value != value.strip():
            raise ValueError(f"the protocol's {key!r} does not fit on a line of its own")
    read = (tuple(_entry(_written(row[column])) for column in columns) for row in collected)
    return Table(told, columns, tuple(read))


def parse(text: str) -> Table:
    """A table from the text of its file."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if not line.startswith("# "))
    pairs = (line.removeprefix("# ").partition(": ") for line in lines[:start])
    columns, *rows = csv.reader(lines[start:])
    return Table(
        {key: value for key, _, value in pairs},
        tuple(columns),
        tuple(tuple(_entry(text) for text in row) for row in rows),
    )


def to_text(table: Table) -> str:
    """The text that `parse` reads."""
    out = io.StringIO()
    out.writelines(f"# {key}: {value}\n" for key, value in table.protocol.items())
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_written(entry) for entry in row] for row in table.rows)
    return out.getvalue()


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        raise ValueError("a column holds words, numbers or nothing: write yes or no for a bool")
    number = getattr(value, "item", lambda: value)()  # NumPy's numbers as Python's
    return f"{number:.6g}" if isinstance(number, float) else str(number)


def _entry(text: str) -> Entry:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text or None


def _shown(entry: Entry) -> str:
    if entry is None:
        return "–"
    return f"{entry:.4g}" if isinstance(entry, float) else str(entry)


def _html_entry(tag: str, entry: Entry, side: str) -> str:
    return f'<{tag} style="text-align:{side}">{html.escape(_shown(entry))}</{tag}>'


def _aligned(entry: Entry, text: str, width: int) -> str:
    return text.ljust(width) if isinstance(entry, str) else text.rjust(width)
