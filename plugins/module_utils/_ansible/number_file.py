# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of numbers, plain lists and CSV, as one stream of entries in constant memory."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import stat
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .._domain.numbers import FEWEST_DIGITS, Entry

ReportFault = Callable[[int, str], None]
"""Takes the line and what is wrong with it."""

LONGEST_LINE = 65536  # characters
LONGEST_NOTE = 500
_SAMPLE = 65536  # bytes, in which the header must end
_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r"""("?)sep=(?P<delimiter>[^\w\s"#]|\t)\1\s*""", re.IGNORECASE)  # Excel's own first line
# Joiners belong to the words in Hindi, Malayalam and other scripts; blanks of any width are blanks.
_PASSED_OVER = dict.fromkeys([0x200C, 0x200D, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000])
_UNREADABLE = "\ufffd"  # stands for bytes that the encoding does not have
_SHOWN_NAMES, _SHOWN_NAME = 20, 60

_AS_UTF_8 = "save it as CSV or text in UTF-8"
_COMMENTED = (
    "begins with #, as a comment does, and has a number in the column of the numbers; quote its first cell if the row"
    " is meant, remove the line if it is not"
)
_NOT_UTF_8 = "has a character that cannot be read, since the file is not in UTF-8; save it as UTF-8"
_KINDS = (
    (b"PK\x03\x04", f"is a spreadsheet (.xlsx, .ods) or an archive; {_AS_UTF_8}"),
    (b"\xd0\xcf\x11\xe0", f"is a spreadsheet (.xls); {_AS_UTF_8}"),
    (b"\x1f\x8b", "is compressed; unpack it"),
    (
        b"$ANSIBLE_VAULT;",
        "is encrypted with Ansible Vault, which only the controller can decrypt: leave remote_src out",
    ),
    (codecs.BOM_UTF32_LE, f"is in UTF-32; {_AS_UTF_8}"),
    (codecs.BOM_UTF32_BE, f"is in UTF-32; {_AS_UTF_8}"),
)
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class NumberFile:
    """A file with one number a line, or, if ``number_column`` is given, CSV with a header.

    ``path`` is where it is read, ``shown`` its name as the user gave it, for messages. ``expiry_column`` and
    ``note_column`` make sense with ``number_column`` only.
    """

    path: str
    shown: str
    number_column: Optional[str] = None
    expiry_column: Optional[str] = None
    note_column: Optional[str] = None

    def entries(self, fault: ReportFault) -> Iterator[Entry]:
        """Every row but blank lines and comments, which begin with ``#``, in the order of the file.

        A row at fault is told to ``fault`` and left out. Raises ValueError, when it is iterated, if the file cannot be
        used at all; the message names the file and says what to do.
        """
        try:
            with _opened(self.path) as file:
                version, sample = _version(file), file.read(_SAMPLE)
                encoding = _encoding_of(sample)
                text = _text_of(sample, encoding)
                file.seek(0)
                stream = io.TextIOWrapper(file, encoding, "replace")
                if self.number_column is None:
                    _refuse_columns(text)
                    yield from _lone_entries(_blocks(stream, fault), fault)
                else:
                    layout = _layout_of(text, self.number_column, self.expiry_column, self.note_column)
                    yield from _rows_of(_blocks(stream, fault), layout, fault)
                if _version(file) != version:
                    raise _Unusable("was changed while it was read; run again")
        except _Unusable as problem:
            raise ValueError(f"{self.shown} {problem}") from None
        except OSError as error:
            raise ValueError(f"{self.shown} cannot be read: {error.strerror or type(error).__name__}") from None


class _Unusable(Exception):
    """The file as a whole cannot be used; the message follows its name."""


def _opened(path: str) -> BinaryIO:
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise _Unusable("does not exist; give the name of a file") from None
    except ValueError:  # NUL, or what cannot be encoded
        raise _Unusable("has a character that is not allowed in a file name") from None
    if stat.S_ISDIR(mode):
        raise _Unusable("is a folder; give the name of a file")
    if not stat.S_ISREG(mode):
        raise _Unusable("is not a regular file; give the name of one")
    try:
        return open(path, "rb")
    except PermissionError:
        raise _Unusable("cannot be read by this user; change its permissions") from None


def _version(file: BinaryIO) -> Tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _encoding_of(sample: bytes) -> str:
    for beginning, kind in _KINDS:
        if sample.startswith(beginning):
            raise _Unusable(kind)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        halves = len(sample) // 4
        if max(sample[0::2].count(0), sample[1::2].count(0)) > halves:
            raise _Unusable("seems to be in UTF-16 without a byte-order mark; save it as UTF-8")
        raise _Unusable(f"is not text; {_AS_UTF_8}")
    return "utf-8-sig"


