"""How an experiment scales: threads of one process, and single-threaded worker processes.

    python benchmarks/scaling.py [--epochs 2000]

Prints wall time of the same experiment (iris, balance_scale; 20 alphas x 5 seeds) by 1 and 2
threads and by 1 and 2 workers of a local Dask cluster, start of the workers included, and the
ratios. Programs are compiled in a run before. Let the machine be idle.
"""

import argparse
import os
import tempfile
import time

from endings import ending

from printron.base.compiled import keep_compiled_programs
from printron.experiments import Experiment, Plan, alpha_grid, build_problems, run_experiment
from printron.experiments.cluster import LocalCluster, pool_of
from printron.results import ProblemSpec
from printron.training import Schedule, WeightedPower


def seconds(experiment, problems, workers, cluster):
    """Wall time of the whole experiment, s."""
    pool = pool_of(LocalCluster(kind="local", workers=workers)) if cluster else None
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        outcome = run_experiment(
            experiment, folder, problems=problems, workers=workers, cluster=pool
        )
        assert len(outcome.table) == experiment.runs
        return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=2000)
    options = parser.parse_args()
    keep_compiled_programs()
    goals = tuple(map(WeightedPower, alpha_grid(20)))
    plan = Plan(goals, tuple(range(5)), Schedule(epochs=options.epochs, starts=2))
    experiment = Experiment("scaling", ("iris", "balance_scale"), ProblemSpec(""), plan)
    problems = build_problems(experiment)
    seconds(experiment, problems, 2, cluster=False)
    print(f"{experiment.runs} runs of {options.epochs} epochs, load {os.getloadavg()[0]:.1f}")
    for cluster, what in ((False, "threads"), (True, "workers")):
        one, two = (seconds(experiment, problems, n, cluster) for n in (1, 2))
        print(f"{what}: 1 {one:.1f} s, 2 {two:.1f} s, ratio {one / two:.2f}")


if __name__ == "__main__":
    ending(main)
