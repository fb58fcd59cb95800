"""A user's own table: a header, numeric features and one column of labels."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printron.base.sentence import number_of
from printron.datasets.clean import FOLDS, scarce_class
from printron.datasets.errors import DatasetError
from printron.datasets.layout import Layout, is_missing, is_number, listed, read_as, read_layout
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
    out = {k: why for k in others if (why := useless(layout, k))}
    chosen = [k for k in others if k not in out]
    _check_names(layout, [*chosen, column])
    _check_any(layout, chosen, out)
    bare = _unlabelled(layout, column, missing)
    whole = completed(layout, chosen, _numbers(layout, chosen), missing, bare)
    kept = [k for k, own in zip(chosen, whole.columns, strict=True) if own]
    # Without the rows that lack a value a column may be constant.
    varying = whole.readings.min(axis=0) < whole.readings.max(axis=0)
    out |= {k: "constant" for k, own in zip(kept, varying, strict=True) if not own}
    kept = [k for k in kept if k not in out]
    _check_any(layout, kept, out)
    readings, names = whole.readings[:, varying], tuple(layout.header[k] for k in kept)
    texts = layout.column(column)
    labels, class_names = _classes([t for t, own in zip(texts, whole.rows, strict=True) if own])
    said = [*layout.understood, *whole.understood]
    gone = {text for text, own in zip(texts, bare, strict=True) if not own} - set(class_names)
    if gone and missing == DROP and not _all_numbers(texts):
        said.append(f"no row is left of the class {listed(sorted(gone), 5)}")
    if out:
        said.append(f"{number_of(len(out), 'column')} left out: {_words(layout, out)}")
    table = Table(
        *(readings, labels, names, class_names, layout.header[column]),
        left_out=tuple(name for k, name in enumerate(layout.header) if k not in (*kept, column)),
        marks=dict(zip((layout.header[k] for k in chosen), whole.marks, strict=True)),
    )
    _check_classes(path, layout.header[column], table)
    far = check_far(layout, names, readings)
    return replace(table, remarks=(*read_as(path, said), *far, *remarks_on(table)))


def _check_any(layout: Layout, chosen: Sequence[int], out: dict[int, str]) -> None:
    if not chosen:
        raise DatasetError(
            f"'{layout.path}': no column has readings ({_words(layout, out)}): add a column of "
            "numbers, or name the column of the classes with --label."
        )


def _unlabelled(layout: Layout, column: int, missing: str) -> NDArray[np.bool_]:
    """Which rows lack their label; refused unless they are to be left out."""
    cells = layout.column(column)
    nothing = ("",) if missing == KEEP else NO_LABEL
    bare = np.array([cell.lower() in nothing for cell in cells])
    if bare.any() and missing != DROP:
        line, _ = layout.body[int(np.argmax(bare))]
        raise DatasetError(
            f"'{layout.path}', line {line}, column '{layout.header[column]}': the label is missing "
            f"({cells[int(np.argmax(bare))]!r}), and so in {number_of(int(bare.sum()), 'row')} of "
            f"{len(bare):,}; fill it in, or leave such rows out with --missing {DROP}."
        )
    return bare


class NewReadings(NamedTuple):
    """Readings of a table that is not the one of training.

    Attributes
    ----------
    readings : float64 ndarray [samples, features]
        Columns in the order of the features.
    labels : list of str [samples], or None
        As written, "" where a label is missing; `class_numbers` turns labels into class numbers.
        None without a label column.
    remarks : tuple of str
        How the file was read, where that is not plain.
    """

    readings: NDArray[np.float64]
    labels: list[str] | None
    remarks: tuple[str, ...]


def read_new(
    path: Path,
    features: Sequence[str],
    label: str | None = None,
    *,
    unlabelled: bool = False,
    missing: str = KEEP,
    main: Table | None = None,
) -> NewReadings:
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
    main : Table, optional
        The table of training, whose marks for missing values and names hold here, too.

    Raises
    ------
    DatasetError
        One sentence about the first fault: of the file, its header or a cell.
    """
    layout = read_layout(path, "a column for each feature")
    columns = _columns_of(layout, features, main)
    layout = layout.pointed(columns)
    texts, bare = None, np.zeros(len(layout.body), bool)
    if label is not None and label in layout.header:
        _check_once(layout, label)
        column = layout.header.index(label)
        texts = layout.column(column)
        bare = bare if unlabelled else _unlabelled(layout, column, missing)
    marks = None if main is None else [main.marks.get(name, ()) for name in features]
    whole = completed(layout, columns, _numbers(layout, columns), missing, bare, marks)
    if not whole.columns.all():
        gone = features[int(np.argmin(whole.columns))]
        raise DatasetError(f"'{path}': most rows lack a value in the column '{gone}': fill it in.")
    if texts is not None:
        texts = [text for text, kept in zip(texts, whole.rows, strict=True) if kept]
    said = (*layout.understood, *whole.understood)
    return NewReadings(whole.readings, texts, read_as(path, said))


def _check_once(layout: Layout, name: str) -> None:
    """Refuse a column whose name several columns have."""
    if name in layout.repeated:
        raise DatasetError(
            f"'{layout.path}': several columns have the name of the column '{name}'; give each "
            "column its own name."
        )


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


def _columns_of(layout: Layout, features: Sequence[str], main: Table | None) -> list[int]:
    """Indices of the features' columns in the header."""
    header, known = layout.header, (*features, *(main.left_out if main else ()))
    missing = [f"'{name}'" for name in features if name not in header]
    if missing:
        raise DatasetError(
            f"'{layout.path}' has no column {listed(missing)}: its columns are {listed(header)}, "
            f"but {listed(list(features))} are needed, in any order; add or rename columns."
        )
    for name in features:
        # Names with a number are known only where the table of training had them, too.
        if f"{name}_2" in layout.repeated and f"{name}_2" not in known:
            _check_once(layout, name)
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
        _check_once(layout, layout.header[-1])
        return len(layout.header) - 1
    _check_once(layout, label)
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
        name = f"'{layout.header[k]}'" if layout.header[k] else f"number {k + 1}"
        reasons.setdefault(why, []).append(name)
    return ", ".join(f"{listed(names, 5)} ({why})" for why, names in reasons.items())


def _numbers(layout: Layout, chosen: Sequence[int]) -> NDArray[np.float64]:
    """Readings [samples, features] of the chosen columns, NaN where a value is missing."""
    found = {k: layout.numbers(k) for k in chosen}
    wrong = [k for k, values in found.items() if values is None]
    for line, cells in layout.body if wrong else ():
        for k in wrong:
            if not is_missing(cells[k]) and not is_number(cells[k]):
                raise DatasetError(
                    f"'{layout.path}', line {line}, column '{layout.header[k]}': got "
                    f"{cells[k][:80]!r}, but a feature must be a finite number, without a "
                    "separator of thousands; correct the cell or remove the column."
                )
    return np.array(list(found.values()), np.float64).T


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
