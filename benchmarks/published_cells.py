"""How close our cells come to the published simulations, beside the table of CALIBRATION.md.

    python benchmarks/published_cells.py --pdk ../shared/pdk
    python benchmarks/published_cells.py --designs 2500      all that were not used for the fit

Published are component values, the parameters eta of a curve fitted to V_in = -2 ... 2 V at 401
points, and mean powers. The published designs are simulated with our cells and the same curve form
is fitted to them, so that the misfit of a form cancels. Card A was fitted to some of the published
clipped ReLUs and pReLUs; designs are taken from the half of each file that it never saw.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from endings import ending
from numpy.typing import NDArray
from scipy.optimize import least_squares

from printron.characterization import fit_curves
from printron.circuits import operating_point, sweep
from printron.errors import PrintronError
from printron.technology import Cell, Technology, technology

HERE = Path(__file__).resolve()
V_IN = np.linspace(-2, 2, 401)
FULL_SWING = 0.8  # of the largest swing that a published curve of the cell has
Array = NDArray[np.float64]
Form = Callable[[Array], Array]


def ramp(eta: Array) -> Array:
    """Clipped ReLU: eta1 up to the input eta3, then straight to eta2 at the input eta4."""
    return eta[0] + (eta[1] - eta[0]) * np.clip((V_IN - eta[2]) / (eta[3] - eta[2]), 0, 1)


def leaky(eta: Array) -> Array:
    """Parametric ReLU: slope eta1 below the knee eta3, eta1 + eta2 above; eta4 offset, eta5 1/V."""
    x = V_IN - eta[2]
    return eta[0] * x + eta[1] * np.logaddexp(0, eta[4] * x) / eta[4] + eta[3]


def logistic(eta: Array) -> Array:
    """Sigmoid: eta1 + eta2 logistic((v - eta3) eta4)."""
    return eta[0] + eta[1] * (0.5 + 0.5 * np.tanh((V_IN - eta[2]) * eta[3] / 2))


def negated_tanh(eta: Array) -> Array:
    """Negation: -(eta1 + eta2 tanh((v - eta3) eta4))."""
    return -(eta[0] + eta[1] * np.tanh((V_IN - eta[2]) * eta[3]))


class Comparison(NamedTuple):
    """One cell: ours, its published curve form, and what CALIBRATION.md says."""

    cell: str
    form: Form
    fit: str | tuple[float, ...]  # a form of the package, or where our own fit starts
    resistors: tuple[str, ...]  # whose V^2/R is the published power; none: not comparable
    rms_mV: float
    r2: tuple[float | None, ...]  # None: not given
    power_percent: float | None


CELLS = {
    "clipped_relu": Comparison(
        "clipped_relu", ramp, (0.0, 1.0, 0.0, 1.0), ("R1",), 5, (None, 0.85, 0.96, 0.83), 0.7
    ),
    "prelu": Comparison(
        "prelu",
        leaky,
        (0.02, 0.6, 0.2, 0.0, 8.0),
        ("RB", "RH", "RL", "RD"),
        2,
        (0.96, 0.999, 0.93, 0.90, 0.89),
        0.1,
    ),
    "sigmoid": Comparison(
        "sigmoid_published", logistic, "logistic", ("R1", "R2"), 8, (0.87, 0.84, 0.99, None), 0.9
    ),
    "negation": Comparison(
        "negation_published", negated_tanh, "negated_tanh", (), 33, (0.98, 0.98, 0.97, 0.77), None
    ),
}


def held_out(count: int) -> NDArray[np.int64]:
    """Rows of a file with `count` designs that no card was fitted to: half of them."""
    return np.random.default_rng(0).permutation(count)[count // 2 :]


def fitted(it: Comparison, v_out: Array) -> Array:
    """Parameters of the published curve form fitted to our curves, [designs, parameters]."""
    if isinstance(it.fit, str):
        return fit_curves(it.fit, V_IN, v_out)[0].T
    start = np.array(it.fit)
    scale = np.maximum(np.abs(start), 0.1)
    fits = [least_squares(lambda p, y=y: it.form(p) - y, start, x_scale=scale) for y in v_out.T]
    return np.array([fit.x for fit in fits])


def resistor_power(
    library: Technology, cell: Cell, designs: Array, names: tuple[str, ...]
) -> Array:
    """V^2/R of the named resistors, averaged over the sweep, W, [designs]."""
    with jax.enable_x64(True):
        design = {k: jnp.asarray(x)[None] for k, x in zip(cell.variables, designs, strict=True)}
        point = operating_point(cell, library.process, design, jnp.asarray(V_IN)[:, None])
        return np.asarray(sum(point.dissipation[name] for name in names)).mean(0)


def compare(library: Technology, name: str, pdk: Path, count: int, seed: int) -> list[str]:
    """The lines of one cell."""
    it, cell = CELLS[name], library.cell(CELLS[name].cell)
    with np.load(pdk / f"published_{name}.npz") as file:
        data = dict(file)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(held_out(len(data["design"])))[:count]
    eta = data["eta"][rows]
    result = sweep(cell, library.process, data["design"][rows].T, V_IN)
    ours = fitted(it, result.v_out)
    published = np.array([it.form(e) for e in eta])
    refitted = np.array([it.form(e) for e in ours])
    direct = 1e3 * np.sqrt(np.mean((published - result.v_out.T) ** 2, 1))
    rms = 1e3 * np.sqrt(np.mean((published - refitted) ** 2, 1))
    # Distribution-free 95 % interval of a median: what another choice of designs could give.
    half = 0.98 / np.sqrt(len(rms))
    low, median, high = np.quantile(rms, [max(0.5 - half, 0), 0.5, min(0.5 + half, 1)])
    r2 = 1 - ((eta - ours) ** 2).sum(0) / ((eta - eta.mean(0)) ** 2).sum(0)
    swing = np.ptp(published, 1)
    full = swing >= FULL_SWING * swing.max()
    lines = [
        f"{name}: {len(rows)} designs, {int((~result.converged).sum())} did not converge",
        row(
            "median RMS, mV",
            f"{median:.1f} [{low:.1f}, {high:.1f}]",
            it.rms_mV,
            median < it.rms_mV + 0.5,
        ),
        row("  without refitting ours", f"{np.median(direct):.1f}", None, None),
        row(f"  of full swing ({full.mean():.0%})", f"{np.median(rms[full]):.1f}", None, None),
    ]
    for k, (value, theirs) in enumerate(zip(r2, it.r2, strict=True), 1):
        near = None if theirs is None else bool(value > theirs - 0.005)
        lines.append(row(f"R^2 of eta{k}", f"{value:.3f}", theirs, near))
    if it.power_percent is None:
        return [*lines, row("power", "not comparable", None, None)]
    rows = rng.permutation(held_out(len(data["power_design"])))[:count]
    power = resistor_power(library, cell, data["power_design"][rows].T, it.resistors)
    error = float(np.median(100 * np.abs(power / data["power_W"][rows] - 1)))
    what = f"power, median error %, V^2/R of {' '.join(it.resistors)}"
    return [*lines, row(what, f"{error:.2f}", it.power_percent, error < it.power_percent + 0.05)]


def row(what: str, ours: str, table: float | None, near: bool | None) -> str:
    """One line of the table."""
    verdict = {None: "", True: "as close", False: "FARTHER"}[near]
    return f"  {what:<46}{ours:>22}{'-' if table is None else table:>10}  {verdict}"


NOTES = """
Columns: ours, CALIBRATION.md, verdict (to the digits of the table). [a, b]: 95 % interval of the
median over the choice of designs.
Curve forms. Given: negated tanh. Inferred from the samples, and then found to be what the
publications' code evaluates (Neuromophic/eNAS_leanrable_selectable_LNC, pLNC.py): the other three.
Power. Inferred: averages over -2 ... 2 V. Of the other ranges and end points tried (-1 ... 1,
0 ... 1, 0 ... 2, -1 ... 2, -2 ... 0, -2 ... 1, 1, 2 V) none comes within 1.5 % for any of the
three.
Negation: no definition explains the published numbers. Ours elsewhere is always what all supplies
and inputs deliver.
Not resolved by the published samples: eta1 of clipped ReLU (1 to 2 mV) and eta4 of sigmoid (edges
narrower than the 10 mV grid).
Farther than the table. R^2 of eta2 of clipped ReLU: it varies by 8 mV only, ours is off by 4.4 mV,
and one card does not have it and pReLU (lambda 0.03 1/V for the one, 0.2 1/V for the other). R^2 of
eta1 of sigmoid: 0.863, for 0.87.
Negation, cause not found: 38.7 mV, for 33. Designs of full swing (70 %) have 33.7 mV, those whose
third stage is neither on nor off (eta2 0.4 ... 0.8 V, 17 %) 78 mV: the table may lack these.
Ruled out: the start of the fit, its pull and bounds; the choice of designs among those here; the
rounding of the level shift. Fitted anew to 500 designs of one half, the shift (0.4838, -0.6122 V)
takes 40.3 to 39.4 mV there, and 37.3 to 36.7 mV on 1,000 of the other half; shift and card B
together take it to 38.2 mV there, but to 38.5 mV on the other half. Of V_T and K of each stage but
the second's K, and S of the first and third, none alone goes below 38.7 mV (from 39.8).
1 mV of edge is 28 mV rms, and edges are published on a 10 mV grid: what is left is a millivolt.
Not compared: ptanh and negation_divider, of which there are no published samples here."""


def main() -> None:
    """Print the comparison."""
    shared = Path(os.environ.get("PRINTRON_SHARED", HERE.parents[2] / "shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pdk", type=Path, default=shared / "pdk")
    parser.add_argument("--designs", type=int, default=1000, help="published designs per cell")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of designs")
    arguments = parser.parse_args()
    missing = [n for n in CELLS if not (arguments.pdk / f"published_{n}.npz").exists()]
    if missing:
        raise PrintronError(
            f"'{arguments.pdk}' has no published_{missing[0]}.npz; give the folder with --pdk, or "
            "set PRINTRON_SHARED to the folder above it"
        )
    library = technology()
    for name in CELLS:
        began = time.perf_counter()
        lines = compare(library, name, arguments.pdk, arguments.designs, arguments.seed)
        print("\n".join(lines), f"\n  ({time.perf_counter() - began:.1f} s)")
    print(NOTES)


if __name__ == "__main__":
    ending(main)
