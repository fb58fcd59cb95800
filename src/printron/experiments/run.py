"""Doing an experiment, or what is left of it: task by task, stored at once, never done twice."""

import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from platform import platform, python_version
from typing import Any, Literal

import pandas as pd

from printron.analysis.pareto import trained_runs
from printron.base.versions import versions
from printron.characterization import Surrogate
from printron.errors import PrintronError
from printron.experiments.plan import Experiment, Plan
from printron.experiments.pools import Here, Pool
from printron.experiments.tasks import Task, cut, dataset_of, runs_per_task
from printron.results.extend import arranged, pairs_of
from printron.results.problem import Problem, build_problem
from printron.results.runs import Runs, better_than_majority
from printron.results.store import CARRIED, Store, joined, store_for

# How the results are selected, beyond a run's own snapshots and starts; see `pareto`.
RULE: Literal["validation objective"] = "validation objective"
ATTEMPTS = 3  # at a task: a worker may lack a file, or room on its disk, that another has
SECONDS_BETWEEN_CHECKS = 5.0

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Failure:
    """A task that could not be done.

    Attributes
    ----------
    task : its name.  dataset, runs : what it would have given.
    error : of the last of so many `attempts`.
    """

    task: str
    dataset: str
    runs: int
    attempts: int
    error: Exception


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of an experiment.

    Attributes
    ----------
    table : one row a run, as far as there are any, in the order of the plan.
    planned : number of runs that there should be.
    failures : tasks that could not be done.
    config_hash : of all that decides the results.
    """

    table: pd.DataFrame
    planned: int
    failures: tuple[Failure, ...]
    config_hash: str

    @property
    def left_out(self) -> int:
        """Number of runs that diverged or gave no snapshot."""
        return 0 if self.table.empty else int((~trained_runs(self.table)).sum())


def baselines(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What each data set comes to where power does not count (alpha = 0), over the seeds.

    Accuracy and power on the test rows are means over the trained runs, None where there are none.
    """
    found: dict[str, dict[str, Any]] = {}
    if table.empty:
        return found
    for name, rows in table.groupby("dataset", sort=False):
        free = rows[(rows["alpha"] == 0) & trained_runs(rows)]
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
    PrintronError : one sentence, from the room that knows better.
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
    """Everything that is needed to do an experiment again, as JSON."""
    return {
        "name": name,
        **versions(),
        "problems": {key: problem.identity for key, problem in problems.items()},
        "alphas": list(plan.alphas),
        "seeds": list(plan.seeds),
        "schedule": asdict(plan.schedule),
        "selection": RULE,
        "runs_per_task": {key: runs_per_task(each, plan) for key, each in problems.items()},
        "sources": {key: problem.sources for key, problem in problems.items()},
        "environment": {"python": python_version(), "platform": platform()},
        CARRIED: next(iter(problems.values())).carried,
    }


def surrogates_of(problems: Mapping[str, Problem]) -> tuple[Surrogate, Surrogate]:
    """Surrogates of the two cells, which all problems of an experiment have in common."""
    design = next(iter(problems.values())).design
    return design.activation, design.negation


def run_experiment(
    experiment: Experiment,
    folder: str | Path,
    *,
    problems: Mapping[str, Problem] | None = None,
    workers: int = 2,
    cluster: Callable[[Mapping[str, Problem]], Pool] | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Do an experiment, or what is left of it.

    Parameters
    ----------
    folder : path or URL where it is stored, task by task (see `store`), and found again. Seeds
        and alphas beyond those that are stored are added.
    problems : as `build_problems` gives them, if they are there already.
    workers : tasks that threads of this process do side by side.
    cluster : gives another pool that does the tasks; see `cluster`.
    progress : called with the share of all work that has just been done; at once for what was
        stored. Shares add up to 1.

    Returns
    -------
    Outcome, the same whether the experiment was interrupted or not. A task that fails is tried
    again, then told of in `failures`; the rest goes on.

    Raises
    ------
    StoreError : the folder holds another experiment or a damaged part.
    PrintronError : a data set that is not there; a cluster that cannot be reached.
    """
    problems = problems or build_problems(experiment)
    plan = experiment.plan

    def pool(tasks: int) -> Pool:
        return cluster(problems) if cluster else Here(problems, workers, tasks)

    config = configuration(experiment.name, problems, plan)
    with store_for(folder, config, surrogates_of(problems)) as store:
        work = _Work(problems, plan, store.config, store, progress or _unheard)
        work.do(pool, ATTEMPTS)
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
    progress: Progress | None = None,
) -> Runs:
    """Do an experiment with one data set; what fails is raised.

    Parameters
    ----------
    folder : as in `run_experiment`; None for nowhere.  workers, progress : as there.

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
        work = _Work(problems, plan, config, store, progress or _unheard)
        work.do(lambda tasks: Here(problems, workers, tasks), attempts=1, go_on=False)
        return joined(work.parts())

    if folder is None:
        return do(None, config)
    with store_for(folder, config, surrogates_of(problems)) as store:
        runs = do(store, store.config)
        store.finish([runs])
    return runs


def _unheard(_: float) -> None:
    """Progress that nobody wants to know."""


class _Work:
    """The tasks of an experiment, and what has become of them.

    All stored parts are read first: a damaged one must not be found after hours of training.
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
        self._told = dict.fromkeys(self._seconds, 0.0)  # share of each task that is told as done
        self.failures: list[Failure] = []

    def parts(self) -> list[Runs]:
        """What is done of each data set, in the order of the plan."""
        parts = {
            dataset: [
                self._done[task] for task in sorted(self._done) if dataset_of(task) == dataset
            ]
            for dataset in self._config["problems"]
        }
        return [arranged(joined(runs), self._config) for runs in parts.values() if runs]

    def do(self, pool: Callable[[int], Pool], attempts: int, go_on: bool = True) -> None:
        """Have done what is not done yet.

        Parameters
        ----------
        pool : gives who does it, for a number of tasks.  attempts : at a task, at most.
        go_on : put failures down; otherwise the first is raised.
        """
        for name in self._done:
            self._tell(name, 1.0)
        left = self._left
        if not left:
            return
        finished: queue.SimpleQueue[tuple[Task, int, Any]] = queue.SimpleQueue()
        with pool(len(left)) as workers:

            def send(task: Task, attempt: int) -> None:
                future = workers.submit(
                    task, lambda epochs: self._tell(task.name, epochs / task.epochs)
                )
                future.add_done_callback(lambda it: finished.put((task, attempt, it)))

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
                self._tell(task.name, 1.0)

    def _tell(self, task: str, share: float) -> None:
        """Tell of so much more of a task, in shares of all work; never more than there is."""
        share = min(share, 1 - self._told[task])
        self._told[task] += share
        self._progress(share * self._seconds[task] / sum(self._seconds.values()))

    def _stored(self, task: Task, runs: Runs) -> Runs:
        """Store a task; once more where the storage refuses, since training anew costs more."""
        if self._store is None:
            return runs
        try:
            return self._store.write(task.name, runs)
        except OSError:
            time.sleep(1)
            return self._store.write(task.name, runs)
