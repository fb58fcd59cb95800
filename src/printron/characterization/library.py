"""Surrogates: building, storing, loading, and those that ship with the package."""

from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.base.files import write_bytes
from printron.characterization.characterize import Characterization
from printron.characterization.surrogate import Surrogate, SurrogateError
from printron.characterization.surrogate_file import (
    FORMAT,
    finite,
    surrogate_files,
    surrogate_from,
)
from printron.characterization.surrogate_fit import HIDDEN, fit_surrogate
from printron.characterization.transfer import SMALLEST_SWING_V, Transfer, shape_of
from printron.technology import Cell, Technology, curve

HELD_OUT = 5  # every fifth design is never used in training
FEWEST_DESIGNS = 20  # four of them are held out
PLATEAU_SLOPE = 0.5  # V/V: an end of the sweep with a smaller slope lies on a plateau


def build_surrogate(
    technology: Technology,
    data: Characterization,
    *,
    seed: int = 0,
    hidden: tuple[int, ...] = HIDDEN,
) -> Surrogate:
    """Train a cell's surrogate on four fifths of its designs and measure its errors on the rest.

    Parameters
    ----------
    seed : of the training.  hidden : widths of the hidden layers.

    Raises
    ------
    SurrogateError : too few designs; designs without power; a surrogate that is not finite.
    """
    data = data.converged()
    cell = technology.cell(data.provenance["cell"])
    if len(data.table) < FEWEST_DESIGNS:
        raise SurrogateError(
            f"got {len(data.table)} designs of '{cell.name}' that converged; a surrogate needs at "
            f"least {FEWEST_DESIGNS}, and some thousands to be accurate: characterize more designs"
        )
    designs, transfer = data.designs(cell), data.transfer()
    idle = int((~(transfer.power > 0)).sum())
    if idle:
        raise SurrogateError(
            f"got {idle} designs of '{cell.name}' that take no power, but a surrogate learns the "
            "logarithm of the power; connect the cell to supplies of different voltages"
        )
    held_out = np.arange(designs.shape[1]) % HELD_OUT == 0
    surrogate = _trained(technology, cell, data, ~held_out, seed=seed, hidden=hidden)
    report = {
        **data.provenance,
        "surrogate_seed": seed,
        "hidden": [len(bias) for _, bias in surrogate.weights[:-1]],
        "trained_on": int((~held_out).sum()),
        "held_out": int(held_out.sum()),
        **_errors(cell, surrogate, designs[:, held_out], _take(transfer, held_out)),
    }
    if not finite(report):
        raise SurrogateError(
            f"training the surrogate of '{cell.name}' gave errors that are not finite numbers; "
            "characterize more designs, or choose another curve form"
        )
    return replace(surrogate, report=report)


def _trained(
    technology: Technology,
    cell: Cell,
    data: Characterization,
    learned: NDArray[np.bool_],
    **training: Any,
) -> Surrogate:
    """A surrogate trained on the designs in the mask `learned` [designs], without its report."""
    designs, transfer = data.designs(cell), _take(data.transfer(), learned)
    rails = (technology.process.rails[rail] for rail in cell.rails)
    highest_V = max(map(abs, (*rails, *cell.sweep)))
    weights, offset, scale = fit_surrogate(
        cell, designs[:, learned], transfer, highest_V, **training
    )
    constraints = np.array([[*c.powers, c.log_factor] for c in cell.parsed_constraints])
    low, high = cell.bounds
    return Surrogate(
        cell=cell.name,
        curve=cell.curve,
        variables=cell.variables,
        low=low,
        high=high,
        constraints=constraints.reshape(-1, len(low) + 1),
        anchor=_anchor(np.log(designs), low, high),
        offset=offset,
        scale=scale,
        weights=weights,
        fingerprint=technology.fingerprint(cell.name),
        report={},
    )


def _anchor(logs: NDArray[np.float64], low: NDArray, high: NDArray) -> NDArray[np.float64]:
    """The mean design, well inside the feasible set, which is convex in the logarithm."""
    return (logs.mean(1) - np.log(low)) / (np.log(high) - np.log(low))


def _take(transfer: Transfer, keep: NDArray[np.bool_]) -> Transfer:
    shape = transfer.shape
    kept = type(shape)(shape.edge[keep], shape.low[keep], shape.high[keep], shape.slope[keep])
    return Transfer(transfer.eta[:, keep], transfer.rms[keep], kept, transfer.power[keep])


