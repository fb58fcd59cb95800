"""Figures of a sweep: accuracy and power against the goal, and the accuracy/power front."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from printron.analysis import Selection
from printron.base.quantity import NO_POWER_W
from printron.report.goal_axis import GoalAxis, goal_axis
from printron.report.style import (
    BLUE,
    FONT_POINTS,
    GREY,
    ORANGE,
    at_the_left_end,
    legend_outside,
    log_ticks,
    majority_line,
    new_figure,
    plain,
    power_unit,
    ring_chosen,
    titled,
)
from printron.results.table import COPIES


def goal_figure(selection: Selection, title: str = "") -> Figure:
    """Test accuracy and power against the goal (alpha): mean and deviation over the seeds."""
    figure = new_figure(height_inch=3.9)
    above, below = figure.subplots(2, 1, sharex=True)
    t, axis = selection.by_goal, goal_axis(selection.by_goal, selection.goal)
    seeds = f"mean ± sd, {selection.seeds} seeds" if selection.seeds > 1 else "one seed"
    _band(above, axis, t, "accuracy_test", 100.0, BLUE, seeds)
    majority_line(above, selection.majority)
    above.set_ylim(top=102)
    above.set_ylabel("test accuracy (%)", fontsize=FONT_POINTS)
    legend_outside(figure)
    factor, unit = _unit_of(t["power_total_W_mean"])
    _band(below, axis, t, "power_total_W", factor, ORANGE, seeds)
    below.set_ylim(bottom=0)
    below.set_ylabel(f"power ({unit})", fontsize=FONT_POINTS)
    axis.label_on(below)
    if title:
        titled(above, title)
    for axes in (above, below):
        plain(axes)
    return figure


COPIES_MEAN = COPIES[1].name
SHOWN_RATIO = 1e3  # of the largest power to the smallest on the axis


def front_figure(table: pd.DataFrame, selection: Selection, title: str = "") -> Figure:
    """Test accuracy against power: every run, and the front selected by validation; of runs that
    are trained for printed copies, the accuracy of the copies.

    Parameters
    ----------
    table : the runs that `selection` was made from.
    """
    accuracy, label = "accuracy_test", "test accuracy (%)"
    if COPIES_MEAN in table:
        accuracy, label = COPIES_MEAN, "test accuracy, mean of copies (%)"
    figure = new_figure(height_inch=3.1)
    axes = figure.subplots()
    factor, unit = _unit_of(table["power_total_W"])
    # A circuit without transistors uses almost no power: to scale, it would squeeze all others.
    all_runs = factor * table["power_total_W"]
    floor = _floor(float(all_runs.max()), factor)
    axes.scatter(
        all_runs.clip(lower=floor),
        100 * table[accuracy],
        s=9,
        color=GREY,
        alpha=0.45,
        linewidths=0,
        label=f"all {len(table)} runs",
    )
    front = selection.front.sort_values("power_total_W")
    x, y = (factor * front["power_total_W"]).clip(lower=floor), 100 * front[accuracy]
    axes.plot(x, y, "o-", color=BLUE, ms=4, lw=1.2, label="front, selected by validation")
    if selection.chosen is not None:
        one: Any = front.loc[selection.chosen]
        ring_chosen(axes, max(factor * one["power_total_W"], floor), 100 * one[accuracy])
    majority_line(axes, selection.majority)
    axes.set_xscale("log")
    log_ticks(axes)
    less = at_the_left_end(floor, unit) if all_runs.min() < floor else ""
    axes.set_xlabel(f"power, mean of test rows ({unit}){less}", fontsize=FONT_POINTS)
    axes.set_ylim(top=104)
    axes.set_ylabel(label, fontsize=FONT_POINTS)
    legend_outside(figure)
    if title:
        titled(axes, title)
    plain(axes)
    return figure


def _floor(largest: float, factor: float) -> float:
    """The least power drawn to scale, rounded to one digit for the axis."""
    return float(f"{max(largest / SHOWN_RATIO, factor * NO_POWER_W):.1g}")


def _band(
    axes: Axes,
    axis: GoalAxis,
    t: pd.DataFrame,
    name: str,
    factor: float,
    color: str,
    label: str,
) -> None:
    mean = factor * t[f"{name}_mean"].to_numpy()
    if name == "power_total_W":  # powers that cannot be told from 0 are 0
        mean = np.where(mean < factor * NO_POWER_W, 0, mean)
    sd = factor * t[f"{name}_sd"].fillna(0).to_numpy()
    low = np.maximum(mean - sd, 0)
    high = np.minimum(mean + sd, 100) if name.startswith("accuracy") else mean + sd
    axes.fill_between(axis.places, low, high, color=color, alpha=0.25, lw=0)
    axes.plot(axis.places, mean, "o-", color=color, ms=2.5, lw=1.2, label=label)


def _unit_of(power_W: pd.Series) -> tuple[float, str]:
    """Factor and unit in which the largest power reads well."""
    return power_unit(float(np.nanmax(power_W)) if power_W.notna().any() else 0.0)
