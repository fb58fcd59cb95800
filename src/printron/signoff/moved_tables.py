"""Current paths of the tables of an experiment, from the texts of --table."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from printron.base.place import path_here
from printron.datasets import is_table, table_name
from printron.errors import PrintronError

Places = tuple[str | None, str | None]  # of a table and its test table; None: not moved


def tables_named(
    texts: Sequence[str], datasets: Mapping[str, str], chosen: Collection[str] | None = None
) -> dict[str, Places]:
    """Current paths of tables by data set, from the texts of --table.

    Parameters
    ----------
    datasets : origins by data set: the path of a table, or the name of a benchmark.
    chosen : data sets to simulate; default: all.

    Raises
    ------
    PrintronError : the table belongs to no simulated data set, or may belong to several.
    """
    tables: dict[str, Places] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or name not in datasets:
            name, path = _dataset_of(text, datasets), text
        if not is_table(datasets[name]):
            raise PrintronError(
                f"got --table {text}, but '{name}' is a benchmark and has no table; leave it out"
            )
        if chosen is not None and name not in chosen:
            raise PrintronError(
                f"got --table {text}, but '{name}' is not simulated here: {', '.join(chosen)}; "
                "leave the table out, or add its data set, once finished, to --datasets"
            )
        if name in tables:
            raise PrintronError(f"got --table twice for '{name}'; name each table once")
        tables[name] = _places(path)
    return tables


def _dataset_of(text: str, datasets: Mapping[str, str]) -> str:
    """The one data set with the name of this table, or from a file of that name."""
    stem = table_name(_places(text)[0] or "")
    names = [
        name
        for name, source in datasets.items()
        if is_table(source) and stem in (name, table_name(source))
    ]
    if len(names) == 1:
        return names[0]
    if names:
        raise PrintronError(
            f"got --table {text}, which could be a table of {', '.join(names)}; write "
            f"DATASET=PATH: --table {names[0]}={text}"
        )
    raise PrintronError(
        f"got --table {text}; the experiment has the data sets {', '.join(datasets)}: "
        "write DATASET=PATH, or DATASET=TABLE,TEST"
    )


def _places(text: str) -> Places:
    """Paths of a table and its test table, from PATH or TABLE,TEST; paths may contain commas."""
    parts = text.split(",")
    ways = [(text, "")]
    ways += [(",".join(parts[:k]), ",".join(parts[k:])) for k in range(1, len(parts))]
    read = [(_here(table), _here(test)) for table, test in ways]
    existing = [way for way in read if all(Path(path).is_file() for path in way if path)]
    table, test = (existing or read[1:] or read)[0]
    return table or None, test or None


def _here(path: str) -> str:
    return path_here(path, "table") if path.strip() else ""
