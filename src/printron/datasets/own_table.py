"""A user's own table: a header, numeric features and one column of labels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.base.sentence import number_of
from printron.datasets.clean import FOLDS, scarce_class
from printron.datasets.errors import DatasetError
from printron.datasets.layout import Layout, is_missing, is_number, listed, read_layout
from printron.datasets.missing import DROP, FAIL, KEEP, check_missing, completed
from printron.datasets.records import Table
from printron.datasets.sense import check_far, check_label, remarks_on, useless

NO_LABEL = ("", "?", "na", "n/a", "nan")  # "none" may be a class: no fault


def read_table(path: Path, label: str | None = None, missing: str = FAIL) -> Table:
    """Read a table of readings.

    Parameters
    ----------
    path : Path
        A file as in `printron.datasets.sheet`: a header with the names of the columns, then one row
        for each sample; a line of units may follow the header. Empty lines are skipped.
    label : str, optional
        Name of the column that holds the class; the last column if not given.
    missing : str
        "fail", "drop", "keep" or a number; see `printron.datasets.missing`.

    Returns
    -------
    Table
        Classes in order of their names; in order of their numbers if all are numbers. Columns that
        are no features (text, dates, row numbers, constants) are left out, and named in `remarks`.

    Raises
    ------
    DatasetError
        One sentence about the first fault: of the file, its header, a cell or a class.
    """
    check_missing(missing)
    layout = read_layout(path, "a feature and a label column", columns=2)
    column = _label_column(layout, label)
    others = [k for k in range(len(layout.header)) if k != column]
    layout = layout.pointed(k for k in others if useless(layout, k) not in ("dates", "empty"))
    check_label(layout, column, label is not None)
    left = {k: useless(layout, k) for k in others}
    out = {k: why for k, why in left.items() if why}
    chosen = [k for k in left if k not in out]
    _check_names(layout, [*chosen, column])
    if not chosen:
        raise DatasetError(
            f"'{path}': no column has readings ({_words(layout, out)}): add a column of numbers, "
            "or name the column of the classes with --label."
        )
    unlabelled = np.array([cell.lower() in NO_LABEL for cell in layout.column(column)])
    if missing == KEEP:
        unlabelled = np.array([not cell for cell in layout.column(column)])
    if unlabelled.any() and missing != DROP:
        _refuse_unlabelled(layout, column, unlabelled)
    whole = completed(layout, chosen, _numbers(layout, chosen), missing, unlabelled)
    names = tuple(layout.header[k] for k, kept in zip(chosen, whole.columns, strict=True) if kept)
    texts = [t for t, kept in zip(layout.column(column), whole.rows, strict=True) if kept]
    labels, class_names = _classes(texts)
    far = check_far(layout, names, whole.readings)
    table = Table(whole.readings, labels, names, class_names, layout.header[column])
    _check_classes(path, layout.header[column], table)
    said = [*layout.understood, *whole.understood]
    if out:
        said.append(f"{number_of(len(out), 'column')} left out: {_words(layout, out)}")
    understood = [f"'{path}' was read so: {'; '.join(said)}"] if said else []
    return Table(
        *(table.readings, table.labels, names, class_names, table.label),
        left_out=tuple(name for name in layout.header if name not in (*names, table.label)),
        remarks=(*understood, *far, *remarks_on(table)),
    )


def read_readings(
    path: Path,
    features: Sequence[str],
    label: str | None = None,
    *,
    unlabelled: bool = False,
    missing: str = KEEP,
) -> tuple[NDArray[np.float64], list[str] | None]:
    """Read a table of new readings, with or without labels.

    Parameters
    ----------
    path : Path
        A file as in `read_table`; one sample suffices.
    features : sequence of str
        Names of the columns to read, in any order; all other columns are ignored.
    label : str, optional
        Label column, which the table may lack.
    unlabelled : bool
        Whether a row may lack its label.
    missing : str
        As in `read_table`; by default every row is kept as written, and none may lack a reading.

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
    layout = read_layout(path, "a column for each feature")
    columns = _columns_of(layout, features)
    layout = layout.pointed(columns)
    labelled = label is not None and label in layout.header
    texts = layout.column(layout.header.index(label)) if labelled and label else None
    bare = np.array([not text for text in texts or [" "] * len(layout.body)])
    if texts is not None and bare.any() and not unlabelled and missing != DROP:
        _refuse_unlabelled(layout, layout.header.index(str(label)), bare)
    lacking = np.zeros_like(bare) if unlabelled else bare
    whole = completed(layout, columns, _numbers(layout, columns), missing, lacking)
    if not whole.columns.all():
        gone = features[int(np.argmin(whole.columns))]
        raise DatasetError(f"'{path}': most rows lack a value in the column '{gone}': fill it in.")
    if texts is not None:
        texts = [text for text, kept in zip(texts, whole.rows, strict=True) if kept]
    return whole.readings, texts


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
    return read_layout(path, "a column for each feature").header


