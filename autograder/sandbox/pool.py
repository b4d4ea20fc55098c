"""Slots that are kept from one submission to the next, and lent to whoever runs a notebook.

A warm parent is dear to start, so it outlives the submission that it was made for.  Here is the one
place where a process keeps something between submissions, and it ends with the process.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import itertools
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.sandbox.launch import Level
from autograder.sandbox.library import library
from autograder.sandbox.slot import Slot, slot


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a notebook may run: what it can import there, and how well it is confined."""

    assignment: str
    withheld: tuple[str, ...]
    level: Level
    warm: tuple[str, ...] = ()  # imported ahead
    fresh: bool = False  # a new sandbox for each submission

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Place:
        """The place that came as JSON."""
        lists = {name: tuple(told[name]) for name in ("withheld", "warm")}
        return cls(**{**told, **lists, "level": Level(told["level"])})


class _House:
    """One library and the slots that use it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.idle: list[Slot] = []
        self.lent = 0
        self.packages: Path | None = None
        self._held = contextlib.ExitStack()

    def build(self, number: int) -> Slot:
        place = self.place
        if self.packages is None:
            self.packages = self._held.enter_context(library(place.assignment, place.withheld))
        made = slot(self.packages, place.level, place.warm, number, fresh=place.fresh)
        return self._held.enter_context(made)

    def close(self) -> None:
        self.idle.clear()
        self._held.close()


class Pool:
    """Slots by place; as many of a place as are wanted at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._houses: dict[Place, _House] = {}
        self._numbers = itertools.count()

    @contextlib.contextmanager
    def lend(self, place: Place) -> Iterator[Slot]:
        """A slot of that place, warm if it served a submission before."""
        with self._lock:
            house = self._houses.setdefault(place, _House(place))
            house.lent += 1
            self._close_others(house)
            lent = house.idle.pop() if house.idle else house.build(next(self._numbers))
        try:
            yield lent
        finally:
            with self._lock:
                house.lent -= 1
                house.idle.append(lent)

    def _close_others(self, wanted: _House) -> None:
        """Another assignment's slots are not needed any more."""
        for place, house in list(self._houses.items()):
            if place.assignment != wanted.place.assignment and not house.lent:
                house.close()
                del self._houses[place]

    def close(self) -> None:
        """End all slots."""
        with self._lock:
            for house in self._houses.values():
                house.close()
            self._houses.clear()


POOL = Pool()
atexit.register(POOL.close)
