"""The figure of a design: all circuits of the search by power and accuracy, the front, the wish."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from printron.base.quantity import NO_POWER_W, power_text
from printron.designer import Choice, Searched, Supply, Wish
from printron.report.style import (
    BLUE,
    FONT_POINTS,
    GREEN,
    GREY,
    ORANGE,
    SMALL_POINTS,
    drawable,
    legend_outside,
    log_ticks,
    majority_line,
    new_figure,
    plain,
    power_unit,
    ring_chosen,
    titled,
)
from printron.results.table import MERIT

SHAPES = "osD^v"  # of the structures, in their order


def design_figure(
    searched: Searched, choice: Choice, wish: Wish, supplies: tuple[Supply, ...]
) -> Figure:
    """Accuracy on the validation rows, of printed copies where copies are trained for, against
    power.

    Parameters
    ----------
    choice : with a chosen circuit.
    """
    assert choice.chosen is not None
    table, problem = searched.table, searched.tried[0].problem
    power_W = table["power_valid_W"].clip(lower=NO_POWER_W)
    factor, unit = power_unit(float(max(power_W.max(), wish.budget_W or 0)))
    figure = new_figure(height_inch=3.4)
    axes = figure.subplots()
    for place, tried in enumerate(searched.tried):
        own = table["structure"] == place
        axes.scatter(
            factor * power_W[own],
            100 * table.loc[own, MERIT],
            s=14,
            marker=SHAPES[place % len(SHAPES)],
            color=GREY,
            linewidths=0,
            label=tried.candidate.name,
        )
    front = choice.front
    x, y = factor * front["power_valid_W"].clip(lower=NO_POWER_W), 100 * front[MERIT]
    axes.plot(x, y, "-", color=BLUE, lw=1.2, label="front")
    ring_chosen(axes, x[choice.chosen], y[choice.chosen])
    share = 100 * searched.software["valid"]
    axes.axhline(share, color=GREEN, lw=0.8, ls=":", label=f"software, {share:.1f} %")
    majority_line(axes, problem.dataset.majority)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    if wish.budget_W is not None:
        budget = f"budget, {power_text(wish.budget_W)}"
        axes.axvline(factor * wish.budget_W, color=ORANGE, lw=0.8, label=budget)
        high = max(high, 1.3 * factor * wish.budget_W)
    axes.set_xlim(low, high)
    if wish.accuracy is not None:
        asked = f"asked for, {100 * wish.accuracy:g} %"
        axes.axhline(100 * wish.accuracy, color=ORANGE, lw=0.8, ls="--", label=asked)
    _mark_supplies(axes, supplies, factor)
    log_ticks(axes)
    axes.set_xlabel(f"power, mean of validation rows ({unit})", fontsize=FONT_POINTS)
    copies = ", mean of copies" if problem.structure.conditions.varied else ""
    if wish.yield_ is not None:
        copies = f" of {100 * wish.yield_:g} % of copies"
    axes.set_ylabel(f"validation accuracy{copies} (%)", fontsize=FONT_POINTS)
    axes.set_ylim(top=104)
    titled(axes, problem.dataset.name)
    legend_outside(figure)
    plain(axes)
    return figure


def _mark_supplies(axes: Axes, supplies: tuple[Supply, ...], factor: float) -> None:
    """A line at the power of each supply within the axis."""
    low, high = axes.get_xlim()
    for supply in supplies:
        where = factor * supply.power
        if low < where < high:
            axes.axvline(where, color=GREY, lw=0.6, ls="-.")
            axes.annotate(
                drawable(supply.summary),
                (where, 0.02),
                xycoords=("data", "axes fraction"),
                xytext=(-2, 0),
                textcoords="offset points",
                rotation=90,
                ha="right",
                va="bottom",
                fontsize=SMALL_POINTS - 1,
                color=GREY,
                parse_math=False,
            )
