"""Watts of V_DD of an experiment beside the published ones, averaged over the data sets.

    python benchmarks/published_watts.py runs/published_counts \
        --reference ../shared/reference/published_alpha_sweep.csv \
        --out docs/results/published_counts/watts.csv

A row an alpha of ours: mean over data sets of the mean over seeds of test accuracy and of the power
that V_DD delivers; beside, the accuracy that the published runs have at that power, read off the
line through their alphas (empty outside their range of powers), and the watts that they need for
that accuracy (empty where they never reach it).
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from endings import ending

from printron.analysis import average, average_published, read_published
from printron.analysis.averages import VDD
from printron.results import load_table


def over_datasets(by_dataset, power):
    """Accuracy and power in mW by alpha, plain means over the data sets."""
    means = by_dataset.groupby("alpha")[["accuracy_mean", power]].mean()
    return pd.DataFrame({"accuracy": means["accuracy_mean"], "mW": 1e3 * means[power]})


def beside(ours, published):
    """Our means, with what was published at the same power and at the same accuracy."""
    p = published.sort_values("mW")
    reached = p["accuracy"].cummax()
    front = p[reached.diff().fillna(1.0) > 0]
    outside = {"left": np.nan, "right": np.nan}
    return ours.assign(
        share_of_accuracy=ours["accuracy"] / ours["accuracy"].loc[0.0],
        share_of_power=ours["mW"] / ours["mW"].loc[0.0],
        published_accuracy_at_this_power=np.interp(ours["mW"], p["mW"], p["accuracy"], **outside),
        published_mW_at_this_accuracy=np.interp(
            ours["accuracy"], front["accuracy"], front["mW"], **outside
        ),
    ).reset_index()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="of the experiment")
    parser.add_argument("--reference", required=True, help="the published runs (CSV)")
    parser.add_argument("--out", type=Path, help="write the table (CSV)")
    options = parser.parse_args()
    ours = average(load_table(options.folder)).by_dataset
    published = average_published(read_published(options.reference)).by_dataset
    names = set(ours["dataset"])
    published = published[published["dataset"].isin(names)]
    table = beside(over_datasets(ours, VDD), over_datasets(published, "power_mean_W"))
    first = over_datasets(published, "power_mean_W").loc[0.0]
    print(
        f"{len(names)} data sets; published at alpha = 0: accuracy {first['accuracy']:.3f} at "
        f"{first['mW']:.1f} mW"
    )
    print(table.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(options.out, index=False, float_format="%.6g")


if __name__ == "__main__":
    ending(main)
