"""A user's own test rows, in a table of their own: checked against the table to learn from.

Test rows that repeat rows of the main table stay, and are counted: sensors of few steps give equal
readings by chance, and which rows test is here the user's choice. A test table all of whose rows
stand in the main table tests nothing, and is refused.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.datasets.clean import groups
from printron.datasets.csv_table import class_numbers, column_names, read_readings
from printron.datasets.errors import DatasetError
from printron.datasets.records import Table


def read_test_table(path: Path, main: Table) -> Table:
    """Read the test rows that belong to a table.

    Parameters
    ----------
    path : Path
        A table as `read_csv` reads it: the columns of `main`, in any order.
    main : Table
        What is learned from, as `read_csv` gave it.

    Returns
    -------
    Table
        Features and classes in the order of `main`.

    Raises
    ------
    DatasetError
        One sentence: a column too few or too many, an unknown class, or no row that is new.
    """
    _check_columns(path, main)
    readings, labels = read_readings(path, main.feature_names, main.label)
    assert labels is not None  # its column is there
    codes = _codes(path, labels, main)
    test = Table(readings, codes, main.feature_names, main.class_names, main.label)
    if repeated(main, test) == len(codes):
        raise DatasetError(
            f"all {len(codes)} rows of the test table '{path}' are rows of the table to learn "
            "from, so that nothing would be tested: give rows that are in the test table alone."
        )
    return test


def repeated(main: Table, test: Table) -> int:
    """Number of test rows whose readings stand in the main table too."""
    group = groups(np.concatenate([main.readings, test.readings]))
    return int(np.isin(group[len(main.labels) :], group[: len(main.labels)]).sum())


def remarks(path: Path, main: Table, test: Table) -> tuple[str, ...]:
    """What a person should know about the test rows, a sentence each."""
    said = []
    if count := repeated(main, test):
        said.append(
            f"{count} of {len(test.labels)} rows of the test table '{path}' have the readings of "
            "rows to learn from: the accuracy on test rows is not of new readings alone"
        )
    found = set(test.labels.tolist())
    lacking = [name for k, name in enumerate(main.class_names) if k not in found]
    if lacking:
        said.append(
            f"the test table '{path}' has no row of the class {', '.join(lacking)}: the accuracy "
            "on test rows does not say how well that class is known"
        )
    return tuple(said)


def _check_columns(path: Path, main: Table) -> None:
    wanted, there = (*main.feature_names, main.label), column_names(path)
    wrong = [
        f"{word} {', '.join(names)}"
        for word, names in (
            ("lacks", [name for name in wanted if name not in there]),
            ("has in addition", [name or "''" for name in there if name not in wanted]),
        )
        if names
    ]
    if wrong:
        raise DatasetError(
            f"the test table '{path}' {' and '.join(wrong)}: it must have the columns of the table "
            f"to learn from, {', '.join(wanted)}, in any order."
        )


def _codes(path: Path, labels: list[str], main: Table) -> NDArray[np.int32]:
    """Class numbers [samples], of the classes of the main table."""
    found = class_numbers(labels, main.class_names)
    if (found < 0).any():
        unknown = labels[int(np.argmin(found))]
        raise DatasetError(
            f"the test table '{path}' has the class '{unknown}' in the column "
            f"'{main.label}', but the table to learn from has {', '.join(main.class_names)}: "
            "correct the label or remove the row."
        )
    return found
