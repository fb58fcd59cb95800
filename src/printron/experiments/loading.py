"""Results of an experiment, read back: finished or not."""

from pathlib import Path

import pandas as pd

from printron.errors import PrintronError
from printron.experiments.runs import Runs
from printron.experiments.store import joined, stored_at


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
    """Rows and learned parameters (Theta and q) of all stored runs on one data set.

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
    datasets = list(store.config["problems"])
    if dataset is None and len(datasets) == 1:
        dataset = datasets[0]
    if dataset not in datasets:
        raise PrintronError(
            f"got the data set {dataset!r}; the experiment in '{folder}' has {', '.join(datasets)}"
        )
    tasks = [task for task in store.tasks() if task.rpartition("-")[0] == dataset]
    parts = [runs for runs in map(store.read, tasks) if runs]
    if not parts:
        raise PrintronError(
            f"'{folder}' has no finished run on '{dataset}' yet; go on with the experiment first"
        )
    return joined(parts)
