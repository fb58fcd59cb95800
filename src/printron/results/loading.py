"""Results of an experiment, read back: finished or not."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from printron.datasets import DatasetError
from printron.errors import PrintronError
from printron.results.extend import arranged
from printron.results.problem import (
    Problem,
    ProblemSpec,
    build_problem,
    is_table,
    named_again,
    with_test_table,
)
from printron.results.runs import Runs
from printron.results.store import Store, joined, stored_at


def load(folder: str | Path) -> pd.DataFrame:
    """All runs that an experiment or a sweep has stored so far, one row a run.

    Columns are those of `run_batch`, and `config`, the hash of the configuration.

    Parameters
    ----------
    folder : path or URL that was named with --out.

    Raises
    ------
    StoreError : it holds no experiment, one of another format, or a damaged or foreign part.
    """
    return stored_at(folder).table()


def load_parameters(folder: str | Path, dataset: str | None = None) -> Runs:
    """Rows and learned parameters (Theta, q and scales) of all stored runs on one data set.

    Returns
    -------
    Runs : row k of `table` belongs to entry k of every array of `parameters`.

    Parameters
    ----------
    folder : path or URL.  dataset : its name; not needed where there is one alone.

    Raises
    ------
    PrintronError : no such data set, or no run on it yet; see `load` too.
    """
    store = stored_at(folder)
    dataset = _one_of(store, dataset, folder)
    tasks = [task for task in store.tasks() if task.rpartition("-")[0] == dataset]
    parts = [runs for runs in map(store.read, tasks) if runs]
    if not parts:
        raise PrintronError(
            f"'{folder}' has no finished run on '{dataset}' yet; go on with the experiment first"
        )
    return arranged(joined(parts), store.config)


def stored_problem(
    folder: str | Path,
    dataset: str | None = None,
    data_dir: str | None = None,
    table: str | None = None,
    test_table: str | None = None,
) -> Problem:
    """The problem that an experiment's runs on a data set were trained on, built anew.

    Parameters
    ----------
    folder, dataset : as in `load_parameters`.
    data_dir : folder with the raw files; default: where they were in training.
    table : the user's table; default: where the table was in training.
    test_table : the test table of the user's table; default: beside the table as in training.

    Raises
    ------
    PrintronError : no such data set; files that are others by now.
    """
    store = stored_at(folder)
    dataset = _one_of(store, dataset, folder)
    identity = store.config["problems"][dataset]
    sources = with_test_table(store.config["sources"][dataset], table, test_table)
    spec = ProblemSpec(
        **named_again(sources, data_dir),
        protocol=identity["dataset"]["protocol"],
        split_seed=identity["dataset"]["split_seed"],
        hidden=tuple(identity["network"]["hidden"]),
        activation=identity["cells"]["activation"]["name"],
        negation=identity["cells"]["negation"]["name"],
        sharing=identity["network"]["sharing"],
    )
    with store.carried() as carried:
        try:
            problem = build_problem(spec, carried)
        except DatasetError as error:
            raise PrintronError(f"{str(error).rstrip('.')}{_way_on(dataset, spec)}") from error
    if table is not None:  # which may have another name now
        problem = replace(problem, dataset=replace(problem.dataset, name=dataset))
    if problem.identity != identity:
        raise PrintronError(
            f"the files of '{dataset}' differ from those that the experiment in '{folder}' was "
            "trained with; bring the same table (--table names its place), process, cells and "
            "surrogates"
        )
    return problem


def _way_on(dataset: str, spec: ProblemSpec) -> str:
    """What to do where a table is not where it was; "" for other faults."""
    if is_table(spec.dataset) and not Path(spec.dataset).is_file():
        return f"; where the table has moved, name its place with --table {dataset}=PATH"
    if spec.test_table is not None and not Path(spec.test_table).is_file():
        return (
            "; where the test table has moved, name the places of both with --table "
            f"{dataset}=TABLE,TEST"
        )
    return ""


def _one_of(store: Store, dataset: str | None, folder: str | Path) -> str:
    datasets = list(store.config["problems"])
    if dataset is None and len(datasets) == 1:
        return datasets[0]
    if dataset is None or dataset not in datasets:
        raise PrintronError(
            f"got the data set {dataset!r}; the experiment in '{folder}' has {', '.join(datasets)}"
        )
    return dataset
