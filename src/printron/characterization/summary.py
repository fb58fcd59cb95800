"""What the characterization of a cell came to: its record, and what a person should know."""

from typing import Any

from printron import __version__
from printron.characterization.characterize import Characterization
from printron.characterization.transfer import SMALLEST_SWING_V

MANY = 0.1  # of the designs; more that do not converge, or do not switch, are worth a note


def summary_of(data: Characterization) -> dict[str, Any]:
    """Provenance and the spread of what was found over the converged designs."""
    good = data.converged().table

    def spread(column: str, factor: float = 1.0) -> dict[str, float]:
        low, middle, high = (factor * good[column]).quantile([0.05, 0.5, 0.95])
        return {"p5": float(low), "median": float(middle), "p95": float(high)}

    failed = data.table["status"][~data.table["status"].isin(good["status"])]
    return {
        **data.provenance,
        "first_failure": None if failed.empty else str(failed.iloc[0]),
        "fit_rms_mV": spread("fit_rms_V", 1e3),
        "edge_V": spread("edge_V"),
        "power_W": spread("power_W"),
        "version": __version__,
    }


def remarks_on(data: Characterization, curve: str) -> list[str]:
    """A line each where more than `MANY` of the designs did not converge, or do not switch.

    Parameters
    ----------
    curve : form of the cell's curve. One without an upper plateau need not switch.
    """
    it = data.provenance
    lost, flat, samples = it["not_converged"], it.get("not_switching", 0), it["samples"]
    notes = []
    if lost > MANY * samples:
        notes.append(
            f"note: {lost} of {samples} designs of {it['cell']} did not converge; what is "
            f"shown and written holds for the other {samples - lost} alone: check the rails and "
            "ranges"
        )
    if flat > MANY * samples and curve != "softplus":
        notes.append(
            f"note: {flat} of {samples} designs of {it['cell']} do not switch (their outputs "
            f"change by less than {SMALLEST_SWING_V:g} V over the sweep), and their edges mean "
            "nothing: check the rails and ranges if no such designs are meant"
        )
    return notes
