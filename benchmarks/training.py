"""Time of a training step a run and epoch, beside the same step in PyTorch, and what limits it.

    pip install 'printron[benchmark]'        (PyTorch; without it only our own times are printed)
    python benchmarks/training.py --data-dir ../shared/datasets/raw

A step is noise on the conductances, forward, backward and the optimiser's update, for every run
of a batch on all training rows. Loss and gradient of both programs are compared before they are
timed. Repeats of all programs take turns, and the smallest time counts: it is the least disturbed.
Compiling is measured apart. What limits the step is seen by taking something out of it: tanh (the
identity in its place), seven of eight samples, or everything that touches samples.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np
from endings import ending

from printron.network import build_layers, cell_power
from printron.network import ideal as ideal_model
from printron.results import ProblemSpec, build_problem
from printron.training import Schedule, WeightedPower, ideal
from printron.training.batch import CENTRING_ROWS, _begin
from printron.training.blocks import cut_blocks
from printron.training.goal import some_of, stacked
from printron.training.initial import reference_power
from printron.training.tiles import BLOCK_ROWS, tile_size

try:
    import torch
    from torch_step import TorchStep
except ImportError:
    torch = None

SCHEDULE = Schedule(starts=1, rows_per_step=10**9)  # as the other: all rows in each step
# Runs, and epochs a call: calls short enough that some meet a quiet machine.
CASES = {"iris": (1000, 8), "pendigits": (50, 2)}
TORCH = "PyTorch"
AGREES = 1e-4  # of the largest entry of an array, in single precision


class Batch:
    """Runs of a data set, cut into tiles as `train` does it."""

    def __init__(self, dataset: str, runs: int, data_dir: str | None):
        problem = build_problem(ProblemSpec(dataset, protocol="published", data_dir=data_dir))
        self.design, self.P_ref = problem.structure, reference_power(problem.structure)
        self.volts, self.labels = problem.rows["train"]
        self.alphas = np.linspace(0, 1, runs, dtype=np.float32)
        goals = tuple(map(WeightedPower, self.alphas.tolist()))
        self.goals = stacked(goals, self.P_ref, np.float32)
        self.tile = tile_size(self.design, len(self.labels))
        order = np.arange(-(-runs // self.tile) * self.tile)
        self.order = np.minimum(order, runs - 1).reshape(-1, self.tile)
        volts = jnp.asarray(self.volts[:, :CENTRING_ROWS])
        self.states = [
            _begin(
                self.design,
                SCHEDULE,
                some_of(self.goals, k),
                jnp.asarray(k, jnp.uint32),
                jnp.zeros(len(k), int),
                volts,
            )  # fmt: skip
            for k in self.order
        ]

    def start(self):
        """Parameters that all runs start with, NumPy, [runs, ...]."""
        runs = len(self.alphas)
        return jax.tree.map(
            lambda *x: np.concatenate(x)[:runs], *[state.parameters for state in self.states]
        )

    def program(self, step: Callable, epochs: int, workers: int, keep: int = 1):
        """A function that advances all runs by so many epochs, and the time to compile it.

        Parameters
        ----------
        step : of one run, (goal, rows, state) to state.
        keep : one of so many samples is kept.
        """
        rows = cut_blocks(self.volts[:, ::keep], self.labels[::keep], BLOCK_ROWS)

        def advance(goals, rows, states):
            def run(goal, state):
                return jax.lax.fori_loop(0, epochs, lambda _, s: step(goal, rows, s), state)

            return jax.vmap(run)(goals, states)

        goals = [some_of(self.goals, k) for k in self.order]
        began = time.perf_counter()
        compiled = jax.jit(advance).lower(goals[0], rows, self.states[0]).compile()
        took = time.perf_counter() - began
        pool = ThreadPoolExecutor(workers)

        def call():
            def work(k):
                return jax.block_until_ready(compiled(goals[k], rows, self.states[k]).epoch)

            list(pool.map(work, range(len(goals))))

        return call, took

    def full(self, goal, rows, state):
        """One epoch of training."""
        return ideal.ideal_step(self.design, SCHEDULE, goal, rows, jnp.asarray(0), state)

    def forward(self, goal, rows, state):
        """The loss alone. Its value moves the parameters by nothing that counts, so that no
        compiler can take it out of the loop."""
        value = ideal.loss(state.parameters, self.design, goal.weights(()), 0.5, rows)
        moved = jax.tree.map(lambda p: p + 1e-12 * value, state.parameters)
        return state._replace(parameters=moved, epoch=state.epoch + 1)

    def backward(self, goal, rows, state):
        """The loss and its gradient, with the plainest update there is."""
        slope = jax.grad(ideal.loss)(state.parameters, self.design, goal.weights(()), 0.5, rows)
        moved = jax.tree.map(lambda p, g: p - 1e-12 * g, state.parameters, slope)
        return state._replace(parameters=moved, epoch=state.epoch + 1)

    def without_samples(self, goal, rows, state):
        """A full step in which every part that touches a sample is left out: surrogates, scaling,
        counts, noise and optimiser remain, forward and backward."""

        def parameters_only(parameters, design, weights, slope, rows, temperature):
            layers = build_layers(design, parameters, slope, temperature)
            numbers = [x for x in jax.tree.leaves(layers) if jnp.issubdtype(x.dtype, jnp.floating)]
            power = sum(jnp.sum(p) for p in cell_power(layers))
            return power + sum(jnp.sum(x) for x in numbers)

        with mock.patch.object(ideal, "loss", parameters_only):
            return self.full(goal, rows, state)

    def without_tanh(self, goal, rows, state):
        """A full step with straight lines for the cells' curves, small enough never to overflow."""

        with mock.patch.object(ideal_model, "bend", lambda form, x: 0.01 * x):
            return self.full(goal, rows, state)


