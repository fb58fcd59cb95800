"""Parsers of the benchmarks' raw files, one function for each file format.

Each parser takes the paths of files with verified checksums, so it checks nothing, and returns
``readings`` float64 [samples, features] and ``labels`` int32 [samples], all rows in the order of
the file. A missing reading, "?" in the file, is 0, as from an absent sensor.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Parsed = tuple[NDArray[np.float64], NDArray[np.int32]]

# Columns of sheet "Data" of CTG.xls: LB, AC, FM, UC, DL, DS, DP (no DR), ASTV to Tendency.
_CTG_FEATURES = slice(10, 31)
_CTG_CLASS = 45

# Thresholds of the load classes, as fractions of the range of the load over all rows. Inferred
# from the published labels, which determine each threshold to better than 1 % of the range.
_ENERGY_FRACTIONS = (0.3, 0.6)


def _cells(path: Path, encoding: str = "ascii", separator: str | None = ",") -> list[list[str]]:
    lines = path.read_text(encoding=encoding).splitlines()
    return [line.split(separator) for line in lines if line.strip()]


def _numbers(rows: list[list[str]]) -> NDArray[np.float64]:
    return np.array([[0.0 if cell == "?" else float(cell) for cell in row] for row in rows])


def _encoded(cells: list[str], classes: tuple[str, ...]) -> NDArray[np.int32]:
    return np.array([classes.index(cell) for cell in cells], np.int32)


def acute_inflammation(paths: tuple[Path, ...]) -> Parsed:
    """``diagnosis.data``: UTF-16, tabs, decimal comma, no/yes; the label is column 7."""
    codes = {"no": "0", "yes": "1"}
    rows = [
        [codes.get(cell, cell.replace(",", ".")) for cell in row]
        for row in _cells(paths[0], "utf-16", "\t")
    ]
    return _numbers([row[:6] for row in rows]), _encoded([row[6] for row in rows], ("0", "1"))


def breast_cancer_wisconsin(paths: tuple[Path, ...]) -> Parsed:
    """``breast-cancer-wisconsin.data``: patient id, nine grades, and 2 or 4 as the label."""
    rows = _cells(paths[0])
    return _numbers([row[1:10] for row in rows]), _encoded([row[10] for row in rows], ("2", "4"))


def cardiotocography(paths: tuple[Path, ...]) -> Parsed:
    """``CTG.xls``: 21 columns of sheet "Data"; the label is NSP, 1 to 3."""
    import xlrd

    sheet = xlrd.open_workbook(paths[0]).sheet_by_name("Data")
    rows = [sheet.row_values(number) for number in range(2, sheet.nrows)]
    # The summary lines below the recordings have no class.
    rows = [row for row in rows if row[_CTG_CLASS] != ""]
    readings = np.array([row[_CTG_FEATURES] for row in rows], np.float64)
    return readings, np.array([row[_CTG_CLASS] for row in rows], np.int32) - 1


def energy(paths: tuple[Path, ...], load_column: int) -> Parsed:
    """``ENB2012_data.xlsx``: X1 to X8; the label is a load in three classes by thresholds.

    Parameters
    ----------
    load_column : int
        8 for Y1, the heating load; 9 for Y2, the cooling load.
    """
    import openpyxl

    workbook = openpyxl.load_workbook(paths[0], read_only=True)
    rows = list(workbook.worksheets[0].iter_rows(min_row=2, max_col=10, values_only=True))
    workbook.close()
    numbers = np.array([row for row in rows if row[0] is not None], np.float64)
    load = numbers[:, load_column]
    thresholds = load.min() + np.array(_ENERGY_FRACTIONS) * np.ptp(load)
    return numbers[:, :8], np.searchsorted(thresholds, load, side="right").astype(np.int32)


def mammographic_mass(paths: tuple[Path, ...]) -> Parsed:
    """``mammographic_masses.data``: five columns, and 0 or 1 as the label."""
    numbers = _numbers(_cells(paths[0]))
    return numbers[:, :5], numbers[:, 5].astype(np.int32)


def pendigits(paths: tuple[Path, ...]) -> Parsed:
    """``pendigits.tra``, then ``pendigits.tes``: eight positions of a pen, and the digit."""
    numbers = np.concatenate([_numbers(_cells(path)) for path in paths])
    return numbers[:, :16], numbers[:, 16].astype(np.int32)


def seeds(paths: tuple[Path, ...]) -> Parsed:
    """``seeds_dataset.txt``: seven columns separated by tabs, and the variety 1 to 3."""
    numbers = _numbers(_cells(paths[0], separator=None))
    return numbers[:, :7], numbers[:, 7].astype(np.int32) - 1


def vertebral(paths: tuple[Path, ...], codes: tuple[str, ...]) -> Parsed:
    """``column_2C.dat`` or ``column_3C.dat``: six columns, and a two-letter code as the label.

    Parameters
    ----------
    codes : tuple of str
        The codes in the order of the classes.
    """
    rows = _cells(paths[0], separator=" ")
    return _numbers([row[:6] for row in rows]), _encoded([row[6] for row in rows], codes)


def rounded_ctg_rates(readings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round the six per-second rates to three decimals, half up, as the workbook shows them."""
    rounded = readings.copy()
    rounded[:, 1:7] = np.floor(readings[:, 1:7] * 1000 + 0.5) / 1000
    return rounded


def corrected_bi_rads(readings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read the one BI-RADS assessment of 55 as 5, since the scale of BI-RADS ends at 6.

    In splits that train on this row, 55 would compress the feature into 0 to 0.11 V.
    """
    corrected = readings.copy()
    corrected[readings[:, 0] == 55, 0] = 5
    return corrected
