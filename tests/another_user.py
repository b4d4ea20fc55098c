"""Running things as a user who is not root: what is needed for it to see the interpreter and the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]

#: No account of the machine's.
USER = 12345


def become(user: int, group: int) -> list[str]:
    """The command in front that makes root somebody else, with no other groups."""
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--"]


def readable_by_all() -> list[str]:
    """The command in front that lets another user read the interpreter and the checkout.

    They may lie below folders that only root can enter, such as root's home.  In a view of the files of
    its own, these folders are empty but for what is needed.
    """
    needed = {Path(p).resolve() for p in (sys.base_prefix, sys.prefix, CHECKOUT)}
    needed = {p for p in needed if not any(other in p.parents for other in needed)}
    closed = {p: _closed_above(p) for p in needed}
    if not any(closed.values()):
        return []
    view = ["bwrap", "--dev-bind", "/", "/"]
    for folder in sorted({top for top in closed.values() if top}):
        view += ["--perms", "0755", "--tmpfs", str(folder)]
    for path, top in sorted(closed.items()):
        if top is not None:
            between = [p for p in reversed(path.parents) if top in p.parents]
            for folder in between:
                view += ["--perms", "0755", "--dir", str(folder)]
            view += ["--ro-bind", str(path), str(path)]
    return [*view, "--"]


def _closed_above(path: Path) -> Path | None:
    """The uppermost folder above, or this one, that other users may not enter."""
    return next((p for p in (*reversed(path.parents), path) if not p.stat().st_mode & 0o001), None)
