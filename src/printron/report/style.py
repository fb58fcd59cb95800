"""Style of all figures: sizes, colours, axes.

Sizes fit a column of 3.4 inches or a page of 7; colour-blind readers can distinguish the colours
(Okabe and Ito, "Color Universal Design", 2008). Figures need no window and no global state.
"""

from pathlib import Path
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from printron.base.ascii import in_ascii
from printron.base.files import write_atomically
from printron.errors import visible

COLUMN_INCH, PAGE_INCH = 3.4, 7.0
BLUE, ORANGE, GREEN, GREY, BLACK = "#0072B2", "#D55E00", "#009E73", "#999999", "#000000"
FONT_POINTS = 8
SMALL_POINTS = FONT_POINTS - 1
PNG_DPI = 200


def new_figure(height_inch: float, width_inch: float = COLUMN_INCH) -> Figure:
    """An empty figure."""
    figure = Figure(figsize=(width_inch, height_inch), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def drawable(text: str) -> str:
    """Any text, made visible; letters that the font lacks are spelled."""
    known = get_font(findfont(FontProperties())).get_charmap()
    return "".join(c if ord(c) in known else in_ascii(c) for c in visible(text))


def titled(axes: Axes, text: str) -> None:
    """Put a name of a user's, as it is, above the axes."""
    axes.set_title(drawable(text), fontsize=FONT_POINTS, parse_math=False)


def plain(axes: Axes) -> None:
    """Small tick labels, two spines, a faint grid."""
    axes.tick_params(labelsize=SMALL_POINTS, which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color="#e5e5e5", lw=0.6)
    axes.set_axisbelow(True)


def log_ticks(axes: Axes) -> None:
    """Plain numbers on a logarithmic axis: 1, 2, 5 per decade; on a wide axis decades alone."""
    low, high = axes.get_xlim()
    subs = (1.0, 2.0, 5.0) if high / low < 200 else (1.0,)
    locator: LogLocator | MaxNLocator = LogLocator(subs=subs)
    inside = [v for k in range(-15, 16) for v in (10.0**k, 2 * 10.0**k, 5 * 10.0**k)]
    if sum(low <= value <= high for value in inside) < 2:  # LogLocator would crowd such an axis
        locator = MaxNLocator(4)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())


def at_the_left_end(least: float, unit: str) -> str:
    """Axis label: smaller values are drawn at the left end."""
    return f"\nat the left end: {least:g} {unit} or less"


def legend_outside(
    figure: Figure, columns: int = 2, place: Literal["lower", "upper"] = "lower"
) -> None:
    """A legend below or above the axes; equal entries once."""
    entries: dict[Any, Any] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    figure.legend(
        handles=list(entries.values()),
        labels=list(entries),
        frameon=False,
        loc="outside upper center" if place == "upper" else "outside lower center",
        ncols=columns,
        fontsize=SMALL_POINTS,
    )


def majority_line(axes: Axes, share: float) -> None:
    """A line at the accuracy of always answering the commonest class, a fraction."""
    percent = 100 * share
    axes.axhline(percent, color=BLACK, ls="--", lw=0.8, label=f"majority class, {percent:.1f} %")


def ring_chosen(axes: Axes, x: float, y: float) -> None:
    """A ring around the point of the chosen circuit."""
    axes.plot(
        [x],
        [y],
        "o",
        ms=9,
        mfc="none",
        mec=ORANGE,
        mew=1.5,
        ls="none",
        label="chosen circuit",
    )


def power_unit(largest_W: float) -> tuple[float, str]:
    """Factor and unit in which the largest power reads well."""
    for factor, unit in ((1e3, "mW"), (1e6, "µW")):
        if largest_W * factor >= 2:
            return factor, unit
    return 1e9, "nW"


def save_figure(figure: Figure, stem: Path, remark: str = "") -> tuple[Path, Path]:
    """Write `stem`.png and `stem`.svg, each atomically.

    Parameters
    ----------
    remark : added to the description stored in the files.
    """
    paths = stem.with_name(stem.name + ".png"), stem.with_name(stem.name + ".svg")
    note = {"Description": f"made by printron; {remark}".rstrip("; ")}
    write_atomically(
        paths[0], lambda part: figure.savefig(part, format="png", dpi=PNG_DPI, metadata=note)
    )
    # Without a date, equal figures are equal files, except for the ids of clip paths.
    write_atomically(
        paths[1], lambda part: figure.savefig(part, format="svg", metadata={"Date": None, **note})
    )
    return paths
