"""The surrogates that ship keep what the project asks of them, on designs they never saw."""

import jax
import numpy as np
import pytest

from printron.characterization import fit_curves, shape_of, sobol_designs, surrogate_for
from printron.characterization.library import PLATEAU_SLOPE
from printron.characterization.transfer import SMALLEST_SWING_V
from printron.circuits import sweep
from printron.technology import curve, technology

LIBRARY = technology()
HELD_TO_AIMS = (
    "ptanh",
    "negation",
    "ptanh_published",
    "negation_published",
    "sigmoid",
    "sigmoid_published",
    "negation_divider",
    "ptanh_follower",
    "negation_follower",
    "pair",
    "clipped_relu",
    "prelu",
)
# Of half of its designs that switch, an end of the sweep cuts the edge; those have no 95 % aim.
CUT_EDGES = ("negation_divider",)
# Median and 95th percentile of the error of the surrogate, where the project asks for one.
AIMS = {
    "edge_mV": (2, 6),
    "low_plateau_mV": (3, None),
    "high_plateau_mV": (3, None),
    "slope_percent": (5, None),
    "power_percent": (1, None),
}
FRESH_SEED = 20_231_101  # the surrogates are trained on seed 0


def check(errors, p95_of=tuple(AIMS)):
    for name, (median, p95) in AIMS.items():
        if errors[name]["median"] is None:  # no design of the cell shows it
            continue
        assert errors[name]["median"] <= median, f"{name}: {errors[name]}"
        if p95 is not None and name in p95_of:
            assert errors[name]["p95"] <= p95, f"{name}: {errors[name]}"


@pytest.mark.parametrize("name", LIBRARY.cells)
def test_every_cell_ships_with_a_surrogate_made_from_its_present_description(name):
    surrogate, cell = surrogate_for(LIBRARY, name), LIBRARY.cell(name)
    assert surrogate.fingerprint == LIBRARY.fingerprint(name) == surrogate.report["fingerprint"]
    assert (surrogate.cell, surrogate.curve) == (cell.name, cell.curve)
    assert surrogate.variables == cell.variables
    np.testing.assert_allclose([surrogate.low, surrogate.high], cell.bounds)
    assert cell.inside(surrogate.denormalize(surrogate.anchor)[:, None]).all()


@pytest.mark.parametrize("name", HELD_TO_AIMS)
def test_its_report_is_within_the_aims(name):
    report = surrogate_for(LIBRARY, name).report
    assert (report["seed"], report["samples"], report["points"]) == (0, 10_000, 401)
    assert (report["trained_on"], report["held_out"]) == (8000, 2000)
    assert report["not_converged"] == 0
    assert report["seed"] != FRESH_SEED
    check(report["surrogate_error"], p95_of=() if name in CUT_EDGES else tuple(AIMS))


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n == "ptanh" else [pytest.mark.slow]) for n in HELD_TO_AIMS],
)
def test_it_is_within_the_aims_on_designs_simulated_now(name):
    """The report is not asked. Errors against the fitted curve: the misfit of the form is apart."""
    cell, surrogate = LIBRARY.cell(name), surrogate_for(LIBRARY, name)
    designs = sobol_designs(cell, 600 if name in CUT_EDGES else 200, seed=FRESH_SEED)
    result = sweep(cell, LIBRARY.process, designs, np.linspace(*cell.sweep, 401))
    assert result.converged.all()
    fitted, _ = fit_curves(cell.curve, result.v_in, result.v_out)
    eta, power = surrogate(designs)
    grid = np.linspace(*cell.sweep, 4001)
    with jax.enable_x64(True):
        theirs, ours = (
            shape_of(grid, np.asarray(curve(cell.curve, grid[:, None], np.asarray(e, np.float64))))
            for e in (eta, fitted)
        )
    with jax.enable_x64(True):
        ends = np.asarray(curve(cell.curve, grid[[0, 1, -2, -1], None], fitted))
    on_plateaus = (np.abs(np.diff(ends, axis=0))[[0, 2]] < PLATEAU_SLOPE * (grid[1] - grid[0])).all(
        0
    )
    swings = result.v_out[-1] - result.v_out[0]
    switches = np.abs(swings) >= SMALLEST_SWING_V
    if name in CUT_EDGES:
        switches &= on_plateaus
    errors = {
        "edge_mV": 1e3 * (theirs.edge - ours.edge)[switches],
        "low_plateau_mV": 1e3 * (theirs.low - ours.low),
        "high_plateau_mV": 1e3 * (theirs.high - ours.high),
        "slope_percent": 100 * (theirs.slope / ours.slope - 1)[switches],
        "power_percent": 100 * (power / result.power.mean(0) - 1),
    }
    spreads = {k: np.percentile(np.abs(error), [50, 95]) for k, error in errors.items()}
    check({k: {"median": s[0], "p95": s[1]} for k, s in spreads.items()})
    print(name, {k: f"{s[0]:.3g} / {s[1]:.3g}" for k, s in spreads.items()})
