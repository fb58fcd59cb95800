"""Text as cells: its encoding, the character between its columns, its comments.

The character is the one by which most rows have as many cells as the header. Comment lines are left
out, but for a header that is one: the last of them, where the first row below is numbers alone.
"""

import csv
import re
from collections.abc import Sequence

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
COMMENTS = ("#", "%", "//")
SEEN = 200  # lines by which the character is chosen
_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SAID = {"utf-8": "", "utf-8-sig": "", "utf-16": "UTF-16", "cp1252": "Latin-1"}

Cells = list[tuple[int, list[str]]]


def cells_of(content: bytes) -> tuple[Cells, tuple[str, ...]]:
    """Numbered rows of cells, and how the text was understood, where that is not plain CSV.

    Raises
    ------
    csv.Error : the text has no cells.
    """
    text, encoding = _decoded(content)
    lines = re.split(r"\r\n|\r|\n", text)
    named = re.fullmatch(r"sep=(.)", lines[0].rstrip(" "))  # as Excel writes
    if named:
        lines[0] = ""
    comments = [number for number, line in enumerate(lines) if _is_comment(line)]
    plain = ["" if _is_comment(line) else line for line in lines]
    separator = named[1] if named else separator_of([line for line in plain if line.strip()])
    rows = _rows(plain, separator)
    if rows and comments and (header := _header_in(lines, comments, rows[0], separator)):
        rows.insert(0, header)
        comments.pop()
    said = [_SAID.get(encoding, encoding)]
    said += ["" if separator == "," else SEPARATORS.get(separator, f"'{separator}'")]
    said += [f"{len(comments)} comment line{'s' * (len(comments) != 1)}" if comments else ""]
    return rows, tuple(word for word in said if word)


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


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(COMMENTS)


def _rows(lines: Sequence[str], separator: str) -> Cells:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise csv.Error(f"line {reader.line_num}: {error}") from error


def separator_of(lines: Sequence[str]) -> str:
    """The character between the columns of lines with text; a comma where none fits."""
    found, best = ",", (0.0, 0)
    for separator in SEPARATORS:
        try:
            rows = _rows(lines[:SEEN], separator)
        except csv.Error:
            continue
        width = len(rows[0][1]) if rows else 0
        if width < 2:
            continue
        alike = sum(len(cells) == width for _, cells in rows[1:]) / max(1, len(rows) - 1)
        if (alike, width) > best:
            found, best = separator, (alike, width)
    return found


def _header_in(
    lines: Sequence[str], comments: Sequence[int], first: tuple[int, list[str]], separator: str
) -> tuple[int, list[str]] | None:
    """The header in the last comment line above the first row, where that row is numbers."""
    number, cells = first
    above = [k for k in comments if k < number - 1]
    if not above or above[-1] != comments[-1] or not any(map(_is_number, cells[:-1])):
        return None
    (_, names), *_ = _rows([lines[above[-1]].lstrip().lstrip("#%/ ")], separator) or [(0, [])]
    alike = len(names) == len(cells) and not any(map(_is_number, names))
    return (above[-1] + 1, names) if alike else None


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[\d.,]+([eE][+-]?\d+)?\s*", cell) is not None
