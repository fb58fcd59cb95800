"""Markdown in which names given by others stay plain text."""

import re
from collections.abc import Iterable, Sequence

from printron.errors import visible

# Begins of markup: anywhere; at the start of a line; a link; at the edge of a word.
_SPECIAL = re.compile(
    r"([\\`*\[\]#|~$]|^[-+=]|(?<=\d)[.)](?=\s)|:(?=//)|(?<=www)\.|(?<![^\W_])_|_(?![^\W_]))"
)
MARK = "\n<!-- made by printron -->\n"  # marks a page as written by printron
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(text: object) -> str:
    """Text on one line, shown unchanged by Markdown and HTML."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return _SPECIAL.sub(r"\\\1", line.translate(_MARKUP))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose first column is text and whose others are numbers.

    Parameters
    ----------
    columns : in Markdown.  rows : cells, which are escaped.
    """
    lines = [_row(columns), _row([":--", *["--:"] * (len(columns) - 1)])]
    return "\n".join([*lines, *(_row([escaped(cell) for cell in row]) for row in rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def code_block(text: str, language: str = "") -> str:
    """A fenced block that no line inside can close; see `visible`."""
    text = "\n".join(map(visible, text.split("\n")))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
