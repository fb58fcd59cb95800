"""Accuracy in SPICE at equal power, of training against the circuit and with ideal sources.

    python benchmarks/equal_power.py docs/results/loading/loaded docs/results/loading/clean*

The folders come from `printron experiment signoff`; circuits of the second and further ones were
trained with ideal sources. The mean circuit of an alpha is the mean of its seeds' accuracies and
powers in SPICE. What training with ideal sources reaches at a power is read off the line through
its mean circuits that no other beats, ordered by power.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from endings import ending

from printron.errors import PrintronError
from printron.signoff import SIMULATED

SOLVED = (SIMULATED, "signed off")  # the latter in tables of before the renaming

NEEDED = {"status", "dataset", "alpha", "accuracy_spice", "power_spice_W"}


def mean_circuits(*folders):
    """Accuracy (%) and power (W) in SPICE, by data set and alpha, means over the seeds."""
    tables = []
    for folder in folders:
        tables.append(pd.read_csv(Path(folder) / "gap.csv"))
        missing = sorted(NEEDED - set(tables[-1].columns))
        if missing:
            raise PrintronError(
                f"'{folder}/gap.csv' has no column '{missing[0]}'; give folders that 'printron "
                "experiment signoff' wrote"
            )
    table = pd.concat(tables)
    lost = ~table["status"].isin(SOLVED)
    if lost.any():
        print(f"{lost.sum()} of {len(table)} circuits were not simulated and are left out")
    table = table[~lost]
    table["percent"] = 100 * table["accuracy_spice"]
    table["watts"] = table["power_spice_W"]
    return table.groupby(["dataset", "alpha"])[["percent", "watts"]].mean().reset_index()


def accuracy_at(front, watts):
    """Of a data set's mean circuits; NaN below the least power, the best above the greatest."""
    front = front.sort_values("watts")
    best = front["percent"].cummax()
    front = front[front["percent"] > best.shift(fill_value=-np.inf)]
    if front.empty:
        return np.nan
    return np.interp(watts, front["watts"], front["percent"], left=np.nan)


def compared(ideal, loaded):
    """The loaded circuits, with what the others reach at their power, and the difference."""
    beside = [
        accuracy_at(ideal[ideal["dataset"] == it.dataset], it.watts) for it in loaded.itertuples()
    ]
    return loaded.assign(ideal_percent=beside, gain=loaded["percent"] - np.array(beside))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("loaded", help="sign-off of circuits that were trained against the circuit")
    parser.add_argument("ideal", nargs="+", help="sign-offs of circuits trained with ideal sources")
    options = parser.parse_args()
    ideal, loaded = mean_circuits(*options.ideal), mean_circuits(options.loaded)
    print(f"ideal sources: alpha = {', '.join(f'{a:.3g}' for a in sorted(set(ideal['alpha'])))}")
    table = compared(ideal, loaded)
    for row in table.itertuples():
        print(
            f"{row.dataset:24} alpha {row.alpha:.2f} {1e6 * row.watts:7.0f} µW  loaded "
            f"{row.percent:5.1f} %  ideal {row.ideal_percent:5.1f} %  gain {row.gain:+5.1f} points"
        )
    for alpha, group in [*table.groupby("alpha"), ("all", table)]:
        both = group.dropna()
        name = alpha if alpha == "all" else f"{alpha:.2f}"
        print(
            f"alpha {name}: loaded {both.percent.mean():.1f} %, ideal "
            f"{both.ideal_percent.mean():.1f} % at equal power, gain {both.gain.mean():+.2f} "
            f"points (median {both.gain.median():+.2f}), negative on {(both.gain < 0).sum()} of "
            f"{len(both)}, worst {both.gain.min():+.1f}; {len(group) - len(both)} of {len(group)} "
            "below the least power of the simulated circuits with ideal sources"
        )


if __name__ == "__main__":
    ending(main)
