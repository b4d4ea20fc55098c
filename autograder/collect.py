"""Whom a downloaded file is from, by its name, and which of the roster's students that is.

    canvas    lovelaceada_LATE_340934_208490284_ps02_vanilla_rnn-1.ipynb
    moodle    Ada Lovelace_12345_assignsubmission_file_/ps02_vanilla_rnn.ipynb
    folders   ada/ps02_vanilla_rnn.ipynb

Canvas writes the name for sorting ("Lovelace, Ada") in small letters without what is no letter or digit,
`LATE` if it was, its own numbers of the user and of the file, and the file's name, with `-1`, `-2` behind
it when it is handed in again (canvas-lms, `lib/content_zipper.rb`).  Moodle writes the full name, a number
that means something within one assignment only, and the kind of the submission; the file's name follows in
a folder, or behind an underscore (moodle, `mod/assign/classes/downloader.php`).

Nothing is guessed: a name that fits nobody, or two, is Unplaced, with the reason.
"""

from __future__ import annotations

import dataclasses
import enum
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from autograder.errors import UserError
from autograder.roster import Student

_CANVAS = re.compile(
    r"(?P<name>[^/\s]+?)(?:_(?P<late>LATE|late))?_(?P<user>[0-9]+)_(?P<number>[0-9]+)_(?P<file>[^/]+)"
)
_CANVAS_TYPED = re.compile(r"[^/\s]+?(?:_(?:LATE|late))?_[0-9]+_(?P<kind>text|link)\.html")
_CANVAS_ANONYMOUS = re.compile(r"(?:LATE_|late_)?anon_[A-Za-z0-9]+_[0-9]+_.+")
_MOODLE = re.compile(
    r"(?P<name>[^_/]+)_(?P<number>[0-9]+)_assignsubmission_(?P<kind>[a-z]+)"
    r"(?:_?/(?P<file>.+)|_(?P<flat>[^/]+))"
)
_COPY = re.compile(r"(?P<stem>.+?)(?:-[0-9]{1,3}| ?\([0-9]{1,3}\))(?P<suffix>\.[^.]+)")


class Lms(enum.StrEnum):
    """Whose way of naming it is."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    FOLDERS = "folders"


SHOWN = {
    Lms.CANVAS: "as Canvas names a download",
    Lms.MOODLE: "as Moodle names a download",
    Lms.FOLDERS: "a folder for each student id",
}


class Unplaced(Exception):
    """Nobody can be told from the name; the message says why."""


@dataclasses.dataclass(frozen=True)
class Named:
    """What a download's name says: the sender as the LMS writes it, and the file's own name."""

    lms: Lms
    sender: str
    file: str
    lms_user_id: str = ""
    late: bool = False


def parse(lms: Lms, name: str, assignment: str) -> Named:
    """What `name`, a path within the download with `/` between its parts, says.

    Raises Unplaced if it is not of the form.
    """
    if lms is Lms.CANVAS:
        return _parse_canvas(name)
    if lms is Lms.MOODLE:
        return _parse_moodle(name)
    student, _, file = name.partition("/")
    if not file:
        raise Unplaced("it lies in no student's folder.")
    return Named(lms, student, file.removeprefix(f"{assignment}/"))


def _parse_canvas(name: str) -> Named:
    if _CANVAS_ANONYMOUS.fullmatch(name):
        raise Unplaced("Canvas left the name out, as the assignment is graded anonymously.")
    if found := _CANVAS_TYPED.fullmatch(name):
        raise Unplaced(f"it is a {found['kind']} typed into Canvas, not a file.")
    found = _CANVAS.fullmatch(name)
    if found is None:
        raise Unplaced("it is not named as Canvas names a file (name_user_file_...).")
    return Named(Lms.CANVAS, found["name"], found["file"], found["user"], bool(found["late"]))


def _parse_moodle(name: str) -> Named:
    found = _MOODLE.fullmatch(name)
    if found is None:
        raise Unplaced(
            "it is not named as Moodle names a file (First Last_123_assignsubmission_file_/...)."
        )
    if found["kind"] != "file":
        raise Unplaced(f"it is Moodle's {found['kind']}, not a file.")
    return Named(Lms.MOODLE, found["name"], found["file"] or found["flat"])


def match(named: Named, roster: Iterable[Student]) -> Student:
    """The one student of the roster that a name fits.  Raises Unplaced if there is none, or two."""
    roster = list(roster)
    if named.lms is Lms.FOLDERS:
        return _only([s for s in roster if named.sender in _handles(s)], named)
    key = _letters(named.sender)
    by_name = [s for s in roster if key and key in _names(s)]
    if named.lms is Lms.MOODLE:  # its number is another one in each assignment
        return _only(by_name, named)
    by_number = [s for s in roster if s.lms_user_id == named.lms_user_id]
    if len(by_number) == 1 and by_name and by_number[0] not in by_name:
        raise Unplaced(
            f"Canvas's number {named.lms_user_id} is {by_number[0]}'s in the roster, and the name is "
            f"{by_name[0]}'s."
        )
    if by_number:
        return _only(by_number, named)
    student = _only(by_name, named)
    if student.lms_user_id:
        raise Unplaced(
            f"the name is {student}'s, whose number in Canvas is {student.lms_user_id} by the roster "
            f"and {named.lms_user_id} here."
        )
    return student


def _only(found: Sequence[Student], named: Named) -> Student:
    if len(found) == 1:
        return found[0]
    if found:
        both = " and ".join(map(str, found))
        raise Unplaced(f"{shown(named.sender)} can be {both}. {_MEND[named.lms]}")
    number = f" (Canvas's number {named.lms_user_id})" if named.lms_user_id else ""
    raise Unplaced(f"{shown(named.sender)}{number} is nobody in the roster. {_MEND[named.lms]}")


_MEND = {
    Lms.CANVAS: "Give the roster Canvas's number as lms_user_id.",
    Lms.MOODLE: "Put the file into a folder named by the student's id, and use --lms folders.",
    Lms.FOLDERS: "A folder's name has to be a student's id.",
}


def _handles(student: Student) -> set[str]:
    return {student.id, student.email, student.lms_user_id} - {""}


def _names(student: Student) -> set[str]:
    """A student's name as a download may spell it, in both orders; none if a part is unknown."""
    first, last = _letters(student.first_name), _letters(student.last_name)
    return {first + last, last + first} if first and last else set()


