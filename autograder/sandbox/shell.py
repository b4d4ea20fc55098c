"""A notebook's cells in an IPython shell of this process, with their outputs in nbformat's shape."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import os
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config

_CELL = "<ipython-input-"  # how IPython names the files that cells are to Python
NO_COMMANDS = "shell commands do not run while a notebook is graded"


LEFT_OUT = "\n... the rest of this cell's output is left out: it is too long\n"
ITEM_BYTES = 100  # what an output costs however little it says


class Outputs:
    """What one cell has put out so far, capped by bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.items: list[dict[str, Any]] = []
        self.max_bytes = self.left = max_bytes
        self.shown: dict[str, list[tuple[dict[str, Any], int]]] = {}  # by display id: item, size
        self._clears = False

    def stream(self, name: str, text: str) -> None:
        if not text:
            return
        self._clear_if_due()
        if self.left < 0:
            return
        last = self.items[-1] if self.items else None
        if not last or last["output_type"] != "stream" or last["name"] != name:
            last = {"output_type": "stream", "name": name, "text": []}
            self.items.append(last)
            self.left -= ITEM_BYTES
        data, room = text.encode(errors="replace"), max(self.left, 0)
        self.left -= len(data)
        if self.left < 0:
            text = data[:room].decode(errors="ignore") + LEFT_OUT
        last["text"].append(text)

    def add(self, item: dict[str, Any], size: int, display_id: str | None = None) -> None:
        self._clear_if_due()
        if self.left < 0:
            return
        self.left -= size + ITEM_BYTES
        if self.left < 0:
            item = {"output_type": "stream", "name": "stdout", "text": [LEFT_OUT]}
        elif display_id is not None:
            self.shown.setdefault(display_id, []).append((item, size))
        self.items.append(item)

    def update(self, data: dict[str, Any], size: int, display_id: str) -> None:
        """Change what this cell shows under this id, where it is."""
        for number, (item, before) in enumerate(self.shown.get(display_id, ())):
            if size - before > self.left:
                return
            self.left -= size - before
            item["data"] = data
            self.shown[display_id][number] = (item, size)

    def error(self, item: dict[str, Any]) -> None:
        """An error is told even where the cell's output is full."""
        self._clear_if_due()
        self.items.append(item)

    def clear(self, *, wait: bool = False) -> None:
        """Begin anew: at once, or when there is something to show instead."""
        if wait:
            self._clears = True
            return
        self.items.clear()
        self.shown.clear()
        self.left, self._clears = self.max_bytes, False

    def _clear_if_due(self) -> None:
        if self._clears:
            self.clear()

    def finished(self) -> list[dict[str, Any]]:
        for item in self.items:
            if item["output_type"] == "stream":
                item["text"] = "".join(item["text"])
        return self.items


