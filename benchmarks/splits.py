"""How far the test accuracy of `printron train` depends on the split of the data set.

    python benchmarks/splits.py --data-dir ../shared/datasets/raw --out docs/results/splits

Default circuit and schedule of `printron train`, protocol clean. Each data set is split anew for
every split seed, and every split is learned from all seeds. A run's circuit is chosen by the
validation rows; the numbers are of the test rows. `--out` gets runs.csv (a row a run) and
splits.md (the table that is printed).
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from endings import ending

from printron.base.quantity import power_text
from printron.datasets import names
from printron.results import ProblemSpec, build_problem
from printron.training import TRAINED, Schedule, WeightedPower, train

COLUMNS = (
    "data set", "α", "splits", "seeds", "accuracy %, mean ± sd over splits", "worst … best split",
    "sd over seeds", "split 0", "majority %", "power", "diverged",
)  # fmt: skip


def runs_of(dataset, split_seed, alphas, seeds, data_dir, schedule, workers):
    """A row a run on one split: alphas x seeds in one batch."""
    problem = build_problem(ProblemSpec(dataset, data_dir=data_dir, split_seed=split_seed))
    alpha, seed = (grid.ravel() for grid in np.meshgrid(alphas, seeds, indexing="ij"))
    goals = [WeightedPower(each) for each in alpha.tolist()]
    trained = train(
        problem.structure, problem.rows, goals, seed, schedule=schedule, workers=workers
    )
    table = pd.DataFrame({"alpha": alpha, "seed": seed, "status": trained.status})
    for part in ("valid", "test"):
        table[f"accuracy_{part}"] = trained.terms[part].accuracy
    table["power_total_W"] = trained.terms["test"].power.total
    table["majority"] = problem.dataset.majority
    table.insert(0, "split_seed", split_seed)
    table.insert(0, "dataset", dataset)
    return table


def summary(table):
    """A row a data set and alpha: the spread over splits of the mean over seeds, percent.

    The standard deviations are those of a sample (n - 1); that over seeds is the root mean square
    of those within the splits. Runs that diverged are counted and left out.
    """
    rows = []
    for (dataset, alpha), runs in table.groupby(["dataset", "alpha"], sort=False):
        good = runs[runs["status"] == TRAINED]
        splits = 100 * good.groupby("split_seed")["accuracy_test"].agg(["mean", "std"])
        mean, within = splits["mean"], np.sqrt(np.mean(splits["std"] ** 2))
        first = mean.index.min()
        rows.append(
            (
                dataset,
                f"{alpha:g}",
                len(mean),
                runs["seed"].nunique(),
                f"{mean.mean():.1f} ± {mean.std():.1f}",
                f"{mean.min():.1f} … {mean.max():.1f}",
                f"{within:.1f}",
                f"{mean[first]:.1f} ± {splits['std'][first]:.1f}",
                f"{100 * runs['majority'].mean():.1f}",
                power_text(good["power_total_W"].mean()),
                len(runs) - len(good),
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def markdown(table):
    """The table in Markdown."""
    lines = [list(table.columns), ["---"] * len(table.columns), *table.astype(str).to_numpy()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", nargs="+", default=list(names()), choices=names())
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--alphas", nargs="+", type=float, default=[0.0, 0.5])
    parser.add_argument("--splits", type=int, default=6, help="split seeds 0, 1, ...")
    parser.add_argument("--seeds", type=int, default=5, help="seeds 0, 1, ... on every split")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder for runs.csv and splits.md")
    options = parser.parse_args()
    schedule = Schedule(sources="loaded")
    alphas, seeds = np.array(options.alphas), np.arange(options.seeds)
    tables = []
    for dataset in options.datasets:
        for split in range(options.splits):
            tables.append(
                runs_of(dataset, split, alphas, seeds, options.data_dir, schedule, options.workers)
            )
        print(markdown(summary(pd.concat(tables[-options.splits :]))), flush=True)
    table = pd.concat(tables)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        table.to_csv(options.out / "runs.csv", index=False, float_format="%.8g")
        (options.out / "splits.md").write_text(markdown(summary(table)), encoding="utf-8")


if __name__ == "__main__":
    ending(main)
