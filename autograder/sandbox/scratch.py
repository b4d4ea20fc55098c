"""Emptying a folder in which student code could write what it liked."""

from __future__ import annotations

import os
from pathlib import Path


def wipe(folder: Path) -> None:
    """Empty a folder however deep, without following a link.

    What is in a subfolder is moved up before the subfolder goes, so that no path grows long and nothing
    recurses.  Nobody may write in it meanwhile.
    """
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            os.chmod(entry.path, 0o700)
            for inner in list(os.scandir(entry.path)):
                os.rename(inner.path, folder / os.urandom(12).hex())
            os.rmdir(entry.path)
