"""Protocol ``clean``: stratified 60/20/20 in which the test rows are not seen by anything.

- Rows with identical readings are never in different parts: a test row is never a training row.
- Classes are as frequent in each part as in the whole, as far as the first law allows.
- The scaling to 0..1 V is fitted on the training rows; other rows are clipped to the rails.
- A feature that is constant in the training rows is 0 V.

Where a user brings test rows of his own (`own_test`), the table is split 80/20 to train and
validate, and whether rows repeat between the two tables is the user's affair.

All rows of the source are used; missing readings are 0. Iris has scikit-learn's values, which
are those of Fisher's paper. The one BI-RADS assessment of 55 in mammographic_mass is read as 5.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printron.datasets.errors import DatasetError
from printron.datasets.records import Dataset, Rows, Scaling, Table

FOLDS = 5  # three train, one validates, one tests
_LARGEST_SEED = 2**32 - 1


class Parts(NamedTuple):
    """Row numbers of the three parts, each ascending (int64 ndarrays)."""

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    test: NDArray[np.int64]


def clean(name: str, table: Table, split_seed: int, test: Table | None = None) -> Dataset:
    """Split a table, then scale it; see the module's description.

    Parameters
    ----------
    name : str
    table : Table
    split_seed : int
        0 to 2**32 - 1.
    test : Table, optional
        Test rows of a user's own, with the features and classes of ``table``, whose rows then
        train and validate alone.

    Raises
    ------
    DatasetError
        As `split`.
    """
    parts = split(table, split_seed, tested=test is None)
    if test is None:
        return arrange(name, table, parts)
    rows = np.arange(len(table.labels), len(table.labels) + len(test.labels))
    both = replace(
        table,
        readings=np.concatenate([table.readings, test.readings]),
        labels=np.concatenate([table.labels, test.labels]),
    )
    return arrange(name, both, parts._replace(test=rows))


def split(table: Table, split_seed: int, tested: bool = True) -> Parts:
    """Row numbers of the three parts.

    Parameters
    ----------
    tested : bool
        Without, the rows that would test train: four fifths train, one fifth validates.

    Returns
    -------
    Parts
        Every row of the table in exactly one part, and every class in every part.

    Raises
    ------
    DatasetError
        If the seed is outside of its range, a class is too scarce to be split, or a part would
        lack a class.
    """
    _check_seed(split_seed)
    _check_scarce(table)
    fold = _folds(table, split_seed)
    tests = (fold == 4) & tested
    parts = Parts(*(np.flatnonzero(rows) for rows in ((fold != 3) & ~tests, fold == 3, tests)))
    _check_classes(table, parts, split_seed, Parts._fields if tested else Parts._fields[:2])
    return parts


def arrange(name: str, table: Table, parts: Parts) -> Dataset:
    """Scale the parts of a table by the range of its training rows.

    Parameters
    ----------
    name : str
    table : Table
    parts : Parts
        Row numbers; the scaling depends on the rows ``parts.train`` only.
    """
    readings = table.readings[parts.train]
    scaling = Scaling(readings.min(axis=0), readings.max(axis=0))
    train, valid, test = (
        Rows(scaling.volts(table.readings[rows]).T, table.labels[rows]) for rows in parts
    )
    return Dataset(
        name=name,
        protocol="clean",
        feature_names=table.feature_names,
        class_names=table.class_names,
        train=train,
        valid=valid,
        test=test,
        scaling=scaling,
    )


def groups(readings: NDArray[np.float64]) -> NDArray[np.int64]:
    """Group numbers [samples]; equal for, and only for, rows of readings that are identical."""
    # Adding zero turns -0.0 to 0.0, which is the same reading.
    return np.unique(readings + 0.0, axis=0, return_inverse=True)[1].reshape(-1)


def scarce_class(table: Table) -> tuple[str, int, int] | None:
    """Name of a class too scarce to be split, its rows and its different readings; or None."""
    group = groups(table.readings)
    for number, name in enumerate(table.class_names):
        rows = table.labels == number
        different = len(np.unique(group[rows]))
        if different < FOLDS:
            return name, int(rows.sum()), different
    return None


def _folds(table: Table, split_seed: int) -> NDArray[np.int64]:
    """Fold number [samples] of each row."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    group = groups(table.readings)
    fold = np.empty(len(group), np.int64)
    options = {"n_splits": FOLDS, "shuffle": True, "random_state": split_seed}
    if len(np.unique(group)) < len(group):
        folds = StratifiedGroupKFold(**options).split(table.readings, table.labels, group)
    else:
        # Without repeated rows the plain splitter keeps the same laws, and is much faster.
        folds = StratifiedKFold(**options).split(table.readings, table.labels)
    for number, (_, rows) in enumerate(folds):
        fold[rows] = number
    return fold


def _check_seed(split_seed: int) -> None:
    whole = isinstance(split_seed, (int, np.integer)) and not isinstance(split_seed, bool)
    if not whole or not 0 <= split_seed <= _LARGEST_SEED:
        raise DatasetError(
            f"split_seed is {split_seed!r}, but must be a whole number from 0 to {_LARGEST_SEED}."
        )


def _check_scarce(table: Table) -> None:
    scarce = scarce_class(table)
    if scarce:
        raise DatasetError(
            f"class '{scarce[0]}' has {scarce[1]} row(s) with {scarce[2]} different reading(s), "
            f"but {FOLDS} are needed to train, validate and test: add samples."
        )


def _check_classes(table: Table, parts: Parts, split_seed: int, needed: Sequence[str]) -> None:
    for part in needed:
        rows = getattr(parts, part)
        found = np.bincount(table.labels[rows], minlength=len(table.class_names))
        for class_name, count in zip(table.class_names, found, strict=True):
            if count == 0:
                raise DatasetError(
                    f"class '{class_name}' would have no {part} row with split_seed "
                    f"{split_seed}, since identical rows stay together: try another split_seed, "
                    "or add rows of this class with other readings."
                )