def _text_of(sample: bytes, encoding: str) -> str:
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample, len(sample) < _SAMPLE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _blocks(stream: io.TextIOWrapper, fault: ReportFault) -> Iterator[str]:
    """The text in blocks of whole lines that end in a line feed. A line that is too long is told, and is blank here."""
    rest, place = "", 1
    ended = False
    while not ended:
        block = stream.read(LONGEST_LINE)
        ended = not block
        cut = len(block) if ended else block.rfind("\n") + 1
        if not cut and not ended:
            rest = (rest + block)[: LONGEST_LINE + 1]  # enough to see that it is too long
            continue
        whole, rest = rest + block[:cut], block[cut:]
        end = whole.find("\n") if not ended else len(whole)
        if end > LONGEST_LINE:  # only the first line is made of several blocks
            fault(place, f"has more than {LONGEST_LINE:,} characters; give one number per line")
            whole = whole[end:]
        place += whole.count("\n")
        if whole:
            yield whole


def _lone_entries(blocks: Iterator[str], fault: ReportFault) -> Iterator[Entry]:
    # A million of them: the short way first, and no call that can be saved.
    new, place = tuple.__new__, 0
    for line in chain.from_iterable(map(io.StringIO, blocks)):
        place += 1
        given = line.strip()
        if not given or given[0] == "#":
            continue
        if given.isascii() or _UNREADABLE not in given:
            yield new(Entry, (place, given, None, None))
        else:
            fault(place, _NOT_UTF_8)


def _refuse_columns(text: str) -> None:
    """A file that is CSV is not read as a list: what its columns are must be said."""
    first = next((line for line in map(str.strip, io.StringIO(text)) if line and line[0] != "#"), "")
    if first and not any(map(str.isdigit, first)):
        raise _Unusable(
            f"begins with {first[:_SHOWN_NAME]!r}, which looks like a header; name the column of the numbers in"
            " number_column"
        )
    for delimiter in _DELIMITERS:
        if sum(1 for cell in first.split(delimiter) if cell.strip()) > 1:
            raise _Unusable(
                f"has several cells in its first line, {first[:_SHOWN_NAME]!r}; give one number per line, or give it a"
                " header and name the column of the numbers in number_column"
            )


class _Layout(NamedTuple):
    """How a CSV file is made: where the columns stand, counted from 0."""

    delimiter: str
    header: Tuple[str, ...]
    number: int
    expiry: Optional[int]
    note: Optional[int]


class _Rows:
    """The rows of CSV. ``ended``: the line where the last row ended, which the one who takes rows keeps up.

    Lines that begin with ``#`` are comments. ``is_comment``: whether a line that looks like a comment, or like one that
    tells the delimiter, and stands at that place, is no row.
    """

    def __init__(self, blocks: Iterable[str], delimiter: str, is_comment: Callable[[str, int], bool]) -> None:
        self.ended = 0
        self._is_comment = is_comment
        self.reader = csv.reader(
            chain.from_iterable(map(self._lines, blocks)), delimiter=delimiter, strict=True, skipinitialspace=True
        )

    def _lines(self, block: str) -> Iterable[str]:
        return self._without_comments(block) if "#" in block or self.ended == 0 else io.StringIO(block)

    def _without_comments(self, block: str) -> Iterator[str]:
        # A quote in a comment must open no cell; and a # within a cell of several lines is no comment.
        for line in io.StringIO(block):
            begins = self.reader.line_num == self.ended
            may_be = begins and (_begins_as_a_comment(line) or _SEPARATOR_LINE.fullmatch(line) is not None)
            yield "\n" if may_be and self._is_comment(line, self.ended + 1) else line


