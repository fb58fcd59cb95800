"""Time to build surrogates with `printron surrogates`, and their errors on held-out designs.

python benchmarks/surrogates.py --names ptanh negation --samples 10000
python benchmarks/surrogates.py --cells my_cells.toml --names light_tanh

Under the errors of the surrogate built now stand those of the surrogate that ships, if one does.
"""

import argparse
import os
import time
from pathlib import Path
from typing import Any

from endings import ending

from printron.characterization import (
    SurrogateError,
    build_surrogate,
    characterize,
    surrogate_for,
)
from printron.technology import Technology, technology

ERRORS = {
    "edge_mV": "edge mV",
    "low_plateau_mV": "low mV",
    "high_plateau_mV": "high mV",
    "slope_percent": "slope %",
    "power_percent": "power %",
}


def row(name: str, times: str, report: dict[str, Any]) -> str:
    """One line: median (95th percentile) of each error."""
    spreads = [report["surrogate_error"][key] for key in ERRORS]
    cells = ["-" if s["median"] is None else f"{s['median']:.3f} ({s['p95']:.3f})" for s in spreads]
    return f"{name:20s} {times:>28s} " + " ".join(f"{cell:>16s}" for cell in cells)


def shipped(tech: Technology, name: str) -> dict[str, Any] | None:
    """The report of the surrogate that ships with the package."""
    try:
        return surrogate_for(tech, name).report
    except SurrogateError:
        return None


def main() -> None:
    """Print a line a cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=Path, action="append", default=[])
    parser.add_argument("--names", nargs="+", default=["ptanh", "negation"])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    tech = technology(cell_files=args.cells)
    print(f"{args.samples} designs, {args.workers} workers; median (95th percentile) of errors")
    heads = " ".join(f"{head:>16s}" for head in ERRORS.values())
    print(f"{'cell':20s} {'characterize + train, s':>28s} {heads}")
    for name in args.names:
        marks = [(time.perf_counter(), time.process_time())]
        data = characterize(tech, name, samples=args.samples, seed=args.seed, workers=args.workers)
        marks.append((time.perf_counter(), time.process_time()))
        report = build_surrogate(tech, data, seed=args.seed).report
        marks.append((time.perf_counter(), time.process_time()))
        walls, works = (
            [b[k] - a[k] for a, b in zip(marks[:-1], marks[1:], strict=True)] for k in (0, 1)
        )
        times = f"{walls[0]:.1f} + {walls[1]:.1f} (CPU {sum(works):.0f})"
        print(row(name, times, report), flush=True)
        if before := shipped(tech, name):
            print(row("  ships", "", before), flush=True)


if __name__ == "__main__":
    ending(main)
