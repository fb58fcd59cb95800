"""Laws of the operating point, in float64, for every cell of the library."""

import importlib
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from unoptimized import unoptimized

from printron.circuits import CONVERGED, operating_point, solve_linear, sweep
from printron.circuits.newton import Policy
from printron.circuits.operating_point import _spread
from printron.technology import EGT, LEVEL_SHIFT, RESISTOR, minus_volts, technology

LIBRARY = technology()
CELLS, PROCESS = LIBRARY.cells, LIBRARY.process
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
DESIGNS, POINTS = 8, 5  # random designs, and input voltages of each
STEP = (
    3e-5  # of central differences: in the logarithm of a design variable, and in tenths of a volt
)


quick = partial(unoptimized, static_argnums=0)


def solved(cell, logs, v_in):
    """Operating points of the logarithms of designs [variables, members], inputs [members].

    Beside them V_out, V, and what supplies and input deliver, W.
    """
    design = dict(zip(cell.variables, jnp.exp(logs), strict=True))
    point = operating_point(cell, PROCESS, design, v_in)
    volts = {"in": v_in} | {rail: PROCESS.rail(rail) for rail in cell.supplies}
    power = sum(volts[name] * i for name, i in point.source_current.items())
    return point, (point.voltages["out"], power)


solve = quick(solved)


@quick
def slopes(cell, logs, v_in):
    """Gradients of V_out and of power: members are independent, so a sum has each one's."""
    _, pull = jax.vjp(lambda *at: solved(cell, *at)[1], logs, v_in)
    ones = jnp.stack([jnp.ones_like(v_in), jnp.zeros_like(v_in)])
    by_logs, by_input = jax.vmap(pull)((ones, ones[::-1]))
    return tuple(zip(by_logs, by_input, strict=True))


class Case(NamedTuple):
    """Logarithms of designs, [variables, members], with inputs on and off the edge, [members]."""

    logs: np.ndarray
    v_in: np.ndarray


@pytest.fixture
def case(cell, random_designs):
    """Each design at the steepest point of its curve, beside it, and at three points far off."""
    designs, grid = random_designs(cell, DESIGNS), np.linspace(*cell.sweep, 401)
    curves = sweep(cell, PROCESS, designs, grid).v_out
    steepest = np.argmax(np.abs(np.diff(curves, axis=0)), axis=0)
    far = np.quantile(grid, [0.03, 0.55, 0.97])
    v_in = np.concatenate([[grid[k] + 2e-3, grid[k] + 2e-2, *far] for k in steepest])
    with jax.enable_x64(True):
        yield Case(np.log(np.repeat(designs, POINTS, axis=1)), v_in)


def drain(card, squares, d, g, s, xp=np):
    """CALIBRATION.md's drain current, written again."""

    def F(v):
        return (card.S * xp.logaddexp(0, (v - card.V_T) / card.S)) ** card.gamma

    channel = card.K * (F(g - s) - F(g - d)) * (1 + card.lambda_ * xp.sqrt((d - s) ** 2 + 1e-6))
    return squares * (channel + card.G_off * (d - s))


def currents(cell, design, v_in, voltages, xp=np):
    """Kirchhoff's sums written again: node -> (A that leaves it, S of all that is joined to it)."""
    voltage = {rail: PROCESS.rail(rail) for rail in cell.rails} | {"in": v_in} | dict(voltages)
    if cell.differential:
        voltage["in_minus"] = np.full_like(v_in, minus_volts(PROCESS))
    for part in cell.components.values():
        if part.kind == LEVEL_SHIFT:
            voltage[part.nodes[1]] = part.constants["gain"] * v_in + part.constants["offset"]
    value = dict(zip(cell.variables, design, strict=True))

    def of(part, key):
        return cell.value(part, key)[1] * value.get(part.sizes[key], 1.0)

    leaves = {node: [0.0, 0.0] for node in voltage}
    for part in cell.components.values():
        if part.kind == RESISTOR:
            ends, g = part.nodes, 1 / of(part, "R")
            current = g * (voltage[ends[0]] - voltage[ends[1]])
        elif part.kind == EGT:
            ends, squares = (part.nodes[0], part.nodes[2]), of(part, "W") / of(part, "L")
            card = PROCESS.card(part.card)
            current = drain(card, squares, *(voltage[node] for node in part.nodes), xp)
            g = squares * card.K
        else:
            continue
        for node, sign in zip(ends, (1, -1), strict=True):
            leaves[node][0] = leaves[node][0] + sign * current
            leaves[node][1] = leaves[node][1] + g
    return leaves


