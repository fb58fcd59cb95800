"""Killed at any moment, an experiment goes on and comes to the same."""

import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pandas as pd
import pytest

from printron.results import load_parameters, load_table

# As long as a busy machine may take.
PATIENCE_S = 900.0
CHILD = """
    import sys
    from printron.experiments import Experiment, Plan, run, run_experiment
    from printron.results import ProblemSpec
    from printron.training import Schedule, WeightedPower
    run.runs_per_task = lambda problem, plan: 2
    goals = tuple(map(WeightedPower, (0.0, 0.5, 1.0)))
    plan = Plan(goals, (0, 1, 2), Schedule(epochs=400, starts=1))
    spec = ProblemSpec("", hidden=())
    experiment = Experiment("two", ("iris", "balance_scale"), spec, plan)
    outcome = run_experiment(experiment, sys.argv[1], workers=2)
    assert len(outcome.table) == 18 and not outcome.failures
"""


def start(folder):
    """Start the experiment in a process of its own, into a folder."""
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(CHILD), str(folder)])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The experiment, done without a stop. Compiles what others read: none is killed writing it."""
    folder = tmp_path_factory.mktemp("whole")
    assert start(folder).wait(PATIENCE_S) == 0
    return folder


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_at_most_the_running_tasks(whole, tmp_path):
    parts = tmp_path / "cut" / "parts"
    finished = {}  # part and its time stamp, of all parts that a killed process left whole
    for wanted, moment in ((1, 0.0), (4, 0.03), (7, 0.2)):
        child, deadline = start(tmp_path / "cut"), time.monotonic() + PATIENCE_S
        while len(list(parts.glob("[!.]*.parquet"))) < wanted and child.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
        there = {path: path.stat().st_mtime_ns for path in parts.glob("[!.]*.parquet")}
        for path, stamp in finished.items():
            assert there[path] == stamp, "a finished task was done again"
        finished = there
        # One part a data set has 1 run.
        assert len(load_table(tmp_path / "cut")) >= 2 * len(there) - 2
    assert start(tmp_path / "cut").wait(PATIENCE_S) == 0
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in finished.items())
    folders = whole, tmp_path / "cut"
    one, two = (load_table(folder).drop(columns="wall_s") for folder in folders)
    pd.testing.assert_frame_equal(one, two)
    for folder in folders:
        stored = pd.read_parquet(folder / "results.parquet").drop(columns="wall_s")
        pd.testing.assert_frame_equal(stored, one)
    for dataset in ("iris", "balance_scale"):
        one, two = (load_parameters(folder, dataset) for folder in folders)
        for a, b in zip(one.parameters.theta, two.parameters.theta, strict=True):
            assert np.array_equal(a, b)


@pytest.mark.slow
@pytest.mark.usefixtures("whole")
def test_kill_9_before_anything_is_finished_leaves_a_folder_that_goes_on(tmp_path):
    child, deadline = start(tmp_path), time.monotonic() + PATIENCE_S
    while not (tmp_path / "config.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert load_table(tmp_path).empty
    assert start(tmp_path).wait(PATIENCE_S) == 0
    assert len(load_table(tmp_path)) == 18
