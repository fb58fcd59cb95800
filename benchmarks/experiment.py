"""How long the published experiment takes: a fixed slice of it is timed, the rest follows.

    python benchmarks/experiment.py --data-dir ../shared/datasets/raw [--setting clean]

Of every data set as many runs as fill the tiles of all cores train for two hundred steps, twice:
once to compile, once for the time. A run costs steps x starts x that; the whole is the sum over
the data sets, plus the compilations. Let the machine be idle.
"""

import argparse
import os
import resource
import time
from dataclasses import replace

import numpy as np
from endings import ending

from printron.experiments import build_problems
from printron.experiments.file import PRESETS, read_experiment
from printron.training import WeightedPower, train
from printron.training.tiles import tile_size

STEPS = 200


def slice_seconds(problem, schedule, workers: int) -> tuple[float, float]:
    """Time of one step of one start of one run with all cores at work, and of compiling, s."""
    tile = tile_size(problem.structure, len(problem.rows["train"][1]))
    runs = max(1, 2 * tile * workers // schedule.starts)
    short = replace(schedule, epochs=STEPS)
    goals, seeds = tuple(map(WeightedPower, np.linspace(0, 1, runs))), np.arange(runs)
    took = []
    for _ in range(2):
        begin = time.perf_counter()
        train(problem.structure, problem.rows, goals, seeds, schedule=short, workers=workers)
        took.append(time.perf_counter() - begin)
    return took[1] / (runs * schedule.starts * STEPS), took[0] - took[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setting", choices=PRESETS[:2], default=PRESETS[0])
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    experiment = read_experiment(options.setting, data_dir=options.data_dir).experiment
    plan = experiment.plan
    steps = plan.schedule.epochs * plan.schedule.starts
    print(
        f"{options.setting}: {experiment.runs} runs, {plan.schedule.starts} starts of "
        f"{plan.schedule.epochs} steps each; {options.workers} workers, "
        f"load {os.getloadavg()[0]:.1f} before the start"
    )
    total = compiling = 0.0
    for name, problem in build_problems(experiment).items():
        step, compiled = slice_seconds(problem, plan.schedule, options.workers)
        whole = step * steps * plan.runs
        total, compiling = total + whole, compiling + compiled
        print(
            f"  {name:24} {1e6 * step:7.1f} µs a run and step, compiled in {compiled:4.1f} s, "
            f"{plan.runs} runs {whole / 60:5.1f} min"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"  the whole: {(total + compiling) / 60:.0f} min, {compiling / 60:.1f} of them compiling; "
        f"memory of this slice {peak:.1f} GiB at most"
    )


if __name__ == "__main__":
    ending(main)
