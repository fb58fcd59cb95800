"""Values that a table lacks: empty cells, and numbers that stand for no value.

Loggers write such a number (-9999, -200) where a sensor failed. Scaled with the readings it would
squeeze them into a sliver of the input range, so that a table with one is refused until its user
says what to do: `drop` rows that lack a value, put a number in its place, or `keep` what is written
as readings.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printron.base.sentence import number_of
from printron.datasets.errors import DatasetError
from printron.datasets.layout import Layout, is_missing, is_number, listed

FAIL, DROP, KEEP = "fail", "drop", "keep"
# What loggers are known to write; once is enough.
KNOWN = (-9999.0, -999.0, -99999.0, -9999.9, -999.9, -99.99, -200.0, -127.0, -32768.0)
FEWEST = 3  # different readings beside other marks: with fewer nothing is known of the range
MOSTLY = 0.5  # share of values beyond which rather the column than the rows is left out


Marks = tuple[float, ...]


class Completed(NamedTuple):
    """Readings without gaps.

    Attributes
    ----------
    readings : [samples, features].  rows, columns : which of the table's are kept.
    marks : of the columns, kept or not.
    understood : what was done, in words.
    """

    readings: NDArray[np.float64]
    rows: NDArray[np.bool_]
    columns: NDArray[np.bool_]
    marks: list[Marks]
    understood: tuple[str, ...] = ()


def check_missing(missing: str) -> None:
    """Refuse a word that says nothing of missing values.

    Raises
    ------
    DatasetError : what is allowed.
    """
    if missing not in (FAIL, DROP, KEEP) and not is_number(missing):
        raise DatasetError(
            f"got {missing[:40]!r} for missing values: allowed are {DROP} (leave rows out), "
            f"{FAIL}, {KEEP} (take marks such as -9999 as readings), or a number to put in their "
            "place."
        )


def marks_in(readings: NDArray[np.float64]) -> list[Marks]:
    """The numbers that stand for no value in each column.

    A number farther from all other readings than these lie apart, which loggers are known to write
    (`KNOWN`); or which occurs at least twice, is whole, and of a form that sensors do not give:
    below zero where nothing else is, or all nines. What is such a mark in one column is one in
    others, even once, where nothing lies near.

    Parameters
    ----------
    readings : [samples, features], NaN where a cell is empty.
    """
    columns = [each[~np.isnan(each)] for each in readings.T]
    alone = [_marks(each) for each in columns]
    everywhere = {mark for marks in alone for mark in marks}
    return [_marks(each, everywhere) for each in columns]


def _marks(values: NDArray[np.float64], elsewhere: Collection[float] = ()) -> Marks:
    """One after the other: beside a mark another may hide."""
    found: list[float] = []
    while (mark := _mark(values, elsewhere)) is not None:
        found.append(mark)
        values = values[values != mark]
    return tuple(found)


def _mark(values: NDArray[np.float64], elsewhere: Collection[float]) -> float | None:
    different, times = np.unique(values, return_counts=True)
    if len(different) < 2:
        return None
    for place, others in ((0, different[1:]), (-1, different[:-1])):
        mark, half = float(different[place]), others[-1] / 2 - others[0] / 2
        away = np.min(np.abs(others / 2 - mark / 2))  # halves: huge numbers would overflow
        nines = abs(mark) > 90 and set(f"{abs(mark):.0f}") == {"9"}
        odd = mark.is_integer() and (mark < 0 <= others[0] or nines)
        unusual = odd and times[place] > 1 and len(others) >= FEWEST
        if away > half and (mark in KNOWN or unusual):
            return mark
        if mark in elsewhere and away > half / 4:
            return mark
    return None


def completed(
    layout: Layout,
    columns: Sequence[int],
    readings: NDArray[np.float64],
    missing: str,
    unlabelled: NDArray[np.bool_],
    marks: list[Marks] | None = None,
) -> Completed:
    """Deal with the values that readings lack.

    Parameters
    ----------
    columns : of the layout, one for each of the readings'.
    readings : [samples, features], NaN where a cell is empty.
    missing : as in `check_missing`.
    unlabelled : rows that lack their label, [samples].
    marks : of the columns; None: those that `marks_in` finds, none with `keep`.

    Raises
    ------
    DatasetError : a value is missing, and nothing says what to do; or nothing is left.
    """
    names = [layout.header[k] for k in columns]
    if marks is None:
        marks = [()] * len(names) if missing == KEEP else marks_in(readings)
    marked = [np.isin(each, own) for each, own in zip(readings.T, marks, strict=True)]
    lacking = np.isnan(readings) | np.array(marked).T.reshape(readings.shape)
    every = Completed(readings, np.ones(len(readings), bool), np.ones(len(names), bool), marks)
    if missing == DROP:
        return _dropped(layout, names, every, lacking, unlabelled)
    if not lacking.any():
        return every
    if missing in (FAIL, KEEP):
        raise DatasetError(_refusal(layout, columns, readings, lacking))
    filled = np.where(lacking, float(missing), readings)
    number = number_of(int(lacking.sum()), "missing value")
    said = (*_marks_said(names, marks), f"{missing} in place of {number}")
    return every._replace(readings=filled, understood=said)


def _marks_said(names: Sequence[str], marks: Sequence[Marks]) -> tuple[str, ...]:
    by_mark: dict[float, list[str]] = {}
    for name, own in zip(names, marks, strict=True):
        for mark in own:
            by_mark.setdefault(mark, []).append(f"'{name}'")
    return tuple(
        f"{mark:g} stands for no value in {listed(own, 3)}" for mark, own in by_mark.items()
    )


def _dropped(
    layout: Layout,
    names: Sequence[str],
    every: Completed,
    lacking: NDArray[np.bool_],
    unlabelled: NDArray[np.bool_],
) -> Completed:
    columns = lacking.mean(axis=0) <= MOSTLY
    rows = ~(lacking[:, columns].any(axis=1) | unlabelled)
    if not rows.any() or not columns.any():
        raise DatasetError(
            f"'{layout.path}': no row has a value in every column, so that nothing is left: remove "
            "columns that lack many values."
        )
    said = list(_marks_said(names, every.marks))
    gone = [f"'{name}'" for name, kept in zip(names, columns, strict=True) if not kept]
    if gone:
        said.append(f"left out for want of values: {listed(gone, 5)}")
    if not rows.all():
        number = f"{(~rows).sum():,} of {number_of(len(rows), 'row')}"
        said.append(f"{number} left out for want of a value")
    return Completed(every.readings[rows][:, columns], rows, columns, every.marks, tuple(said))


def _refusal(
    layout: Layout,
    columns: Sequence[int],
    readings: NDArray[np.float64],
    lacking: NDArray[np.bool_],
) -> str:
    """The first value that is missing, how many are, and what to do."""
    row, place = (int(k[0]) for k in np.nonzero(lacking))
    line, cells = layout.body[row]
    column = columns[place]
    where = f"'{layout.path}', line {line}, column '{layout.header[column]}'"
    number = lacking.sum(axis=0)
    lack = np.flatnonzero(number).tolist()
    counts = listed([f"{layout.header[columns[k]]} {number[k]:,}" for k in lack], 5)
    many = f"{lacking.any(axis=1).sum():,} of {len(lacking):,} rows lack a value ({counts})"
    ways = f"--missing {DROP} leaves such rows out, --missing 0 puts a number in place"
    if is_missing(cells[column]):
        return f"{where}: the value is missing ({cells[column]!r}); {many}: {ways}."
    own = readings[:, place][~lacking[:, place]]
    span = f" ({own.min():g} to {own.max():g})" if len(own) else ""
    return (
        f"{where}: {cells[column]} looks like a mark for a missing value, far from all other "
        f"readings{span}; {many}: {ways}, --missing {KEEP} takes marks as readings."
    )
