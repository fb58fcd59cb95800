"""Figures of an experiment: averages against the goal, average and single fronts, power by cause.

A logarithmic axis of powers begins at half of the least power of a working circuit (`WORKS`); lower
powers, zero included, are drawn at its left end. The page says so.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from printron.analysis import SLIDES, Analysis, Averages
from printron.report.goal_axis import goal_axis
from printron.report.style import (
    BLACK,
    BLUE,
    COLUMN_INCH,
    FONT_POINTS,
    GREEN,
    GREY,
    ORANGE,
    PAGE_INCH,
    SMALL_POINTS,
    drawable,
    legend_outside,
    log_ticks,
    new_figure,
    plain,
    power_unit,
)

WORKS = 0.7  # averaged accuracy, relative to the baseline, that counts as working
WORKS_ABOVE = 0.05  # fraction of the way from the majority class's accuracy to 1, for one data set
PANELS = 5  # side by side
FEW = 25  # most goals with a marker each
_MEAN_SD = "mean ± sd over seeds"


def accuracy_figure(analysis: Analysis) -> Figure:
    """Normalised accuracy against the goal (alpha), averaged over the data sets."""
    return _against_goal(analysis, "accuracy", "accuracy, % of the baseline's,")


def power_figure(analysis: Analysis) -> Figure:
    """Normalised power against the goal (alpha), averaged over the data sets."""
    figure = _against_goal(analysis, "power", "power, % of the baseline's,")
    figure.axes[0].set_ylim(bottom=0)
    return figure


def _against_goal(analysis: Analysis, name: str, label: str) -> Figure:
    figure = new_figure(height_inch=2.6)
    axes = figure.subplots()
    if analysis.published is not None:
        label_published = f"published, {_MEAN_SD}{_other_number(analysis)}"
        _band(axes, analysis.published, name, ORANGE, "--", label_published)
    _band(axes, analysis.mean, name, BLUE, "-", f"{_ours(analysis)}{_MEAN_SD}")
    axes.axhline(100, color=GREY, lw=0.6, zorder=0)
    goal_axis(analysis.mean.by_goal, analysis.goal).label_on(axes)
    axes.set_ylabel(
        f"{label}\naverage of {_datasets(analysis.mean)}",
        fontsize=FONT_POINTS,
    )
    plain(axes)
    legend_outside(figure, columns=1)
    return figure


def _ours(analysis: Analysis) -> str:
    """Begin of a label: "ours, " in figures with published numbers."""
    return "ours, " if analysis.published_whole is not None else ""


def _datasets(averages: Averages) -> str:
    count = int(averages.by_goal["datasets"].iloc[0])
    return f"{count} data sets" if count != 1 else "1 data set"


def _other_number(analysis: Analysis) -> str:
    """Number of data sets in the published averages, if they lack some of ours."""
    if analysis.published is None or len(analysis.published.baselines) == len(analysis.datasets):
        return ""
    return f", {_datasets(analysis.published)}"


def _band(axes: Axes, averages: Averages, name: str, color: str, line: str, label: str) -> None:
    t = averages.by_goal
    places, mean = goal_axis(t, type(averages.baseline)).places, 100 * t[name].to_numpy()
    sd = 100 * t[f"{name}_sd_seeds"].fillna(0).to_numpy()
    low, high = np.maximum(mean - sd, 0), mean + sd
    axes.fill_between(places, low, high, color=color, alpha=0.25, lw=0)
    marker = "o" if len(places) <= FEW else ""
    axes.plot(places, mean, line, marker=marker, ms=2.5, color=color, lw=1.2, label=label)


def average_front_figure(analysis: Analysis) -> Figure:
    """Averaged accuracy against averaged power, one point per goal."""
    figure = new_figure(height_inch=3.4)
    axes = figure.subplots()
    least = _least_average(analysis)
    if analysis.published is not None:
        _points(
            axes,
            analysis.published,
            least,
            ORANGE,
            "s",
            f"published, mean over seeds{_other_number(analysis)}",
        )
    if analysis.published_whole is not None:
        axes.plot(
            100 * SLIDES["power"],
            100 * SLIDES["accuracy"],
            "D",
            ms=4.5,
            mfc="white",
            mec=BLACK,
            mew=0.9,
            ls="none",
            zorder=4,
            label="slides' table (13 data sets, watts averaged first)",
        )
    ours = _ours(analysis)
    _points(axes, analysis.best, least, GREEN, "^", f"{ours}best seed by validation")
    _points(axes, analysis.mean, least, BLUE, "o", f"{ours}mean over seeds (bars: sd)", bars=True)
    axes.set_xscale("log")
    axes.set_xlim(least / 1.15, 130 * max(1.0, float(analysis.mean.by_goal["power"].max())))
    log_ticks(axes)
    which = _datasets(analysis.mean)
    axes.set_xlabel(f"power, % of the baseline's,\naverage of {which}", fontsize=FONT_POINTS)
    axes.set_ylabel(f"accuracy, % of the baseline's,\naverage of {which}", fontsize=FONT_POINTS)
    plain(axes)
    legend_outside(figure, columns=1)
    return figure


def _least_average(analysis: Analysis) -> float:
    """The left end of the axis, in %."""
    working = [] if analysis.published_whole is None else [float(SLIDES["power"].min())]
    for averages in (analysis.mean, analysis.best, analysis.published):
        if averages is not None:
            t = averages.by_goal
            working.append(t.loc[(t["accuracy"] >= WORKS) & (t["power"] > 0), "power"].min())
    return 50 * float(min(working))


def _points(
    axes: Axes,
    averages: Averages,
    least: float,
    color: str,
    marker: str,
    label: str,
    bars: bool = False,
) -> None:
    t = averages.by_goal
    x, y = (100 * t["power"]).clip(lower=least), 100 * t["accuracy"]
    if bars:
        xerr = (100 * t["power_sd_seeds"].fillna(0)).clip(upper=x - least / 2)
        yerr = 100 * t["accuracy_sd_seeds"].fillna(0)
        axes.errorbar(x, y, yerr=yerr, xerr=xerr, fmt="none", ecolor=color, alpha=0.35, lw=0.8)
    axes.plot(x, y, marker, color=color, ms=2.8, mew=0, ls="-", lw=0.7, label=label)


def fronts_figure(analysis: Analysis, *, normalised: bool) -> Figure:
    """Every data set's front: test accuracy against power, one panel per data set.

    Parameters
    ----------
    normalised : powers relative to the data set's baseline, with the published ones; otherwise
        in watts, with the published ones only if the cells are comparable.
    """
    names = analysis.datasets
    columns = min(PANELS, max(len(names), 2))
    rows = -(-len(names) // columns)
    figure = new_figure(0.8 + 1.45 * rows, PAGE_INCH if columns > 2 else COLUMN_INCH)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    largest = float(analysis.mean.by_dataset["power_mean_W"].max())
    factor, unit = (100.0, "% of the baseline's") if normalised else power_unit(largest)
    scale = _scales(analysis, factor, normalised)
    for axes, name in zip(grid, names, strict=False):
        _panel(axes, analysis, name, scale(name), normalised)
    grid[0].set_xscale("log")
    log_ticks(grid[0])
    _ticks_below_the_last(grid, len(names), columns)
    figure.supxlabel(f"power, average over the test rows ({unit})", fontsize=FONT_POINTS)
    figure.supylabel("test accuracy (%)", fontsize=FONT_POINTS)
    legend_outside(figure, columns=4 if columns > 2 else 1, place="upper")
    return figure


def _scales(
    analysis: Analysis, factor: float, normalised: bool
) -> Callable[[str], Callable[[pd.Series], pd.Series]]:
    """The scaling of watts to the axis, by data set."""
    base = analysis.mean.baselines["power_mean_W"]
    by = factor / base if normalised else factor + 0 * base
    t = analysis.fronts
    above = t["majority"] + WORKS_ABOVE * (1 - t["majority"])
    works = (t["accuracy_test"] > above) & (t["power_total_W"] > 0)
    drawn = t["dataset"].map(by).astype(float) * t["power_total_W"]  # without any, too
    least = float(drawn[works].min()) / 2 if works.any() else float((by * base).min()) / 100

    def of(name: str) -> Callable[[pd.Series], pd.Series]:
        return lambda power_W: (by[name] * power_W).clip(lower=least)

    return of


def _panel(
    axes: Axes,
    analysis: Analysis,
    name: str,
    scale: Callable[[pd.Series], pd.Series],
    normalised: bool,
) -> None:
    means = analysis.mean.by_dataset
    means = means[means["dataset"] == name]
    front = analysis.fronts[analysis.fronts["dataset"] == name].sort_values("power_total_W")
    dots: dict[str, Any] = {"ls": "none", "mew": 0, "ms": 2.6}
    published = _published_points(analysis, name, normalised)
    if published is not None:
        label = "published, mean over seeds" if normalised else "published (power of V_DD)"
        axes.plot(*published(scale), "s", color=ORANGE, alpha=0.8, label=label, **dots)
    x, y = scale(means["power_mean_W"]), 100 * means["accuracy_mean"]
    axes.plot(x, y, "o", color=GREY, label=f"{_ours(analysis)}mean over seeds", **dots)
    x, y = scale(front["power_total_W"]), 100 * front["accuracy_test"]
    front_label = f"{_ours(analysis)}front by validation"
    axes.plot(x, y, "o-", color=BLUE, ms=2.8, lw=1.0, label=front_label)
    axes.axhline(
        100 * float(means["majority"].iloc[0]),
        color=BLACK,
        ls="--",
        lw=0.8,
        label="majority class",
    )
    axes.set_title(_short(name), fontsize=SMALL_POINTS, parse_math=False, pad=2)
    plain(axes)
    axes.set_ylim(0, 104)


def _published_points(
    analysis: Analysis, name: str, normalised: bool
) -> Callable[..., tuple[pd.Series, pd.Series]] | None:
    """Published powers and accuracies of a data set; None if missing or not comparable."""
    if analysis.published is None or not (normalised or analysis.comparable_power):
        return None
    t = analysis.published.by_dataset
    t = t[t["dataset"] == name]
    if t.empty:
        return None
    accuracy = 100 * t["accuracy_mean"]
    if normalised:
        return lambda _: (100 * t["power_normalised"], accuracy)
    return lambda scale: (scale(t["power_mean_W"]), accuracy)


def _ticks_below_the_last(grid: np.ndarray, used: int, columns: int) -> None:
    """Remove unused panels; the lowest panel of each column carries the tick labels."""
    for axes in grid[used:]:
        axes.remove()
    for axes in grid[max(used - columns, 0) : used]:
        axes.tick_params(labelbottom=True)


def _short(name: str) -> str:
    name = drawable(name)
    return name if len(name) <= 26 else f"{name[:24]} …"


def split_figure(analysis: Analysis) -> Figure:
    """Power by cause against the goal (alpha): in percent of the baseline's, and of the rest."""
    figure = new_figure(height_inch=3.9)
    above, below = figure.subplots(2, 1, sharex=True)
    t = analysis.mean.by_goal
    axis = goal_axis(t, analysis.goal)
    places = axis.places
    causes = {"crossbar": BLUE, "activation": ORANGE, "negation": GREEN}
    parts = np.array([100 * t[f"power_{cause}"].to_numpy() for cause in causes])
    if len(places) == 1:  # an area needs two points
        places, parts = places[0] + np.array([0, 0.01]), np.repeat(parts, 2, axis=1)
    some = parts.sum(0) > 0
    left = 100 * parts[:, some] / parts[:, some].sum(0)
    labels = ("crossbars", "activations", "negative weights")
    for axes, at, stack in ((above, places, parts), (below, places[some], left)):
        axes.stackplot(at, stack, labels=labels, colors=causes.values(), edgecolor="white", lw=0.5)
        plain(axes)
        axes.set_ylim(bottom=0)
        axes.set_xlim(places[0], places[-1])
    which = _datasets(analysis.mean)
    above.set_ylabel(f"power, % of the baseline's,\naverage of {which}", fontsize=FONT_POINTS)
    below.set_ylim(0, 100)
    below.set_ylabel("share of the power (%)", fontsize=FONT_POINTS)
    axis.label_on(below)
    legend_outside(figure, columns=3)
    return figure
