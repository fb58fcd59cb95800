"""Header and rows of a sheet: names that are unique, units below the names, decimal commas.

A second line of units alone becomes part of the names: "temp (°C)". Columns without name and text
are dropped; names that repeat are numbered.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.datasets.dialect import BESIDE_COMMAS, PLAIN
from printron.datasets.errors import DatasetError
from printron.datasets.sheet import Line, Sheet, read_sheet

MISSING = ("", "?", "na", "n/a", "nan", "null", "none", "<na>", "#n/a", "#na", "#div/0!", "#value!")
_BASE = (
    r"°C|°F|degC|degF|K|%RH|%|rH|ppm|ppb|pH|V|A|W|Ω|[oO]hm|Hz|Pa|bar|J|N|C|F|L|l|m|g|s|lx|lm|cd|mol|"
    r"M|min|h|d|S|T|dBm|dB|rpm|counts?|a\.?u\.?|psi|mmHg|eV|cal"
)
_FACTOR = rf"[fpnuµμmcdhkMGT]?(?:{_BASE})(?:\^?-?\d|[²³])?"
_UNIT = re.compile(rf"{_FACTOR}(?:\s?[/*·]\s?{_FACTOR})*")  # mg/l, W/m2
NO_UNIT = ("", "-", "\u2013", "[-]", "(-)", "unitless")
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_NO_THOUSANDS = re.compile(r"[+-]?(0\d*|\d{4,})?,\d+|[+-]?\d+,(\d{1,2}|\d{4,})")
_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Layout:
    """A table as text.

    Attributes
    ----------
    path : of the file.  header : names of the columns, "" for a column without one.
    body : the rows below, each as long as the header.
    separator, understood : as of the sheet.
    repeated : names of the columns whose name, as written, several have.
    """

    path: Path
    header: list[str]
    body: list[Line]
    separator: str | None = PLAIN
    understood: tuple[str, ...] = ()
    repeated: frozenset[str] = frozenset()
    _known: dict[int, NDArray[np.float64] | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def column(self, number: int) -> list[str]:
        """The cells of a column."""
        return [cells[number] for _, cells in self.body]

    def pointed(self, columns: Iterable[int]) -> "Layout":
        """The table with decimal points in these columns, where they have decimal commas.

        Raises
        ------
        DatasetError : some numbers have a comma and others a point.
        """
        every = list(columns)
        chosen = [k for k in every if self.numbers(k) is None]
        commas = self._like(_COMMA, chosen)
        if not commas:
            return self
        example = commas[0][1]
        if self.separator not in BESIDE_COMMAS and not self._like(_NO_THOUSANDS, chosen):
            raise DatasetError(
                f"'{self.path}', line {commas[0][0]}: {example!r} may be a thousand or have a "
                "decimal comma, and so may all numbers with a comma: write them with a decimal "
                "point, and without a separator of thousands."
            )
        points = self._like(_POINT, every)
        if points:
            raise DatasetError(
                f"'{self.path}' has numbers with a decimal comma ({commas[0][1]!r}, line "
                f"{commas[0][0]}) and with a decimal point ({points[0][1]!r}, line "
                f"{points[0][0]}): write all of them alike."
            )
        changed = set(chosen)
        body = [
            (line, [_pointed(cell) if k in changed else cell for k, cell in enumerate(row)])
            for line, row in self.body
        ]
        said = f"decimal comma ('{example}' is {_pointed(example)})"
        return replace(self, body=body, understood=(*self.understood, said))

    def _like(self, form: re.Pattern[str], columns: Sequence[int]) -> list[tuple[int, str]]:
        """Line and text of the first cell of such a form, if there is one."""
        cells = ((line, row[k]) for line, row in self.body for k in columns)
        return list(islice((each for each in cells if form.fullmatch(each[1])), 1))

    def numbers(self, number: int) -> NDArray[np.float64] | None:
        """The values of a column, NaN where one is missing; None where a cell is no number."""
        if number not in self._known:
            self._known[number] = _values(self.column(number))
        return self._known[number]

    def without(self, columns: Iterable[int]) -> "Layout":
        """The table without these columns."""
        gone = set(columns)
        kept = [k for k in range(len(self.header)) if k not in gone]
        body = [(line, [cells[k] for k in kept]) for line, cells in self.body]
        return replace(self, header=[self.header[k] for k in kept], body=body)


def read_layout(path: Path, needed: str, columns: int = 1) -> Layout:
    """Read a file, and check that all rows are as long as the header.

    Parameters
    ----------
    needed : the columns needed, for a message.  columns : the least number of columns.

    Raises
    ------
    DatasetError : one sentence about the first fault.
    """
    sheet = read_sheet(path)
    layout = _rectangle(path, sheet, needed, columns)
    empty = [k for k, name in enumerate(layout.header) if not name and not any(layout.column(k))]
    return _numbered(_with_units(layout.without(empty)))


def _rectangle(path: Path, sheet: Sheet, needed: str, columns: int) -> Layout:
    if not sheet.lines:
        raise DatasetError(
            f"'{path}' is empty: it needs a header with column names and one row for each sample."
        )
    (_, header), body = sheet.lines[0], sheet.lines[1:]
    if len(header) < columns:
        raise DatasetError(
            f"'{path}' has one column, {header[0][:80]!r}, but needs at least {needed}: separate "
            "the columns by commas, semicolons or tabs."
        )
    if not body:
        raise DatasetError(f"'{path}' has a header but no rows: add one row for each sample.")
    width, rows = len(header), []
    for line, cells in body:
        whole = cells[:width] if not any(cells[width:]) else cells
        if len(whole) != width:
            raise DatasetError(
                f"'{path}', line {line}: got {len(cells)} cells, but the header names "
                f"{width} columns; complete the row or remove it."
            )
        rows.append((line, whole))
    return Layout(path, header, rows, sheet.separator, sheet.understood)


def _with_units(layout: Layout) -> Layout:
    """The table without a line of units below the header; the units become part of the names.

    Units stand above numbers alone, and nowhere else in their columns.
    """
    (_, first), *rest = layout.body
    units = ["" if cell in NO_UNIT else cell.strip("[]() ") for cell in first]
    given = [k for k, unit in enumerate(units) if unit]
    like = bool(given) and all(_UNIT.fullmatch(units[k]) for k in given)
    below = replace(layout, body=rest)
    if (
        any(map(is_number, first))
        or not (like and rest)
        or not all(_measured(below.column(k)) for k in given)
    ):
        return layout
    header = [
        name if not unit or name.rstrip().endswith((")", "]")) else f"{name} ({unit})"
        for name, unit in zip(layout.header, units, strict=True)
    ]
    said = (*layout.understood, "units below the header")
    return replace(layout, header=header, body=rest, understood=said)


def _measured(cells: Sequence[str]) -> bool:
    """Whether cells are numbers, but for missing ones."""
    known = [_pointed(cell) for cell in cells if not is_missing(cell)]
    return bool(known) and _values(known) is not None


def _numbered(layout: Layout) -> Layout:
    """The table with names of its own for every column that has a name."""
    times = {name: n for name, n in Counter(layout.header).items() if name and n > 1}
    if not times:
        return layout
    header: list[str] = []
    for name in layout.header:
        free, number = name, 1
        while name and (free in header or (number > 1 and free in layout.header)):
            number += 1
            free = f"{name}_{number}"
        header.append(free)
    quoted = [f"'{name}'" for name in times]
    said = f"names that repeat numbered ({listed(quoted, 3)})"
    renamed = zip(layout.header, header, strict=True)
    repeated = frozenset(name for before, name in renamed if before in times)
    understood = (*layout.understood, said)
    return replace(layout, header=header, understood=understood, repeated=repeated)


def _values(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """See `Layout.numbers`; a hundred times faster than `is_number` cell by cell."""
    texts = np.array(cells, dtype=str)
    values, given = np.full(len(cells), np.nan), ~np.isin(np.char.lower(texts), MISSING)
    known = texts[given]
    if (np.char.find(known, "_") >= 0).any():
        return None
    try:
        values[given] = known.astype(np.float64)
    except ValueError:
        return None
    return values if np.isfinite(values[given]).all() else None


def is_number(cell: str) -> bool:
    """Whether a cell is a finite number."""
    try:
        # Python reads 1_000 as a number; in a table the underscore is a typing error.
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.lower() in MISSING


def _pointed(cell: str) -> str:
    return cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell


def read_as(path: Path, understood: Sequence[str]) -> tuple[str, ...]:
    """The one remark on how a file was read; none where that is plain."""
    return (f"'{path}' was read so: {'; '.join(understood)}",) if understood else ()


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names for a message, the first of many."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
