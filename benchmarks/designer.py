"""How long a design takes: the first usable circuit and the end, cold and warm.

    python benchmarks/designer.py

A table of 1,000 rows, 10 features and 3 classes (scikit-learn's `make_classification`), at most
100 uW, under the default conditions. Cold: with an empty cache of compiled programs; warm: the same
command in another folder. The first usable circuit is the first that keeps the budget and lies in
the folder. Times are wall times of the command, start of Python included. Prints Markdown.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from endings import ending
from sklearn.datasets import make_classification

from printron.base.machine import usable_cores

AIM_S = {"first": 30, "end": 180}


def write_table(path, rows):
    """A table of three classes, one cluster each."""
    values, labels = make_classification(
        rows,
        10,
        n_informative=6,
        n_redundant=2,
        n_classes=3,
        n_clusters_per_class=1,
        class_sep=1.2,
        random_state=1,
    )
    table = pd.DataFrame(values, columns=[f"sensor {k}" for k in range(10)])
    table.assign(label=[f"class {k}" for k in labels]).to_csv(path, index=False)


def designed(table, folder, cache):
    """Seconds until a circuit lies in the folder, and until the command ends; and its record."""
    words = ["design", table, "--label", "label", "--budget", "100uW", "--out", folder, "--json"]
    begin = time.perf_counter()
    command = subprocess.Popen(
        [sys.executable, "-m", "printron", *map(str, words)],
        env={**os.environ, "JAX_COMPILATION_CACHE_DIR": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    first = None
    while first is None and command.poll() is None:
        time.sleep(0.1)
        if _usable(folder / "circuit.json"):
            first = time.perf_counter() - begin
    record = json.loads(command.communicate()[0])
    return first, time.perf_counter() - begin, record


def _usable(path):
    return path.is_file() and json.loads(path.read_bytes())["power_W"]["total"] <= 100e-6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000)
    options = parser.parse_args()
    print(f"{options.rows} rows, {usable_cores()} cores\n")
    print("| cache | first usable, s | end, s | accuracy | copies | power | status |")
    print("|---" * 7 + "|")
    with tempfile.TemporaryDirectory() as where:
        table = Path(where) / "table.csv"
        write_table(table, options.rows)
        for name in ("cold", "warm"):
            first, end, record = designed(table, Path(where) / name, Path(where) / "cache")
            accuracy, copies = record["accuracy"]["test"], record["copies"]["mean"]
            print(
                f"| {name} | {first or math.nan:.1f} | {end:.1f} | {100 * accuracy:.1f} % | "
                f"{100 * copies:.1f} % | {1e6 * record['power_W']['total']:.3g} µW | "
                f"{record['status']} |",
                flush=True,
            )
    print(f"\naims, cold: {AIM_S['first']} s and {AIM_S['end']} s on 2 cores")


if __name__ == "__main__":
    ending(main)