def _columns_of(layout: Layout, features: Sequence[str]) -> list[int]:
    """Indices of the features' columns in the header."""
    header = layout.header
    for name in features:
        # Numbered names are known only where the table of training had them.
        if f"{name}_2" in header and f"{name}_2" not in features and name in layout.repeated:
            raise DatasetError(
                f"'{layout.path}': several columns are named '{name}'; give each column its own "
                "name."
            )
    missing = [f"'{name}'" for name in features if name not in header]
    if missing:
        raise DatasetError(
            f"'{layout.path}' has no column {listed(missing)}: its columns are {listed(header)}, "
            f"but {listed(list(features))} are needed, in any order; add or rename columns."
        )
    return [header.index(name) for name in features]


def _check_names(layout: Layout, columns: Sequence[int]) -> None:
    for number, name in enumerate(layout.header):
        if not name and number in columns:
            raise DatasetError(
                f"'{layout.path}': column {number + 1} of the header has no name; name it."
            )
        if is_number(name.replace(",", ".")):
            raise DatasetError(
                f"'{layout.path}': the first line must name the columns, but column {number + 1} "
                f"reads '{name}', a number; add a header, or give the column a name with a letter."
            )


def _label_column(layout: Layout, label: str | None) -> int:
    if label is None:
        return len(layout.header) - 1
    if label not in layout.header:
        raise DatasetError(
            f"'{layout.path}' has no column '{label}' to use as the label: its columns are "
            f"{listed(layout.header)}."
        )
    return layout.header.index(label)


def _words(layout: Layout, out: dict[int, str]) -> str:
    """Columns that are left out, by the reason."""
    reasons: dict[str, list[str]] = {}
    for k, why in out.items():
        reasons.setdefault(why, []).append(f"'{layout.header[k]}'")
    return ", ".join(f"{listed(names, 5)} ({why})" for why, names in reasons.items())


def _numbers(layout: Layout, chosen: Sequence[int]) -> NDArray[np.float64]:
    """Readings [samples, features] of the chosen columns, NaN where a value is missing."""
    return np.array(
        [[_number(layout, line, k, cells[k]) for k in chosen] for line, cells in layout.body],
        np.float64,
    ).reshape(len(layout.body), len(chosen))


def _number(layout: Layout, line: int, column: int, cell: str) -> float:
    if is_missing(cell):
        return np.nan
    if not is_number(cell):
        raise DatasetError(
            f"'{layout.path}', line {line}, column '{layout.header[column]}': got {cell[:80]!r}, "
            "but a feature must be a finite number, without a separator of thousands; correct the "
            "cell or remove the column."
        )
    return float(cell)


def _refuse_unlabelled(layout: Layout, column: int, bare: NDArray[np.bool_]) -> None:
    line, cells = layout.body[int(np.argmax(bare))]
    raise DatasetError(
        f"'{layout.path}', line {line}, column '{layout.header[column]}': the label is missing "
        f"({cells[column]!r}), and so in {number_of(int(bare.sum()), 'row')} of {len(bare):,}; "
        f"fill it in, or leave such rows out with --missing {DROP}."
    )


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
    return all(is_number(text) for text in texts)


def number_name(text: str) -> str:
    """The same name for a number however it is written; any other text unchanged."""
    if not is_number(text):
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() else repr(value)


def _check_classes(path: Path, column: str, table: Table) -> None:
    """Refuse a table with one class, or with a class too scarce to split."""
    names = table.class_names
    if len(names) < 2:
        raise DatasetError(
            f"'{path}', column '{column}': all labels are '{names[0]}', but at least two "
            "classes are needed; if another column has the labels, name it with --label."
        )
    scarce = scarce_class(table)
    if scarce:
        raise DatasetError(
            f"'{path}', column '{column}': class '{scarce[0]}' has {scarce[1]} row(s) with "
            f"{scarce[2]} different reading(s), but at least {FOLDS} different ones are needed to "
            "train, validate and test; add samples or, if another column has the labels, name it "
            "with --label."
        )
