"""The data sets of an experiment file: benchmarks by name, tables by path or as inline tables.

datasets = ["iris", "a.csv", {table = "b.csv", label = "kind", name = "b", test = "c.csv"}]
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from printron.base.models import AsTuple, StrictModel
from printron.base.sentence import shown
from printron.datasets import check_missing, describe, is_table, table_name
from printron.errors import PrintronError
from printron.experiments.plan import OwnTable

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"  # of an experiment or a data set; becomes part of file names
NAME_WORDS = "letters, digits, '.', '_' and '-', the first a letter or digit"
LONGEST_NAME = 80


def _path(text: str) -> str:
    if "\0" in text:  # no system accepts such a path
        raise PrintronError(f"got {shown(text)}; a path has no NUL character: remove \\u0000")
    return text


def label_column(text: str) -> str:
    """Refuse a blank name of a label column."""
    if not text.strip():
        raise PrintronError(
            f"got {shown(text)}; name the label column, or leave the key out for the last column"
        )
    return text


def missing_way(text: str) -> str:
    """Refuse a word that says nothing of missing values."""
    check_missing(text)
    return text


class DatasetEntry(StrictModel, strict=True):
    """One data set of a file; keys as in `OwnTable`."""

    table: Annotated[str, AfterValidator(_path)]
    label: Annotated[str, AfterValidator(label_column)] | None = None
    name: str | None = None
    test: Annotated[str, AfterValidator(_path)] | None = None
    missing: Annotated[str, AfterValidator(missing_way)] | None = None


def entry_of(value: Any) -> Any:
    """A name, path or table as an entry; any other value is refused."""
    if isinstance(value, str):
        return {"table": value}
    if not isinstance(value, dict | DatasetEntry):
        raise PrintronError(
            f"got {shown(value)}; a data set is the name of a benchmark in quotes, the path of a "
            'table, or a table {table = "a.csv", label = "kind"}'
        )
    return value


Entries = Annotated[
    tuple[Annotated[DatasetEntry, BeforeValidator(entry_of)], ...],
    AsTuple,
]


class DatasetList(StrictModel, strict=True):
    """Only the data sets of a file, to be checked before others replace them."""

    datasets: Entries = ()


def named(entries: Sequence[DatasetEntry], label: str | None = None) -> tuple[str | OwnTable, ...]:
    """The data sets of an experiment, each with a unique name.

    A table has the name that its entry gives, else the name of its file. Where another table or a
    benchmark of the list has that name already, _2, _3 and so on is appended.

    Parameters
    ----------
    label : label column of tables whose entry names none.

    Raises
    ------
    PrintronError : an unknown benchmark, a repeated data set, an invalid name.
    """
    _check_twice(entries, label)
    taken = _given_names(entries)
    found: list[str | OwnTable] = []
    for entry in entries:
        if not is_table(entry.table):
            found.append(entry.table)
            continue
        name = entry.name or _free(table_name(entry.table), taken)
        taken.add(name.casefold())
        found.append(OwnTable(entry.table, entry.label, name, entry.test, entry.missing))
    return tuple(found)


def chosen(wanted: Iterable[str], entries: Any) -> list[Any]:
    """Data sets named on the command line; the entry of a file with that path or name is kept.

    Parameters
    ----------
    entries : of the file, as read from TOML and checked by `DatasetList`.
    """
    listed = entries if isinstance(entries, list) else []
    tables = [entry for entry in listed if isinstance(entry, dict)]
    by_path = {entry.get("table"): entry for entry in tables}
    by_name = {entry["name"]: entry for entry in tables if isinstance(entry.get("name"), str)}
    return [by_path.get(each) or by_name.get(each) or each for each in wanted]


def _check_twice(entries: Sequence[DatasetEntry], label: str | None) -> None:
    """Refuse a repeated benchmark, and a repeated file unless the label column differs."""
    seen: dict[tuple[str, str | None], str] = {}
    for entry in entries:
        where = os.path.realpath(entry.table) if is_table(entry.table) else entry.table
        key = (where, entry.label or label)
        if key in seen:
            also = "" if seen[key] == entry.table else f" ('{seen[key]}' is the same file)"
            raise PrintronError(
                f"got the data set '{entry.table}' twice{also}; name each data set once"
            )
        seen[key] = entry.table


def _given_names(entries: Sequence[DatasetEntry]) -> set[str]:
    """Names that are fixed: those of benchmarks, and those that entries give, without case.

    Case is ignored, since some systems ignore the case of file names.
    """
    given: list[str] = []
    for entry in entries:
        if not is_table(entry.table):
            _check_benchmark(entry)
            given.append(entry.table)
        elif entry.name is not None:
            check_name(entry.name, "data set")
            given.append(entry.name)
    for name, times in Counter(name.casefold() for name in given).items():
        if times > 1:
            raise PrintronError(
                f"got the name '{name}' for {times} data sets; give each data set its own name"
            )
    return {name.casefold() for name in given}


def _check_benchmark(entry: DatasetEntry) -> None:
    describe(entry.table)
    for key in ("label", "name", "test", "missing"):
        if getattr(entry, key) is not None:
            raise PrintronError(
                f"got {key} = '{getattr(entry, key)}' for the benchmark '{entry.table}', which has "
                f'its own; write "{entry.table}" alone'
            )


def check_name(name: str, what: str) -> str:
    """Refuse a name that cannot be part of a file's name."""
    if not re.fullmatch(NAME, name) or len(name) > LONGEST_NAME:
        raise PrintronError(
            f"got {shown(name)} as the name of the {what}; a name has {NAME_WORDS}, "
            f"{LONGEST_NAME} characters at most"
        )
    return name


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number appended where another data set has the name."""
    tried, number = name, 1
    while tried.casefold() in taken:
        number += 1
        tried = f"{name}_{number}"
    return tried
