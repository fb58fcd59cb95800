"""A table as text that fits the terminal, without broken words, numbers or units.

In a table that is too wide, first text is wrapped, then gaps between columns shrink, then the table
is divided between columns, each part with the first column.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from printron.errors import visible

KEPT = "\u00a0"  # a blank without a line break
_UNIT = re.compile(r"(?<=\d) (?=[%×]|[pnµmkMG]?[WVΩSm]\b)|(?<=[<>±≤≥=]) (?=\d)| (?=[±≤≥])")
WIDE, TIGHT = 3, 2  # blanks between two columns
LONG_WORD = 28  # cells


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of at most `width` cells; a longer word gets a line of its own.

    A number stays with its unit, and the first line keeps its indentation.
    """
    kept = _UNIT.sub(KEPT, text)
    words = kept.lstrip(" ").split(" ")
    lines = [" " * (len(kept) - len(kept.lstrip(" "))) + words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if cells(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line.replace(KEPT, " ") for line in lines]


def cells(text: str) -> int:
    """Width of a text on a terminal."""
    from rich.cells import cell_len

    return cell_len(text)


@dataclass
class Sheet:
    """A table for a person, whose first column is text and whose others are numbers.

    Attributes
    ----------
    title : lines.  names : of the columns; hidden if all are empty.
    texts : numbers of other text columns.
    caption : shown below the table.
    """

    title: Sequence[str]
    names: Sequence[str]
    texts: Sequence[int] = ()
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)

    def add_row(self, *row: object) -> None:
        """Append a row; control characters in its cells are made visible."""
        self.rows.append([visible(cell) for cell in row])

    def lines(self, width: int) -> list[tuple[str, str]]:
        """All lines of the table, each with its part: title, head, body or caption."""
        made = [(line, "title") for text in self.title for line in wrapped(visible(text), width)]
        made.append(("", "body"))
        for part, widths, gap in self._parts(width):
            made += self._part(part, widths, gap)
            made.append(("", "body"))
        if self.caption:
            made += [(line, "caption") for line in wrapped(self.caption, width)]
            made.append(("", "body"))
        return made

    def _parts(self, width: int) -> list[tuple[list[int], list[int], int]]:
        """The parts of the table: numbers of their columns, widths, and the gap between."""
        natural, least = self._widths()
        for gap in (WIDE, TIGHT):
            fitted = _fitted(natural, least, width - gap * (len(natural) - 1))
            if fitted or len(natural) <= 2:
                return [(list(range(len(natural))), fitted or least, gap)]
        groups: list[list[int]] = [[0]]
        for column in range(1, len(natural)):
            beside = [*groups[-1], column]
            taken = sum(least[n] for n in beside) + TIGHT * (len(beside) - 1)
            if taken <= width or len(beside) == 2:
                groups[-1] = beside
            else:
                groups.append([0, column])
        fits = [
            _fitted([natural[n] for n in g], [least[n] for n in g], width - TIGHT * (len(g) - 1))
            for g in groups
        ]
        return [
            (group, fit or [least[n] for n in group], TIGHT)
            for group, fit in zip(groups, fits, strict=True)
        ]

    def _widths(self) -> tuple[list[int], list[int]]:
        """Of every column: its natural width, and the least width that breaks no word."""
        natural, least = [], []
        for number, name in enumerate(self.names):
            column = [row[number] for row in self.rows]
            natural.append(max(map(cells, [name, *column])))
            folded = column if self._is_text(number) else []
            whole = [] if self._is_text(number) else column
            words = [line for text in [name, *folded] for line in wrapped(text, 1)]
            least.append(max(map(cells, [*words, *whole])))
        if self._is_text(len(least) - 1):  # a long path at the end may run over the edge
            least[-1] = min(least[-1], LONG_WORD)
        return natural, least

    def _is_text(self, number: int) -> bool:
        return number == 0 or number in self.texts

    def _part(self, part: list[int], widths: list[int], gap: int) -> list[tuple[str, str]]:
        """Lines of the columns `part`."""
        body = [
            x for row in self.rows for x in self._row([row[n] for n in part], part, widths, gap)
        ]
        if not any(self.names):
            return [(line, "body") for line in body]
        head = self._row([self.names[n] for n in part], part, widths, gap)
        rule = "─" * (sum(widths) + gap * (len(part) - 1))
        return [*((x, "head") for x in head), (rule, "body"), *((x, "body") for x in body)]

    def _row(self, texts: list[str], part: list[int], widths: list[int], gap: int) -> list[str]:
        folded = [wrapped(text, width) for text, width in zip(texts, widths, strict=True)]
        lines = []
        for k in range(max(map(len, folded))):
            placed = [
                _placed(each[k] if k < len(each) else "", width, self._is_text(number))
                for each, width, number in zip(folded, widths, part, strict=True)
            ]
            lines.append((" " * gap).join(placed).rstrip())
        return lines


def _placed(text: str, width: int, left: bool) -> str:
    blanks = " " * max(width - cells(text), 0)
    return text + blanks if left else blanks + text


def _fitted(natural: list[int], least: list[int], width: int) -> list[int] | None:
    """Widths that fit, with the widest column reduced first; None if words would break."""
    widths = list(natural)
    while sum(widths) > width:
        wide = [n for n in range(len(widths)) if widths[n] > least[n]]
        if not wide:
            return None
        widths[max(wide, key=lambda n: widths[n])] -= 1
    return widths
