"""Running an experiment, or its remaining tasks: each is stored at once and never run twice."""

import queue
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from platform import platform, python_version
from typing import Any, Literal

import numpy as np
import pandas as pd

from printron.analysis.averages import baseline_of
from printron.analysis.pareto import trained_runs
from printron.base.versions import versions
from printron.characterization import Surrogate
from printron.errors import PrintronError
from printron.experiments.plan import Experiment, Plan
from printron.experiments.pools import Here, Pool, Pools
from printron.experiments.tasks import Task, cut, dataset_of, runs_per_task
from printron.results.extend import arranged, goals_in, pairs_of
from printron.results.problem import Problem, build_problem
from printron.results.runs import Runs, better_than_majority
from printron.results.store import CARRIED, NOTES, Store, joined, store_for
from printron.training.goal import record_of

# How the results are selected, beyond a run's own snapshots and starts; see `pareto`.
RULE: Literal["validation objective"] = "validation objective"
ATTEMPTS = 3  # per task: a worker may lack a file, or disk space, that another has
SECONDS_BETWEEN_CHECKS = 5.0

Progress = Callable[[float], None]
PoolOf = Callable[[int], AbstractContextManager[Pool]]  # for a number of tasks


@dataclass(frozen=True)
class Failure:
    """A task that failed.

    Attributes
    ----------
    task : name of the task.  dataset, runs : its data set and number of runs.
    error : error of the last of `attempts` attempts.
    """

    task: str
    dataset: str
    runs: int
    attempts: int
    error: Exception


@dataclass(frozen=True, eq=False)
class Outcome:
    """The outcome of an experiment.

    Attributes
    ----------
    table : one row per finished run, in the order of the plan.
    planned : number of planned runs.
    failures : tasks that failed.
    config_hash : hash of the settings that decide the results.
    """

    table: pd.DataFrame
    planned: int
    failures: tuple[Failure, ...]
    config_hash: str

    @property
    def left_out(self) -> int:
        """Number of runs that diverged or have no snapshot."""
        return 0 if self.table.empty else int((~trained_runs(self.table)).sum())


