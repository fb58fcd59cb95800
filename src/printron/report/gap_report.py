"""The report of many sign-offs: claims of circuits against SPICE."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from printron.analysis import rows_of
from printron.base.files import write_atomically
from printron.base.quantity import power_text
from printron.base.sentence import number_of
from printron.errors import visible
from printron.report.csv_table import write_csv
from printron.report.markdown import MARK, code_block, escaped, table
from printron.report.signoff_figure import NAMES
from printron.report.style import (
    BLACK,
    BLUE,
    FONT_POINTS,
    GREY,
    PAGE_INCH,
    SMALL_POINTS,
    legend_outside,
    new_figure,
    save_figure,
)
from printron.signoff import Gap
from printron.signoff.gap import some_power
from printron.signoff.verdict import ACCURACY_POINTS, POWER_SHARE
from printron.training import Goal

GAP_FILES = ("gap.md", "gap.csv", "gap_summary.csv")
MARKERS = {"claimed": "o", "unloaded": "s", "spice": "D"}
COLOURS = {"claimed": ("claimed", BLUE), **{k: NAMES[k][:2] for k in ("unloaded", "spice")}}
EXPLANATION = """\
**Claimed**: as recorded in training, with {sources}. **Ideal model**: fitted curves, \
ideal sources, power over a sweep. **Circuits**: the same network with every cell \
simulated, and its power taken at the operating points of the data; outputs still ideal sources. \
**SPICE**: the netlist of the whole circuit in ngspice, all loading included; points and power are \
SPICE against the claim. *Cells* and *loading* divide the error of the ideal model between \
these two causes. Over all circuits, SPICE is {points_mean:.2g} points of accuracy from the claim \
(mean of the absolute differences; {points_max:.2g} at most), and {power_mean_percent:.2g} % of \
power ({power_max_percent:.2g} % at most). The built-in solver of the loaded circuit agrees with \
ngspice {agreement}."""
SHOWN = ("claimed", "ideal", "unloaded", "spice")
SOURCE_WORDS = {"ideal": "ideal sources", "loaded": "loaded sources, against the circuit"}


def write_gap_report(
    gap: Gap,
    folder: Path,
    *,
    command: str = "",
    machine: str = "",
    versions: dict[str, str] | None = None,
    skipped: Sequence[str] = (),
    sources: str = "ideal",
) -> list[str]:
    """Write `gap.md` (last), `gap.csv` (one row per circuit), `gap_summary.csv` and the figures;
    returns the names of the files.

    Parameters
    ----------
    command, machine, versions : the typed command, cores and memory, versions of programs.
    skipped : unfinished data sets, which are left out.
    sources : of the schedule used in training.

    Raises
    ------
    OSError : the folder cannot be written to.
    """
    written: list[Path] = []
    for name, frame in (("gap", gap.table), ("gap_summary", gap.summary())):
        written.append(folder / f"{name}.csv")
        write_csv(frame, written[-1])
    for k, goal in enumerate(gap.goals):
        written += save_figure(gap_figure(gap, goal), folder / f"gap_{k}")
    text = _page(gap, command, machine, versions or {}, skipped, sources) + MARK
    path = folder / GAP_FILES[0]
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
    return [each.name for each in (*written, path)]


def gap_figure(gap: Gap, goal: Goal) -> Figure:
    """Every data set at one goal: accuracy, and power against the claim, means over seeds."""
    t = rows_of(gap.summary(), goal).sort_values("dataset", ascending=False)
    figure = new_figure(height_inch=1.2 + 0.24 * len(t), width_inch=PAGE_INCH)
    left, right = figure.subplots(1, 2, sharey=True)
    y = np.arange(len(t))
    claimed = some_power(t, "claimed")
    columns = {
        model: (
            t[f"accuracy_{model}_percent"].to_numpy(),
            100 * (t[f"power_{model}_W"] / claimed).to_numpy(),
        )
        for model in MARKERS
    }
    for axes, which in ((left, 0), (right, 1)):
        ends = np.array([values[which] for values in columns.values()])
        axes.hlines(y, ends.min(0), ends.max(0), color=GREY, lw=1)
        for model, values in columns.items():
            label, color = COLOURS[model]
            # Claims are rings around the results, so that both are visible where they agree.
            size, fill = (8.5, "none") if model == "claimed" else (4.5, color)
            axes.plot(
                values[which], y, MARKERS[model], color=color, ms=size, mfc=fill, ls="none",
                label=label,
            )  # fmt: skip
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=SMALL_POINTS)
        axes.grid(axis="x", color="#e5e5e5", lw=0.6)
        axes.set_axisbelow(True)
    left.plot(100 * t["majority"], y, "|", color=BLACK, ms=8, ls="none", label="majority class")
    left.set_yticks(y, list(map(visible, t["dataset"])), parse_math=False)
    left.set_ylim(-0.6, len(t) - 0.4)
    left.set_xlim(0, 104)
    left.set_xlabel("test accuracy (%)", fontsize=FONT_POINTS)
    right.set_xlabel("power (% of the claimed)", fontsize=FONT_POINTS)
    figure.suptitle(f"{goal.heading()}, means over seeds", fontsize=FONT_POINTS)
    legend_outside(figure, columns=4)
    return figure


def _page(
    gap: Gap,
    command: str,
    machine: str,
    versions: dict[str, str],
    skipped: Sequence[str],
    sources: str,
) -> str:
    t = gap.simulated
    cells = sorted({f"{a} and {n}" for a, n in t[["activation_cell", "negation_cell"]].to_numpy()})
    lost = int(t["not_converged_spice"].sum())
    failed = gap.failed
    apart = t["cross_check_V"].max()
    parts = [
        "# Claims of circuits against SPICE",
        f"{number_of(len(t), 'circuit')}, {int(t['samples'].sum())} operating points of test rows; "
        f"cells {escaped(', '.join(cells))}; {number_of(t['seed'].nunique(), 'seed')}. "
        f"{int(t['signed_off'].sum())} of them pass the rule of a sign-off: accuracy within "
        f"{ACCURACY_POINTS:g} points of the claim and power within {100 * POWER_SHARE:g} %, in "
        "SPICE.",
        EXPLANATION.format(
            sources=SOURCE_WORDS[sources],
            **gap.distances(),
            agreement="on every circuit within 1 mV and 0.5 % of power"
            if t["engines_agree"].all()
            else f"on {int(t['engines_agree'].sum())} of {len(t)} circuits",
        ),
        f"{lost} operating points were not found; they count as wrong. Samples that ngspice solved "
        f"again one by one differ by {1e6 * apart:.2g} µV at most.",
    ]
    if skipped:
        parts.append(f"Left out, since not finished: {escaped(', '.join(skipped))}.")
    if len(failed):
        parts.append(
            f"{number_of(len(failed), 'circuit')} could not be simulated; gap.csv gives the "
            "reasons."
        )
    for k, goal in enumerate(gap.goals):
        heading = goal.heading(digits=4)
        parts += [
            f"## {heading}",
            f"![{heading}](gap_{k}.svg)",
            _table(gap, goal),
        ]
    facts = [", ".join(f"{name} {version}" for name, version in versions.items())]
    facts += [f"made on {escaped(machine)}"] if machine else []
    parts += ["\n".join(f"- {fact}" for fact in facts if fact)]
    if command:
        parts += ["Command:", code_block(command, "sh")]
    return "\n\n".join(parts) + "\n"


def _table(gap: Gap, goal: Goal) -> str:
    each, overall = (rows_of(table, goal) for table in (gap.summary(), gap.overall()))
    rows = [_row(str(row["dataset"]), row) for row in each.to_dict("records")]
    rows += [_row("mean", row) for row in overall.to_dict("records")]
    columns = (
        "data set", "majority %", "claimed %", "ideal model %", "circuits %", "SPICE %",
        "points (± sd)",
        "cells, loading", "claimed power", "SPICE power", "power", "cells, loading",
    )  # fmt: skip
    return table(columns, rows)


def _row(name: str, row: dict[Any, Any]) -> tuple[str, ...]:
    sd = row["accuracy_points_sd"]
    return (
        name,
        f"{100 * row['majority']:.1f}",
        *(f"{row[f'accuracy_{model}_percent']:.1f}" for model in SHOWN),
        f"{row['accuracy_points']:+.1f}" + (f" ± {sd:.1f}" if pd.notna(sd) else ""),
        f"{row['cells_points']:+.1f}, {row['loading_points']:+.1f}",
        *(power_text(row[f"power_{model}_W"]) for model in ("claimed", "spice")),
        "–" if pd.isna(row["power_percent"]) else f"{row['power_percent']:+.1f} %",
        "–"
        if pd.isna(row["cells_percent"])
        else f"{row['cells_percent']:+.1f}, {row['loading_percent']:+.1f} %",
    )
