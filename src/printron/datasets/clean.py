"""Protocol ``clean``: a stratified 60/20/20 split whose test rows serve only for testing.

- Rows with identical readings are in the same part: no test row repeats a training row.
- Each part has the class frequencies of the whole table, as far as the first rule allows.
- The scaling to 0..1 V is fitted to the training rows; other rows are clipped to 0 and 1 V.
- A feature that is constant in the training rows is 0 V.

With a user's own test table (`own_test`), the main table is split 80/20 into training and
validation rows; rows that repeat between the two tables are the user's responsibility.

All rows of the source are used; missing readings are 0. Iris has the values of scikit-learn and
of Fisher's paper. The one BI-RADS assessment of 55 in mammographic_mass is read as 5.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printron.datasets.errors import DatasetError
from printron.datasets.records import Dataset, Rows, Scaling, Table

FOLDS = 5  # three for training, one for validation, one for the test
_LARGEST_SEED = 2**32 - 1
_PART_NAMES = {"train": "training", "valid": "validation", "test": "test"}


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
        The user's own test rows, with the features and classes of ``table``; the rows of
        ``table`` then only train and validate.

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
        Whether to set test rows aside; if not, four fifths train and one fifth validates.

    Returns
    -------
    Parts
        Every row of the table in exactly one part, and every class in every part.

    Raises
    ------
    DatasetError
        If the seed is outside its range, a class is too scarce to be split, or a part would
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
    """Group numbers [samples]; two rows share a number if and only if their readings are equal."""
    # Adding zero turns -0.0 into 0.0, which is the same reading.
    return np.unique(readings + 0.0, axis=0, return_inverse=True)[1].reshape(-1)


def scarce_class(table: Table) -> tuple[str, int, int] | None:
    """Name, rows and different readings (numbers) of a class too scarce to split; or None."""
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
        # Without repeated rows the plain splitter follows the same rules and is much faster.
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
            f"but at least {FOLDS} different ones are needed to train, validate and test: add "
            "samples."
        )


def _check_classes(table: Table, parts: Parts, split_seed: int, needed: Sequence[str]) -> None:
    for part in needed:
        rows = getattr(parts, part)
        found = np.bincount(table.labels[rows], minlength=len(table.class_names))
        for class_name, count in zip(table.class_names, found, strict=True):
            if count == 0:
                raise DatasetError(
                    f"class '{class_name}' would have no {_PART_NAMES[part]} row with split_seed "
                    f"{split_seed}, since identical rows stay together: try another split_seed, "
                    "or add rows of this class with other readings."
                )
