"""An experiment cut into tasks: batches of runs on one data set that are trained and stored whole.

The result of a run does not depend on its task (see `printron.training.batch`), so that tasks may
be cut to take a convenient time.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from printron.base.compiled import keep_compiled_programs, make_room
from printron.base.versions import versions
from printron.errors import PrintronError
from printron.experiments.measured import run_batch
from printron.experiments.plan import Plan
from printron.results.copies import IN_A_TABLE, JUDGED
from printron.results.extend import Pair, missing
from printron.results.problem import Problem, ProblemSpec, build_problem
from printron.results.runs import Runs
from printron.training import Goal, Schedule
from printron.training.schedule import JUDGED_COST
from printron.training.tiles import SMALLEST_TILE, row_voltages, tile_size

TASK_SECONDS = 20.0  # target: little to lose, little overhead
DATASETS_AHEAD = 4  # data sets with programs in use; more workers than that may compile twice
FEWEST_TASKS = 8  # per data set, where its tiles allow: all cores have work to the end
# Time of one epoch of one start on one core: a part per voltage, and the parameters' update.
# Measured on one core of an idle machine with hidden 3: 10 us on Iris, 101 us on Cardiotocography
# (69,000 voltages), 278 us on Pendigits (104,000 a step). Only the size and order of tasks and the
# displayed remaining time depend on these numbers.
SECONDS_PER_VOLTAGE, SECONDS_PER_EPOCH = 2e-9, 8e-6


@dataclass(frozen=True)
class Task:
    """A batch of runs on one data set.

    Attributes
    ----------
    name : data set and part number; also names the task's files.
    spec : the problem.  goals, seeds : one each per run.  schedule : schedule of each run.
    copies : as in `Plan`.
    """

    name: str
    spec: ProblemSpec
    goals: tuple[Goal, ...]
    seeds: tuple[int, ...]
    schedule: Schedule
    copies: tuple[str, ...] = JUDGED

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.goals)

    @property
    def epochs(self) -> int:
        """Epochs of all starts of all runs, as `run_cost` counts them."""
        return self.runs * run_cost(self.spec, self)


def run_cost(spec: ProblemSpec, work: Plan | Task) -> int:
    """Cost of a run with the judgement of its printed copies, as `Schedule.cost` counts."""
    varied = spec.conditions.varied
    judged = len(work.copies) * IN_A_TABLE * JUDGED_COST if varied else 0
    return work.schedule.cost(varied) + judged


def seconds_per_epoch(problem: Problem, schedule: Schedule) -> float:
    """Estimated time of one epoch of one start of one run on one core."""
    rows = min(len(problem.rows["train"][1]), schedule.rows_per_step)
    return SECONDS_PER_EPOCH + SECONDS_PER_VOLTAGE * row_voltages(problem.structure) * rows


def runs_per_task(problem: Problem, plan: Plan) -> int:
    """Number of runs that a task of this problem should have: whole tiles of training."""
    starts = plan.schedule.starts
    tile = tile_size(problem.structure, len(problem.rows["train"][1]))
    step = tile // math.gcd(tile, starts)  # fills tiles completely
    if problem.spec.conditions.varied:  # runs are trained one by one, for most of the time
        step = 1
    elif plan.schedule.sources == "loaded":  # where tiles hold runs, not starts
        step = math.lcm(step, SMALLEST_TILE)
    each = run_cost(problem.spec, plan) * seconds_per_epoch(problem, plan.schedule)
    seconds = step * each
    by_time = max(1, round(TASK_SECONDS / seconds))
    by_number = -(-plan.runs // (FEWEST_TASKS * step))
    return step * min(by_time, by_number)


def cut(
    problems: Mapping[str, Problem],
    plan: Plan,
    sizes: Mapping[str, int],
    stored: Mapping[str, Sequence[Pair]] | None = None,
) -> tuple[list[Task], dict[str, float]]:
    """All remaining tasks, in the order to run them, and the estimated seconds of each by name.

    Data sets that take longest come first, so that all cores have work to the end. The first task
    of each comes `DATASETS_AHEAD` data sets ahead of the rest, so that as many workers do not
    compile the same program at once, and few programs are in use at a time.

    Parameters
    ----------
    problems : by data set.  sizes : runs of a task, by data set.
    stored : goal and seed of the runs of finished tasks, whose seconds are returned too.
    """
    stored = stored or {}
    seconds: dict[str, float] = {}
    by_dataset: list[list[Task]] = []
    cost = {name: seconds_per_epoch(each, plan.schedule) for name, each in problems.items()}
    for name, each in sorted(cost.items(), key=lambda pair: -pair[1]):
        done = {task: pairs for task, pairs in stored.items() if dataset_of(task) == name}
        run_s = each * run_cost(problems[name].spec, plan)
        seconds |= {task: run_s * len(runs) for task, runs in done.items()}
        left = missing(plan.pairs, done.values())
        numbers = (part for part in itertools.count() if f"{name}-{part:05d}" not in done)
        tasks: list[Task] = []
        for first in range(0, len(left), sizes[name]):
            goals, seeds = zip(*left[first : first + sizes[name]], strict=True)
            part = f"{name}-{next(numbers):05d}"
            task = Task(part, problems[name].spec, goals, seeds, plan.schedule, plan.copies)
            tasks.append(task)
            seconds[task.name] = run_s * task.runs
        if tasks:
            by_dataset.append(tasks)
    ahead = [tasks[0] for tasks in by_dataset]
    order = ahead[:DATASETS_AHEAD]
    for k, tasks in enumerate(by_dataset):
        order += tasks[1:] + ahead[k + DATASETS_AHEAD : k + DATASETS_AHEAD + 1]
    return order, seconds


def dataset_of(task: str) -> str:
    """The data set of a task, by its name."""
    return task.rpartition("-")[0]


def do_task(
    task: Task,
    problem: Problem,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Runs:
    """Train the runs of a task.

    Parameters
    ----------
    workers : tiles of runs trained in parallel.  progress : called with epochs just completed.
    """
    import numpy as np

    make_room()
    return run_batch(
        problem,
        task.goals,
        np.asarray(task.seeds, np.int64),
        schedule=task.schedule,
        workers=workers,
        progress=progress,
        copies=task.copies,
    )


@cache
def _problem_of(spec: ProblemSpec) -> Problem:
    return build_problem(spec)


def do_task_elsewhere(task: Task, identity: dict[str, Any], expected: dict[str, str]) -> Runs:
    """Train the runs of a task in another process, maybe on another machine: all files are read
    again.

    Parameters
    ----------
    identity, expected : problem and versions on the machine that started the experiment.

    Raises
    ------
    PrintronError : the worker's differ, so that the runs would not belong together.
    """
    here = versions()
    for what, wanted in expected.items():
        if here[what] != wanted:
            raise PrintronError(
                f"the worker has another version of {what} ({here[what]}, not {wanted}); install "
                "the same version on all machines"
            )
    keep_compiled_programs()
    problem = _problem_of(task.spec)
    if problem.identity != identity:
        raise PrintronError(
            f"the worker has other files for '{task.spec.dataset}' than the machine that started "
            "the experiment; give all machines the same files"
        )
    return do_task(task, problem)
