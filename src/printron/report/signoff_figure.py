"""The figure of a sign-off: leads by model, and voltage errors by layer."""

import numpy as np
from matplotlib.figure import Figure

from printron.report.style import (
    BLACK,
    BLUE,
    FONT_POINTS,
    GREEN,
    ORANGE,
    at_the_left_end,
    legend_outside,
    log_ticks,
    new_figure,
    plain,
    titled,
)
from printron.signoff import MODEL_WORDS, Verdict

LINES = {
    "ideal": (BLUE, "-"),
    "unloaded": (GREEN, "--"),
    "loaded": (ORANGE, "-"),
    "spice": (BLACK, ":"),
}
NAMES = {model: (MODEL_WORDS[model], *line) for model, line in LINES.items()}
SMALLEST_LEAD_mV = 0.1  # drawn to scale
SMALLEST_mV = 1e-4  # smallest difference drawn; below, tolerances of the engines dominate


def signoff_figure(verdict: Verdict, title: str = "") -> Figure:
    """Above, the distribution of the lead; below, the RMS difference of every layer's voltages to
    SPICE (without ngspice, to the loaded model)."""
    figure = new_figure(height_inch=4.6)
    above, below = figure.subplots(2, 1)
    for name, reading in verdict.readings.items():
        label, color, style = NAMES[name]
        lead = np.sort(1e3 * reading.lead)
        if not len(lead) or not np.isfinite(lead).all():
            continue
        share = 100 * np.arange(1, len(lead) + 1) / len(lead)
        above.plot(
            np.maximum(lead, SMALLEST_LEAD_mV), share, color=color, ls=style, lw=1.4,
            label=label, zorder=3 if name == "spice" else 2,
        )  # fmt: skip
    above.set_xscale("log")
    above.set_xlim(left=SMALLEST_LEAD_mV)
    log_ticks(above)
    above.set_ylim(0, 102)
    left = at_the_left_end(SMALLEST_LEAD_mV, "mV")
    above.set_xlabel(f"lead: largest output minus the second (mV){left}", fontsize=FONT_POINTS)
    above.set_ylabel("samples with less (%)", fontsize=FONT_POINTS)
    others = [name for name in verdict.readings if name != verdict.truth]
    width = 0.8 / max(len(others), 1)
    for k, name in enumerate(others):
        label, color, _ = NAMES[name]
        errors = np.maximum(1e3 * np.array(verdict.layer_error(name)), SMALLEST_mV)
        x = np.arange(len(errors)) + (k - (len(others) - 1) / 2) * width
        below.bar(x, errors, width, color=color, label=label)
    places = [f"columns {n + 1}" for n in range(len(verdict.readings["ideal"].columns))]
    below.set_xticks(range(len(places) + 1), [*places, "outputs"])
    below.set_yscale("log")
    below.set_ylim(bottom=SMALLEST_mV)
    truth = NAMES[verdict.truth][0]
    below.set_ylabel(f"RMS difference to\n{truth} (mV)", fontsize=FONT_POINTS)
    if title:
        titled(above, title)
    plain(above)
    below.tick_params(labelsize=FONT_POINTS - 1, which="both")
    below.spines[["top", "right"]].set_visible(False)
    legend_outside(figure)
    return figure
