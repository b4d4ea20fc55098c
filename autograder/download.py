"""A download of submissions, a zip or a folder: names, sizes and times first, bytes only when asked for.

No link is followed, nothing is unpacked that says it is, or turns out to be, larger than a submission
may be, and whatever is odd about an entry is noted with its name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Protocol

from autograder.collect import odd
from autograder.errors import UserError
from autograder.intake import MAX_FILE_BYTES, MAX_NOTEBOOK_BYTES, Refused

MAX_ENTRIES = 50_000
MAX_FOLDERS = 32  # one in the other
#: A notebook packs to a tenth, a picture hardly; what packs to a hundredth was made to burst.
MAX_RATIO = 100
SMALL = 1 << 20  # whatever packs well and is not larger does no harm

ARCHIVES = frozenset([".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"])
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_UNIX_TIME = 0x5455  # the extra field that has seconds, in UTC


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file of a download: its path there, when it was written, and why it cannot be taken, if so."""

    name: str
    received: datetime
    trouble: str = ""


class Download(Protocol):
    """What was downloaded, open."""

    @property
    def entries(self) -> list[Entry]: ...

    def read(self, entry: Entry) -> bytes:
        """Its content.  Raises Refused if it is not what it said, and OSError."""
        ...


@contextlib.contextmanager
def open_download(path: Path) -> Iterator[Download]:
    """Look at a zip or a folder.  Raises UserError if `path` is neither, or is too much of it."""
    if path.is_dir():
        yield _Folder(path)
        return
    if not path.exists():
        raise UserError(f"there is no {path}.")
    try:
        archive = zipfile.ZipFile(path)
    except PermissionError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
        raise UserError(f"{path} is neither a folder nor a sound zip ({error}).") from None
    with archive:
        yield _Zip(archive, path)


def limit(name: str) -> int:
    """The most bytes that a file of this name may have."""
    return MAX_NOTEBOOK_BYTES if name.endswith(".ipynb") else MAX_FILE_BYTES


def _trouble(name: str, size: int) -> str:
    """What is wrong with a file wherever it comes from."""
    if reason := odd(name):
        return reason
    if PurePosixPath(name).suffix.lower() in ARCHIVES:
        return "it is an archive itself; it has to be unpacked, by whoever handed it in or by you."
    if size > limit(name):
        return f"it is larger than {limit(name) >> 20} MiB."
    return ""


def _moment(seconds: float) -> datetime:
    """Not later than now, and a date at all."""
    now = datetime.now(UTC)
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return min(datetime.fromtimestamp(seconds, UTC), now)
    return now


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        infos = [info for info in archive.infolist() if not info.is_dir()]
        _check_count(len(infos), path)
        packed = path.stat().st_size
        whole = sum(info.file_size for info in infos)
        if whole > max(SMALL, MAX_RATIO * packed):
            raise UserError(
                f"{path} has {packed} bytes and unpacks to {whole}: it was made to burst."
            )
        times = Counter(_same_file(info.orig_filename) for info in infos)
        self.entries = []
        self._infos = {}
        for info in infos:
            twice = times[_same_file(info.orig_filename)] > 1
            entry = Entry(info.orig_filename, _zip_time(info), _zip_trouble(info, twice))
            self.entries.append(entry)
            self._infos[entry] = info

    def read(self, entry: Entry) -> bytes:
        info = self._infos[entry]
        most = limit(entry.name)
        try:
            with self._archive.open(info) as file:
                data = file.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, struct.error) as error:
            raise Refused(f"it is damaged in the zip ({error}).") from None
        if len(data) > most:
            raise Refused(f"it is larger than {most >> 20} MiB.")
        if len(data) != info.file_size:
            raise Refused(f"it has {len(data)} bytes, and the zip says {info.file_size}.")
        return data


def _zip_trouble(info: zipfile.ZipInfo, twice: bool) -> str:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "it is a link; the file itself has to be handed in."
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "it is neither a file nor a folder."
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted."
    if info.compress_type not in _METHODS:
        return f"it is packed in a way that is not known here ({info.compress_type})."
    if twice:
        return "the zip has it twice."
    if info.file_size > max(SMALL, MAX_RATIO * info.compress_size):
        return f"it has {info.compress_size} bytes and says that it unpacks to {info.file_size}."
    return _trouble(info.orig_filename, info.file_size)


def _zip_time(info: zipfile.ZipInfo) -> datetime:
    """The zip's time of a file: in UTC if it has that, else in this machine's zone."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == _UNIX_TIME and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return _moment(struct.unpack("<i", extra[5:9])[0])
        extra = extra[4 + size :]
    try:
        return _moment(datetime(*info.date_time).timestamp())
    except (ValueError, OverflowError, OSError):  # there is no month 0
        return datetime.now(UTC)


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root
        self.entries = []
        for entry in _walk(root, "", MAX_FOLDERS):
            self.entries.append(entry)
            _check_count(len(self.entries), root)

    def read(self, entry: Entry) -> bytes:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        most = limit(entry.name)
        # It may have become something else since it was looked at.
        with os.fdopen(os.open(self._root / entry.name, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Refused("it is neither a file nor a folder.")
            data = file.read(most + 1)
        if len(data) > most:
            raise Refused(f"it is larger than {most >> 20} MiB.")
        return data


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[Entry]:
    try:
        found = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError as error:
        yield Entry(prefix.rstrip("/"), datetime.now(UTC), f"it cannot be read ({error.strerror}).")
        return
    for item in found:
        name, about = prefix + item.name, item.stat(follow_symlinks=False)
        trouble = ""
        if stat.S_ISLNK(about.st_mode):
            trouble = "it is a link; the file itself has to be handed in."
        elif stat.S_ISDIR(about.st_mode):
            if depth > 1:
                yield from _walk(folder / item.name, f"{name}/", depth - 1)
                continue
            trouble = f"it lies more than {MAX_FOLDERS} folders deep."
        elif not stat.S_ISREG(about.st_mode):
            trouble = "it is neither a file nor a folder."
        yield Entry(name, _moment(about.st_mtime), trouble or _trouble(name, about.st_size))


def _same_file(name: str) -> str:
    """Names that one file system or another takes for the same."""
    return unicodedata.normalize("NFC", name).casefold()


def _check_count(count: int, path: Path) -> None:
    if count > MAX_ENTRIES:
        raise UserError(f"{path} holds more than {MAX_ENTRIES} files; that is no class's work.")
