"""What the budgets of DAC 2025 reach with the published cells: one run a budget, no choice.

    OUT=docs/results/designer
    python benchmarks/published_budgets.py --data-dir ../shared/datasets/raw --out $OUT
    python benchmarks/published_budgets.py --report --out $OUT

Three hidden neurons, ptanh and negative-weight circuits in every layer, as designed, trained
against the loaded circuit for 200, 400, 600 and 800 uW. Protocol clean; each data set is split anew
for every split seed; seed 0. Accuracy and power are those of ngspice on the test rows. A split is
four lines of f.csv, written when they are done; a second call goes on where a first one was ended.
"""

import pandas as pd
from endings import ending
from tables import by_split, parser_of, write_report

from printron.base.compiled import keep_compiled_programs
from printron.base.quantity import power_text
from printron.experiments import Plan, run_sweep
from printron.results import ProblemSpec, build_problem, circuit_of
from printron.signoff import sign_off_circuit
from printron.training import Budget, Schedule

BUDGETS_UW = (200, 400, 600, 800)
SCHEDULE = Schedule(sources="loaded")


def rows_of(dataset, split, options):
    """A row a budget: the only run, on the test rows, in ngspice."""
    problem = build_problem(ProblemSpec(dataset, data_dir=options.data_dir, split_seed=split))
    goals = tuple(Budget(1e-6 * budget) for budget in BUDGETS_UW)
    runs = run_sweep(problem, Plan(goals, (0,), SCHEDULE), None, workers=options.workers)
    return pd.DataFrame(
        [row_of(problem, runs.only(k), dataset, split, options) for k in range(len(goals))]
    )


def row_of(problem, one, dataset, split, options):
    """The row of a run."""
    row = {
        "dataset": dataset,
        "split_seed": split,
        "budget_uW": round(1e6 * float(one.table["budget_W"].iloc[0])),
        "status": one.table["status"].iloc[0],
        "feasible_valid": bool(one.table["feasible_valid"].iloc[0]),
        "majority": problem.dataset.majority,
    }
    if row["status"] != "trained":
        return row
    circuit = circuit_of(problem, one, SCHEDULE, ".")
    _, found = sign_off_circuit(
        circuit, "test", problem.rows["test"], None, workers=options.workers
    )
    spice = found["spice"]
    return row | {"accuracy": spice["accuracy"], "power_W": spice["power_W"]["total"]}


def report(table):
    """A line a budget: means over data sets of means over splits."""
    lines = [
        "| budget | data sets | splits | accuracy in SPICE, mean ± sd over splits | "
        "majority | mean power (largest) | above the budget |",
        "|---" * 7 + "|",
    ]
    for budget, runs in table.groupby("budget_uW"):
        by_split = runs.groupby("split_seed")["accuracy"].mean()
        cells = [
            f"{budget} µW",
            f"{runs['dataset'].nunique()}",
            f"{len(by_split)}",
            f"{100 * by_split.mean():.1f} ± {100 * by_split.std():.1f}",
            f"{100 * runs['majority'].mean():.1f}",
            f"{power_text(runs['power_W'].mean())} ({power_text(runs['power_W'].max())})",
            f"{(runs['power_W'] > 1e-6 * budget).sum()} of {len(runs)}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main():
    options = parser_of(__doc__).parse_args()
    path = options.out / "f.csv"
    if options.report:
        write_report(report(pd.read_csv(path)), options.out / "f.md")
        return
    keep_compiled_programs()
    by_split(path, options, lambda dataset, split: rows_of(dataset, split, options))


if __name__ == "__main__":
    ending(main)
