"""Tables of a benchmark that grow row by row, and go on where a call was ended."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from printron.base.compiled import make_room
from printron.datasets import names

Key = tuple
SPLIT = ("dataset", "split_seed")  # columns of the key of a split


def parser_of(words: str | None) -> argparse.ArgumentParser:
    """A parser with the options of benchmarks that fill tables, split by split.

    Parameters
    ----------
    words : docstring of the benchmark.
    """
    parser = argparse.ArgumentParser(description=str(words).splitlines()[0])
    parser.add_argument("--datasets", nargs="+", default=list(names()), choices=names())
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--splits", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--report", action="store_true")
    return parser


def by_split(
    path: Path, options: argparse.Namespace, rows_of: Callable[[str, int], pd.DataFrame]
) -> pd.DataFrame:
    """The table of a CSV file with the rows of all data sets and splits; see `filled`.

    Parameters
    ----------
    options : of `parser_of`.  rows_of : gives the rows of a data set and split.
    """
    options.out.mkdir(parents=True, exist_ok=True)
    keys = [(each, split) for split in options.splits for each in options.datasets]
    return filled(path, SPLIT, keys, rows_of)


def write_report(text: str, path: Path) -> None:
    """Write a report, and print it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(text)


def filled(
    path: Path,
    columns: Sequence[str],
    keys: Iterable[Key],
    rows_of: Callable[..., pd.DataFrame],
    digits: int = 8,
) -> pd.DataFrame:
    """The table of a CSV file, to which the rows of the keys that lack are added.

    Parameters
    ----------
    columns : of a key.  rows_of : gives the rows of a key; the file is written after each.
    digits : significant ones, of the numbers in the file.
    """
    tables = [pd.read_csv(path)] if path.is_file() else []
    done = {tuple(key) for table in tables for key in table[list(columns)].values}
    for key in keys:
        if key in done:
            continue
        make_room()  # the programs of a dozen data sets are more than a process may hold
        tables.append(rows_of(*key))
        print(tables[-1].to_string(header=False, index=False), flush=True)
        part = path.with_suffix(".part")
        pd.concat(tables).to_csv(part, index=False, float_format=f"%.{digits}g")
        part.replace(path)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def markdown(
    head: Sequence[str],
    files: dict[str, Path],
    numbers: Sequence[str],
    line: Callable[[str, str, pd.DataFrame, pd.DataFrame], str],
) -> str:
    """A line a data set, and one for the mean of the data sets, of every file that is there.

    Parameters
    ----------
    head : titles of the columns.  files : by name.  numbers : columns of which means are taken.
    line : of a file's name, a title, the runs, and the numbers to take the mean of.
    """
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, path in files.items():
        if not path.is_file():
            continue
        table = pd.read_csv(path)
        table = table.reindex(columns=[*table, *(each for each in numbers if each not in table)])
        by_dataset = table.groupby("dataset", sort=False)
        lines += [line(name, dataset, runs, runs) for dataset, runs in by_dataset]
        means = by_dataset[list(numbers)].mean()
        lines.append(line(name, f"**mean of {len(means)}**", table, means))
    return "\n".join(lines) + "\n"