def _errors(
    cell: Cell, surrogate: Surrogate, designs: NDArray[np.float64], transfer: Transfer
) -> dict[str, Any]:
    """Errors of the surrogate against the fits, and of the fits against the simulation.

    Edge, plateaus and slope are read off the curves on a fine grid over the sweep. Edge and slope
    count for designs that switch (swing of 0.2 V or more); a plateau for designs with a flat curve
    at that end of the sweep (elsewhere the error of the edge covers it); power for all designs.
    """
    v_in = np.linspace(*cell.sweep, 4001)
    eta, power = surrogate(designs)
    eta = np.asarray(eta, np.float64)
    predicted = shape_of(v_in, np.asarray(curve(cell.curve, v_in[:, None], eta)))
    simulated = transfer.shape
    switches = simulated.swing >= SMALLEST_SWING_V
    fit_curve = np.asarray(curve(cell.curve, v_in[:, None], transfer.eta))
    ends = np.abs(np.diff(fit_curve[[0, 1, -2, -1]], axis=0))[[0, 2]] / (v_in[1] - v_in[0])
    on_low, on_high = ends < PLATEAU_SLOPE
    fitted = shape_of(v_in, fit_curve)
    return {
        "switching_share": float(switches.mean()),
        "low_plateau_share": float(on_low.mean()),
        "high_plateau_share": float(on_high.mean()),
        "surrogate_error": {
            "edge_mV": _spread(1e3 * (predicted.edge - fitted.edge)[switches]),
            "low_plateau_mV": _spread(1e3 * (predicted.low - fitted.low)[on_low]),
            "high_plateau_mV": _spread(1e3 * (predicted.high - fitted.high)[on_high]),
            "slope_percent": _spread(100 * _relative(predicted.slope, fitted.slope, switches)),
            "power_percent": _spread(100 * (power / transfer.power - 1)),
        },
        "curve_form_misfit": {
            "rms_mV": _spread(1e3 * transfer.rms),
            "edge_mV": _spread(1e3 * (fitted.edge - simulated.edge)[switches]),
            "low_plateau_mV": _spread(1e3 * (fitted.low - simulated.low)[on_low]),
            "high_plateau_mV": _spread(1e3 * (fitted.high - simulated.high)[on_high]),
            "slope_percent": _spread(100 * _relative(fitted.slope, simulated.slope, switches)),
        },
    }


def _relative(
    found: NDArray[np.float64], true: NDArray[np.float64], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Relative errors of the designs in the mask `counted`, whose slopes are not 0."""
    return found[counted] / true[counted] - 1


def _spread(errors: NDArray[np.float64]) -> dict[str, float | None]:
    """Median and 95th percentile of |errors|; None where no design counts."""
    if not errors.size:
        return {"median": None, "p95": None}
    median, p95 = np.percentile(np.abs(errors), [50, 95])
    return {"median": round(float(median), 4), "p95": round(float(p95), 4)}


def save_surrogate(surrogate: Surrogate, folder: Path) -> tuple[str, ...]:
    """Write the files of a surrogate, each atomically; returns their names."""
    files = surrogate_files(surrogate)
    for name, content in files.items():
        write_bytes(content, folder / name)
    return tuple(files)


def load_surrogate(path: Path) -> Surrogate:
    """Read a surrogate that `save_surrogate` wrote.

    Raises
    ------
    SurrogateError : the file is missing, damaged, or of a newer format.
    """
    try:
        # Opened here, because NumPy leaves a damaged file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = dict(file)
        found = int(arrays["format"])
        if found <= FORMAT:
            return surrogate_from(arrays, path.with_suffix(".json").read_text(encoding="utf-8"))
    except Exception as error:
        reason = " ".join(str(error).split())
        raise SurrogateError(
            f"{path}: cannot be read as a surrogate ({reason}); rebuild it with "
            "'printron surrogates'"
        ) from error
    raise SurrogateError(
        f"{path}: got format {found}; this version reads formats up to {FORMAT}: update printron, "
        "or rebuild the surrogate"
    )


def load_surrogate_for(technology: Technology, cell: str, path: Path) -> Surrogate:
    """Read the surrogate of a cell of this technology.

    Raises
    ------
    SurrogateError : as `load_surrogate`; or the surrogate belongs to another cell or technology.
    TechnologyError : no such cell.
    """
    found = load_surrogate(path)
    if why := _not_of(technology, cell, found):
        raise SurrogateError(f"{path}: {why}; restore the file, or rebuild the surrogate")
    return found


def _not_of(technology: Technology, name: str, found: Surrogate) -> str | None:
    """Why a surrogate does not belong to a cell of this technology; None if it does.

    The fingerprint alone does not suffice: other entries of a file may have been changed.
    """
    cell = technology.cell(name)
    if found.fingerprint != technology.fingerprint(name):
        return (
            f"the surrogate of '{name}' was made from another description of the cell or the "
            "process"
        )
    for key in ("name", "curve", "variables"):
        got = getattr(found, "cell" if key == "name" else key)
        if got != getattr(cell, key):
            return (
                f"got the {key} {got!r} in the surrogate of '{name}', but the {key} of the cell is "
                f"{getattr(cell, key)!r}"
            )
    return None


@cache
def _shipped(cell: str) -> Surrogate | None:
    path = Path(str(resources.files("printron.characterization") / "data" / f"{cell}.npz"))
    return load_surrogate(path) if path.exists() else None


def surrogate_for(technology: Technology, cell: str, folder: Path | None = None) -> Surrogate:
    """The surrogate of a cell: from `folder` if the folder has one, else the shipped one.

    Raises
    ------
    SurrogateError : no surrogate, or one made from another description of cell or process.
    """
    technology.cell(cell)
    own = folder / f"{cell}.npz" if folder else None
    found = load_surrogate(own) if own and own.exists() else _shipped(cell)
    remedy = (
        f"build one with 'printron surrogates {cell} --out DIR' (and the same --process and "
        "--cells), then give --surrogates DIR"
    )
    if found is None:
        raise SurrogateError(f"there is no surrogate of the cell '{cell}'; {remedy}")
    if why := _not_of(technology, cell, found):
        raise SurrogateError(f"{why}; {remedy}")
    return found