def baselines(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The baseline of each data set (`Goal.baseline`), over the seeds.

    Accuracy and power on the test rows are means over the trained runs, None without any.
    """
    found: dict[str, dict[str, Any]] = {}
    if table.empty:
        return found
    baseline = baseline_of(table)
    for name, rows in table.groupby("dataset", sort=False):
        free = rows[np.array([goal == baseline for goal in goals_in(rows)]) & trained_runs(rows)]
        accuracy, power = free["accuracy_test"].mean(), free["power_total_W"].mean()
        majority = float(rows["majority"].iloc[0])
        found[str(name)] = {
            "runs": len(free),
            "accuracy_test": None if free.empty else float(accuracy),
            "power_W": None if free.empty else float(power),
            "majority": majority,
            "better_than_majority": better_than_majority(float(accuracy), majority),
        }
    return found


def build_problems(experiment: Experiment) -> dict[str, Problem]:
    """The problems of an experiment by data set, in its order.

    Raises
    ------
    PrintronError : one sentence, from the module that found the fault.
    """
    problems: dict[str, Problem] = {}
    for spec in experiment.specs:
        problem = build_problem(spec)
        if problem.dataset.name in problems:
            raise PrintronError(
                f"got the data set '{problem.dataset.name}' twice; name each data set once"
            )
        problems[problem.dataset.name] = problem
    return problems


def configuration(name: str, problems: Mapping[str, Problem], plan: Plan) -> dict[str, Any]:
    """Everything that is needed to repeat an experiment, as JSON."""
    return {
        "name": name,
        **versions(),
        "problems": {key: problem.identity for key, problem in problems.items()},
        **record_of(plan.goals),
        "seeds": list(plan.seeds),
        "schedule": asdict(plan.schedule),
        "selection": RULE,
        "runs_per_task": {key: runs_per_task(each, plan) for key, each in problems.items()},
        "sources": {key: problem.named_files for key, problem in problems.items()},
        NOTES: {key: list(each.dataset.remarks) for key, each in problems.items()},
        "environment": {"python": python_version(), "platform": platform()},
        CARRIED: next(iter(problems.values())).carried,
    }


def surrogates_of(problems: Mapping[str, Problem]) -> tuple[Surrogate, ...]:
    """Surrogates of the cells, common to all problems of an experiment."""
    return tuple(model.surrogate for model in next(iter(problems.values())).structure.models)


def run_experiment(
    experiment: Experiment,
    folder: str | Path,
    *,
    problems: Mapping[str, Problem] | None = None,
    workers: int = 2,
    cluster: Pools | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Run an experiment, or its remaining tasks.

    Parameters
    ----------
    folder : path or URL where the experiment is stored task by task (see `store`) and resumed.
        Seeds and goals beyond the stored ones are added.
    problems : result of `build_problems`, if already built.
    workers : tasks run in parallel by threads of this process.
    cluster : gives another pool for the tasks; see `cluster`.
    progress : called with the fraction of all work just completed; at once for stored tasks.
        Fractions add up to 1.

    Returns
    -------
    Outcome, the same whether the experiment was interrupted or not. A task that fails is tried
    again, then listed in `failures`; the other tasks continue.

    Raises
    ------
    StoreError : the folder holds another experiment or a damaged part.
    PrintronError : a missing data set; a cluster that cannot be reached.
    """
    problems = problems or build_problems(experiment)
    plan = experiment.plan
    config = configuration(experiment.name, problems, plan)
    with store_for(folder, config, surrogates_of(problems)) as store:
        work = _Work(problems, plan, store.config, store, progress or _ignored)
        work.do(_pools(problems, workers, cluster), ATTEMPTS)
        parts = work.parts()
        if parts:
            store.finish(parts)
    table = store.table()
    return Outcome(table, experiment.runs, tuple(work.failures), store.config_hash)


def run_sweep(
    problem: Problem,
    plan: Plan,
    folder: str | Path | None = None,
    *,
    workers: int = 2,
    cluster: Pools | None = None,
    progress: Progress | None = None,
) -> Runs:
    """Run an experiment with one data set; failures are raised.

    Parameters
    ----------
    folder : as in `run_experiment`; None to store nothing.
    workers, cluster, progress : as in `run_experiment`.

    Returns
    -------
    Runs in the order of the plan, the same whether the sweep was interrupted or not.

    Raises
    ------
    StoreError : as in `run_experiment`.
    """
    problems = {problem.dataset.name: problem}
    config = configuration(problem.dataset.name, problems, plan)

    def do(store: Store | None, config: dict[str, Any]) -> Runs:
        work = _Work(problems, plan, config, store, progress or _ignored)
        work.do(_pools(problems, workers, cluster), attempts=1, go_on=False)
        return joined(work.parts())

    if folder is None:
        return do(None, config)
    with store_for(folder, config, surrogates_of(problems)) as store:
        runs = do(store, store.config)
        store.finish([runs])
    return runs


def _pools(problems: Mapping[str, Problem], workers: int, cluster: Pools | None) -> PoolOf:
    """The function that gives a pool for a number of tasks."""
    return lambda tasks: cluster(problems) if cluster else Here(problems, workers, tasks)


def _ignored(_: float) -> None:
    """Progress without a callback."""


class _Work:
    """The tasks of an experiment, and their results.

    All stored parts are read first, so that a damaged one is not found after hours of training.
    """

    def __init__(
        self,
        problems: Mapping[str, Problem],
        plan: Plan,
        config: Mapping[str, Any],
        store: Store | None,
        progress: Progress,
    ) -> None:
        self._config, self._store, self._progress = config, store, progress
        stored = {name: store.read(name) for name in store.tasks()} if store else {}
        self._done = {name: runs for name, runs in stored.items() if runs}
        pairs = {name: pairs_of(runs.table) for name, runs in self._done.items()}
        self._left, self._seconds = cut(problems, plan, config["runs_per_task"], pairs)
        self._reported = dict.fromkeys(self._seconds, 0.0)  # fraction of each task, as done
        self.failures: list[Failure] = []

    def parts(self) -> list[Runs]:
        """Finished runs of each data set, in the order of the plan."""
        parts = {
            dataset: [
                self._done[task] for task in sorted(self._done) if dataset_of(task) == dataset
            ]
            for dataset in self._config["problems"]
        }
        return [arranged(joined(runs), self._config) for runs in parts.values() if runs]

    def do(self, pool: PoolOf, attempts: int, go_on: bool = True) -> None:
        """Run the remaining tasks.

        Parameters
        ----------
        pool : gives the pool for a number of tasks.  attempts : most attempts per task.
        go_on : record failures; otherwise the first is raised.
        """
        for name in self._done:
            self._report(name, 1.0)
        left = self._left
        if not left:
            return
        finished: queue.SimpleQueue[tuple[Task, int, Any]] = queue.SimpleQueue()
        with pool(len(left)) as workers:

            def send(task: Task, attempt: int) -> None:
                future = workers.submit(
                    task, lambda epochs: self._report(task.name, epochs / task.epochs)
                )
                future.add_done_callback(lambda done: finished.put((task, attempt, done)))

            for task in left:
                send(task, 1)
            waiting = len(left)
            while waiting:
                try:
                    task, attempt, future = finished.get(timeout=SECONDS_BETWEEN_CHECKS)
                except queue.Empty:
                    workers.check()
                    continue
                try:
                    runs = future.result()
                    self._done[task.name] = self._stored(task, runs)
                except Exception as error:
                    workers.check()
                    if not go_on:
                        raise
                    if attempt < attempts and not getattr(error, "final", False):
                        send(task, attempt + 1)
                        continue
                    self.failures.append(
                        Failure(task.name, dataset_of(task.name), task.runs, attempt, error)
                    )
                waiting -= 1
                self._report(task.name, 1.0)

    def _report(self, task: str, part: float) -> None:
        """Report another part of a task, as a fraction of all work; never more than the task."""
        part = min(part, 1 - self._reported[task])
        self._reported[task] += part
        self._progress(part * self._seconds[task] / sum(self._seconds.values()))

    def _stored(self, task: Task, runs: Runs) -> Runs:
        """Store a task; try again where the storage fails, since training again costs more."""
        if self._store is None:
            return runs
        try:
            return self._store.write(task.name, runs)
        except OSError:
            time.sleep(1)
            return self._store.write(task.name, runs)
