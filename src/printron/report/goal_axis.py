"""The axis of a figure along the goals of runs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from printron.base.columns import Column
from printron.report.style import FONT_POINTS, log_ticks
from printron.training import Goal, WeightedPower

DECADE = 10  # ratio of the largest value with a unit to the least, from which the axis is in logs
_ALPHA = "α, weight of the power in training"


@dataclass(frozen=True, eq=False)
class GoalAxis:
    """An axis of goals.

    Attributes
    ----------
    places : of the goals of a table, in its order.  label : of the axis.
    logarithmic : whether the values span more than a decade.
    """

    places: NDArray[np.float64]
    label: str
    logarithmic: bool = False

    def label_on(self, axes: Axes) -> None:
        """Write the label, and scale the axis."""
        axes.set_xlabel(self.label, fontsize=FONT_POINTS)
        if self.logarithmic:
            axes.set_xscale("log")
            log_ticks(axes)


def goal_axis(table: pd.DataFrame, kind: type[Goal]) -> GoalAxis:
    """The axis for a table with one row per goal: the one number that differs, or the places.

    Parameters
    ----------
    table : has the columns of the goals, in rising order.
    """
    if kind is WeightedPower:
        return GoalAxis(table["alpha"].to_numpy(), _ALPHA)
    differing = [column for column in kind.columns if table[column.name].nunique() > 1]
    if len(differing) > 1:
        return GoalAxis(np.arange(1.0, len(table) + 1), "goals, in rising order of their numbers")
    return _of_column(table, *(differing or kind.columns[:1]))


def _of_column(table: pd.DataFrame, column: Column) -> GoalAxis:
    values = table[column.name].to_numpy()
    label = f"{column.label} ({column.unit})" if column.unit else column.label
    decades = bool(column.unit) and values.min() > 0 and values.max() > DECADE * values.min()
    return GoalAxis(values, label, decades)
