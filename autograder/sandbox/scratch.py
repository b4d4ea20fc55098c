"""A folder in which student code can write what it likes: how much it holds, and emptying it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def overfull(folder: Path, most_files: int, most_bytes: int) -> bool:
    """Does a folder hold more than it may?  Looks at so many files and no more.

    A folder that cannot be looked into counts as overfull.  Its owner may write in it meanwhile.
    """
    folders, files, size = [str(folder)], 0, 0
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    files += 1
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        with contextlib.suppress(FileNotFoundError):
                            size += entry.stat(follow_symlinks=False).st_size
                    if files > most_files or size > most_bytes:
                        return True
        except (FileNotFoundError, NotADirectoryError):
            continue  # gone meanwhile
        except OSError:
            return True
    return False


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
