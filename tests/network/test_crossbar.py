"""Laws of the printed crossbar: Kirchhoff, energy, and what printing does to conductances."""

import jax
import numpy as np
import pytest
from crossbar_reference import (
    G_MAX,
    G_MIN,
    INPUTS,
    OUTPUTS,
    Case,
    as_they_are,
    cases,
    currents,
    load_current,
    printed,
    resistor_volts,
    solve,
    thetas,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from printron.network import print_crossbar, solve_columns

laws = settings(deadline=None, max_examples=150, derandomize=True)

# Rounding: currents are differences of terms up to G V, powers of terms up to G V^2.
EPS = 1e-12


def scale_of(crossbar, case):
    """Largest current a column could carry, A: what a rounding error is compared with."""
    return (crossbar.plus + crossbar.minus).sum() + case.load.sum() + G_MIN


def steady(power, case, crossbar):
    return pytest.approx(power, rel=1e-9, abs=EPS * scale_of(crossbar, case))


@laws
@given(cases())
def test_kirchhoff_balances_at_every_column(case):
    crossbar, (z, _) = solve(case)
    into = currents(case, crossbar, z).sum(0) - load_current(case, crossbar, z)
    assert np.abs(into).max() <= EPS * scale_of(crossbar, case)


@laws
@given(cases())
def test_power_is_the_sum_over_all_resistors_and_samples(case):
    """The closed form against sum_ij g_ij (v_ij - z_j)^2, written out."""
    crossbar, (z, power) = solve(case)
    g = (crossbar.plus + crossbar.minus)[:, :, None]
    explicit = (g * (resistor_volts(case) - z) ** 2).sum((0, 1)) @ case.weights
    assert power == steady(explicit, case, crossbar)


@laws
@given(cases())
def test_power_is_never_negative(case):
    crossbar, (_, power) = solve(case)
    assert power >= -EPS * scale_of(crossbar, case)


@laws
@given(cases())
def test_power_is_what_the_sources_deliver_less_what_flows_into_the_load(case):
    """sum_ij v_ij I_ij - sum_j z_j I_load,j with I_ij the current out of the row's source."""
    crossbar, (z, power) = solve(case)
    delivered = (resistor_volts(case) * currents(case, crossbar, z)).sum((0, 1))
    into_load = (z * load_current(case, crossbar, z)).sum(0)
    assert power == steady((delivered - into_load) @ case.weights, case, crossbar)


@laws
@given(cases())
def test_column_voltages_lie_between_their_sources(case):
    crossbar, (z, _) = solve(case)
    for j in range(z.shape[0]):
        rows = crossbar.printed[:, j]
        if not rows.any():
            continue
        seen = resistor_volts(case)[rows, j]
        if case.load[j]:
            seen = np.concatenate([seen, np.full((1, z.shape[1]), case.load_volts)])
        assert np.all(z[j] >= seen.min(0) - EPS)
        assert np.all(z[j] <= seen.max(0) + EPS)


@laws
@given(cases(), st.integers(0, INPUTS + 1))
def test_zero_conductance_is_an_absent_resistor(case, row):
    """What its row carries does not matter; the rest is a crossbar without that row."""
    case.theta[row] = 0
    crossbar, (z, power) = solve(case)
    assert not crossbar.printed[row].any()
    other = case
    if row < INPUTS:
        v, negated = case.v.copy(), case.negated.copy()
        v[row], negated[row] = 0.7, -0.9
        other = case._replace(v=v, negated=negated)
    elif row == INPUTS:
        other = case._replace(bias=0.3, negated_bias=0.9)
    _, (z_other, power_other) = solve(other)
    assert z_other == pytest.approx(z, rel=0, abs=EPS)
    assert power_other == steady(power, case, crossbar)


def test_a_column_with_nothing_printed_is_0_V_even_with_a_load():
    theta = np.array([[0.5, 0], [0.3, 0], [-0.2, 0], [0.1, 0], [0.4, 0]])
    case = Case(
        theta,
        v=np.full((3, 4), 0.5),
        negated=np.full((3, 4), -0.5),
        bias=1.0,
        negated_bias=-0.5,
        load=np.full(2, 2e-7),
        load_volts=-1.0,
        weights=np.full(4, 0.25),
    )
    crossbar, (z, power) = solve(case)
    assert np.array_equal(z[1], np.zeros(4))
    alone = solve(case._replace(theta=theta[:, [0, 0]]))[1].power
    assert 2 * power == pytest.approx(float(alone), rel=1e-12)
    assert crossbar.column_sum[1] == 0


@laws
@given(thetas)
def test_every_column_is_scaled_as_low_as_printing_allows(theta):
    """The smallest printed conductance is g_min, all lie in the range, ratios are kept."""
    crossbar = printed(theta)
    g = crossbar.plus + crossbar.minus
    assert np.array_equal(g > 0, crossbar.printed)
    for j in range(theta.shape[1]):
        kept = crossbar.printed[:, j]
        if not kept.any():
            assert not theta[:, j].any()
            continue
        assert g[kept, j].min() == pytest.approx(G_MIN, rel=1e-12)
        assert g[kept, j].max() <= G_MAX * (1 + 1e-9)
        ratio = g[kept, j] / np.abs(theta[kept, j])
        assert ratio == pytest.approx(np.full(kept.sum(), ratio[0]), rel=1e-12)


@laws
@given(thetas)
def test_what_cannot_be_printed_beside_the_largest_is_absent(theta):
    """Python, one resistor at a time, against the package."""
    crossbar = printed(theta)
    for i, j in np.ndindex(*theta.shape):
        largest = max(abs(x) for x in theta[:, j])
        absent = theta[i, j] == 0 or abs(theta[i, j]) < largest * (G_MIN / G_MAX)
        assert crossbar.printed[i, j] == (not absent)


def test_an_absent_resistor_is_not_the_smallest():
    """1 and 0.5 stand beside 0.0009, which is below 1/1000: 0.5 becomes g_min, not 0.0009."""
    crossbar = printed([[1.0], [0.5], [0.0009], [0.0]])
    assert crossbar.plus[:, 0] == pytest.approx([2e-7, 1e-7, 0, 0], rel=1e-12)
    just_printed = printed([[1.0], [0.5], [0.0011], [0.0]])
    assert just_printed.plus[:, 0] == pytest.approx([1e-7 / 0.0011, 0.5e-7 / 0.0011, 1e-7, 0])


@laws
@given(cases(), st.floats(1e-3, 1e3))
def test_scaling_a_column_changes_nothing(case, factor):
    # On the very edge of what can be printed, rounding of the factor decides.
    size = np.abs(case.theta)
    edge = size.max(0) * (G_MIN / G_MAX)
    if np.any((size > 0) & (np.abs(size / np.where(edge > 0, edge, 1) - 1) < 1e-9)):
        return
    crossbar, columns = solve(case)
    scaled, same = solve(case._replace(theta=case.theta * np.array([factor, 1])))
    assert scaled.plus == pytest.approx(crossbar.plus, rel=1e-9)
    assert scaled.minus == pytest.approx(crossbar.minus, rel=1e-9)
    assert same.z == pytest.approx(columns.z, abs=1e-9)
    assert same.power == pytest.approx(float(columns.power), rel=1e-9, abs=1e-18)


@laws
@given(thetas, hnp.arrays(np.float64, OUTPUTS, elements=st.floats(-1, 10)))
def test_a_scale_is_what_the_best_conductor_of_a_column_is(theta, scale):
    """As far as its smallest and it can be printed; ratios, signs and what is absent stay."""
    low, crossbar = printed(theta), printed(theta, scale)
    g, g_low = crossbar.plus + crossbar.minus, low.plus + low.minus
    best = np.clip(G_MIN * np.exp(scale), g_low.max(0), G_MAX)
    some = g_low.max(0) > 0
    factor = np.where(some, best / np.where(some, g_low.max(0), 1), 1)
    assert g == pytest.approx(g_low * factor, rel=1e-9, abs=0)
    assert np.array_equal(crossbar.printed, low.printed)
    assert np.array_equal(crossbar.minus > 0, low.minus > 0)


def test_a_resistor_that_comes_and_goes_leaves_its_column_as_it_was():
    """At 5 uS the best conductor stays there, but for where the smallest could not be printed."""
    scale = np.array([np.log(50)])
    best = [
        float(printed([[1.0], [0.5], [small], [0.25]], scale).plus.max())
        for small in (0.2, 0.02, 0.01, 0.0011, 0.0009, 0.0)
    ]
    assert best == pytest.approx([5e-6, 5e-6, 1e-5, 1e-4 / 1.1, 5e-6, 5e-6], rel=1e-9)


@pytest.mark.parametrize(
    ("scale", "slope", "back"),
    [(5.0, 1, 1), (5.0, -1, 1), (-1.0, 1, 0), (-1.0, -1, 1), (9.0, 1, 1), (9.0, -1, 0)],
)
def test_from_outside_its_range_a_scale_is_led_back_and_no_further_out(scale, slope, back):
    """`slope`: of the loss by the column's conductance, whose slope by the scale is itself."""
    theta = np.array([[1.0], [0.5], [0.25]])

    @jax.jit
    @jax.value_and_grad
    def loss(scale):
        return slope * print_crossbar(theta, G_MIN, G_MAX, scale=scale).column_sum.sum()

    with jax.enable_x64(True):
        value, gradient = loss(np.array([scale]))
    assert np.asarray(gradient) == pytest.approx([back * float(value)], rel=1e-12)


@laws
@given(cases(), st.permutations(range(INPUTS)))
def test_permuting_inputs_permutes_rows_and_leaves_columns(case, order):
    rows = np.array([*order, INPUTS, INPUTS + 1])
    crossbar, columns = solve(case)
    permuted, same = solve(
        case._replace(theta=case.theta[rows], v=case.v[order], negated=case.negated[order])
    )
    for name in ("plus", "minus", "printed"):
        assert np.array_equal(getattr(crossbar, name)[rows], getattr(permuted, name))
    assert np.array_equal(np.asarray(crossbar.negated_rows)[rows[:-1]], permuted.negated_rows)
    assert same.z == pytest.approx(columns.z, abs=EPS)
    assert same.power == steady(float(columns.power), case, crossbar)


@laws
@given(cases())
def test_the_sign_of_the_ground_row_means_nothing(case):
    flipped = case.theta * np.array([1] * (INPUTS + 1) + [-1])[:, None]
    for one, other in zip(
        jax.tree.leaves(solve(case)),
        jax.tree.leaves(solve(case._replace(theta=flipped))),
        strict=True,
    ):
        assert np.array_equal(one, other)


def test_a_negative_sign_feeds_the_resistor_by_the_negation():
    """By hand, with nothing symmetric: inputs 0.2 V and 0.6 V (negated: -0.25 V and -0.5 V).

    Theta 3, -1, 1 (bias), 5 (ground), in units of the smallest: 3, 1, 1, 5 times 0.1 uS.
    z = (3 * 0.2 + 1 * (-0.5) + 1 * 1 + 5 * 0) / 10 = 0.11 V.
    P = 0.1 uS (3 * 0.09^2 + 1 * 0.61^2 + 1 * 0.89^2 + 5 * 0.11^2) = 0.1249 uW.
    """
    case = Case(
        theta=np.array([[3.0], [-1.0], [1.0], [5.0]]),
        v=np.array([[0.2], [0.6]]),
        negated=np.array([[-0.25], [-0.5]]),
        bias=1.0,
        negated_bias=-0.7,
        load=np.zeros(1),
        load_volts=0.0,
        weights=np.ones(1),
    )
    crossbar, (z, power) = solve(case)
    assert crossbar.negated_rows.tolist() == [False, True, False]
    assert float(z[0, 0]) == pytest.approx(0.11, rel=1e-12)
    assert float(power) == pytest.approx(0.1249e-6, rel=1e-12)
    # A negated bias, by hand: z = (0.6 - 0.5 - 0.7) / 10.
    _, (z, _) = solve(case._replace(theta=np.array([[3.0], [-1.0], [-1.0], [5.0]])))
    assert float(z[0, 0]) == pytest.approx(-0.06, rel=1e-12)


def test_a_load_is_one_more_resistor_of_the_column():
    """The same by hand with a load of 0.2 uS to -1 V: z = (1.1 - 2) / 12."""
    case = Case(
        theta=np.array([[3.0], [-1.0], [1.0], [5.0]]),
        v=np.array([[0.2], [0.6]]),
        negated=np.array([[-0.25], [-0.5]]),
        bias=1.0,
        negated_bias=-0.7,
        load=np.array([2e-7]),
        load_volts=-1.0,
        weights=np.ones(1),
    )
    _, (z, _) = solve(case)
    assert float(z[0, 0]) == pytest.approx(-0.9 / 12, rel=1e-12)


@laws
@given(cases())
def test_blocks_of_samples_add_up(case):
    """Weights that sum to a block's share of 1 give the block's share of the power."""
    crossbar, (z, power) = solve(case)
    first = np.arange(case.weights.size) < 2
    parts = [solve(case._replace(weights=case.weights * part))[1] for part in (first, ~first)]
    assert parts[0].power + parts[1].power == steady(float(power), case, crossbar)
    assert np.array_equal(parts[0].z, z)


def test_an_absent_resistor_receives_a_gradient():
    """Straight through: as if it were there, dz/d|Theta| = (v - z) / sum of the printed |Theta|."""
    theta = np.array([[1.0], [-0.0004], [0.5], [0.25]])  # the second is absent
    v, negated = np.array([[0.2], [0.6]]), np.array([[-0.25], [-0.5]])

    @jax.jit
    @jax.value_and_grad
    def column(theta):
        crossbar = print_crossbar(theta, G_MIN, G_MAX)
        none = jax.numpy.zeros(1)
        one = jax.numpy.ones(1)
        own = as_they_are(negated, -0.7)
        return solve_columns(crossbar, jax.numpy.asarray(v), own, 1.0, none, 0.0, one).z[0, 0]

    with jax.enable_x64(True):
        z, gradient = column(theta)
    total = 1.75
    assert float(z) == pytest.approx((0.2 + 0.5) / total, rel=1e-12)
    sign, volts = np.array([1, -1, 1, 1]), np.array([0.2, -0.5, 1.0, 0.0])
    assert np.asarray(gradient)[:, 0] == pytest.approx(sign * (volts - float(z)) / total, rel=1e-9)


def test_a_column_of_zeros_has_finite_gradients():
    @jax.jit
    @jax.grad
    def total(theta):
        crossbar = print_crossbar(theta, G_MIN, G_MAX)
        v = jax.numpy.full((1, 2), 0.5)
        load = jax.numpy.full(2, 1e-7)
        columns = solve_columns(
            crossbar, v, as_they_are(-v, -1.0), 1.0, load, -1.0, jax.numpy.full(2, 0.5)
        )
        return columns.z.sum() + 1e6 * columns.power

    gradient = total(np.array([[1.0, 0.0], [0.5, 0.0], [-0.2, 0.0]]))
    assert np.isfinite(gradient).all()
