"""What budgets reach: accuracy and power on the test rows, one run for each budget.

    python benchmarks/budgets.py --data-dir ../shared/datasets/raw [iris seeds ...]

Against the loaded circuit, split 0, seed 0: three neurons of the published cells and six pairs, as
designed; and 16 pairs trained for printed copies, with the mean and 5th percentile of 1,000 copies
by a margin of 10 mV. Prints Markdown.
"""

import argparse
import os

import jax
import numpy as np
from endings import ending

from printron.base.compiled import keep_compiled_programs
from printron.network import commonest_class
from printron.results import ProblemSpec, build_problem
from printron.technology.conditions import ConditionsSpec
from printron.training import Budget, Schedule, train
from printron.training.evaluation import copy_terms

DATASETS = ["iris", "seeds", "balance_scale", "tic_tac_toe"]
PAIRS = {"activation": ("pair", "none"), "negation": "none"}
VARIED = {"conditions": ConditionsSpec.model_validate({"variation": 1.0, "margin": "10 mV"})}
CIRCUITS = {  # structure, and budgets in uW
    "ptanh, 3 hidden": ({}, (200, 400, 600, 800)),
    "6 pairs": ({"hidden": (6,), **PAIRS}, (2, 5, 10, 20)),
    "16 pairs, for copies": ({"hidden": (16,), **PAIRS, **VARIED}, (3, 10, 30, 100)),
}
SCHEDULE = Schedule(sources="loaded")


def cells_of(name, structure, budgets_uW, options):
    """The cells of a row of the table."""
    problem = build_problem(ProblemSpec(name, data_dir=options.data_dir, **structure))
    goals = [Budget(1e-6 * budget) for budget in budgets_uW]
    seeds = np.zeros(len(goals), int)
    rows, workers = problem.rows, options.workers
    runs = train(problem.structure, rows, goals, seeds, schedule=SCHEDULE, workers=workers)
    terms = runs.terms["test"]
    for k in range(len(goals)):
        kept = runs.terms["valid"].power.total[k] <= goals[k].budget_W
        text = f"{100 * terms.accuracy[k]:.1f} at {1e6 * terms.power.total[k]:.3g}"
        if problem.structure.conditions.varied:
            one = jax.tree.map(lambda x, k=k: x[k], runs.parameters)
            default = commonest_class(rows["train"][1])
            copies = copy_terms(
                problem.structure, one, rows["test"], copies=1000, default=default, workers=workers
            ).clear
            text += f", copies {100 * copies.mean():.1f}/{100 * np.percentile(copies, 5):.1f}"
        yield text if kept else f"{text} (over)"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", default=DATASETS)
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    keep_compiled_programs()
    for words, (structure, budgets_uW) in CIRCUITS.items():
        print(f"\n| {words} | {' | '.join(f'{each} µW' for each in budgets_uW)} |")
        print("|---" * (1 + len(budgets_uW)) + "|")
        for name in options.datasets:
            cells = " | ".join(cells_of(name, structure, budgets_uW, options))
            print(f"| {name} | {cells} |", flush=True)


if __name__ == "__main__":
    ending(main)
