"""Figures of a sweep: accuracy and power against alpha, and the accuracy/power front.

Made for a column of 3.4 inch, with colours that colour-blind readers tell apart (Okabe and Ito,
"Color Universal Design", 2008). Figures are objects of their own: no window, no global state.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from printron.experiments import Selection
from printron.technology.files import write_atomically

WIDTH_INCH = 3.4
BLUE, ORANGE, GREY, BLACK = "#0072B2", "#D55E00", "#999999", "#000000"
FONT_POINTS = 8
PNG_DPI = 200
_SMALL = {"fontsize": FONT_POINTS - 1}


def alpha_figure(selection: Selection, title: str = "") -> Figure:
    """Test accuracy and power against alpha: mean and standard deviation over the seeds."""
    figure = _figure(height_inch=3.9)
    above, below = figure.subplots(2, 1, sharex=True)
    t = selection.by_alpha
    seeds = f"mean ± sd, {selection.seeds} seeds" if selection.seeds > 1 else "one seed"
    _band(above, t, "accuracy_test", 100.0, BLUE, seeds)
    _majority(above, selection)
    above.set_ylim(top=102)
    above.set_ylabel("test accuracy (%)", fontsize=FONT_POINTS)
    figure.legend(frameon=False, loc="outside lower center", ncols=2, **_SMALL)
    factor, unit = _power_unit(t["power_total_W_mean"])
    _band(below, t, "power_total_W", factor, ORANGE, seeds)
    below.set_ylim(bottom=0)
    below.set_ylabel(f"power ({unit})", fontsize=FONT_POINTS)
    below.set_xlabel("α, weight of the power in training", fontsize=FONT_POINTS)
    if title:
        above.set_title(title, fontsize=FONT_POINTS, parse_math=False)
    for axes in (above, below):
        _plain(axes)
    return figure


def front_figure(table: pd.DataFrame, selection: Selection, title: str = "") -> Figure:
    """Test accuracy against power: every run, and the front that validation selected.

    Parameters
    ----------
    table : the runs that `selection` was made from.
    """
    figure = _figure(height_inch=3.1)
    axes = figure.subplots()
    factor, unit = _power_unit(table["power_total_W"])
    axes.scatter(
        factor * table["power_total_W"],
        100 * table["accuracy_test"],
        s=9,
        color=GREY,
        alpha=0.45,
        linewidths=0,
        label=f"all {len(table)} runs",
    )
    front = selection.front.sort_values("power_total_W")
    x, y = factor * front["power_total_W"], 100 * front["accuracy_test"]
    axes.plot(x, y, "o-", color=BLUE, ms=4, lw=1.2, label="front, selected by validation")
    if selection.chosen is not None:
        one = front.loc[selection.chosen]
        axes.plot(
            [factor * one["power_total_W"]],
            [100 * one["accuracy_test"]],
            "o",
            ms=9,
            mfc="none",
            mec=ORANGE,
            mew=1.5,
            ls="none",
            label="chosen circuit",
        )
    _majority(axes, selection)
    axes.set_xscale("log")
    _log_ticks(axes)
    axes.set_xlabel(f"power, average over the test rows ({unit})", fontsize=FONT_POINTS)
    axes.set_ylim(top=104)
    axes.set_ylabel("test accuracy (%)", fontsize=FONT_POINTS)
    # Below the axes, where it covers no run.
    figure.legend(frameon=False, loc="outside lower center", ncols=2, **_SMALL)
    if title:
        axes.set_title(title, fontsize=FONT_POINTS, parse_math=False)
    _plain(axes)
    return figure


def save_figure(figure: Figure, stem: Path) -> tuple[Path, Path]:
    """Write `stem`.png and `stem`.svg; each is there whole or not at all."""
    paths = stem.with_name(stem.name + ".png"), stem.with_name(stem.name + ".svg")
    write_atomically(paths[0], lambda part: figure.savefig(part, format="png", dpi=PNG_DPI))
    # Without a date, so that equal figures are equal files but for the ids of their clip paths.
    write_atomically(
        paths[1], lambda part: figure.savefig(part, format="svg", metadata={"Date": None})
    )
    return paths


def _figure(height_inch: float) -> Figure:
    figure = Figure(figsize=(WIDTH_INCH, height_inch), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _band(axes: Axes, t: pd.DataFrame, name: str, factor: float, color: str, label: str) -> None:
    mean = factor * t[f"{name}_mean"].to_numpy()
    sd = factor * t[f"{name}_sd"].fillna(0).to_numpy()
    alpha = t["alpha"].to_numpy()
    low = np.maximum(mean - sd, 0)
    high = np.minimum(mean + sd, 100) if name.startswith("accuracy") else mean + sd
    axes.fill_between(alpha, low, high, color=color, alpha=0.25, lw=0)
    axes.plot(alpha, mean, "o-", color=color, ms=2.5, lw=1.2, label=label)


def _majority(axes: Axes, selection: Selection) -> None:
    share = 100 * selection.majority
    axes.axhline(share, color=BLACK, ls="--", lw=0.8, label=f"majority class, {share:.1f} %")


def _power_unit(power_W: pd.Series) -> tuple[float, str]:
    """Factor and unit in which the largest power reads well."""
    largest = float(np.nanmax(power_W)) if power_W.notna().any() else 0.0
    for factor, unit in ((1e3, "mW"), (1e6, "µW")):
        if largest * factor >= 2:
            return factor, unit
    return 1e9, "nW"


def _log_ticks(axes: Axes) -> None:
    """Plain numbers on a logarithmic axis: 1, 2, 5 a decade; decades alone where many show."""
    low, high = axes.get_xlim()
    subs = (1.0, 2.0, 5.0) if high / low < 200 else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=subs))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=FONT_POINTS - 1, which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color="#e5e5e5", lw=0.6)
    axes.set_axisbelow(True)
