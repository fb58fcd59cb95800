"""Every data set's front, selected by validation rows, and its hypervolume."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.analysis.averages import Averages, checked, is_trained
from printron.analysis.pareto import best_seeds, non_dominated


def dataset_fronts(table: pd.DataFrame, averages: Averages) -> pd.DataFrame:
    """The fronts of all data sets, one after the other, each by rising validation power.

    Parameters
    ----------
    averages : averages whose baselines normalise the powers.

    Returns
    -------
    The feasible runs that `pareto` selects by validation rows: their columns, and
    `power_normalised` = power_total_W / P(d, 0). Test accuracies and powers take no part in the
    selection, so that a point may lie below another.
    """
    table = checked(table)
    good = table[is_trained(table) & table["feasible_valid"].astype(bool)]
    fronts = [non_dominated(best_seeds(group)) for _, group in good.groupby("dataset")]
    front = pd.concat(fronts, ignore_index=True) if fronts else good
    base = front["dataset"].map(averages.baselines["power_mean_W"]).astype(float)
    return front.assign(power_normalised=front["power_total_W"] / base)


def hypervolume(
    power: NDArray[np.float64], accuracy: NDArray[np.float64], majority: float
) -> float:
    """Normalised hypervolume of a front, 0 to 1.

    Parameters
    ----------
    power : relative to the baseline; linear: a logarithm would need an arbitrary least power.
    accuracy, majority : fractions; the reference point is (majority, 1), the majority class's
        accuracy at the baseline's power.

    Returns
    -------
    H = 1 / (1 - m) * integral over p from 0 to 1 of max(0, max{A_i : p_i <= p} - m): the area that
    the points dominate up to the reference point, over that of accuracy 1 at zero power. Points
    beyond the reference point add nothing. NaN if m = 1.
    """
    if majority >= 1:
        return float("nan")
    order = np.argsort(power, kind="stable")
    p, a = power[order], accuracy[order]
    inside = p < 1
    p = p[inside]
    if p.size == 0:
        return 0.0
    height = np.maximum(np.maximum.accumulate(a[inside]) - majority, 0)
    return float(np.sum(height * np.diff(p, append=1.0)) / (1 - majority))


def hypervolumes(fronts: pd.DataFrame) -> pd.DataFrame:
    """Hypervolume (of test accuracy and power) and number of points of every data set's front."""
    rows = [
        {
            "dataset": name,
            "points": len(front),
            "hypervolume": hypervolume(
                front["power_normalised"].to_numpy(),
                front["accuracy_test"].to_numpy(),
                float(front["majority"].iloc[0]),
            ),
        }
        for name, front in fronts.groupby("dataset")
    ]
    return pd.DataFrame(rows, columns=["dataset", "points", "hypervolume"])