# ------------------------------------------------------------------------------------ laws


@every_cell
def test_kirchhoffs_current_law_balances(cell, case):
    point = jax.tree.map(np.asarray, solve(cell, *case)[0])
    assert point.converged.all()
    assert set(point.voltages) == set(cell.unknowns)
    leaves = currents(cell, np.exp(case.logs), case.v_in, point.voltages)
    for node in cell.unknowns:
        current, conductance = leaves[node]
        # A balance that is off by 0.1 pV at all that is joined to the node: rounding.
        assert (np.abs(current) <= 1e-13 * conductance).all(), node
    for source, delivered in point.source_current.items():
        current, conductance = leaves[source]
        assert (np.abs(current - delivered) <= 1e-13 * conductance).all(), source


@every_cell
def test_sources_deliver_what_the_components_burn(cell, case):
    """Tellegen's theorem. No component delivers, and a level shift takes no part."""
    point, (_, power) = solve(cell, *case)
    heat = {name: np.asarray(watts) for name, watts in point.dissipation.items()}
    np.testing.assert_allclose(power, sum(heat.values()), rtol=1e-9, atol=1e-19)
    assert all((watts >= 0).all() for watts in heat.values())
    shifts = {name for name, part in cell.components.items() if part.kind == LEVEL_SHIFT}
    assert set(heat) == set(cell.components) - shifts


@every_cell
def test_every_node_lies_between_the_lowest_and_the_highest_source(cell, case):
    rails = [PROCESS.rail(rail) for rail in cell.rails]
    low, high = np.minimum(case.v_in, min(rails)), np.maximum(case.v_in, max(rails))
    for volts in map(np.asarray, solve(cell, *case)[0].voltages.values()):
        assert ((volts >= low) & (volts <= high)).all()


@pytest.mark.parametrize(
    "cell",
    # Those that are not printable differ by a level shift only; a quick run leaves them out.
    [pytest.param(c, marks=[] if c.printable else [pytest.mark.slow]) for c in CELLS.values()],
    ids=CELLS,
)
def test_gradients_are_finite_differences(cell, case):
    """To 1e-5, of V_out and of power, in the input and in every design variable."""
    logs, v_in = case

    def difference(by_logs, by_input):
        """Central differences of fourth order: edges are too curved for the second."""
        samples = [
            np.array(solve(cell, logs + k * by_logs, v_in + k * by_input)[1])
            for k in (1, -1, 2, -2)
        ]
        return (8 * (samples[0] - samples[1]) - (samples[2] - samples[3])) / 12

    exact = jax.tree.map(np.asarray, slopes(cell, logs, v_in))
    power = np.asarray(solve(cell, logs, v_in)[1][1])
    floors = np.full_like(power, 1e-9), 1e-9 * power  # V, W; what rounding leaves of a difference
    for k, name in enumerate((*cell.variables, "v_in")):
        if name == "v_in":
            found = difference(0.0, STEP / 10) / (STEP / 10)
        else:
            found = difference(STEP * np.eye(len(logs))[:, k, None], 0.0) / STEP
        for what, row, (by_design, by_input), floor in zip(
            ("V_out", "power"), found, exact, floors, strict=True
        ):
            slope = by_input if name == "v_in" else by_design[k]
            off = (np.abs(row - slope) / (np.abs(slope) + floor / 1e-5)).max()
            assert off < 1e-5, f"{what} by {name}: {off:.2g}"


# ------------------------------------------------------------------------------------ oracles


def stage(card, ohms, squares, gate):
    """Output of one inverter between +1 V and -1 V, by bisection."""
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        falls = (1 - middle) / ohms < drain(card, squares, middle, gate, -1.0)
        low, high = (low, middle) if falls else (middle, high)
    return (low + high) / 2


