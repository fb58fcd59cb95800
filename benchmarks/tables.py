"""Tables of a benchmark that grow row by row, and go on where a call was ended."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from printron.base.compiled import make_room

Key = tuple


def filled(
    path: Path,
    names: Sequence[str],
    keys: Iterable[Key],
    rows_of: Callable[..., pd.DataFrame],
    digits: int = 8,
) -> pd.DataFrame:
    """The table of a CSV file, to which the rows of the keys that lack are added.

    Parameters
    ----------
    names : columns of a key.  rows_of : gives the rows of a key; the file is written after each.
    digits : significant ones, of the numbers in the file.
    """
    tables = [pd.read_csv(path)] if path.is_file() else []
    done = {tuple(key) for table in tables for key in table[list(names)].values}
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
