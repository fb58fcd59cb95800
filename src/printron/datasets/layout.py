"""Header and rows of a sheet: names that are unique, units below the names, decimal commas.

A second line of units alone becomes part of the names: "temp (°C)". Columns without name and text
are dropped; names that repeat are numbered.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from printron.datasets.errors import DatasetError
from printron.datasets.sheet import Line, Sheet, read_sheet

MISSING = ("", "?", "na", "n/a", "nan", "null", "none")
_BASE = (
    r"°C|°F|degC|degF|K|%RH|%|rH|ppm|ppb|pH|V|A|W|Ω|[oO]hm|Hz|Pa|bar|J|N|C|F|L|l|m|g|s|lx|lm|cd|mol|"
    r"M|min|h|d|S|T|dBm|dB|rpm|counts?|a\.?u\.?|-|unitless|psi|mmHg|eV|cal"
)
_FACTOR = rf"[fpnuµμmcdhkMGT]?(?:{_BASE})(?:\^?-?\d|[²³])?"
_UNIT = re.compile(rf"{_FACTOR}(?:\s?[/*·]\s?{_FACTOR})*")  # mg/l, W/m2
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Layout:
    """A table as text.

    Attributes
    ----------
    path : of the file.  header : names of the columns, "" for a column without one.
    body : the rows below, each as long as the header.
    understood : how the file was read, where that is not plain.
    repeated : names that several columns had.
    """

    path: Path
    header: list[str]
    body: list[Line]
    understood: tuple[str, ...] = ()
    repeated: frozenset[str] = frozenset()

    def column(self, number: int) -> list[str]:
        """The cells of a column."""
        return [cells[number] for _, cells in self.body]

    def pointed(self, columns: Iterable[int]) -> "Layout":
        """The table with decimal points in these columns, where they have decimal commas.

        Raises
        ------
        DatasetError : some numbers have a comma and others a point.
        """
        chosen = list(columns)
        cells = [(line, row[k]) for line, row in self.body for k in chosen]
        commas = [each for each in cells if _COMMA.fullmatch(each[1])]
        points = [each for each in cells if _POINT.fullmatch(each[1])]
        if not commas:
            return self
        if points:
            raise DatasetError(
                f"'{self.path}' has numbers with a decimal comma ({commas[0][1]!r}, line "
                f"{commas[0][0]}) and with a decimal point ({points[0][1]!r}, line "
                f"{points[0][0]}): write all of them alike."
            )
        body = [
            (line, [_pointed(cell) if k in chosen else cell for k, cell in enumerate(row)])
            for line, row in self.body
        ]
        return replace(self, body=body, understood=(*self.understood, "decimal comma"))

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
    return Layout(path, header, rows, sheet.understood)


def _with_units(layout: Layout) -> Layout:
    """The table without a line of units below the header; the units become part of the names."""
    (_, first), *rest = layout.body
    units = [cell.strip("[]() ") for cell in first]
    given = [unit for unit in units if unit]
    below = bool(rest) and any(is_number(_pointed(cell)) for cell in rest[0][1])
    alone = given and all(_UNIT.fullmatch(u) for u in given) and not any(map(is_number, first))
    if not below or not alone:
        return layout
    header = [
        name if unit in ("", "-") or name.rstrip().endswith((")", "]")) else f"{name} ({unit})"
        for name, unit in zip(layout.header, units, strict=True)
    ]
    said = (*layout.understood, "units below the header")
    return replace(layout, header=header, body=rest, understood=said)


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
    shown = ", ".join(f"'{name}'" for name in list(times)[:3])
    more = f" and {len(times) - 3} more" if len(times) > 3 else ""
    said = f"names that repeat numbered ({shown}{more})"
    understood = (*layout.understood, said)
    return replace(layout, header=header, understood=understood, repeated=frozenset(times))


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


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names for a message, the first of many."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
