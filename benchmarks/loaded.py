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
from printron.training import Schedule, optimise
from printron.training.loaded_step import loaded_step, look_loaded
from printron.training.step import epoch_step, look
from printron.training.tiles import SMALLEST_TILE

DATASETS = ["iris", "balance_scale", "pendigits"]
SCHEDULE = Schedule(starts=1, sources="loaded")


def microseconds(function, alphas, states, workers, repeats=5):
    """Of a run, with all cores at work; the best of some calls."""
    program = jax.jit(jax.vmap(function)).lower(alphas, states).compile()
    best = np.inf
    with ThreadPoolExecutor(workers) as pool:
        for _ in range(repeats):
            begin = time.perf_counter()
            list(pool.map(lambda _: jax.block_until_ready(program(alphas, states)), range(workers)))
            best = min(best, time.perf_counter() - begin)
    return 1e6 * best / (workers * len(alphas))


def costs(problem, workers):
    """Of a step and a look, ideal and loaded, in microseconds a run."""
    runs = np.arange(64)
    it = optimise._Training(
        problem.design, SCHEDULE, problem.rows, np.linspace(0, 1, 64, dtype=np.float32),
        runs.astype(np.uint32), workers, lambda _: None,
    )  # fmt: skip
    both = it.cut["train"], it.cut["valid"]
    cut = it.loaded_cut
    fixed = it.design, SCHEDULE, it.P_ref

    def measured(tile, states, rows, step, look_at, steps):
        alphas = jnp.asarray(it.alphas[:tile])

        def some(alpha, state):
            return jax.lax.fori_loop(
                0, steps, lambda k, s: step(*fixed, alpha, rows[0], k, s), state
            )

        one = microseconds(some, alphas, states, workers) / steps
        return one, microseconds(
            lambda a, s: look_at(*fixed, a, rows[1], s), alphas, states, workers
        )

    seeds = jnp.asarray(it.seeds)
    states = optimise._begin(
        it.design, SCHEDULE, seeds[: it.tile], jnp.zeros(it.tile, int), it.centring
    )
    ideal = measured(it.tile, states, both, epoch_step, look, 20)
    best = jax.tree.map(lambda x: x[:SMALLEST_TILE], states.best)
    best = best._replace(parameters=jax.tree.map(lambda x: x[:SMALLEST_TILE], states.parameters))
    best = best._replace(epoch=jnp.zeros(SMALLEST_TILE, int))  # none diverged
    start = optimise._begin_loaded(it.design, SCHEDULE, cut[0], seeds[:SMALLEST_TILE], best)
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