def test_two_stages_are_what_bisection_finds(random_designs):
    """Gates draw no current, so each stage can be solved on its own."""
    cell, card = CELLS["ptanh_published"], PROCESS.card("B")
    shift = cell.components["E1"]
    gain, offset = shift.kind.follow(shift.constants)
    designs, grid = random_designs(cell, DESIGNS, seed=5), np.linspace(-1, 1, 401)
    found = sweep(cell, PROCESS, designs, grid).v_out[::10]
    for k, design in enumerate(designs.T):
        q = dict(zip(cell.variables, design, strict=True))
        for v, volts in zip(grid[::10], found[:, k], strict=True):
            x = stage(card, q["R1"], q["W1"] / q["L1"], gain * v + offset)
            assert volts == pytest.approx(stage(card, q["R2"], q["W2"] / q["L2"], x), abs=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("cell", [CELLS["negation"]], ids=["negation"])
def test_optimistix_finds_the_same_point(cell, case):
    import optimistix as optx  # late: importing it takes as long as three of the other tests

    def balance(voltages, arguments):
        named = dict(zip(cell.unknowns, voltages, strict=True))
        leaves = currents(cell, *arguments, named, jnp)
        return jnp.stack([leaves[node][0] / leaves[node][1] for node in cell.unknowns])

    def root(logs, v_in):
        solver, start = optx.Dogleg(rtol=1e-12, atol=1e-12), jnp.zeros(len(cell.unknowns))
        arguments = jnp.exp(logs), v_in
        found = optx.root_find(balance, solver, start, arguments, max_steps=400, throw=False)
        return found.value, found.result == optx.RESULTS.successful

    voltages, good = jax.jit(jax.vmap(root, (1, 0)))(*case)
    assert float(good.mean()) > 0.5  # from zero volts it does not find every point
    point, _ = solve(cell, *case)
    ours = jnp.stack([point.voltages[node] for node in cell.unknowns], 1)
    np.testing.assert_allclose(ours[good], voltages[good], atol=1e-9)


def test_small_systems_are_solved_like_numpy_does():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 5):
        matrix, right = rng.normal(size=(7, n, n)) + 4 * np.eye(n), rng.normal(size=(7, n))
        rows = [[jnp.asarray(matrix[:, i, j]) for j in range(n)] for i in range(n)]
        found = np.stack(solve_linear(rows, list(jnp.asarray(right.T))), 1)
        expected = np.linalg.solve(matrix, right[..., None])[..., 0]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)  # float32


# ------------------------------------------------------------------------------------ status


def test_a_member_that_fails_is_nan_and_leaves_the_others_alone(monkeypatch, random_designs):
    """One step is enough from the solution, and not enough from half a volt beside it."""
    cell = CELLS["ptanh"]
    module = importlib.import_module("printron.circuits.operating_point")
    with jax.enable_x64(True):
        design = dict(zip(cell.variables, jnp.asarray(random_designs(cell, 3)), strict=True))
        v_in = jnp.asarray([-0.5, 0.1, 0.6])
        whole = unoptimized(lambda: operating_point(cell, PROCESS, design, v_in))()
        start = jnp.stack([whole.voltages[node] for node in cell.unknowns]).at[:, 1].add(0.5)
        monkeypatch.setattr(module, "_policy", lambda *_: Policy(1, 0.3))
        point = unoptimized(lambda: operating_point(cell, PROCESS, design, v_in, start))()
    assert list(point.converged) == [True, False, True]
    assert float(point.error[1]) > 1e-3
    for quantity in (point.voltages, point.source_current, point.dissipation):
        for name, values in quantity.items():
            assert list(np.isnan(values)) == [False, True, False], name
    for name, volts in whole.voltages.items():
        np.testing.assert_allclose(point.voltages[name][::2], volts[::2], atol=1e-12)