def _letters(name: str) -> str:
    """Letters, their marks and digits, in small: what every system leaves of a name."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LMN")


def guess(names: Collection[str], assignment: str, roster: Collection[Student]) -> Lms:
    """Whose way of naming these are.  Raises UserError if it is nobody's, or more than one's."""
    known = {handle for student in roster for handle in _handles(student)}
    fitting = {_fitting(name, assignment, known) for name in names}
    found = [lms for lms in Lms if lms in fitting]
    if len(found) == 1:
        return found[0]
    ways = "; ".join(f"--lms {lms}: {said}" for lms, said in SHOWN.items())
    if found:
        raise UserError(f"the names can be {' or '.join(found)}. Say which ({ways}).")
    example = f" (such as {shown(min(names))})" if names else ""
    raise UserError(f"nobody can be told from the names{example}. Say how to read them ({ways}).")


def _fitting(name: str, assignment: str, known: Collection[str]) -> Lms | None:
    """Moodle's form before Canvas's, which a file's own name may imitate."""
    for lms in (Lms.MOODLE, Lms.CANVAS, Lms.FOLDERS):
        try:
            named = parse(lms, name, assignment)
        except Unplaced:
            continue
        if lms is not Lms.FOLDERS or named.sender in known:
            return lms
    return None


def wrapping(names: Collection[str]) -> str:
    """The one folder that all of these lie in, with its `/`; empty if they do not."""
    tops = {name.partition("/")[0] for name in names}
    return f"{min(tops)}/" if len(tops) == 1 and all("/" in name for name in names) else ""


def original(file: str, wanted: Collection[str]) -> str:
    """`ps02-2.ipynb` and `ps02 (1).ipynb` are `ps02.ipynb`, if that is wanted; else the name as it is."""
    name = file
    while name not in wanted:
        copy = _COPY.fullmatch(name)
        if copy is None:
            return file
        name = copy["stem"] + copy["suffix"]
    return name


def odd(name: str) -> str:
    """Why a path within a download is not one to be trusted; empty if it is."""
    parts = name.split("/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its name is an absolute path."
    if "\\" in name:
        return "its name has a backslash."
    if ".." in parts:
        return "its name leads out of the download (..)."
    if "" in parts or "." in parts:
        return "its name has an empty part."
    if any(map(_misleads, name)):
        return "its name has characters that cannot be shown."
    if any(len(part.encode()) > 200 for part in parts) or len(name.encode()) > 1000:
        return "its name is too long."
    return ""


def _misleads(character: str) -> bool:
    """Control characters, half characters, line ends, and those that turn the reading direction."""
    bidi = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    return bidi or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def shown(name: str) -> str:
    """A name from outside, fit for a terminal and not longer than a line."""
    clean = "".join(ascii(c)[1:-1] if _misleads(c) else c for c in name)
    return clean if len(clean) <= 100 else f"{clean[:60]}...{clean[-36:]}"
