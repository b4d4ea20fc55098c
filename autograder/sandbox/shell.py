"""A notebook's cells in an IPython shell of this process, with their outputs in nbformat's shape."""

from __future__ import annotations

import io
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList

NO_COMMANDS = "shell commands do not run while a notebook is graded"


LEFT_OUT = "\n... the rest of this cell's output is left out: it is too long\n"
ITEM_BYTES = 100  # what an output costs however little it says


class Outputs:
    """What one cell has put out so far, capped by bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.items: list[dict[str, Any]] = []
        self.left = max_bytes

    def stream(self, name: str, text: str) -> None:
        if not text or self.left < 0:
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

    def add(self, item: dict[str, Any], size: int) -> None:
        if self.left < 0:
            return
        self.left -= size + ITEM_BYTES
        if self.left < 0:
            item = {"output_type": "stream", "name": "stdout", "text": [LEFT_OUT]}
        self.items.append(item)

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
        _emit("display_data", data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        outputs = Shell.current.outputs
        outputs.items.clear()


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        _emit("execute_result", format_dict, md_dict)

    def finish_displayhook(self) -> None: ...


def _emit(kind: str, data: Any, metadata: Any) -> None:
    plain = {str(mime): _text(value) for mime, value in dict(data).items()}
    item: dict[str, Any] = {"output_type": kind, "data": plain, "metadata": {}}
    if kind == "execute_result":
        item["execution_count"] = None
    size = sum(len(str(value).encode(errors="replace")) for value in plain.values())
    Shell.current.outputs.add(item, size)


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    return value if isinstance(value, str | dict | list) else str(value)


class Shell(InteractiveShell):
    """One notebook's namespace.  `run` executes a cell as Jupyter would."""

    current: Shell

    max_bytes = 1 << 20

    def __init__(self) -> None:
        Shell.current = self
        self.outputs = Outputs(self.max_bytes)
        super().__init__(display_pub_class=_Publisher, displayhook_class=_Hook)
        if self.history_manager is not None:
            self.history_manager.enabled = False
        self.colors = "nocolor"

    def run(self, source: str) -> tuple[list[dict[str, Any]], bool]:
        """Execute a cell; its outputs, and whether it ended without an error."""
        self.outputs = Outputs(self.max_bytes)
        kept = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = kept
        return self.outputs.finished(), bool(result.success)

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
        # An error is told even where the cell's output is full.
        self.outputs.items.append(item)
