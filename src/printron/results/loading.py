"""Reading the results of an experiment, finished or not."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from printron.datasets import DatasetError, is_table
from printron.errors import PrintronError
from printron.results.by_layer import names_of, text_of
from printron.results.extend import arranged
from printron.results.problem import (
    NAMED_FILES,
    Problem,
    ProblemSpec,
    build_problem,
    named_again,
    with_test_table,
)
from printron.results.runs import Runs
from printron.results.store import Store, joined, stored_at
from printron.technology.conditions import conditions_in


def load_table(folder: str | Path) -> pd.DataFrame:
    """All runs that an experiment or a sweep has stored so far, one row per run.

    Columns are those of `printron.results.table`, and `config`, the hash of the configuration.

    Parameters
    ----------
    folder : path or URL that was given with --out.

    Raises
    ------
    StoreError : the folder holds no experiment, one of another format, or a damaged or foreign
        part.
    """
    return stored_at(folder).table()


def load_parameters(folder: str | Path, dataset: str | None = None) -> Runs:
    """Rows and learned parameters (Theta, q and scales) of all stored runs on one data set.

    Returns
    -------
    Runs : row k of `table` belongs to entry k of every array of `parameters`.

    Parameters
    ----------
    folder : path or URL.  dataset : name of the data set; optional if there is only one.

    Raises
    ------
    PrintronError : an unknown data set, or one without a finished run; see also `load_table`.
    """
    store = stored_at(folder)
    dataset = _one_of(store, dataset, folder)
    tasks = [task for task in store.tasks() if task.rpartition("-")[0] == dataset]
    parts = [runs for runs in map(store.read, tasks) if runs]
    if not parts:
        raise PrintronError(
            f"'{folder}' has no finished run on '{dataset}' yet; continue the experiment first"
        )
    return arranged(joined(parts), store.config)


def stored_problem(
    folder: str | Path,
    dataset: str | None = None,
    data_dir: str | None = None,
    table: str | None = None,
    test_table: str | None = None,
) -> Problem:
    """The problem of an experiment's runs on a data set, built again.

    Parameters
    ----------
    folder, dataset : as in `load_parameters`.
    data_dir : folder with the raw files; default: the one used in training.
    table : path of the user's table; default: the one used in training.
    test_table : path of the test table; default: beside the table as in training.

    Raises
    ------
    PrintronError : an unknown data set; files that differ from those used in training.
    """
    store = stored_at(folder)
    dataset = _one_of(store, dataset, folder)
    identity = store.config["problems"][dataset]
    named = with_test_table(store.config[NAMED_FILES][dataset], table, test_table)
    spec = ProblemSpec(
        **named_again(named, data_dir),
        protocol=identity["dataset"]["protocol"],
        split_seed=identity["dataset"]["split_seed"],
        hidden=tuple(identity["network"]["hidden"]),
        activation=names_of(text_of(identity["cells"]["activation"]["name"])),
        negation=names_of(text_of(identity["cells"]["negation"]["name"])),
        sharing=identity["network"]["sharing"],
        conditions=conditions_in(identity),
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
            "trained with; give the original table (with --table), process, cells and surrogates"
        )
    return problem


def _way_on(dataset: str, spec: ProblemSpec) -> str:
    """Advice for a table that has moved; "" for other faults."""
    if is_table(spec.dataset) and not Path(spec.dataset).is_file():
        return f"; if the table has moved, give its path with --table {dataset}=PATH"
    if spec.test_table is not None and not Path(spec.test_table).is_file():
        return (
            "; if the test table has moved, give the paths of both with --table "
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
