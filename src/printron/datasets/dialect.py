"""Text as cells: its encoding, the character between its columns, its comments.

The character is the one by which most rows have as many cells as the header. Lines that begin like
a comment are comments above the header, and below unless they have as many cells as the header. A
header may be a comment itself: the last above the first row, where that row has numbers.
"""

import csv
import re
from collections.abc import Sequence

from printron.base.sentence import number_of

# In order of preference: a comma is also a decimal sign, and part of names.
SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
PLAIN = ","
BESIDE_COMMAS = tuple(
    each for each in SEPARATORS if each != PLAIN
)  # a comma is then a decimal sign
SEEN = 200  # lines by which the character is chosen
_COMMENT = re.compile(r"\s*(#|%|//)")
_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SAID = {"utf-8": "", "utf-8-sig": "", "utf-16": "UTF-16", "cp1252": "Latin-1"}

Row = tuple[int, list[str]]


def cells_of(content: bytes) -> tuple[list[Row], str, tuple[str, ...]]:
    """Numbered rows of cells, the character between them, and how the text was understood, where
    that is not plain CSV.

    Raises
    ------
    csv.Error : the text has no cells.
    """
    text, encoding = _decoded(content)
    lines = re.split(r"\r\n|\r|\n", text)
    named = re.fullmatch(r"sep=(.)", lines[0].rstrip(" "))  # as Excel writes
    if named:
        lines[0] = ""
    above = _above(lines)
    plain = ["" if number in above else line for number, line in enumerate(lines)]
    separator = named[1] if named else separator_of([line for line in plain if line.strip()])
    rows = _rows(plain, separator)
    comments = len(above)
    if rows and above and (header := _header_in(lines, above, rows[0], separator)):
        rows.insert(0, header)
        comments -= 1
    body = [row for row in rows[1:] if not _is_comment(row, len(rows[0][1]))]
    comments += len(rows) - 1 - len(body) if rows else 0
    said = [_SAID.get(encoding, encoding)]
    said += ["" if separator == PLAIN else SEPARATORS.get(separator, f"'{separator}'")]
    said += [number_of(comments, "comment line") if comments else ""]
    return rows[:1] + body, separator, tuple(word for word in said if word)


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in _ENCODINGS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    if content[:2000].count(0) > len(content[:2000]) / 4:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
        return content.decode(encoding, "replace"), "utf-16"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "cp1252"


def _above(lines: Sequence[str]) -> list[int]:
    """Numbers of the comment lines above the first other line with text."""
    found: list[int] = []
    for number, line in enumerate(lines):
        if _COMMENT.match(line):
            found.append(number)
        elif line.strip():
            return found
    return found


def _is_comment(row: Row, width: int) -> bool:
    return len(row[1]) != width and _COMMENT.match(row[1][0]) is not None


def _rows(lines: Sequence[str], separator: str) -> list[Row]:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise csv.Error(f"line {reader.line_num}: {error}") from error


def separator_of(lines: Sequence[str]) -> str:
    """The character between the columns of lines with text; a comma where none fits."""
    found, best = PLAIN, 0.0
    for separator in SEPARATORS:
        try:
            rows = _rows(lines[:SEEN], separator)
        except csv.Error:
            continue
        width = len(rows[0][1]) if rows else 0
        if width < 2:
            continue
        alike = sum(len(cells) == width for _, cells in rows[1:]) / max(1, len(rows) - 1)
        if alike > best or (separator == PLAIN and not best):
            found, best = separator, alike
    return found


def _header_in(
    lines: Sequence[str], above: Sequence[int], first: Row, separator: str
) -> Row | None:
    """The header in the last comment line above the first row, where that row has numbers."""
    _, cells = first
    if not any(map(_is_number, cells[:-1])):
        return None
    line = re.sub(r"^\s*(#+|//+|%+(?=\s))\s*", "", lines[above[-1]])
    (_, names), *_ = _rows([line], separator) or [(0, [])]
    alike = len(names) == len(cells) and not any(map(_is_number, names))
    return (above[-1] + 1, names) if alike else None


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[\d.,]+([eE][+-]?\d+)?\s*", cell) is not None
