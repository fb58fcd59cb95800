"""A user's own table: a CSV file with a header, numeric features and one column of labels."""

import csv
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.datasets.clean import FOLDS, scarce_class
from printron.datasets.errors import DatasetError
from printron.datasets.records import Table

_MISSING = ("", "?", "na", "n/a", "nan", "null", "none")

# A line of the file, counted from 1, and its cells.
_Line = tuple[int, list[str]]


def read_csv(path: Path, label: str | None = None) -> Table:
    """Read a table of readings.

    Parameters
    ----------
    path : Path
        A file in UTF-8, comma separated: a header with the names of the columns, then one row
        for each sample. Empty lines are skipped.
    label : str, optional
        Name of the column that holds the class; the last column if not given.

    Returns
    -------
    Table
        Classes in order of their names; in order of their numbers if all are numbers.

    Raises
    ------
    DatasetError
        One sentence about the first fault: of the file, its header, a cell or a class.
    """
    header, body = _check_shape(path, _lines(path), "a feature and a label column", columns=2)
    column = _label_column(path, header, label)
    chosen = [number for number in range(len(header)) if number != column]
    readings = _numbers(path, header, body, chosen)
    labels, class_names = _classes(_label_texts(path, header, body, column))
    names = tuple(header[number] for number in chosen)
    table = Table(readings, labels, names, class_names, header[column])
    _check_classes(path, header[column], table)
    return table


def read_readings(
    path: Path, features: Sequence[str], label: str | None = None, *, unlabelled: bool = False
) -> tuple[NDArray[np.float64], list[str] | None]:
    """Read a table of new readings, with or without labels.

    Parameters
    ----------
    path : Path
        A file as in `read_csv`; one sample suffices.
    features : sequence of str
        Names of the columns to read, in any order; all other columns are ignored.
    label : str, optional
        Label column, which the table may lack.
    unlabelled : bool
        Whether a row may lack its label.

    Returns
    -------
    readings : float64 ndarray [samples, features]
        Columns in the order of ``features``.
    labels : list of str [samples], or None
        As written, "" where a label is missing; `class_numbers` turns labels into class numbers.
        None if ``label`` is not given or the table has no such column.

    Raises
    ------
    DatasetError
        One sentence about the first fault: of the file, its header or a cell.
    """
    header, body = _check_shape(path, _lines(path), "a column for each feature", all_named=False)
    readings = _numbers(path, header, body, _columns_of(path, header, features))
    if label is None or label not in header:
        return readings, None
    _check_once(path, header, [label])
    column = header.index(label)
    if unlabelled:
        return readings, [cells[column] for _, cells in body]
    return readings, _label_texts(path, header, body, column)


def class_numbers(labels: Sequence[str], class_names: Sequence[str]) -> NDArray[np.int32]:
    """Class numbers [samples] of labels; -1 for an unknown label.

    A label is compared with the class names as text, then as a number: 2.0 is class 2, unless
    several class names write that number.

    Parameters
    ----------
    labels : as `read_readings` returns them.  class_names : the known classes.
    """
    number = {label: _class_number(label, class_names) for label in set(labels)}
    return np.array([number[label] for label in labels], np.int32)


def _class_number(label: str, class_names: Sequence[str]) -> int:
    if label in class_names:
        return list(class_names).index(label)
    name = number_name(label)
    alike = [number for number, each in enumerate(class_names) if number_name(each) == name]
    return alike[0] if len(alike) == 1 else -1


def column_names(path: Path) -> list[str]:
    """Names of the columns of a table.

    Raises
    ------
    DatasetError
        As `read_readings`.
    """
    return _check_shape(path, _lines(path), "a column for each feature", all_named=False)[0]


def _columns_of(path: Path, header: list[str], features: Sequence[str]) -> list[int]:
    """Indices of the features' columns in the header."""
    _check_once(path, header, features)
    missing = [f"'{name}'" for name in features if name not in header]
    if missing:
        raise DatasetError(
            f"'{path}' has no column {', '.join(missing)}: its columns are {', '.join(header)}, "
            f"but {', '.join(features)} are needed, in any order; add or rename columns."
        )
    return [header.index(name) for name in features]


