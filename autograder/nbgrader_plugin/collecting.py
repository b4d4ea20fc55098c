"""Takes submissions in from a download: who each is from, whether it is fit, and what it replaces.

nbgrader's own exchange has `nbgrader collect`; here it is a folder or a zip from an LMS.  A submission is
written beside its place and renamed, so it is there whole or not at all.  One file that cannot be taken
keeps its student's whole submission out, with the reason; the others go on.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder.collect import (
    SHOWN,
    Lms,
    Unplaced,
    guess,
    match,
    odd,
    original,
    parse,
    shown,
    wrapping,
)
from autograder.download import Download, Entry, open_download
from autograder.errors import UserError
from autograder.intake import Refused, examine
from autograder.nbgrader_plugin.course import Course, CourseError
from autograder.nbgrader_plugin.enrol import roster
from autograder.nbgrader_plugin.placing import TIMESTAMP, Fate, beside, put, shown_time, unpack

#: What computers leave in every folder and zip.
_LITTER = ("__MACOSX", "._*", "Thumbs.db")


@dataclasses.dataclass(frozen=True)
class Told:
    """One submission, or one name that is nobody's."""

    who: str
    fate: Fate
    said: str


@dataclasses.dataclass
class _Parcel:
    """What a download holds of one student."""

    files: dict[str, Entry] = dataclasses.field(default_factory=dict)
    late: bool = False
    trouble: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class _Rules:
    lms: Lms
    due: datetime | None
    received: datetime | None
    replace: bool


class Collector:
    """Collects one assignment from one download.  Raises UserError where nothing can be done."""

    def __init__(self, course: Course, assignment: str) -> None:
        course.require_assignment(assignment)
        self._course, self._assignment = course, assignment
        with course.gradebook() as gradebook:
            found = gradebook.find_assignment(assignment).duedate
            self._due = found.replace(tzinfo=UTC) if found else None
        self.roster = roster(course)
        if not self.roster:
            raise CourseError(
                "the roster is empty, so nobody can be told from a file's name. "
                "Take it in first: autograder init --roster students.csv"
            )
        released = course.folder("release", ".", assignment)
        self._notebooks = [path.stem for path in course.released(assignment)]
        self._wanted = {
            p.relative_to(released).as_posix() for p in released.rglob("*") if p.is_file()
        }

    def collect(
        self,
        path: Path,
        lms: Lms | None = None,
        received: datetime | None = None,
        replace: bool = False,
    ) -> Iterator[Told | str]:
        """What became of each submission in `path`; sentences about the whole among them.

        `received` overrules the files' times, which are those of the file system or the zip; with
        `replace` a submission is taken though there is a newer one.
        """
        with open_download(path) as download:
            entries, strip = self._files(download)
            names = [entry.name for entry in entries if not odd(entry.name)]
            read_as = lms or guess([n[len(strip) :] for n in names], self._assignment, self.roster)
            yield f"{path.name}: {SHOWN[read_as]}" + (
                "" if lms else f" (by the look of it; --lms {read_as} says so)"
            )
            rules = _Rules(read_as, self._due, received, replace)
            parcels, nobodys = self._sort(entries, strip, read_as)
            for student in sorted(parcels):
                yield self._take(student, parcels[student], download, rules)
            for sender, (names_of, reason) in sorted(nobodys.items()):
                yield Told(sender, Fate.LEFT_OUT, _few(names_of) + reason)
            yield from _about_times(parcels, rules)

    def _files(self, download: Download) -> tuple[list[Entry], str]:
        """What a person put there, and the folder that all of it lies in, if there is one."""
        ignore = [*self._course.directory.ignore, *_LITTER]
        entries = [e for e in download.entries if not _ignored(e.name, ignore)]
        names = [entry.name for entry in entries if not odd(entry.name)]
        if not names:
            raise CourseError("there is no file in it." if not entries else _first_trouble(entries))
        strip = wrapping(names)
        if not strip or self._speak(names) or not self._speak([n[len(strip) :] for n in names]):
            return entries, ""  # one student's folder is no wrapping
        return entries, strip

    def _speak(self, names: Sequence[str]) -> bool:
        """Can students be told from these names?"""
        try:
            return bool(guess(names, self._assignment, self.roster))
        except UserError:
            return False

    def _sort(
        self, entries: Sequence[Entry], strip: str, lms: Lms
    ) -> tuple[dict[str, _Parcel], dict[str, tuple[list[str], str]]]:
        """What is whose; and by sender, the names that are nobody's, with the reason."""
        parcels: dict[str, _Parcel] = {}
        nobodys: dict[str, tuple[list[str], str]] = {}
        for entry in entries:
            name = entry.name.removeprefix(strip)
            if odd(entry.name):
                nobodys[shown(entry.name)] = ([], entry.trouble)
                continue
            sender = name
            try:
                named = parse(lms, name, self._assignment)
                sender = named.sender
                student = match(named, self.roster)
            except Unplaced as reason:
                nobodys.setdefault(shown(sender), ([], entry.trouble or str(reason)))[0].append(
                    name
                )
                continue
            parcel = parcels.setdefault(student.id, _Parcel())
            parcel.late = parcel.late or named.late
            file = original(named.file, self._wanted)
            if entry.trouble:
                parcel.trouble.append(f"{shown(named.file)}: {entry.trouble}")
            elif file in parcel.files:
                both = f"{shown(parcel.files[file].name)} and {shown(entry.name)}"
                parcel.trouble.append(f"{both} are both {file}; leave one of them there.")
            elif file != TIMESTAMP:  # when it was received is not for the student to say
                parcel.files[file] = entry
        return parcels, nobodys

    def _take(self, student: str, parcel: _Parcel, download: Download, rules: _Rules) -> Told:
        if parcel.trouble:
            return Told(student, Fate.LEFT_OUT, " ".join(parcel.trouble))
        if not parcel.files:
            return Told(student, Fate.LEFT_OUT, f"there is no file but a {TIMESTAMP}.")
        place = self._course.folder("submitted", student, self._assignment)
        try:
            with beside(place) as new:
                unpack(parcel.files, download, new)
                examine(new, self._notebooks)
                fate, said = put(
                    new,
                    place,
                    self._course.directory,
                    _receipt(parcel, rules),
                    replace=rules.replace,
                    again=rules.received is not None,
                )
        except Refused as reason:
            return Told(student, Fate.LEFT_OUT, str(reason))
        return Told(student, fate, said)


