"""The course's secret: 32 bytes that the inputs of every submission are drawn from."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from autograder.errors import UserError

BYTES = 32


def course_secret(root: Path) -> bytes:
    """The secret of the course at `root`, made on first use, readable by its owner alone.

    Raises UserError if the file has been damaged.
    """
    path = root / ".unrolled" / "secret"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = path.read_bytes()
        if len(secret) != BYTES:
            raise UserError(
                f"{path} should hold {BYTES} bytes and holds {len(secret)}. Restore it from a backup, "
                "or delete it: a new one is made, and earlier verdicts stay as they are."
            ) from None
        return secret
    with os.fdopen(descriptor, "wb") as file:
        secret = secrets.token_bytes(BYTES)
        file.write(secret)
    return secret
