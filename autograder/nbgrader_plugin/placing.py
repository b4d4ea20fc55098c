"""Puts one submission into its place, whole or not at all, and says what it replaces."""

from __future__ import annotations

import contextlib
import enum
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.collect import shown
from autograder.download import Download, Entry
from autograder.errors import UserError
from autograder.intake import MAX_FILES, MAX_TOTAL_BYTES, Refused

TIMESTAMP = "timestamp.txt"


class Fate(enum.StrEnum):
    """What became of a submission."""

    COLLECTED = "collected"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    KEPT = "older than what is there"
    LEFT_OUT = "left out"


@contextlib.contextmanager
def beside(place: Path) -> Iterator[Path]:
    """A new folder in the same file system as `place`; gone afterwards, unless it was renamed.

    Raises UserError where nothing can be written.
    """
    made = [folder for folder in place.parents if not folder.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    except OSError as error:
        raise UserError(f"{place} cannot be written ({error.strerror}).") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):  # it is in use now
                parent.rmdir()


def unpack(files: Mapping[str, Entry], download: Download, to: Path) -> None:
    """Write files below `to`, by their paths there.  Raises Refused, and UserError if the disk is full."""
    if len(files) > MAX_FILES:
        raise Refused(f"it holds more than {MAX_FILES} files.")
    total = 0
    for name, entry in files.items():
        try:
            data = download.read(entry)
        except Refused as reason:
            raise Refused(f"{shown(name)}: {reason}") from None
        except OSError as error:
            raise Refused(f"{shown(name)} cannot be read ({error.strerror}).") from None
        total += len(data)
        if total > MAX_TOTAL_BYTES:
            raise Refused(f"its files together are larger than {MAX_TOTAL_BYTES >> 20} MiB.")
        _write_new(to / name, data, shown(name))


def _write_new(path: Path, data: bytes, name: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except (FileExistsError, NotADirectoryError):
        raise Refused(f"{name} is there twice, or is a file and a folder.") from None
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            raise Refused(f"{name} cannot be a file's name here ({error.strerror}).") from None
        raise UserError(f"{path.parent} cannot be written ({error.strerror}).") from error


def put(
    new: Path,
    place: Path,
    directory: CourseDirectory,
    received: datetime,
    *,
    replace: bool,
    again: bool,
) -> tuple[Fate, str]:
    """Rename the folder `new` to `place`, if it is what should be there; what was done, as a sentence.

    `replace`: even if what is there is newer; `again`: even if the receipt time alone differs.
    Raises Refused if what is there may not be replaced.
    """
    when = shown_time(received)
    (new / TIMESTAMP).write_text(f"{received:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="utf-8")
    new.chmod(0o750)
    if not os.path.lexists(place):
        os.rename(new, place)
        return Fate.COLLECTED, f"received {when}"
    if place.is_symlink() or not place.is_dir():
        raise Refused(f"{place} is in the way and no folder; remove it.")
    before = _received_before(place, directory)
    was = f"the one received {shown_time(before)}" if before else "one of unknown time"
    same = _contents(new) == _contents(place)
    if same and (before == received or not again):
        return Fate.UNCHANGED, f"{was} is the same"
    if not same and not replace:
        if before is None:
            raise Refused(
                f"{place} holds another submission without a receipt time; --replace takes this one."
            )
        if received <= before:
            return Fate.KEPT, f"received {when}; {was} stays (--replace takes this one)"
    _exchange(new, place)
    return Fate.REPLACED, f"received {when}, in place of {was}"


def _exchange(new: Path, place: Path) -> None:
    with beside(place) as aside:
        os.rename(place, aside / "replaced")
        try:
            os.rename(new, place)
        except BaseException:
            os.rename(aside / "replaced", place)
            raise


def _received_before(place: Path, directory: CourseDirectory) -> datetime | None:
    try:
        found = directory.get_existing_timestamp(str(place))
    except (AttributeError, ValueError, OverflowError):  # it holds no date
        return None
    return found.replace(tzinfo=UTC) if found else None


def _contents(folder: Path) -> dict[str, bytes]:
    """Each file and its bytes, but for the receipt time; a link or a pipe is never the same."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        if path.is_file() and not path.is_symlink()
        else b"\0no file"
        for path in folder.rglob("*")
        if path.name != TIMESTAMP and (path.is_symlink() or not path.is_dir())
    }


def shown_time(moment: datetime) -> str:
    """`2027-10-01 22:10 UTC`."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