def _receipt(parcel: _Parcel, rules: _Rules) -> datetime:
    """When the last of its files came; at the due date at most, where Canvas says that it was in time."""
    if rules.received:
        return rules.received
    latest = max(entry.received for entry in parcel.files.values())
    in_time = rules.lms is Lms.CANVAS and not parcel.late
    return min(latest, rules.due) if rules.due and in_time else latest


def _about_times(parcels: Mapping[str, _Parcel], rules: _Rules) -> Iterator[str]:
    """Both LMSs put the moment of the download into a zip, whenever the work was handed in."""
    if rules.received or rules.due is None or rules.lms is Lms.FOLDERS:
        return
    after = [p for p in parcels.values() if p.files and _receipt(p, rules) > rules.due]
    moved = [
        p
        for p in parcels.values()
        if p.files and max(e.received for e in p.files.values()) > _receipt(p, rules)
    ]
    due = shown_time(rules.due)
    if moved:
        yield (
            f"Canvas marks {len(moved)} as in time though the files are younger than the due date: an LMS "
            f"dates files by the download. They count as received at {due}."
        )
    if after:
        yield (
            f"{len(after)} count as received after the due date ({due}), by the files' times. An LMS dates "
            "files by the download: if that is wrong, collect them again with --received."
        )


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    """By any part of its path, as nbgrader's copying has it."""
    parts = PurePosixPath(name).parts
    return any(fnmatch.fnmatchcase(part, pattern) for part in parts for pattern in patterns)


def _first_trouble(entries: Sequence[Entry]) -> str:
    return f"nothing in it can be taken; {shown(entries[0].name)}: {entries[0].trouble}"


def _few(names: Sequence[str]) -> str:
    """`hw.ipynb: `, or `hw.ipynb and 3 more: `; nothing where there is no name."""
    if not names:
        return ""
    return shown(names[0]) + (f" and {len(names) - 1} more: " if len(names) > 1 else ": ")