def _lines(path: Path) -> list[_Line]:
    """All non-empty lines, without blanks around the cells."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except FileNotFoundError as error:
        raise DatasetError(
            f"there is no file '{path}': check the path; a relative path starts at the folder "
            f"'{Path.cwd()}'."
        ) from error
    except OSError as error:
        raise DatasetError(
            f"cannot read '{path}' ({error.strerror}): name a readable CSV file."
        ) from error
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"'{path}' is not UTF-8 text (byte {error.start} is 0x{error.object[error.start]:02x}"
            "): save it as 'CSV UTF-8'."
        ) from error
    except ValueError as error:  # the path contains a NUL character
        raise DatasetError(f"cannot read {str(path)!r} ({error}): name a CSV file.") from error
    except csv.Error as error:
        raise DatasetError(
            f"'{path}' cannot be read as CSV, at line {reader.line_num} ({error}): save it as "
            "plain comma-separated text."
        ) from error
    return [(number, cells) for number, cells in lines if any(cells)]


def _check_shape(
    path: Path,
    lines: list[_Line],
    needed: str,
    columns: int = 1,
    all_named: bool = True,
) -> tuple[list[str], list[_Line]]:
    """Header and body; a header without names or a row of another length is refused.

    Parameters
    ----------
    needed : the columns needed, for a message.  columns : the least number of columns.
    all_named : whether every column needs a name of its own, or only those that are read.
    """
    if not lines:
        raise DatasetError(
            f"'{path}' is empty: it needs a header with column names and one row for each sample."
        )
    (_, header), body = lines[0], lines[1:]
    if len(header) < columns:
        raise DatasetError(
            f"'{path}' has one column, {header[0]!r}, but needs at least {needed}: separate the "
            "columns by commas."
        )
    if all_named:
        _check_names(path, header)
    if not body:
        raise DatasetError(f"'{path}' has a header but no rows: add one row for each sample.")
    for line, cells in body:
        if len(cells) != len(header):
            raise DatasetError(
                f"'{path}', line {line}: got {len(cells)} cells, but the header names "
                f"{len(header)} columns; complete the row or remove it."
            )
    return header, body


def _check_names(path: Path, header: list[str]) -> None:
    for number, name in enumerate(header, start=1):
        if not name:
            raise DatasetError(f"'{path}': column {number} of the header has no name; name it.")
        if _is_number(name):
            raise DatasetError(
                f"'{path}': the first line must name the columns, but column {number} reads "
                f"'{name}', a number; add a header, or give the column a name with a letter."
            )
    _check_once(path, header, header)


def _check_once(path: Path, header: list[str], wanted: Sequence[str]) -> None:
    """Refuse a wanted column whose name several columns have."""
    for name, count in Counter(header).items():
        if count > 1 and name in wanted:
            raise DatasetError(
                f"'{path}': {count} columns are named '{name}'; give each column its own name."
            )


def _label_column(path: Path, header: list[str], label: str | None) -> int:
    if label is None:
        return len(header) - 1
    if label not in header:
        raise DatasetError(
            f"'{path}' has no column '{label}' to use as the label: its columns are "
            f"{', '.join(header)}."
        )
    return header.index(label)


def _numbers(
    path: Path, header: list[str], body: list[_Line], chosen: list[int]
) -> NDArray[np.float64]:
    """Readings [samples, features] of the chosen columns, which must be numbers."""
    rows = [[_number(path, line, header[k], cells[k]) for k in chosen] for line, cells in body]
    return np.array(rows, np.float64)


def _number(path: Path, line: int, column: str, cell: str) -> float:
    if cell.lower() in _MISSING:
        raise DatasetError(
            f"'{path}', line {line}, column '{column}': the value is missing ({cell!r}); fill it "
            "in, or remove the row or the column."
        )
    if not _is_number(cell):
        raise DatasetError(
            f"'{path}', line {line}, column '{column}': got {cell!r}, but a feature must be a "
            "finite number with a decimal point (no comma); correct the cell or remove the column."
        )
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        # Python reads 1_000 as a number; in a table the underscore is a typing error.
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def _label_texts(path: Path, header: list[str], body: list[_Line], column: int) -> list[str]:
    """Labels [samples] as written; a missing label is refused."""
    for line, cells in body:
        if not cells[column]:
            raise DatasetError(
                f"'{path}', line {line}, column '{header[column]}': the label is missing; fill it "
                "in or remove the row."
            )
    return [cells[column] for _, cells in body]


def _classes(texts: list[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Class numbers [samples] and class names, sorted."""
    if _all_numbers(texts):
        # 1 and 1.0 are one class: numbers are compared by value.
        names = [number_name(text) for text in sorted(set(texts), key=float)]
        names = list(dict.fromkeys(names))
        texts = [number_name(text) for text in texts]
    else:
        names = sorted(set(texts))
    code = {name: number for number, name in enumerate(names)}
    return np.array([code[text] for text in texts], np.int32), tuple(names)


def _all_numbers(texts: Sequence[str]) -> bool:
    return all(_is_number(text) for text in texts)


def number_name(text: str) -> str:
    """The same name for a number however it is written; any other text unchanged."""
    if not _is_number(text):
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() else repr(value)


def _check_classes(path: Path, column: str, table: Table) -> None:
    """Refuse a table with one class, or with a class too scarce to split."""
    names = table.class_names
    if len(names) < 2:
        raise DatasetError(
            f"'{path}', column '{column}': all labels are '{names[0]}', but at least two "
            "classes are needed; if another column has the labels, name it with label=."
        )
    scarce = scarce_class(table)
    if scarce:
        raise DatasetError(
            f"'{path}', column '{column}': class '{scarce[0]}' has {scarce[1]} row(s) with "
            f"{scarce[2]} different reading(s), but at least {FOLDS} different ones are needed to "
            "train, validate and test; add samples or, if another column has the labels, name it "
            "with label=."
        )
