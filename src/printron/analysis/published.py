"""The published runs, averaged like ours, and the differences between the two experiments.

The numbers are from the runs that the authors of the method committed: a table (CSV) with one row
per data set and alpha: dataset, alpha, test_accuracy_mean, test_accuracy_std, power_mean_mW,
power_std_mW. They belong to the slides' circuits (ptanh, negation_divider), and their power is that
of V_DD alone.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from printron.analysis.averages import (
    VDD,
    AnalysisError,
    Averages,
    averaged,
    missing_goals,
    normalised,
)
from printron.training import WeightedPower

FILE_NAME = "published_alpha_sweep.csv"
PUBLISHED = "published, mean over seeds"
PUBLISHED_GOAL = WeightedPower
BASELINE = WeightedPower(0.0)  # of the published runs
SHARES = (0.50, 0.25)  # fractions of the baseline power at which accuracies are compared
SLIDES_SOURCE = (
    "H. Zhao, P. Pal, M. Hefenbrock, M. Beigl, M. B. Tahoori, Power-Aware Training for "
    "Energy-Efficient Printed Neuromorphic Circuits, ICCAD 2023, slides of the talk"
)
# Average accuracy and power of the slides' table, relative to the baseline.
SLIDES = pd.DataFrame(
    {
        "accuracy": [1.0, 0.95, 0.90, 0.85, 0.80, 0.75, 0.70],
        "power": [1.0, 0.50, 0.40, 0.34, 0.28, 0.23, 0.18],
    }
)
_COLUMNS = {
    "test_accuracy_mean": "accuracy_mean",
    "test_accuracy_std": "accuracy_sd",
    "power_mean_mW": "power_mean_W",
    "power_std_mW": "power_sd_W",
}


def find_reference(folder: Path) -> Path | None:
    """The published table in a folder, beside it, or among the reference data; None if not found.

    The environment variable PRINTRON_SHARED gives the place of the reference data.
    """
    places = [folder, folder.parent]
    if shared := os.environ.get("PRINTRON_SHARED"):
        places.append(Path(shared) / "reference")
    return next((p / FILE_NAME for p in places if (p / FILE_NAME).is_file()), None)


def read_published(path: str | Path) -> pd.DataFrame:
    """Read the published table, in watts.

    Returns
    -------
    Columns dataset, alpha, accuracy_mean, accuracy_sd, power_mean_W, power_sd_W.

    Raises
    ------
    AnalysisError : one sentence with the path and the fault.
    """
    try:
        table = pd.read_csv(path, dtype={"dataset": str})
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()).rstrip(".")
        raise AnalysisError(f"cannot read the published table '{path}' ({reason})") from error
    missing = [name for name in ("dataset", "alpha", *_COLUMNS) if name not in table]
    if missing:
        raise AnalysisError(
            f"the published table '{path}' has no column '{missing[0]}'; give {FILE_NAME}"
        )
    kept = table[["dataset", "alpha", *_COLUMNS]].rename(columns=_COLUMNS)
    numbers = kept.drop(columns="dataset").apply(pd.to_numeric, errors="coerce")
    bad = ~np.isfinite(numbers).all(axis=1) | kept["dataset"].isna()
    if bad.any():
        raise AnalysisError(
            f"the published table '{path}' lacks a number in line "
            f"{int(np.flatnonzero(bad)[0]) + 2}; give the file as published"
        )
    if kept.duplicated(["dataset", "alpha"]).any():
        raise AnalysisError(
            f"the published table '{path}' has a data set and alpha twice; give the file as "
            "published"
        )
    numbers[["power_mean_W", "power_sd_W"]] *= 1e-3
    return numbers.assign(dataset=kept["dataset"]).sort_values(
        ["dataset", "alpha"], ignore_index=True
    )


def average_published(published: pd.DataFrame) -> Averages:
    """Average the published table like a table of runs; see `average`.

    The table has no seeds. `*_sd_seeds` follows from its standard deviations over seeds, if runs of
    different data sets are independent: sqrt(sum_d (sd(d, a) / baseline(d))^2) / D. The number of
    runs is unknown.
    """
    by_dataset = normalised(published.assign(runs=0), BASELINE)
    by_goal = averaged(by_dataset, BASELINE).drop(columns="runs")
    base = by_dataset[by_dataset["alpha"] == 0].set_index("dataset")
    for name, mean, sd in (
        ("accuracy", "accuracy_mean", "accuracy_sd"),
        ("power", "power_mean_W", "power_sd_W"),
    ):
        share = (by_dataset[sd] / by_dataset["dataset"].map(base[mean])) ** 2
        total = share.groupby(by_dataset["alpha"]).sum().reindex(by_goal["alpha"])
        by_goal[f"{name}_sd_seeds"] = np.sqrt(total.to_numpy()) / by_goal["datasets"]
    incomplete = missing_goals(WeightedPower, by_dataset, by_goal)
    runs = by_dataset.drop(columns="runs")
    return Averages(PUBLISHED, BASELINE, runs, by_goal, incomplete)


def compare(ours: Averages, published: Averages) -> pd.DataFrame:
    """Both experiments, one row per common data set.

    `accuracy_at_50` is the accuracy (mean over seeds) at the smallest alpha whose power is at most
    50 % of the data set's own baseline: alpha controls the power, and accuracy takes no part in the
    selection. NaN where no alpha saves as much. The two columns of watts belong to different cells
    or definitions of power; see `differences`.
    """
    a, b = ours.baselines, published.baselines
    names = [name for name in a.index if name in b.index]
    columns: dict[str, Any] = {
        "accuracy_published": b["accuracy_mean"],
        "accuracy_ours": a["accuracy_mean"],
        "power_published_W": b["power_mean_W"],
        "power_ours_W": a["power_mean_W"],
        "power_VDD_ours_W": a[VDD] if VDD in a else a["power_mean_W"] * np.nan,
    }
    for share in SHARES:
        for whose, averages in (("published", published), ("ours", ours)):
            at = accuracy_at(averages.by_dataset, share)
            columns[f"accuracy_at_{100 * share:.0f}_{whose}"] = at
    compared = pd.DataFrame({key: each.reindex(names) for key, each in columns.items()})
    return compared.rename_axis("dataset").reset_index()


def accuracy_at(by_dataset: pd.DataFrame, share: float) -> pd.Series:
    """Accuracy of each data set at the smallest alpha with at most this fraction of its power."""
    cheap = by_dataset[by_dataset["power_normalised"] <= share].sort_values("alpha")
    return cheap.groupby("dataset")["accuracy_mean"].first()


def comparable_power(row: Mapping[Any, Any]) -> bool:
    """Whether the published watts belong to cells like a run's, though defined differently."""
    return str(row["negation_cell"]) == "negation_divider"


