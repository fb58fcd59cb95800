"""What classifiers in software reach on the rows of the benchmarks: the best of scikit-learn's.

    python benchmarks/software.py --data-dir ../shared/datasets/raw --out docs/results/designer

Protocol clean; each data set is split anew for every split seed; the classifier of a split is the
best by validation rows, see `printron.designer.software_of`. A split is a line of software.csv.
"""

import pandas as pd
from endings import ending
from tables import by_split, parser_of

from printron.designer import software_of
from printron.results import ProblemSpec, build_problem


def row_of(dataset, split, data_dir):
    """The best classifier of a split."""
    problem = build_problem(ProblemSpec(dataset, data_dir=data_dir, split_seed=split))
    found = software_of(problem)
    row = {"dataset": dataset, "split_seed": split, "majority": problem.dataset.majority}
    return pd.DataFrame([row | {key: found[key] for key in ("name", "valid", "accuracy")}])


def report(table):
    """The mean over the data sets with its spread over the splits, and the mean of each."""
    means = 100 * table.groupby("split_seed")["accuracy"].mean()
    each = (100 * table.groupby("dataset")["accuracy"].mean()).round(1)
    return f"mean {means.mean():.1f} % ± {means.std():.1f} over splits\n{each.to_string()}"


def main():
    options = parser_of(__doc__).parse_args()
    table = by_split(
        options.out / "software.csv",
        options,
        lambda dataset, split: row_of(dataset, split, options.data_dir),
    )
    print(report(table))


if __name__ == "__main__":
    ending(main)
