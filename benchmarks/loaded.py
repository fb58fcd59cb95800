"""What an epoch against the loaded circuit costs, in epochs with ideal sources.

    python benchmarks/loaded.py --data-dir ../shared/datasets/raw [iris balance_scale pendigits]

Steps and looks at the validation rows are timed apart, on one core a program; a training makes one
look every `check_every` epochs. Let the machine be idle.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
from endings import ending

from printron.results import ProblemSpec, build_problem
from printron.training import Schedule, WeightedPower, batch
from printron.training.goal import some_of, stacked
from printron.training.ideal import ideal_step, look_ideal
from printron.training.initial import reference_power
from printron.training.loaded import loaded_step, look_loaded
from printron.training.tiles import SMALLEST_TILE

DATASETS = ["iris", "balance_scale", "pendigits"]
SCHEDULE = Schedule(starts=1, sources="loaded")


def microseconds(function, goals, states, workers, repeats=5):
    """Of a run, with all cores at work; the best of some calls."""
    program = jax.jit(jax.vmap(function)).lower(goals, states).compile()
    best = np.inf
    with ThreadPoolExecutor(workers) as pool:
        for _ in range(repeats):
            begin = time.perf_counter()
            list(pool.map(lambda _: jax.block_until_ready(program(goals, states)), range(workers)))
            best = min(best, time.perf_counter() - begin)
    return 1e6 * best / (workers * len(states.epoch))


def costs(problem, workers):
    """Of a step and a look, ideal and loaded, in microseconds a run."""
    runs = np.arange(64)
    goals = stacked(
        tuple(map(WeightedPower, np.linspace(0, 1, 64))),
        reference_power(problem.structure),
        np.float32,
    )
    it = batch._Training(
        problem.structure, SCHEDULE, problem.rows, goals, runs.astype(np.uint32), workers,
        lambda _: None,
    )  # fmt: skip
    both = it.cut["train"], it.cut["valid"]
    cut = it.loaded_cut
    fixed = it.structure, SCHEDULE

    def measured(tile, states, rows, step, look_at, steps):
        goals = some_of(it.goals, np.arange(tile))

        def some(goal, state):
            return jax.lax.fori_loop(
                0, steps, lambda k, s: step(*fixed, goal, rows[0], k, s), state
            )

        one = microseconds(some, goals, states, workers) / steps
        return one, microseconds(
            lambda goal, s: look_at(*fixed, goal, rows[1], s), goals, states, workers
        )

    seeds = jnp.asarray(it.seeds)
    first = some_of(it.goals, np.arange(it.tile))
    states = batch._begin(
        it.structure, SCHEDULE, first, seeds[: it.tile], jnp.zeros(it.tile, int), it.centring
    )
    ideal = measured(it.tile, states, both, ideal_step, look_ideal, 20)
    best = jax.tree.map(lambda x: x[:SMALLEST_TILE], states.best)
    best = best._replace(parameters=jax.tree.map(lambda x: x[:SMALLEST_TILE], states.parameters))
    best = best._replace(epoch=jnp.zeros(SMALLEST_TILE, int))  # none diverged
    start = batch._begin_loaded(it.structure, SCHEDULE, cut[0], seeds[:SMALLEST_TILE], best)
    loaded = measured(SMALLEST_TILE, start, cut, loaded_step, look_loaded, 4)
    return ideal, loaded


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", default=DATASETS)
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} before the start, {options.workers} workers")
    for name in options.datasets:
        problem = build_problem(ProblemSpec(name, data_dir=options.data_dir))
        ideal, loaded = costs(problem, options.workers)
        ours, theirs = (step + at / SCHEDULE.check_every for step, at in (loaded, ideal))
        print(
            f"{name:20} step {ideal[0]:6.1f} µs ideal, {loaded[0]:8.1f} loaded, "
            f"ratio {loaded[0] / ideal[0]:5.1f}; with looks {theirs:6.1f}, {ours:8.1f}, "
            f"ratio {ours / theirs:5.1f}"
        )


if __name__ == "__main__":
    ending(main)
