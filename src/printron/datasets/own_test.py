"""A user's own test table, checked against the main table, which trains and validates.

Test rows that repeat rows of the main table are kept and counted: coarse sensors repeat readings by
chance, and the choice of test rows is the user's. A test table without any new row is refused.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.datasets.clean import groups
from printron.datasets.errors import DatasetError
from printron.datasets.missing import FAIL
from printron.datasets.own_table import class_numbers, column_names, read_new
from printron.datasets.records import Table


def read_test_table(path: Path, main: Table, missing: str = FAIL) -> Table:
    """Read a test table.

    Parameters
    ----------
    path : Path
        A table as `read_table` reads it: the columns of `main`, in any order.
    main : Table
        The main table, as `read_table` returned it.
    missing : str
        As in `read_table`.

    Returns
    -------
    Table
        Features and classes in the order of `main`.

    Raises
    ------
    DatasetError
        One sentence: a missing or additional column, an unknown class, or no new row.
    """
    _check_columns(path, main)
    readings, labels, understood = read_new(
        path, main.feature_names, main.label, missing=missing, main=main
    )
    assert labels is not None  # _check_columns found the label column
    codes = _codes(path, labels, main)
    test = Table(
        *(readings, codes, main.feature_names, main.class_names, main.label), remarks=understood
    )
    if repeated(main, test) == len(codes):
        raise DatasetError(
            f"all {len(codes)} rows of the test table '{path}' repeat rows of the main table, so "
            "no new row would be tested: add rows that are not in the main table."
        )
    return test


def repeated(main: Table, test: Table) -> int:
    """Number of test rows whose readings also occur in the main table."""
    group = groups(np.concatenate([main.readings, test.readings]))
    return int(np.isin(group[len(main.labels) :], group[: len(main.labels)]).sum())


def remarks(path: Path, main: Table, test: Table) -> tuple[str, ...]:
    """Warnings about the test rows, one sentence each."""
    notes = [*test.remarks]
    if count := repeated(main, test):
        notes.append(
            f"{count} of {len(test.labels)} rows of the test table '{path}' repeat readings of the "
            "main table: the test accuracy is not that of new readings alone"
        )
    found = set(test.labels.tolist())
    lacking = [name for k, name in enumerate(main.class_names) if k not in found]
    if lacking:
        notes.append(
            f"the test table '{path}' has no row of the class {', '.join(lacking)}: the test "
            "accuracy says nothing about that class"
        )
    return tuple(notes)


def _check_columns(path: Path, main: Table) -> None:
    wanted, found = (*main.feature_names, main.label), column_names(path)
    wrong = [
        f"{word} {', '.join(names)}"
        for word, names in (
            ("lacks", [name for name in wanted if name not in found]),
            ("has in addition", [n or "''" for n in found if n not in (*wanted, *main.left_out)]),
        )
        if names
    ]
    if wrong:
        raise DatasetError(
            f"the test table '{path}' {' and '.join(wrong)}: it must have the columns of the main "
            f"table, {', '.join(wanted)}, in any order."
        )


def _codes(path: Path, labels: list[str], main: Table) -> NDArray[np.int32]:
    """Class numbers [samples], of the classes of the main table."""
    found = class_numbers(labels, main.class_names)
    if (found < 0).any():
        unknown = labels[int(np.argmin(found))]
        raise DatasetError(
            f"the test table '{path}' has the class '{unknown}' in the column "
            f"'{main.label}', but the main table has {', '.join(main.class_names)}: "
            "correct the label or remove the row."
        )
    return found
