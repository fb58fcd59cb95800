"""Figures of an experiment: averages against alpha, average and single fronts, power by cause.

Powers below a least one are drawn at it, so that a circuit without power does not stretch an axis
without end; `LEAST_SHARE` and `DECADES` say where, and the page repeats it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from printron.experiments import SLIDES, Analysis, Averages
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
    legend_below,
    log_ticks,
    new_figure,
    plain,
    power_unit,
)

LEAST_SHARE = 1e-3  # of the baseline power, at the left of the average front
DECADES = 4  # of power in the panels of the single fronts
PANELS = 4  # side by side
_ALPHA = "α, weight of the power in training"
_OURS, _PUBLISHED = "ours, mean ± sd over seeds", "published, mean ± sd over seeds"


def accuracy_figure(analysis: Analysis) -> Figure:
    """Normalised accuracy against alpha, averaged over the data sets."""
    return _against_alpha(analysis, "accuracy", "accuracy, % of the baseline's,")


def power_figure(analysis: Analysis) -> Figure:
    """Normalised power against alpha, averaged over the data sets."""
    figure = _against_alpha(analysis, "power", "power, % of the baseline's,")
    figure.axes[0].set_ylim(bottom=0)
    return figure


def _against_alpha(analysis: Analysis, name: str, label: str) -> Figure:
    figure = new_figure(height_inch=2.6)
    axes = figure.subplots()
    if analysis.published is not None:
        _band(axes, analysis.published, name, ORANGE, "--", _PUBLISHED)
    _band(axes, analysis.mean, name, BLUE, "-", _OURS)
    axes.axhline(100, color=GREY, lw=0.6, zorder=0)
    axes.set_xlabel(_ALPHA, fontsize=FONT_POINTS)
    axes.set_ylabel(
        f"{label}\naverage of {_datasets(analysis.mean)}",
        fontsize=FONT_POINTS,
    )
    plain(axes)
    legend_below(figure, columns=1)
    return figure


def _datasets(averages: Averages) -> str:
    count = int(averages.by_alpha["datasets"].iloc[0])
    return f"{count} data sets" if count != 1 else "1 data set"


def _band(axes: Axes, averages: Averages, name: str, color: str, line: str, label: str) -> None:
    t = averages.by_alpha
    alpha, mean = t["alpha"].to_numpy(), 100 * t[name].to_numpy()
    sd = 100 * t[f"{name}_sd_seeds"].fillna(0).to_numpy()
    low, high = np.maximum(mean - sd, 0), mean + sd
    axes.fill_between(alpha, low, high, color=color, alpha=0.25, lw=0)
    axes.plot(alpha, mean, line, color=color, lw=1.2, label=label)


def average_front_figure(analysis: Analysis) -> Figure:
    """Averaged accuracy against averaged power, each alpha a point."""
    figure = new_figure(height_inch=3.4)
    axes = figure.subplots()
    if analysis.published is not None:
        _points(axes, analysis.published, ORANGE, "s", "published, mean over seeds")
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
            label="table of the slides (watts averaged first)",
        )
    _points(axes, analysis.best, GREEN, "^", "ours, best seed by validation")
    _points(axes, analysis.mean, BLUE, "o", "ours, mean over seeds (bars: sd)", bars=True)
    axes.set_xscale("log")
    low = min(_share(a)[0].min() for a in _drawn(analysis))
    axes.set_xlim(low / 1.15, 130)
    log_ticks(axes)
    which = _datasets(analysis.mean)
    axes.set_xlabel(f"power, % of the baseline's, average of {which}", fontsize=FONT_POINTS)
    axes.set_ylabel(f"accuracy, % of the baseline's,\naverage of {which}", fontsize=FONT_POINTS)
    plain(axes)
    legend_below(figure, columns=1)
    return figure


def _drawn(analysis: Analysis) -> list[Averages]:
    every = (analysis.mean, analysis.best, analysis.published)
    return [averages for averages in every if averages is not None]


def _share(averages: Averages) -> tuple[pd.Series, pd.Series]:
    """Power and accuracy in %, the power not below the least."""
    t = averages.by_alpha
    return 100 * t["power"].clip(lower=LEAST_SHARE), 100 * t["accuracy"]


def _points(
    axes: Axes, averages: Averages, color: str, marker: str, label: str, bars: bool = False
) -> None:
    x, y = _share(averages)
    if bars:
        t = averages.by_alpha
        xerr = (100 * t["power_sd_seeds"].fillna(0)).clip(upper=x - x.min() / 2)
        yerr = 100 * t["accuracy_sd_seeds"].fillna(0)
        axes.errorbar(x, y, yerr=yerr, xerr=xerr, fmt="none", ecolor=color, alpha=0.35, lw=0.8)
    axes.plot(x, y, marker, color=color, ms=2.8, mew=0, ls="-", lw=0.7, label=label)


def fronts_figure(analysis: Analysis, *, normalised: bool) -> Figure:
    """Every data set's front: test accuracy against power, a panel each.

    Parameters
    ----------
    normalised : powers as shares of the data set's baseline, the published ones beside; otherwise
        in watts, the published ones beside only where the cells are comparable.
    """
    names = analysis.datasets
    columns = min(PANELS, max(len(names), 2))
    rows = -(-len(names) // columns)
    figure = new_figure(1.0 + 1.55 * rows, PAGE_INCH if columns > 2 else COLUMN_INCH)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    largest = float(analysis.mean.by_dataset["power_mean_W"].max())
    factor, unit = (100.0, "% of the baseline's") if normalised else power_unit(largest)
    least = (100.0 if normalised else factor * largest) * 10.0**-DECADES
    scale = _scales(analysis, factor, least, normalised)
    for axes, name in zip(grid, names, strict=False):
        _panel(axes, analysis, name, scale(name), normalised)
    grid[0].set_xscale("log")
    log_ticks(grid[0])
    _ticks_below_the_last(grid, len(names), columns)
    figure.supxlabel(f"power, average over the test rows ({unit})", fontsize=FONT_POINTS)
    figure.supylabel("test accuracy (%)", fontsize=FONT_POINTS)
    legend_below(figure, columns=4 if columns > 2 else 1)
    return figure


def _scales(
    analysis: Analysis, factor: float, least: float, normalised: bool
) -> Callable[[str], Callable[[pd.Series], pd.Series]]:
    """What turns a data set's watts into what is drawn."""
    base = analysis.mean.baselines["power_mean_W"]

    def of(name: str) -> Callable[[pd.Series], pd.Series]:
        by = factor / base[name] if normalised else factor
        return lambda power_W: (by * power_W).clip(lower=least)

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
    theirs = _published_points(analysis, name, normalised)
    if theirs is not None:
        label = "published, mean over seeds" + ("" if normalised else " (power of V_DD alone)")
        axes.plot(*theirs(scale), "s", color=ORANGE, alpha=0.8, label=label, **dots)
    x, y = scale(means["power_mean_W"]), 100 * means["accuracy_mean"]
    axes.plot(x, y, "o", color=GREY, label="ours, mean over seeds", **dots)
    x, y = scale(front["power_total_W"]), 100 * front["accuracy_test"]
    axes.plot(x, y, "o-", color=BLUE, ms=2.8, lw=1.0, label="ours, front by validation")
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
    """The published powers and accuracies of a data set, or None where they must not be drawn."""
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
    """Take unused panels away; the lowest of each column carries the tick labels."""
    for axes in grid[used:]:
        axes.remove()
    for axes in grid[max(used - columns, 0) : used]:
        axes.tick_params(labelbottom=True)


