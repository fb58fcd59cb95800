"""What the tests of several folders share."""

import os
from pathlib import Path

import checked_shapes  # noqa: F401
import jax
import numpy as np
import pytest
from hypothesis import settings
from made_up_runs import made_up_table

from printron.base.compiled import machine
from printron.circuits.ngspice import NgspiceMissing, executable
from printron.experiments import run, tasks
from printron.network import Parameters
from printron.results import ProblemSpec, Runs, build_problem

# A law holds on a busy machine, too: no test is about time.
settings.register_profile("printron", deadline=None)
settings.load_profile("printron")


# What one test has compiled serves all others, the processes that they start, and the next run.
COMPILED = (
    Path(__file__).resolve().parents[1] / ".pytest_cache" / f"jax-{jax.__version__}-{machine()}"
)


def pytest_configure(config):
    folder = os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(COMPILED))
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    config.addinivalue_line("markers", "needs_ngspice: skipped where ngspice is not installed")


# Folders whose tests take longest, longest first.
LONG = ("training", "network", "experiments", "cli")


def turn_of(item, slow):
    """Files that take long come first: at the end, processes share short ones."""
    folder = item.path.parent.name
    return item.path not in slow, LONG.index(folder) if folder in LONG else len(LONG)


def pytest_collection_modifyitems(items):
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: turn_of(item, slow))
    try:
        executable()
    except NgspiceMissing as error:
        skip = pytest.mark.skip(reason=str(error))
        for item in items:
            if item.get_closest_marker("needs_ngspice"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def shared():
    """Folder of the shared reference data; a test that needs it is skipped by name without it."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("PRINTRON_SHARED", default))
    if not folder.is_dir():
        pytest.skip(f"no reference data: '{folder}' is not there (set PRINTRON_SHARED)")
    return folder


@pytest.fixture(scope="session")
def problem():
    """Iris, one hidden layer of 3."""
    return build_problem(ProblemSpec("iris"))


@pytest.fixture
def no_training(monkeypatch):
    """Sweeps in tasks of 2 runs that are made up instead of trained; gives the seeds per task."""
    trained = []

    def run_batch(problem, goals, seeds, *, schedule, workers, progress, copies):
        trained.append(seeds.tolist())
        alphas = [goal.alpha for goal in goals]
        theta = np.stack([alphas, seeds], 1).astype(np.float32)
        table = made_up_table(alphas, seeds).assign(dataset=problem.dataset.name)
        return Runs(table, Parameters((theta,), (theta,), (theta,)))

    monkeypatch.setattr(tasks, "run_batch", run_batch)
    monkeypatch.setattr(run, "runs_per_task", lambda problem, plan: 2)
    return trained