def _begins_as_a_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _cells_of(line: str, delimiter: str) -> List[str]:
    """The cells of a line that stands alone."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])]


def _header_of(text: str, delimiter: str, number: str, faults: Dict[str, str]) -> List[str]:
    rows = _Rows([text], delimiter, lambda line, _place: not _columns(number, _cells_of(line, delimiter)))
    try:
        for row in rows.reader:
            rows.ended = rows.reader.line_num
            names = [name.strip() for name in row]
            if any(names):
                return names
    except csv.Error as error:  # it is not this delimiter, or no delimiter gives a header
        faults[delimiter] = _explained(str(error))
    return []


def _columns(name: str, header: Sequence[str]) -> List[int]:
    """Where columns of this name stand; if none is written so, those that differ in case."""
    wanted = name.strip()
    exact = [place for place, cell in enumerate(header) if cell == wanted]
    return exact or [place for place, cell in enumerate(header) if cell.casefold() == wanted.casefold()]


def _layout_of(text: str, number: str, expiry: Optional[str], note: Optional[str]) -> _Layout:
    lines = (line for line in io.StringIO(text) if line.strip() and not _begins_as_a_comment(line))
    first = next(lines, "")
    told = _SEPARATOR_LINE.fullmatch(first)
    delimiters = told["delimiter"] if told else _DELIMITERS
    faults: Dict[str, str] = {}
    headers = [(delimiter, _header_of(text, delimiter, number, faults)) for delimiter in delimiters]
    wanted = [name for name in (number, expiry, note) if name is not None]

    def fitness(candidate: Tuple[str, List[str]]) -> Tuple[int, int]:
        return sum(len(_columns(name, candidate[1])) == 1 for name in wanted), len(candidate[1])

    delimiter, header = max(headers, key=fitness)
    if not header and faults:
        raise _Unusable(f"has a header that {faults[max(faults, key=first.count)]}")
    if not header:
        raise _Unusable(
            "has no header, a first line that names its columns, in its first 64 KiB, so number_column cannot be found"
        )
    options = (("number_column", number), ("expiry_column", expiry), ("note_column", note))
    places = [None if name is None else _place_of(option, name, header) for option, name in options]
    return _Layout(delimiter, tuple(header), places[0] or 0, places[1], places[2])


def _place_of(option: str, name: str, header: Sequence[str]) -> int:
    places = _columns(name, header)
    if len(places) == 1:
        return places[0]
    if places:
        raise _Unusable(f"has {len(places)} columns that may be {name!r}; give each a name of its own, see {option}")
    if any(_UNREADABLE in cell for cell in header):
        raise _Unusable(f"has a header that cannot be read, since the file is not in UTF-8; {_AS_UTF_8}")
    names = [repr(cell[:_SHOWN_NAME]) for cell in header if cell]
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    raise _Unusable(
        f"has no column {name!r} for {option}; its first line names {', '.join(names[:_SHOWN_NAMES])}{more}"
    )


def _rows_of(blocks: Iterator[str], layout: _Layout, fault: ReportFault) -> Iterator[Entry]:
    header_seen = False

    def is_comment(line: str, place: int) -> bool:
        cells = _cells_of(line, layout.delimiter)
        if not header_seen:
            return tuple(cells) != layout.header
        if not _begins_as_a_comment(line):
            return False
        if layout.number and len(cells) == len(layout.header) and _may_be_a_number(cells[layout.number]):
            fault(place, _COMMENTED)
        return True

    rows = _Rows(blocks, layout.delimiter, is_comment)
    while True:
        try:
            if not header_seen:
                header_seen = _pass_header(rows)
            yield from _entries_of(rows, layout, fault)
            return
        except csv.Error as error:
            fault(rows.ended + 1, _explained(str(error)))
            rows.ended = rows.reader.line_num


def _pass_header(rows: _Rows) -> bool:
    for row in rows.reader:
        rows.ended = rows.reader.line_num
        if any(map(str.strip, row)):
            break
    return True


def _entries_of(rows: _Rows, layout: _Layout, fault: ReportFault) -> Iterator[Entry]:
    # A million of them: the short way first, and no call that can be saved.
    new, reader = tuple.__new__, rows.reader
    width, number_at, expiry_at, note_at = len(layout.header), *layout[2:]
    for row in reader:
        place = rows.ended + 1
        rows.ended = reader.line_num
        if len(row) == width:
            given = row[number_at].strip()
            expiry = None if expiry_at is None else row[expiry_at].strip() or None
            note = None if note_at is None else row[note_at].strip() or None
            if (
                given.isascii()
                and given
                and (expiry is None or expiry.isascii())
                and (note is None or (note.isascii() and len(note) <= LONGEST_NOTE and note.isprintable()))
            ):
                yield new(Entry, (place, given, expiry, note))
                continue
        try:
            entry = _entry_of(place, row, layout)
        except ValueError as problem:
            fault(place, str(problem))
            continue
        if entry is not None:
            yield entry


def _entry_of(place: int, row: Sequence[str], layout: _Layout) -> Optional[Entry]:
    """The entry of any row, None for a blank one; raises ValueError that says what is wrong."""
    cells = [cell.strip() for cell in row]
    if not any(cells):
        return None
    if any(cells[len(layout.header) :]):
        raise ValueError(
            f"has {len(cells)} cells where the header has {len(layout.header)}; quote a cell that holds the delimiter"
            f" {layout.delimiter!r}"
        )

    def cell_at(column: Optional[int]) -> Optional[str]:
        return cells[column] or None if column is not None and column < len(cells) else None

    given, expiry, note = cell_at(layout.number), cell_at(layout.expiry), cell_at(layout.note)
    if given is None:
        raise ValueError("has no number in the column of the numbers; fill it in or remove the line")
    if any(cell is not None and _UNREADABLE in cell for cell in (given, expiry, note)):
        raise ValueError(_NOT_UTF_8)
    unprintable = next((c for c in (note or "").translate(_PASSED_OVER) if not c.isprintable()), "")
    if unprintable:
        what = "a line break" if unprintable in "\r\n" else f"the character U+{ord(unprintable):04X}"
        raise ValueError(f"has a note with {what}, which cannot be printed; take it out")
    if note is not None and len(note) > LONGEST_NOTE:
        raise ValueError(f"has a note of {len(note):,} characters; {LONGEST_NOTE} are allowed")
    return Entry(place, given, expiry, note)


def _may_be_a_number(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) >= FEWEST_DIGITS


def _explained(error: str) -> str:
    """What the csv module finds wrong, in the words of somebody who looks at the file."""
    if "end of data" in error:
        return "has a quote that opens a cell and no quote that closes it"
    if "field limit" in error:
        return "has a cell that is too long; look for a quote that is not closed"
    if "expected after" in error:
        return (
            "has something between a closing quote and the next delimiter, if only a blank; remove it, or write two"
            " quotes for one within a cell"
        )
    return f"cannot be read as CSV: {error}"
