"""Characterize a cell: Sobol designs, their sweeps, curve fits and power, as one table."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from printron.base.files import read_table, write_table
from printron.base.quantity import si_text
from printron.characterization.sampling import sobol_designs
from printron.characterization.transfer import (
    SMALLEST_SWING_V,
    CurveShape,
    Transfer,
    transfer_of,
)
from printron.circuits import CONVERGED, Sweep, sweep
from printron.errors import PrintronError
from printron.technology import Cell, Technology

POINTS = 401
ENGINES = ("jax", "ngspice")
ETA = ("eta1_V", "eta2_V", "eta3_V", "eta4_per_V")


@dataclass(frozen=True)
class Characterization:
    """Simulated and fitted designs of one cell.

    Attributes
    ----------
    table : one row per design: design variables in SI units, eta, the residual of the fit, edge,
        plateaus, slope, supply power (total, and by source) averaged over the sweep, status.
    provenance : cell, hash of cell and process, engine and version, seed, sweep.
    """

    table: pd.DataFrame
    provenance: dict[str, Any]

    def converged(self) -> "Characterization":
        """The converged designs alone."""
        good = self.table[self.table["status"] == CONVERGED].reset_index(drop=True)
        return Characterization(good, self.provenance)

    def designs(self, cell: Cell) -> NDArray[np.float64]:
        """Design vectors in ohm or m, [variables, designs]."""
        return self.table[list(design_columns(cell))].to_numpy(np.float64).T

    def transfer(self) -> Transfer:
        """Curves and power as arrays."""
        t = self.table
        shape = CurveShape(*(t[c].to_numpy() for c in ("edge_V", "low_V", "high_V", "slope")))
        return Transfer(
            t[list(ETA)].to_numpy().T, t["fit_rms_V"].to_numpy(), shape, t["power_W"].to_numpy()
        )

    def write(self, path: Path) -> None:
        """Store as Parquet, the provenance in the file's metadata; atomic."""
        write_table(self.table, path, self.provenance)


def design_columns(cell: Cell) -> tuple[str, ...]:
    """Column names of the design variables, with their unit."""
    return tuple(f"{name}_{unit}" for name, unit in zip(cell.variables, cell.units, strict=True))


def read_characterization(path: Path) -> Characterization:
    """Read a characterization that `Characterization.write` stored."""
    return Characterization(*read_table(path))


def sweep_cell(
    technology: Technology,
    cell: Cell,
    designs: NDArray[np.float64],
    engine: str,
    workers: int,
    timeout_s: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Sweep:
    """Sweep designs over the cell's input range with one of the engines.

    Parameters
    ----------
    timeout_s, progress : for ngspice; see `printron.circuits.ngspice.sweep`.

    Raises
    ------
    PrintronError : unknown engine.  NgspiceError : ngspice is missing or failed.
    """
    v_in = np.linspace(*cell.sweep, POINTS)
    if engine == "ngspice":
        from printron.circuits import ngspice

        return ngspice.sweep(
            cell,
            technology.process,
            designs,
            v_in,
            workers=workers,
            timeout_s=timeout_s,
            progress=progress,
        )
    if engine == "jax":
        return sweep(cell, technology.process, designs, v_in, workers=workers)
    raise PrintronError(f"got the engine '{engine}'; allowed are {', '.join(ENGINES)}")


def characterize(
    technology: Technology,
    cell_name: str,
    *,
    samples: int = 10_000,
    engine: str = "jax",
    seed: int = 0,
    workers: int = 2,
    timeout_s: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Characterization:
    """Characterize Sobol designs of a cell.

    Parameters
    ----------
    samples : number of designs.  engine : "jax" or "ngspice".  seed : of the Sobol sequence.
    workers : number of parallel simulations.
    timeout_s, progress : time limit of all ngspice processes, s, and callback while one takes long;
        see `printron.circuits.ngspice.sweep`.

    Raises
    ------
    PrintronError : no design converged, or none switches.
    NgspiceError : ngspice is missing or failed.
    """
    cell = technology.cell(cell_name)
    designs = sobol_designs(cell, samples, seed=seed)
    result = sweep_cell(technology, cell, designs, engine, workers, timeout_s, progress)
    if not result.converged.any():
        raise PrintronError(
            f"none of the {samples} designs of '{cell.name}' converged in {engine} "
            f"({result.status[0]}); {_to_check(technology, cell)}"
        )
    swing = np.abs(result.v_out[-1] - result.v_out[0])[result.converged]
    if swing.max() < SMALLEST_SWING_V:
        raise PrintronError(
            f"none of the {samples} designs of '{cell.name}' switches: from one end of the "
            f"sweep ({cell.sweep[0]:g} V) to the other ({cell.sweep[1]:g} V) the output changes by "
            f"{si_text(float(f'{swing.max():.2g}'), 'V')} at most, but "
            f"{si_text(SMALLEST_SWING_V, 'V')} are needed; {_to_check(technology, cell)}"
        )
    fitted = transfer_of(cell.curve, result)
    table = pd.DataFrame(dict(zip(design_columns(cell), designs, strict=True)))
    table[list(ETA)] = fitted.eta.T
    table["fit_rms_V"] = fitted.rms
    table["edge_V"], table["low_V"] = fitted.shape.edge, fitted.shape.low
    table["high_V"], table["slope"] = fitted.shape.high, fitted.shape.slope
    table["power_W"] = fitted.power
    for source, power in result.source_power.items():
        table[f"power_{source}_W"] = power.mean(0)
    table["status"] = result.status
    provenance = {
        "cell": cell.name,
        "process": technology.process.name,
        "fingerprint": technology.fingerprint(cell.name),
        "engine": result.engine,
        "engine_version": result.engine_version,
        "seed": seed,
        "samples": samples,
        "sweep_V": list(cell.sweep),
        "points": POINTS,
        "designs": "Sobol (scrambled), uniform in the logarithm, constraints by rejection",
        "not_converged": int((~result.converged).sum()),
        "not_switching": int((swing < SMALLEST_SWING_V).sum()),
    }
    return Characterization(table, provenance)


def _to_check(technology: Technology, cell: Cell) -> str:
    """Advice for a cell without usable designs: rails with their voltages, sweep, ranges."""
    rails = ", ".join(f"{r} {technology.process.rail(r):g} V" for r in cell.supplies)
    return f"check the rails ({rails}), the sweep and the ranges of the cell"
