"""A problem to train, and a stand-in for training where only the bookkeeping is tested."""

import numpy as np
import pytest
from made_up_runs import made_up_table

from printron.experiments import ProblemSpec, Runs, build_problem, run, tasks
from printron.network import Parameters


@pytest.fixture(scope="session")
def problem():
    """Iris, one hidden layer of 3."""
    return build_problem(ProblemSpec("iris"))


@pytest.fixture
def no_training(monkeypatch):
    """Sweeps in tasks of 2 runs that are made up instead of trained; gives the seeds per task."""
    trained = []

    def run_batch(problem, alphas, seeds, *, schedule, workers, progress):
        trained.append(seeds.tolist())
        theta = np.stack([alphas, seeds], 1).astype(np.float32)
        table = made_up_table(alphas, seeds).assign(dataset=problem.dataset.name)
        return Runs(table, Parameters((theta,), (theta,), (theta,)))

    monkeypatch.setattr(tasks, "run_batch", run_batch)
    monkeypatch.setattr(run, "runs_per_task", lambda problem, plan: 2)
    return trained
