"""How well printed copies of trained circuits work: one structure for all data sets.

    python benchmarks/copies.py 5% --data-dir ../shared/datasets/raw --out docs/results/copies
    python benchmarks/copies.py --report --out docs/results/copies

Four questions: circuits as designed; printed with half of the process's variation ("5%"); with all
of it ("10%"); as "5%" with rails within 10 %, thresholds that drift by 20 mV and sensors behind
100 kohm ("world"). Readouts resolve 10 mV in all but the first. Protocol clean; each data set is
split anew for every split seed; the circuit is the best of the seeds by copies on the validation
rows, never by test rows. A split is a line of QUESTION.csv, written when it is done; a second call
goes on where a first one was ended. `--report` writes copies.md of what is there.
"""

import time
from dataclasses import replace

import jax
import numpy as np
import pandas as pd
from endings import ending
from tables import by_split, markdown, parser_of, write_report

from printron.base.compiled import keep_compiled_programs
from printron.base.quantity import power_text
from printron.designer.searching import SCHEDULE as DESIGNER
from printron.network import commonest_class
from printron.results import ProblemSpec, build_problem
from printron.technology.conditions import Conditions
from printron.training import Schedule, WeightedPower, train
from printron.training.evaluation import copy_terms

MARGIN_V = 0.01
BUDGET_W = 100e-6
QUESTIONS = {
    "designed": (0.0, {}),
    "5%": (0.5, {"margin": MARGIN_V}),
    "10%": (1.0, {"margin": MARGIN_V}),
    "world": (
        0.5,
        {"margin": MARGIN_V, "supply": 0.1, "drift": 0.02, "source_resistance": 1e5},
    ),
}
SCHEDULES = {
    "plain": Schedule(
        epochs=1500,
        noise=0.1,
        sources="loaded",
        loaded_epochs=1200,
        loaded_rate=0.005,
        loaded_noise=0.0,
        check_every=40,
    ),
    "designer": DESIGNER,
}


def runs_of(question, dataset, split, options):
    """The best of the seeds on the test rows, as designed and over its printed copies."""
    factor, others = QUESTIONS[question]
    spec = ProblemSpec(
        dataset,
        data_dir=options.data_dir,
        split_seed=split,
        hidden=tuple(options.hidden),
        activation=(*[options.activation] * len(options.hidden), "none"),
        negation="none",
    )
    problem = build_problem(spec)
    variation = problem.technology.process.spread.scaled(factor)
    structure = replace(problem.structure, conditions=Conditions(variation, **others))
    seeds = np.arange(options.seeds)
    start = time.perf_counter()
    trained = train(
        structure,
        problem.rows,
        [WeightedPower(options.alpha)] * len(seeds),
        seeds,
        schedule=SCHEDULES[options.schedule],
        workers=options.workers,
    )
    # By copies on the validation rows; diverged runs, which have no number, come last.
    best = int(np.lexsort((trained.score, -trained.merits.accuracy))[0])
    terms = trained.terms["test"]
    row = {
        "dataset": dataset,
        "split_seed": split,
        "seeds": len(seeds),
        "seed": int(seeds[best]),
        "status": trained.status[best],
        "score": float(trained.score[best]),
        "majority": problem.dataset.majority,
        "accuracy": float(terms.accuracy[best]),
        "clear": float(terms.clear[best]),
        "power_W": float(terms.power.total[best]),
        "train_s": time.perf_counter() - start,
    }
    if structure.conditions.varied:
        copies = copy_terms(
            structure,
            jax.tree.map(lambda x: x[best], trained.parameters),
            problem.rows["test"],
            copies=options.copies,
            default=commonest_class(problem.rows["train"][1]),
            workers=options.workers,
        )
        row |= {
            "copies": options.copies,
            "copies_mean": copies.clear.mean(),
            "copies_p5": np.percentile(copies.clear, 5),
            "copies_mean_without_margin": copies.accuracy.mean(),
            "copies_within_budget": (copies.power.total <= BUDGET_W).mean(),
        }
    return pd.DataFrame([row])


HEAD = (
    "question", "data set", "splits", "seeds", "majority", "as designed", "copies, mean",
    "5th percentile", "power", "within 100 µW",
)  # fmt: skip
SHARES = ("majority", "clear", "copies_mean", "copies_p5")
NUMBERS = (*SHARES, "power_W", "copies_within_budget")


def file_of(question, folder):
    """The table of a question."""
    return folder / f"{question.rstrip('%')}.csv"


def _line(question, name, runs, numbers):
    cells = [f"{100 * numbers[key].mean():.1f}" for key in SHARES]
    cells[1] += f" ± {100 * runs.groupby('split_seed')['clear'].mean().std():.1f}"
    within = f"{100 * numbers['copies_within_budget'].mean():.1f}"
    counts = runs["split_seed"].nunique(), runs["seeds"].max()
    both = [*map(str, counts), *cells, power_text(numbers["power_W"].mean()), within]
    return f"| {question} | {name} | {' | '.join(both).replace('nan', '–')} |"


def main():
    parser = parser_of(__doc__)
    parser.add_argument("question", nargs="?", choices=list(QUESTIONS))
    parser.add_argument("--activation", default="pair", help="cell of the hidden neurons")
    parser.add_argument("--hidden", nargs="+", type=int, default=[16])
    parser.add_argument("--alpha", type=float, default=0.05)
    parser.add_argument("--schedule", default="plain", choices=list(SCHEDULES))
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0, 1, ... on every split")
    parser.add_argument("--copies", type=int, default=1000)
    options = parser.parse_args()
    keep_compiled_programs()
    if options.question is not None:
        by_split(
            file_of(options.question, options.out),
            options,
            lambda dataset, split: runs_of(options.question, dataset, split, options),
        )
    if options.report:
        files = {question: file_of(question, options.out) for question in QUESTIONS}
        write_report(markdown(HEAD, files, NUMBERS, _line), options.out / "copies.md")


if __name__ == "__main__":
    ending(main)
