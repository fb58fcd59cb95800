"""What an epoch against the loaded circuit costs, in epochs with ideal sources.

    python benchmarks/loaded.py --data-dir ../shared/datasets/raw [iris balance_scale pendigits]

Steps and checks on the validation rows are timed apart, on one core a program; a training makes one
check every `check_every` epochs. Steps with variation see printed copies, which deviate as the
process file says: their cost is given for each copy. Let the machine be idle.
"""

import argparse
import itertools
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from endings import ending

from printron.results import ProblemSpec, build_problem
from printron.technology.conditions import Conditions
from printron.training import Schedule, WeightedPower, batch, loaded_phase
from printron.training.goal import some_of, stacked
from printron.training.ideal import ideal_step, look_ideal
from printron.training.initial import reference_power
from printron.training.loaded import loaded_step
from printron.training.tiles import SMALLEST_TILE

DATASETS = ["iris", "balance_scale", "pendigits"]
CELLS = {  # the published cells, and the default of `printron train`
    "published": {},
    "pairs": {"hidden": (6,), "activation": ("pair", "none"), "negation": "none"},
}
SCHEDULE = Schedule(starts=1, sources="loaded")
MOST_PER_COPY = 10  # the aim: ideal steps that a step costs for each copy


def microseconds(call: Callable[[], object], runs: int, workers: int, repeats: int = 5) -> float:
    """Of a run, with all cores at work; the best of some calls."""
    best = np.inf
    with ThreadPoolExecutor(workers) as pool:
        for _ in range(repeats):
            begin = time.perf_counter()
            list(pool.map(lambda _: jax.block_until_ready(call()), range(workers)))
            best = min(best, time.perf_counter() - begin)
    return 1e6 * best / (workers * runs)


def step_cost(it, step, goals, blocks, states, steps):
    """Of a step of one run, microseconds."""

    def some(goal, state):
        def further(k, s):
            return step(it.structure, it.schedule, goal, blocks, k, s)

        return jax.lax.fori_loop(0, steps, further, state)

    program = jax.jit(jax.vmap(some)).lower(goals, states).compile()
    return microseconds(lambda: program(goals, states), len(states.epoch), it.workers) / steps


def ideal_costs(it):
    """Of a step and a check of a run, microseconds; and the tile's snapshots before both."""
    goals = some_of(it.goals, np.arange(it.tile))
    states = batch._begin(
        it.structure,
        it.schedule,
        goals,
        jnp.asarray(it.seeds[: it.tile]),
        jnp.zeros(it.tile, int),
        it.centring,
    )

    def check(goal, state):
        return look_ideal(it.structure, it.schedule, goal, it.cut["valid"], state)

    looked = jax.jit(jax.vmap(check)).lower(goals, states).compile()
    at = microseconds(lambda: looked(goals, states), it.tile, it.workers)
    step = step_cost(it, ideal_step, goals, it.cut["train"], states, 20)
    begun = states.best._replace(parameters=states.parameters, epoch=jnp.zeros(it.tile, int))
    return (step, at), begun


def loaded_costs(it, begun, tile):
    """Of a step and a check of a run against the loaded circuit, microseconds."""
    phase = it.loaded_phase()
    goals = some_of(it.goals, np.arange(tile))
    own = jax.tree.map(lambda x: x[:tile], begun)
    states = loaded_phase._begun(it.structure, it.schedule, jnp.asarray(it.seeds[:tile]), own)
    states = states._replace(track=phase._tracks(states))
    checks = [loaded_phase._Check(phase, goals) for _ in range(it.workers)]
    for each in checks:
        each(states, 0)  # from nothing
    with ThreadPoolExecutor(it.workers) as pool:
        times = []
        for number in range(1, 4):
            begin = time.perf_counter()
            list(pool.map(lambda c, n=number: jax.block_until_ready(c(states, n)), checks))
            times.append(time.perf_counter() - begin)
    at = 1e6 * min(times) / (it.workers * tile)
    return step_cost(it, loaded_step, goals, phase.train, states, 4), at


def costs(problem, workers):
    """Of a step and a check of a run, in microseconds: ideal, loaded, and with variation."""
    runs = np.arange(64)
    goals = stacked(
        tuple(map(WeightedPower, np.linspace(0, 1, 64))),
        reference_power(problem.structure),
        np.float32,
    )
    seeds = runs.astype(np.uint32)
    conditions = Conditions(problem.structure.process.spread)
    designed, varied = (
        batch._Training(structure, SCHEDULE, problem.rows, goals, seeds, workers, lambda _: None)
        for structure in (problem.structure, replace(problem.structure, conditions=conditions))
    )
    ideal, begun = ideal_costs(designed)
    return ideal, loaded_costs(designed, begun, SMALLEST_TILE), loaded_costs(varied, begun, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", default=DATASETS)
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--cells", nargs="+", default=list(CELLS), choices=list(CELLS))
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} before the start, {options.workers} workers")
    for name, cells in itertools.product(options.datasets, options.cells):
        spec = ProblemSpec(name, data_dir=options.data_dir, **CELLS[cells])
        problem = build_problem(spec)
        ideal, loaded, varied = costs(problem, options.workers)
        ours, theirs = (step + at / SCHEDULE.check_every for step, at in (loaded, ideal))
        print(
            f"{name + ', ' + cells:25} step {ideal[0]:6.1f} µs ideal, {loaded[0]:8.1f} loaded, "
            f"ratio {loaded[0] / ideal[0]:5.1f}; with checks {theirs:6.1f}, {ours:8.1f}, "
            f"ratio {ours / theirs:5.1f}"
        )
        copy, judge = varied[0] / SCHEDULE.draws, varied[1] / SCHEDULE.judges
        print(
            f"{'':25} with variation {copy:8.1f} µs a step and copy, ratio "
            f"{copy / ideal[0]:5.1f} (aim: at most {MOST_PER_COPY}); {judge:8.1f} a check and "
            f"copy, ratio {judge / ideal[1]:5.1f}"
        )


if __name__ == "__main__":
    ending(main)