def test_a_design_that_fails_in_a_sweep_says_so_and_leaves_the_others_alone(random_designs):
    cell, grid = CELLS["ptanh"], np.linspace(-1, 1, 401)
    designs = random_designs(cell, DESIGNS)
    whole = sweep(cell, PROCESS, designs, grid)
    designs[cell.variables.index("R1"), 2] = np.nan
    result = sweep(cell, PROCESS, designs, grid)
    others = [k for k in range(DESIGNS) if k != 2]
    assert list(np.flatnonzero(result.converged)) == others
    assert result.status[0] == CONVERGED
    assert "did not converge: the last Newton step was" in result.status[2]
    assert np.isnan(result.v_out[:, 2]).all()
    assert np.isnan(result.power[:, 2]).all()
    np.testing.assert_allclose(result.v_out[:, others], whole.v_out[:, others], atol=1e-12)


# ------------------------------------------------------------------------------------ sweeps


@every_cell
def test_a_sweep_is_a_row_of_operating_points(cell, random_designs):
    """Each point of a sweep starts from the one before, a single point from the middle."""
    designs, grid = random_designs(cell, DESIGNS), np.linspace(*cell.sweep, 401)
    result = sweep(cell, PROCESS, designs, grid)
    assert result.status == (CONVERGED,) * DESIGNS
    assert result.engine == "jax"
    assert result.engine_version == jax.__version__
    assert set(result.source_power) == {*cell.supplies, "in"}
    some = slice(0, None, 400 // (POINTS - 1))
    members = np.tile(np.log(designs), POINTS), np.repeat(grid[some], DESIGNS)
    with jax.enable_x64(True):
        _, (v_out, power) = solve(cell, *members)
    np.testing.assert_allclose(result.v_out[some].ravel(), v_out, atol=1e-11)
    np.testing.assert_allclose(result.power[some].ravel(), power, rtol=1e-8, atol=1e-18)


def test_tiles_and_their_padding_do_not_change_a_result(random_designs):
    cell, grid = CELLS["ptanh"], np.linspace(-1, 1, 11)
    designs = random_designs(cell, 1500)  # one whole tile, and one that is filled up
    many = sweep(cell, PROCESS, designs, grid)
    for part in (slice(0, 5), slice(1495, 1500), slice(1022, 1027)):
        few = sweep(cell, PROCESS, designs[:, part], grid, workers=1)
        np.testing.assert_allclose(few.v_out, many.v_out[:, part], rtol=0, atol=1e-12)
        np.testing.assert_allclose(few.power, many.power[:, part], rtol=1e-11)


def test_a_sweep_leaves_the_users_precision_alone(random_designs):
    assert not jax.config.jax_enable_x64
    cell, grid = CELLS["ptanh"], np.linspace(-1, 1, 401)
    result = sweep(cell, PROCESS, random_designs(cell, DESIGNS), grid)
    assert not jax.config.jax_enable_x64
    assert result.v_out.dtype == np.float64
    assert jnp.zeros(1).dtype == jnp.float32


def test_float32_is_within_a_third_of_a_millivolt(random_designs):
    """Training runs in it."""
    cell = CELLS["sigmoid"]
    members = np.log(random_designs(cell, DESIGNS * POINTS)), np.linspace(-1, 1, DESIGNS * POINTS)
    single, (v_single, _) = solve(cell, *(jnp.asarray(x, jnp.float32) for x in members))
    with jax.enable_x64(True):
        _, (v_double, _) = solve(cell, *members)
    assert single.converged.all()
    assert v_single.dtype == jnp.float32
    np.testing.assert_allclose(v_single, v_double, atol=3e-4)


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (3, 5), ()])
def test_what_samples_share_is_spread_over_them(shape):
    """And its derivative is the sum over them."""
    rng = np.random.default_rng(0)
    x, like = jnp.asarray(rng.normal(size=shape)), jnp.asarray(rng.normal(size=(3, 5)))
    np.testing.assert_array_equal(_spread(x, like), np.broadcast_to(x, like.shape))
    gradient = jax.grad(lambda x: jnp.vdot(_spread(x, like), like))(x)
    gone = tuple(k for k in range(2) if len(shape) < 2 or shape[k] == 1)
    np.testing.assert_allclose(gradient, np.sum(like, gone).reshape(shape), rtol=1e-6)
