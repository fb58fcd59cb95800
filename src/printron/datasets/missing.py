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

from printron.datasets.errors import DatasetError
from printron.datasets.layout import Layout, is_missing, is_number

FAIL, DROP, KEEP = "fail", "drop", "keep"
FEWEST = 3  # different readings beside a mark: with fewer nothing is known of the column's range
MOSTLY = 0.5  # share of values beyond which rather the column than the rows is left out


class Completed(NamedTuple):
    """Readings without gaps.

    Attributes
    ----------
    readings : [samples, features].  rows, columns : which of the table's are kept.
    understood : what was done, in words.
    """

    readings: NDArray[np.float64]
    rows: NDArray[np.bool_]
    columns: NDArray[np.bool_]
    understood: tuple[str, ...]


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


def marks_in(readings: NDArray[np.float64]) -> list[float | None]:
    """The number that stands for no value in each column, None where none does.

    A whole number that occurs at least twice, farther from all other readings than these lie apart,
    and of a form that sensors do not give: below zero where nothing else is, or all nines. What is
    such a mark in one column is one in others, even once, where nothing lies near.

    Parameters
    ----------
    readings : [samples, features], NaN where a cell is empty.
    """
    columns = [each[~np.isnan(each)] for each in readings.T]
    known = {mark for each in columns if (mark := _mark(each)) is not None}
    return [_mark(each, known) for each in columns]


def _mark(values: NDArray[np.float64], known: Collection[float] = ()) -> float | None:
    different, times = np.unique(values, return_counts=True)
    if len(different) <= FEWEST:
        return None
    for place, others in ((0, different[1:]), (-1, different[:-1])):
        mark, half = float(different[place]), others[-1] / 2 - others[0] / 2
        away = np.min(np.abs(others / 2 - mark / 2))  # halves: huge numbers would overflow
        nines = abs(mark) > 90 and set(f"{abs(mark):.0f}") == {"9"}
        odd = mark.is_integer() and (mark < 0 <= others[0] or nines) and away > half
        if (odd and times[place] > 1) or (mark in known and away > half / 4):
            return mark
    return None


def completed(
    layout: Layout,
    columns: Sequence[int],
    readings: NDArray[np.float64],
    missing: str,
    unlabelled: NDArray[np.bool_],
) -> Completed:
    """Deal with the values that readings lack.

    Parameters
    ----------
    columns : of the layout, one for each of the readings'.
    readings : [samples, features], NaN where a cell is empty.
    missing : as in `check_missing`.
    unlabelled : rows that lack their label, [samples].

    Raises
    ------
    DatasetError : a value is missing, and nothing says what to do; or nothing is left.
    """
    names = [layout.header[k] for k in columns]
    marks = [None] * len(names) if missing == KEEP else marks_in(readings)
    marked = np.array([each == mark for each, mark in zip(readings.T, marks, strict=True)]).T
    lacking = np.isnan(readings) | marked.reshape(readings.shape)
    every = np.ones(len(readings), bool), np.ones(len(names), bool)
    said = _marks_said(names, marks)
    if missing == DROP:
        return _dropped(layout, names, readings, lacking, unlabelled, said)
    if not lacking.any():
        return Completed(readings, *every, ())
    if missing in (FAIL, KEEP):
        raise DatasetError(_refusal(layout, columns, readings, lacking, marks))
    filled = np.where(lacking, float(missing), readings)
    said = (*said, f"{missing} in place of {lacking.sum():,} missing values")
    return Completed(filled, *every, said)


def _marks_said(names: Sequence[str], marks: Sequence[float | None]) -> tuple[str, ...]:
    by_mark: dict[float, list[str]] = {}
    for name, mark in zip(names, marks, strict=True):
        if mark is not None:
            by_mark.setdefault(mark, []).append(f"'{name}'")
    return tuple(
        f"{mark:g} stands for no value in {', '.join(own[:3])}"
        + (f" and {len(own) - 3} more columns" if len(own) > 3 else "")
        for mark, own in by_mark.items()
    )


def _dropped(
    layout: Layout,
    names: Sequence[str],
    readings: NDArray[np.float64],
    lacking: NDArray[np.bool_],
    unlabelled: NDArray[np.bool_],
    said: tuple[str, ...],
) -> Completed:
    columns = lacking.mean(axis=0) <= MOSTLY
    rows = ~(lacking[:, columns].any(axis=1) | unlabelled)
    if not rows.any() or not columns.any():
        raise DatasetError(
            f"'{layout.path}': no row has a value in every column, so that nothing is left: remove "
            "columns that lack many values."
        )
    gone = [f"'{name}'" for name, kept in zip(names, columns, strict=True) if not kept]
    if gone:
        said = (*said, f"left out for want of values: {', '.join(gone)}")
    if not rows.all():
        said = (*said, f"{(~rows).sum():,} of {len(rows):,} rows left out for want of a value")
    return Completed(readings[rows][:, columns], rows, columns, said)


def _refusal(
    layout: Layout,
    columns: Sequence[int],
    readings: NDArray[np.float64],
    lacking: NDArray[np.bool_],
    marks: Sequence[float | None],
) -> str:
    """The first value that is missing, how many are, and what to do."""
    row, place = (int(k[0]) for k in np.nonzero(lacking))
    line, cells = layout.body[row]
    column = columns[place]
    where = f"'{layout.path}', line {line}, column '{layout.header[column]}'"
    number = lacking.sum(axis=0)
    counts = [f"{layout.header[columns[k]]} {number[k]:,}" for k in np.flatnonzero(number).tolist()]
    many = f"{lacking.any(axis=1).sum():,} of {len(lacking):,} rows lack a value"
    listed = ", ".join(counts[:5]) + (f" and {len(counts) - 5} more columns" * (len(counts) > 5))
    ways = f"--missing {DROP} leaves such rows out, --missing 0 puts a number in place"
    if is_missing(cells[column]):
        return f"{where}: the value is missing ({cells[column]!r}); {many} ({listed}): {ways}."
    own = readings[:, place][~lacking[:, place]]
    return (
        f"{where}: {marks[place]:g} looks like a mark for a missing value, since all other "
        f"readings are {own.min():g} to {own.max():g}; {many} ({listed}): {ways}, --missing {KEEP} "
        "takes marks as readings."
    )