def differences(row: Mapping[Any, Any]) -> list[str]:
    """One sentence for each difference between an experiment and the published one.

    Parameters
    ----------
    row : any run of the experiment.
    """
    activation, negation = str(row["activation_cell"]), str(row["negation_cell"])
    sentences = []
    if comparable_power(row):
        sentences.append(
            f"Cells: the published circuits are ptanh and negation_divider; ours are {activation} "
            f"and {negation}, of a transistor model fitted to the published simulations and not "
            "of the closed process design kit."
        )
    else:
        sentences.append(
            "Cells: the published circuits are ptanh and negation_divider, whose negative-weight "
            f"cell alone burns 4 to 178 mW; ours are {activation} and {negation}. **Watts of the "
            "two are of different cell libraries and must not be compared; shares of the baseline "
            "may be.**"
        )
    if activation == "ptanh":
        sentences.append(
            "Level shift: the published ptanh shifts its input by a part that is not in its list; "
            "our ptanh has two printed resistors for it, which draw current from the crossbar."
        )
    sentences.append(
        "Power: the published power of ptanh and negation_divider is what V_DD alone delivers; "
        "ours is what all supplies and inputs deliver, which is about twice (ptanh) and 3.2 times "
        "(negation_divider) as much for the same cell."
    )
    if str(row["protocol"]) == "published":
        sentences.append(
            "Protocol: the same preprocessing and split; its scaling has seen the test rows, and "
            "in some data sets test rows are training rows too."
        )
    else:
        sentences.append(
            f"Protocol: ours is {row['protocol']} (stratified, scaled on training rows, no test "
            "row among the training rows); the published one scaled on all rows and has test rows "
            "among the training rows of some data sets, so that its accuracies are of other rows."
        )
    sentences.append(
        "Training: the published runs count negative-weight circuits by a sigmoid of Theta and see "
        "all training rows in each step; ours scale that count by the column's mean conductance, "
        "count activation circuits likewise, leave small resistors out on trial, take the best of "
        "several starts by validation rows, and see at most so many rows a step (all in the "
        "configuration). Power is counted exactly by both."
    )
    sentences.append(
        "Loading: both take the sources of a crossbar as ideal. A printed circuit loads them: its "
        "accuracy and power differ from both, and are for the simulation of the whole circuit to "
        "find."
    )
    sentences.append(
        "Weight: the published loss leaves the unit of the power open, so that equal values of "
        "alpha are not equal weights; compare accuracy at equal power."
    )
    return sentences
