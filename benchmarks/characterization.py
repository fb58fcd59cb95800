"""Time to simulate one cell: designs x 401 input points, with both engines, and how they agree.

python benchmarks/characterization.py --samples 10000 --cells ptanh negation
"""

import argparse
import os
import time

import numpy as np
from endings import ending

from printron.characterization import sobol_designs
from printron.circuits import Sweep, ngspice, sweep
from printron.technology import technology

POINTS = 401


def main() -> None:
    """Print a line a cell and engine, then the largest difference between the engines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--cells", nargs="+", default=["ptanh", "negation"])
    parser.add_argument("--engines", nargs="+", default=["jax", "ngspice"])
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    tech = technology()
    engines = {"jax": sweep, "ngspice": ngspice.sweep}
    print(f"{args.samples} designs x {POINTS} points, {args.workers} workers")
    for name in args.cells:
        cell = tech.cell(name)
        designs = sobol_designs(cell, args.samples)
        v_in = np.linspace(*cell.sweep, POINTS)
        results: dict[str, Sweep] = {}
        for engine in args.engines:
            begin = time.perf_counter()
            results[engine] = engines[engine](
                cell, tech.process, designs, v_in, workers=args.workers
            )
            wall = time.perf_counter() - begin
            share = results[engine].converged.mean()
            print(
                f"{name:20s} {engine:8s} {wall:7.1f} s (compilation included)  "
                f"converged {share:.2%}",
                flush=True,
            )
        if len(results) == 2:
            a, b = results.values()
            print(
                f"{name:20s} largest difference: {1e3 * np.nanmax(abs(a.v_out - b.v_out)):.4f} mV"
                f", {100 * np.nanmax(abs(a.power / b.power - 1)):.5f} % of supply power"
            )


if __name__ == "__main__":
    ending(main)