def _short(name: str) -> str:
    return name if len(name) <= 26 else f"{name[:24]} …"


def split_figure(analysis: Analysis) -> Figure:
    """Power by cause against alpha: shares of the baseline power, and of the power that is left."""
    figure = new_figure(height_inch=3.9)
    above, below = figure.subplots(2, 1, sharex=True)
    t = analysis.mean.by_alpha
    alpha = t["alpha"].to_numpy()
    causes = {"crossbar": BLUE, "activation": ORANGE, "negation": GREEN}
    parts = np.array([100 * t[f"power_{cause}"].to_numpy() for cause in causes])
    with np.errstate(invalid="ignore"):
        left = np.nan_to_num(100 * parts / parts.sum(0))
    labels = ("crossbars", "activation circuits", "negative-weight circuits")
    for axes, stack in ((above, parts), (below, left)):
        axes.stackplot(
            alpha, stack, labels=labels, colors=causes.values(), edgecolor="white", lw=0.5
        )
        plain(axes)
        axes.set_ylim(bottom=0)
        axes.margins(x=0)
    which = _datasets(analysis.mean)
    above.set_ylabel(f"power, % of the baseline's,\naverage of {which}", fontsize=FONT_POINTS)
    below.set_ylim(0, 100)
    below.set_ylabel("share of the power (%)", fontsize=FONT_POINTS)
    below.set_xlabel(_ALPHA, fontsize=FONT_POINTS)
    legend_below(figure, columns=3)
    return figure