def torch_step(batch: Batch, start) -> "TorchStep":
    """The batch's step in PyTorch, at these parameters."""
    cells = start.activation[0][..., 0], start.negation[0][..., 0]
    return TorchStep(batch.design, start.theta, *cells, batch.P_ref, batch.volts, batch.labels)


def check_agreement(batch: Batch) -> float:
    """Largest difference of loss and gradient between the two programs, relative.

    Compared where absent resistors, neurons without inputs and shifted component values occur.

    Raises
    ------
    SystemExit : they compute different things; a comparison of their times would mean nothing.
    """
    rows = cut_blocks(batch.volts, batch.labels, BLOCK_ROWS)
    rng = np.random.default_rng(0)
    start = batch.start()
    start = start._replace(
        theta=tuple(np.float32(t * 10 ** rng.uniform(-4, 0, t.shape)) for t in start.theta),
        activation=tuple(np.float32(q + rng.normal(size=q.shape)) for q in start.activation),
        negation=tuple(np.float32(q + rng.normal(size=q.shape)) for q in start.negation),
    )
    step = torch_step(batch, start)

    @jax.jit
    @jax.vmap
    def ours(parameters, goal):
        return jax.value_and_grad(ideal.loss)(parameters, batch.design, goal.weights(()), 0.7, rows)

    value, slopes = ours(
        jax.tree.map(jnp.asarray, start), some_of(batch.goals, np.arange(len(batch.alphas)))
    )
    loss, gradient = step.gradient(torch.tensor(batch.alphas), 0.7)
    cells = [slopes.activation[0][..., 0], slopes.negation[0][..., 0]]
    pairs = zip([value, *slopes.theta, *cells], [loss, *gradient], strict=True)
    worst = max(float(np.abs(np.asarray(a) - b).max() / np.abs(b).max()) for a, b in pairs)
    if not worst < AGREES:
        raise SystemExit(f"loss or gradient differ by {worst:.1e}; the programs are not the same")
    return worst


def fastest(programs: dict[str, Callable], repeats: int) -> dict[str, float]:
    """Smallest time of a call, s. Programs take turns, so that all meet the same disturbances."""
    for call in programs.values():
        call()
    best = dict.fromkeys(programs, np.inf)
    for _ in range(repeats):
        for name, call in programs.items():
            began = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def measure(dataset: str, arguments: argparse.Namespace) -> None:
    """Time one data set and print what came out."""
    runs, epochs = CASES[dataset]
    workers = arguments.workers
    batch = Batch(dataset, runs, arguments.data_dir)
    samples = len(batch.labels)
    print(
        f"\n{dataset}: {runs} runs in {len(batch.order)} tiles of {batch.tile}, {samples} samples, "
        f"topology {batch.design.topology}"
    )
    steps = {
        "forward": (batch.forward, 1),
        "forward + backward": (batch.backward, 1),
        "full step": (batch.full, 1),
        "full step, no tanh": (batch.without_tanh, 1),
        "full step, 1/8 samples": (batch.full, 8),
        "parameters only": (batch.without_samples, 1),
    }
    programs, compiling = {}, {}
    for name, (step, keep) in steps.items():
        programs[name], compiling[name] = batch.program(step, epochs, workers, keep)
    if torch is not None:
        print(f"loss and gradient agree with PyTorch's to {check_agreement(batch):.0e}")
        step = torch_step(batch, batch.start())
        step.begin(SCHEDULE)
        alphas = torch.tensor(batch.alphas)

        def train_with(threads: int) -> None:
            torch.set_num_threads(threads)
            for _ in range(epochs):
                step.step(alphas)

        # Its threads wait for each other, so that on a busy machine one alone may be faster.
        for threads in sorted({1, workers}):
            name = f"{TORCH}, {threads} thread{'s' * (threads > 1)}"
            programs[name] = partial(train_with, threads)
    times = {k: t / runs / epochs * 1e6 for k, t in fastest(programs, arguments.repeats).items()}
    full = times["full step"]
    for name, took in times.items():
        print(f"  {name:24} {took:10.2f} µs a run and epoch {100 * took / full:7.0f} %")
    print(f"  compiling the full step: {compiling['full step']:.1f} s, once")
    if torch is not None:
        best = min(took for name, took in times.items() if name.startswith(TORCH))
        print(f"  PyTorch, at its best, takes {best / full:.1f} times as long")
    print(
        f"  of the full step: tanh {100 * (1 - times['full step, no tanh'] / full):.0f} %, "
        f"all that grows with the samples "
        f"{100 * 8 / 7 * (1 - times['full step, 1/8 samples'] / full):.0f} %, "
        f"parameters alone {100 * times['parameters only'] / full:.0f} %"
    )


def processor() -> str:
    """Name of the processor where the system tells."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with the raw files (pendigits needs them)")
    parser.add_argument("--datasets", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{processor()}, {os.cpu_count()} cores, load {load:.1f} before the start")
    names = ["printron", "jax", "jaxlib", "numpy"] + ["torch"] * (torch is not None)
    print(f"Python {platform.python_version()}, " + ", ".join(f"{n} {version(n)}" for n in names))
    if torch is None:
        print(
            "PyTorch is not installed, so only our own times follow; "
            "for the comparison: pip install 'printron[benchmark]'"
        )
    for dataset in arguments.datasets:
        measure(dataset, arguments)


if __name__ == "__main__":
    ending(main)
