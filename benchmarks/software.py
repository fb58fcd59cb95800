"""What classifiers in software reach on the rows of the benchmarks: the best of scikit-learn's.

    python benchmarks/software.py --data-dir ../shared/datasets/raw --out docs/results/designer

Protocol clean; each data set is split anew for every split seed; the classifier of a split is the
best by validation rows, see `printron.designer.software_of`. A split is a line of software.csv.
"""

import argparse
from pathlib import Path

import pandas as pd
from endings import ending
from tables import filled

from printron.datasets import names
from printron.designer import software_of
from printron.results import ProblemSpec, build_problem


def row_of(dataset, split, data_dir):
    """The best classifier of a split."""
    problem = build_problem(ProblemSpec(dataset, data_dir=data_dir, split_seed=split))
    found = software_of(problem)
    row = {"dataset": dataset, "split_seed": split, "majority": problem.dataset.majority}
    return pd.DataFrame([row | {key: found[key] for key in ("name", "valid", "accuracy")}])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with the raw files of the benchmarks")
    parser.add_argument("--splits", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--out", type=Path, required=True, help="folder for the table")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table = filled(
        options.out / "software.csv",
        ("dataset", "split_seed"),
        [(each, split) for split in options.splits for each in names()],
        lambda dataset, split: row_of(dataset, split, options.data_dir),
    )
    by_split = table.groupby("split_seed")["accuracy"].mean()
    print(f"mean {100 * by_split.mean():.1f} % ± {100 * by_split.std():.1f} over splits")
    print((100 * table.groupby("dataset")["accuracy"].mean()).round(1).to_string())


if __name__ == "__main__":
    ending(main)
