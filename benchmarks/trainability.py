"""How well circuits train without regard to power, beside what was published.

    python benchmarks/trainability.py --data-dir ../shared/datasets/raw
    python benchmarks/trainability.py --datasets iris seeds --published-cells --starts 1

Published protocol, alpha = 0, one hidden layer of 3, default schedule. A run's circuit is chosen by
the validation rows; the table is about the test rows: mean, standard deviation and minimum over
the seeds, the share of seeds that reach the published mean minus one point, and what always
answering the commonest class would give.
"""

import argparse
import csv
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from endings import ending

from printron.datasets import names
from printron.results import ProblemSpec, build_problem
from printron.training import Schedule, WeightedPower, train

HERE = Path(__file__).resolve()
REFERENCE = HERE.parents[2] / "shared" / "reference" / "published_alpha_sweep.csv"
ONE_POINT = 0.01
PUBLISHED_CELLS = {"activation": "ptanh_published", "negation": "negation_published"}


def published_accuracy(path: Path) -> dict[str, float]:
    """Published mean test accuracy at alpha = 0 by data set; empty where there is no such file."""
    if not path.exists():
        return {}
    with path.open() as file:
        return {
            row["dataset"]: float(row["test_accuracy_mean"])
            for row in csv.DictReader(file)
            if float(row["alpha"]) == 0
        }


def row_of(dataset: str, arguments: argparse.Namespace, published: float | None) -> str:
    """Train a data set's runs and put them into a row of the table."""
    cells = PUBLISHED_CELLS if arguments.published_cells else {}
    problem = build_problem(
        ProblemSpec(dataset, protocol="published", data_dir=arguments.data_dir, **cells)
    )
    schedule = Schedule() if arguments.starts is None else Schedule(starts=arguments.starts)
    if arguments.epochs is not None:
        schedule = replace(schedule, epochs=arguments.epochs)
    seeds = np.arange(arguments.seeds)
    began = time.perf_counter()
    trained = train(
        problem.structure,
        problem.rows,
        [WeightedPower(0.0)] * len(seeds),
        seeds,
        schedule=schedule,
        workers=arguments.workers,
    )
    took = time.perf_counter() - began
    test = trained.terms["test"].accuracy
    valid = trained.terms["valid"].accuracy.mean()
    diverged = trained.status.count("diverged")
    if published is None:
        compared = f"{'-':>9} {'-':>7}"
    else:
        reached = np.mean(test >= published - ONE_POINT - 1e-9)
        compared = f"{published:9.3f} {100 * reached:6.0f}%"
    return (
        f"{dataset:24} {test.mean():5.3f} ± {test.std():5.3f} ({test.min():5.3f}) {compared} "
        f"{problem.dataset.majority:9.3f} {valid:7.3f} {diverged:9d} {took:7.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", nargs="+", default=list(names()), choices=names())
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="published runs (CSV)")
    parser.add_argument("--published-cells", action="store_true", help="the *_published cells")
    parser.add_argument("--starts", type=int, help="random starts of a run")
    parser.add_argument("--epochs", type=int, help="default: as in Schedule")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()

    published = published_accuracy(arguments.reference)
    if not published:
        print(f"no published accuracies: '{arguments.reference}' is not there (--reference)")
    cells = "ptanh_published, negation_published" if arguments.published_cells else "default"
    starts = arguments.starts or Schedule().starts
    print(f"cells: {cells}; seeds: {arguments.seeds}; starts: {starts}; alpha = 0; hidden: 3")
    print(
        f"{'dataset':24} {'test mean ± sd (min)':21} {'published':>9} {'reach':>7} "
        f"{'majority':>9} {'valid':>7} {'diverged':>9} {'time s':>7}"
    )
    for dataset in arguments.datasets:
        print(row_of(dataset, arguments, published.get(dataset)), flush=True)


if __name__ == "__main__":
    ending(main)
