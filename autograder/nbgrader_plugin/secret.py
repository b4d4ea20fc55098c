"""The course's secret: 32 bytes that the inputs of every submission are drawn from."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from autograder.errors import UserError

BYTES = 32


def course_secret(root: Path) -> bytes:
    """The secret of the course at `root`, made on first use, readable by its owner alone.

    Raises UserError if the file has been damaged.
    """
    path = root / ".unrolled" / "secret"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        _make(path)
    secret = path.read_bytes()
    if len(secret) != BYTES:
        raise UserError(
            f"{path} should hold {BYTES} bytes and holds {len(secret)}. Restore it from a backup, "
            "or delete it: a new one is made, and earlier verdicts stay as they are."
        )
    return secret


def _make(path: Path) -> None:
    """Whole or not at all, and once, though two processes may try."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(BYTES))
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    os.unlink(temporary)