class _Stream(io.TextIOBase):
    """A file object that writes into the running cell's outputs."""

    encoding = "utf-8"

    def __init__(self, shell: Shell, name: str) -> None:
        self._shell, self.name = shell, f"<{name}>"
        self._stream = name

    def write(self, text: str) -> int:
        self._shell.outputs.stream(self._stream, str(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, *args: Any, **kwargs: Any) -> None:
        display_id: Any = (kwargs.get("transient") or {}).get("display_id")
        if kwargs.get("update"):
            Shell.current.update(display_id, *_plain(data))
        else:
            _emit("display_data", data, display_id)

    def clear_output(self, wait: bool = False) -> None:
        Shell.current.outputs.clear(wait=wait)


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        _emit("execute_result", format_dict)

    def finish_displayhook(self) -> None: ...


def _emit(kind: str, data: Any, display_id: str | None = None) -> None:
    plain, size = _plain(data)
    item: dict[str, Any] = {"output_type": kind, "data": plain, "metadata": {}}
    if kind == "execute_result":
        item["execution_count"] = None
    Shell.current.outputs.add(item, size, display_id)


def _plain(data: Any) -> tuple[dict[str, Any], int]:
    """A bundle of MIME types as JSON can hold it, and how many bytes it has."""
    plain = {str(mime): _text(value) for mime, value in dict(data).items()}
    return plain, sum(len(str(value).encode(errors="replace")) for value in plain.values())


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    if isinstance(value, dict | list):
        return (
            ""  # JSON is for scripts of a page, and those are not kept: that there was some is told
        )
    return value if isinstance(value, str) else str(value)


def _tell_inspect_of_cells() -> None:
    """Say which module cells belong to, before whoever makes a traceback asks.

    The answer would be looked for in all modules there are: two thirds of what a traceback costs, as each
    page of a module that is looked at has to be copied from the parent.
    """
    for name in [name for name in linecache.cache if name.startswith(_CELL)]:
        for path in (name, os.path.normcase(os.path.abspath(name))):
            inspect.modulesbyfile[path] = "__main__"


class Shell(InteractiveShell):
    """One notebook's namespace.  `run` executes a cell as Jupyter would."""

    current: Shell

    max_bytes = 1 << 20
    _number = 0

    def __init__(self) -> None:
        Shell.current = self
        self.outputs = Outputs(self.max_bytes)
        #: What earlier cells show, by display id: number of the cell, position among its outputs.
        self._shown: dict[str, list[tuple[int, int]]] = {}
        #: What the running cell changed of it.
        self.changed: dict[tuple[int, int], dict[str, Any]] = {}
        #: Called first when there is a traceback to make: the cell's limits may be in its way.
        self.before_traceback: Callable[[], None] = lambda: None
        super().__init__(
            # A history on disk would be written by a thread that each child has to start.
            config=Config(HistoryManager={"enabled": False}),
            display_pub_class=_Publisher,
            displayhook_class=_Hook,
        )
        self.db = {}  # `%cd` and others would keep one on disk
        self.colors = "nocolor"

    def run(
        self,
        source: str,
        number: int = 1,
        limit: contextlib.AbstractContextManager[None] | None = None,
    ) -> bool:
        """Execute a cell, the `number`th of its notebook: did it end without an error?

        What it puts out is in `outputs`.
        """
        self._remember()
        self.outputs, self.changed = Outputs(self.max_bytes), {}
        self.execution_count = self._number = number
        kept = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        try:
            with limit or contextlib.nullcontext():
                return bool(self.run_cell(source, store_history=True).success)
        except BaseException:  # where IPython itself was at work, and let it through
            self.showtraceback()
            return False
        finally:
            sys.stdout, sys.stderr = kept

    def _remember(self) -> None:
        """Where the last cell shows what has a display id."""
        places = {id(item): place for place, item in enumerate(self.outputs.items)}
        for display_id, items in self.outputs.shown.items():
            found = [(self._number, places[id(item)]) for item, _ in items]
            self._shown.setdefault(display_id, []).extend(found)

    def update(self, display_id: str, data: dict[str, Any], size: int) -> None:
        """Change what is shown under an id, in this cell and in earlier ones."""
        self.outputs.update(data, size, display_id)
        for place in self._shown.get(display_id, ()):
            if self.outputs.left >= size:
                self.outputs.left -= size
                self.changed[place] = data

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        self.before_traceback()
        with contextlib.suppress(Exception):  # whatever student code has made of these modules
            _tell_inspect_of_cells()
        super().showtraceback(*args, **kwargs)

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        """The exception to show; one that was raised from outside ends in the student's own line."""
        etype, value, trace = super()._get_exc_info(exc_tuple)
        if getattr(value, "from_outside", False):
            last = trace
            while last.tb_next and last.tb_next.tb_next:
                last = last.tb_next
            last.tb_next = None
        return etype, value, trace

    def init_io(self) -> None: ...

    def enable_gui(self, gui: Any = None) -> None:
        """`%matplotlib inline` asks for this; there is no window to wait for."""

    def system(self, cmd: str) -> None:
        print(NO_COMMANDS)  # the rest of the cell is the student's work: it runs on

    def getoutput(self, cmd: str, *args: Any, **kwargs: Any) -> SList:
        print(NO_COMMANDS)
        return SList()

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        lines = [str(line) for line in stb] if isinstance(stb, list) else [str(stb)]
        name = getattr(etype, "__name__", str(etype))
        item = {
            "output_type": "error",
            "ename": name,
            "evalue": str(evalue)[:2000],
            "traceback": [line[:20_000] for line in lines[:200]],
        }
        self.outputs.error(item)
