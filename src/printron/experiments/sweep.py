"""A sweep over alpha and seeds, cut into tasks that are stored one by one and never done twice."""

import hashlib
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron import __version__
from printron.errors import PrintronError
from printron.experiments.problem import Problem
from printron.experiments.runs import Runs, run_batch
from printron.experiments.store import alone, joined, open_store
from printron.training import Schedule

RUNS_PER_WORKER = 32  # of a task; enough tiles for all workers, little to lose
SMALLEST_TASK = 64
# Folders whose code decides what a run learns.
DECIDING_ROOMS = ("technology", "characterization", "network", "datasets", "training")


@dataclass(frozen=True)
class Plan:
    """Which runs a sweep consists of, in the order of its results: every seed of every alpha.

    Attributes
    ----------
    alphas : weights of the power, in [0, 1].  seeds : of the runs.  schedule : of each run.
    """

    alphas: tuple[float, ...]
    seeds: tuple[int, ...]
    schedule: Schedule

    def __post_init__(self) -> None:
        if not self.alphas or not self.seeds:
            raise PrintronError(
                f"got {len(self.alphas)} values of alpha and {len(self.seeds)} seeds; a sweep "
                "needs one of each at least"
            )
        for alpha in self.alphas:
            if not 0 <= alpha <= 1:
                raise PrintronError(
                    f"got alpha = {alpha:g}; it weighs power against accuracy and must lie in "
                    "[0, 1]"
                )
        for what, values in (("alpha", self.alphas), ("seed", self.seeds)):
            twice = [value for k, value in enumerate(values) if value in values[:k]]
            if twice:
                raise PrintronError(f"got the {what} {twice[0]:g} twice; give each {what} once")
        if min(self.seeds) < 0 or max(self.seeds) >= 2**32:
            raise PrintronError(
                f"got the seeds {min(self.seeds)} ... {max(self.seeds)}; a seed is a whole number "
                "from 0 to 4294967295"
            )

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.alphas) * len(self.seeds)

    @property
    def pairs(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Alpha and seed of every run, [runs] each."""
        alphas = np.repeat(np.asarray(self.alphas, np.float64), len(self.seeds))
        return alphas, np.tile(np.asarray(self.seeds, np.int64), len(self.alphas))

    @property
    def epochs(self) -> int:
        """Epochs of all starts of all runs: what progress is counted in."""
        schedule = self.schedule
        return self.runs * schedule.starts * schedule.checks * schedule.check_every


def alpha_grid(count: int) -> tuple[float, ...]:
    """Values of alpha, evenly in [0, 1].

    Raises
    ------
    PrintronError : fewer than one.
    """
    if count < 1:
        raise PrintronError(
            f"got {count} values of alpha; give a number above 0, or a list: 0,0.5,1"
        )
    return tuple(float(alpha) for alpha in np.linspace(0, 1, count))


def sweep_config(problem: Problem, plan: Plan, workers: int) -> dict[str, Any]:
    """Everything that is needed to do the sweep again, as JSON."""
    return {
        "printron": __version__,
        "code": code_fingerprint(),
        "jax": version("jax"),
        "jaxlib": version("jaxlib"),
        **problem.identity,
        "alphas": list(plan.alphas),
        "seeds": list(plan.seeds),
        "schedule": asdict(plan.schedule),
        "runs_per_task": max(SMALLEST_TASK, RUNS_PER_WORKER * workers),
        "sources": problem.sources,
        "environment": {"python": platform.python_version(), "platform": platform.platform()},
    }


def code_fingerprint() -> str:
    """A short hash of the code that decides what a run learns; the same for equal code."""
    summed, package = hashlib.sha256(), files("printron")
    for room in DECIDING_ROOMS:
        sources = [file for file in (package / room).iterdir() if file.name.endswith(".py")]
        for source in sorted(sources, key=lambda file: file.name):
            summed.update(f"{room}/{source.name}\n".encode() + source.read_bytes())
    return summed.hexdigest()[:16]


def run_sweep(
    problem: Problem,
    plan: Plan,
    folder: Path | None = None,
    *,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Runs:
    """Do a sweep, or what is left of it.

    Parameters
    ----------
    folder : where it is stored, task by task (see `store`), and found again; None for nowhere.
    workers : tiles of runs trained side by side.
    progress : called with the number of epochs that are done, of all starts of all runs; at once
        for what was stored.

    Returns
    -------
    Runs in the order of the plan, the same whether the sweep was interrupted or not.

    Raises
    ------
    StoreError : the folder holds another sweep or a damaged part.
    """
    config = sweep_config(problem, plan, workers)
    if folder is None:
        return _do(problem, plan, config["runs_per_task"], workers, progress, None)
    store = open_store(folder, config)
    with alone(folder / "parts"):
        size = store.config["runs_per_task"]
        runs = _do(problem, plan, size, workers, progress, store)
        store.finish(runs)
    return runs


def _do(
    problem: Problem,
    plan: Plan,
    size: int,
    workers: int,
    progress: Callable[[int], None] | None,
    store: Any,
) -> Runs:
    alphas, seeds = plan.pairs
    starts = range(0, plan.runs, size)
    # All stored parts are read first: a damaged one must not be found after hours of training.
    done = {task: store.read(task) if store else None for task in range(len(starts))}
    parts = []
    for task, first in enumerate(starts):
        members = slice(first, first + size)
        runs = done[task]
        if runs is not None:
            if progress:
                progress(len(runs.table) * plan.epochs // plan.runs)
        else:
            runs = run_batch(
                problem,
                alphas[members],
                seeds[members],
                schedule=plan.schedule,
                workers=workers,
                progress=progress,
            )
            if store:
                store.write(task, runs)
        parts.append(runs)
    return joined(parts)
