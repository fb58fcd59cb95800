"""Data sets by name: the benchmarks and users' tables."""

import difflib
import os
from dataclasses import replace
from pathlib import Path

from printron.datasets.benchmark import Benchmark
from printron.datasets.catalogue import BENCHMARKS
from printron.datasets.clean import clean
from printron.datasets.errors import DatasetError
from printron.datasets.files import at_hand, locate
from printron.datasets.missing import FAIL
from printron.datasets.own_table import read_table
from printron.datasets.own_test import read_test_table, remarks
from printron.datasets.published import published
from printron.datasets.records import Dataset, Table
from printron.datasets.sheet import SUFFIXES, is_table

PROTOCOLS = ("clean", "published")


def names() -> tuple[str, ...]:
    """Names of the benchmarks, in alphabetical order."""
    return tuple(sorted(BENCHMARKS))


def describe(name: str) -> Benchmark:
    """Title, files, citation, features and classes of a benchmark; no file is read.

    Raises
    ------
    DatasetError
        If no benchmark has this name.
    """
    if name in BENCHMARKS:
        return BENCHMARKS[name]
    near = difflib.get_close_matches(
        str(name).lower().replace("-", "_").replace(" ", "_"), names(), n=1
    )
    suggestion = f" (did you mean '{near[0]}'?)" if near else ""
    raise DatasetError(
        f"there is no data set '{name}'{suggestion}: the benchmarks are {', '.join(names())}, "
        f"and a table of your own is given by its path, which must end in {', '.join(SUFFIXES)}."
    )


def available(name: str, data_dir: str | os.PathLike[str] | None = None) -> bool:
    """Whether a benchmark can be loaded without a network.

    Parameters
    ----------
    name, data_dir : as in `load_dataset`.

    Raises
    ------
    DatasetError
        If no benchmark has this name.
    """
    return all(at_hand(file, data_dir) for file in describe(name).files)


def load_dataset(
    name: str | os.PathLike[str],
    *,
    protocol: str = "clean",
    data_dir: str | os.PathLike[str] | None = None,
    split_seed: int = 0,
    label: str | None = None,
    test_table: str | os.PathLike[str] | None = None,
    missing: str = FAIL,
) -> Dataset:
    """Readings in volts, split into training, validation and test rows.

    Parameters
    ----------
    name : str or Path
        A benchmark of `names`, or the path of a user's table: a str that ends as one, or any
        Path. See `read_table` for its form.
    protocol : {"clean", "published"}
        ``clean``: stratified 60/20/20, scaled by the training rows, no row in two parts.
        ``published``: preprocessing and split of the published work, for comparison with it;
        for benchmarks only.
    data_dir : path, optional
        Folder with the raw files of the benchmarks. A file missing from it is searched for in the
        folder of the environment variable PRINTRON_DATA_DIR, then downloaded once. Balance
        scale, iris and tic-tac-toe need no file.
    split_seed : int
        Seed of the split of the clean protocol; the published protocol has one split, seed 0.
    label : str, optional
        Label column of a user's table; by default its last column.
    test_table : path, optional
        A table of test rows for a user's table, whose own rows then only train and validate.
    missing : str
        What to do with values that a user's table lacks: "fail", "drop", "keep" or a number; see
        `printron.datasets.missing`.

    Returns
    -------
    Dataset
        ``train.volts`` and so on are float32 [features, samples], 0 to 1 V.

    Raises
    ------
    DatasetError
        One sentence: what was got, what is allowed, what to do.
    """
    if protocol not in PROTOCOLS:
        raise DatasetError(
            f"there is no protocol '{protocol}': the protocols are {', '.join(PROTOCOLS)}."
        )
    if isinstance(name, os.PathLike) or is_table(str(name)):
        return _load_user_table(Path(name), protocol, split_seed, label, test_table, missing)
    way = None if missing == FAIL else missing
    for setting, fixed, given in (
        ("label", "label is", label),
        ("way with missing values", "rows are", way),
        ("test table", "test rows are", test_table),
    ):
        if given is not None:
            raise DatasetError(
                f"the {setting} '{given}' was given with the benchmark '{name}', whose {fixed} "
                "fixed: leave it out, or name a table of your own (such as readings.csv)."
            )
    return _load_benchmark(describe(name), protocol, data_dir, split_seed)


def _load_user_table(
    path: Path,
    protocol: str,
    split_seed: int,
    label: str | None,
    test_table: str | os.PathLike[str] | None,
    missing: str,
) -> Dataset:
    if protocol != "clean":
        raise DatasetError(
            f"the protocol '{protocol}' exists for the benchmarks only: load '{path}' with the "
            "protocol 'clean'."
        )
    table = read_table(path, label, missing)
    if test_table is None:
        return replace(clean(table_name(path), table, split_seed), remarks=table.remarks)
    test = read_test_table(Path(test_table), table, missing)
    dataset = clean(table_name(path), table, split_seed, test)
    found = (*table.remarks, *remarks(Path(test_table), table, test))
    return replace(dataset, remarks=found)


def table_name(path: str | os.PathLike[str]) -> str:
    """Name of a user's table: its file without leading dots, which would hide files named so."""
    name = Path(path).name.lower()
    suffix = next((each for each in SUFFIXES if name.endswith(each)), Path(name).suffix)
    return Path(path).name[: len(name) - len(suffix)].lstrip(".") or "table"


def _load_benchmark(
    benchmark: Benchmark,
    protocol: str,
    data_dir: str | os.PathLike[str] | None,
    split_seed: int,
) -> Dataset:
    if protocol == "published" and split_seed != 0:
        raise DatasetError(
            f"split_seed is {split_seed}, but the published protocol has one split, with seed 0: "
            "leave split_seed out, or use the protocol 'clean'."
        )
    table = _table(benchmark, protocol, data_dir)
    if protocol == "published":
        return published(benchmark.name, table, benchmark.standardised)
    return clean(benchmark.name, table, split_seed)


def _table(benchmark: Benchmark, protocol: str, data_dir: str | os.PathLike[str] | None) -> Table:
    """All rows of a benchmark, with the protocol's changes to the readings."""
    paths = tuple(locate(file, data_dir) for file in benchmark.files)
    readings, labels = benchmark.parse(paths)
    if protocol in benchmark.adjust:
        readings = benchmark.adjust[protocol](readings)
    return Table(readings, labels, benchmark.feature_names, benchmark.class_names)
