"""Killed at any moment, an experiment goes on and comes to the same."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pandas as pd
import pytest

from printron.results import load_parameters, load_table

CHILD = """
    import sys
    from printron.experiments import Experiment, Plan, run, run_experiment
    from printron.results import ProblemSpec
    from printron.training import Schedule, WeightedPower
    run.runs_per_task = lambda problem, plan: 2
    goals = tuple(map(WeightedPower, (0.0, 0.5, 1.0)))
    plan = Plan(goals, (0, 1, 2), Schedule(epochs=400, starts=1))
    experiment = Experiment("two", ("iris", "balance_scale"), ProblemSpec(""), plan)
    outcome = run_experiment(experiment, sys.argv[1], workers=2)
    assert len(outcome.table) == 18 and not outcome.failures
"""


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Start the experiment in a process of its own, into a folder."""
    compiled = tmp_path_factory.mktemp("compiled")
    environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": str(compiled)}
    environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"

    def call(folder):
        command = [sys.executable, "-c", textwrap.dedent(CHILD), str(folder)]
        return subprocess.Popen(command, env=environment)

    return call


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_at_most_the_running_tasks(start, tmp_path):
    assert start(tmp_path / "whole").wait(300) == 0
    parts = tmp_path / "cut" / "parts"
    finished = {}  # part and its time stamp, of all parts that a killed process left whole
    for wanted, moment in ((1, 0.0), (2, 0.01), (4, 0.03), (5, 0.1), (7, 0.2)):
        child, deadline = start(tmp_path / "cut"), time.monotonic() + 300
        while len(list(parts.glob("[!.]*.parquet"))) < wanted and child.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
        whole = {path: path.stat().st_mtime_ns for path in parts.glob("[!.]*.parquet")}
        for path, stamp in finished.items():
            assert whole[path] == stamp, "a finished task was done again"
        finished = whole
        assert (
            len(load_table(tmp_path / "cut")) >= 2 * len(whole) - 2
        )  # one part a data set has 1 run
    assert start(tmp_path / "cut").wait(300) == 0
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in finished.items())
    one, two = (load_table(tmp_path / name).drop(columns="wall_s") for name in ("whole", "cut"))
    pd.testing.assert_frame_equal(one, two)
    for name in ("whole", "cut"):
        stored = pd.read_parquet(tmp_path / name / "results.parquet").drop(columns="wall_s")
        pd.testing.assert_frame_equal(stored, one)
    for dataset in ("iris", "balance_scale"):
        one, two = (load_parameters(tmp_path / name, dataset) for name in ("whole", "cut"))
        for a, b in zip(one.parameters.theta, two.parameters.theta, strict=True):
            assert np.array_equal(a, b)


@pytest.mark.slow
def test_kill_9_before_anything_is_finished_leaves_a_folder_that_goes_on(start, tmp_path):
    child, deadline = start(tmp_path), time.monotonic() + 300
    while not (tmp_path / "config.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert load_table(tmp_path).empty
    assert start(tmp_path).wait(300) == 0
    assert len(load_table(tmp_path)) == 18
