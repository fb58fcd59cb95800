"""The loss: its terms, its gradient, and that blocks of rows are only a way to compute it."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.network import Parameters, build_layers, forward
from printron.training.blocks import Blocks, cut_blocks
from printron.training.goal import WeightedPower
from printron.training.ideal import evaluate, loss
from printron.training.terms import LOGIT_SCALE_PER_V, Terms, whole_rows

TOPOLOGY = (2, 2, 2)
ALPHA, P_REF = 0.3, 5e-4
# All printed, no size near another's, no sign near a change: away from every kink.
THETA = (
    np.array([[0.5, -0.35], [-0.2, 0.45], [0.25, 0.3], [0.4, 0.6]]),
    np.array([[0.6, -0.25], [-0.3, 0.7], [-0.15, 0.35], [0.45, 0.2]]),
)
SAMPLES = 21
BLOCK = 7  # three blocks; with two rows taken away, the last is padded


@pytest.fixture(scope="module")
def design(make_design):
    return make_design(TOPOLOGY)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    volts = rng.uniform(size=(2, SAMPLES)).astype(np.float32)
    return volts, (volts.sum(0) + 0.2 * rng.normal(size=SAMPLES) > 1).astype(np.int32)


@pytest.fixture(scope="module")
def parameters(design):
    rng = np.random.default_rng(4)

    def cells(surrogate):
        return (0.5 * rng.normal(size=(len(surrogate.variables), 1)),)

    return Parameters(THETA, *(cells(model.surrogate) for model in design.models))


def weights(alpha):
    goal = jax.tree.map(lambda _: alpha, WeightedPower(0.5, P_ref=P_REF))
    return goal.weights(goal.begin())


@partial(jax.jit, static_argnums=(0, 4))
@partial(jax.value_and_grad, argnums=1)
def _value_and_gradient(design, parameters, alpha, rows, temperature):
    return loss(parameters, design, weights(alpha), 0.4, rows, temperature)


def value_and_gradient(design, parameters, rows, alpha=ALPHA, temperature=None):
    """In float64, at a slope factor of 0.4."""
    with jax.enable_x64(True):
        rows = jax.tree.map(jnp.asarray, rows)
        found = _value_and_gradient(design, parameters, jnp.asarray(alpha), rows, temperature)
        return jax.tree.map(np.asarray, found)


def one_block(volts, labels):
    samples = len(labels)
    weights = np.full((1, samples), 1 / samples)
    return Blocks(volts[None].astype(np.float64), labels[None], weights, np.zeros(1, int))


@pytest.fixture(scope="module")
def solved(design, parameters, data):
    return value_and_gradient(design, parameters, one_block(*data))


@partial(jax.jit, static_argnums=0)
def _cell_powers(design, parameters):
    layer = build_layers(design, parameters)[0]
    return layer.activation.power[0], layer.negation.power[0]


def gradient_of_the_soft_counts(design, parameters):
    """Of alpha / P_ref sum_layers P^N sum_rows max_columns 1{Theta<0} (1 - sigmoid(Theta))."""
    with jax.enable_x64(True):
        power = float(_cell_powers(design, parameters)[1])
    slopes = []
    for theta in parameters.theta:
        slope = np.zeros_like(theta)
        for i, row in enumerate(theta[:-1]):
            j = row.argmin()
            if row[j] < 0:
                s = 1 / (1 + np.exp(-row[j]))
                slope[i, j] = -s * (1 - s)
        slopes.append(ALPHA / P_REF * power * slope)
    return slopes


def soft_counts_with_temperature(thetas, scales, P_A, P_N):
    """Power of all circuits by their soft counts, W; `scales`: T mean |Theta| of every column."""
    x = [theta / scale for theta, scale in zip(thetas, scales, strict=True)]
    power = 0.0
    for k, it in enumerate(x):
        wanted = np.where(it[:-1] < 0, 1 - 1 / (1 + np.exp(-it[:-1])), 0).max(1)
        power += P_N * 2 * wanted.sum()
        fed = np.tanh(np.sqrt((it[:-2] ** 2).mean(0)))
        feeds = np.tanh(np.sqrt((x[k + 1][:-2] ** 2).mean(1))) if k + 1 < len(x) else 1
        power += P_A * (fed * feeds).sum()
    return power


def test_with_a_temperature_the_gradient_is_that_of_the_soft_counts(
    design, parameters, data, solved
):
    """Beside the rest, which knows no temperature; written out in NumPy, by finite differences."""
    temperature, step = 0.3, 1e-6
    found = value_and_gradient(design, parameters, one_block(*data), temperature=temperature)
    assert found[0] == pytest.approx(float(solved[0]), rel=1e-12)
    with jax.enable_x64(True):
        powers = [float(power) for power in _cell_powers(design, parameters)]
    scales = [temperature * np.abs(theta).mean(0) for theta in THETA]
    published = gradient_of_the_soft_counts(design, parameters)
    for k, theta in enumerate(THETA):
        expected = np.zeros_like(theta)
        for place in np.ndindex(*theta.shape):
            ends = []
            for sign in (1, -1):
                moved = [it.copy() for it in THETA]
                moved[k][place] += sign * step
                ends.append(soft_counts_with_temperature(moved, scales, *powers))
            expected[place] = ALPHA / P_REF * (ends[0] - ends[1]) / (2 * step)
        rest = solved[1].theta[k] - published[k]
        assert np.abs(expected[:-2]).max() > 0.01
        assert found[1].theta[k] - rest == pytest.approx(expected, rel=1e-5, abs=1e-7)


def finite_differences(design, parameters, rows, step=1e-6):
    """Central differences of the objective along every number in the parameters."""
    leaves, tree = jax.tree.flatten(parameters)
    slopes = []
    for k, leaf in enumerate(leaves):
        slope = np.zeros_like(leaf)
        for place in np.ndindex(*leaf.shape):
            ends = []
            for sign in (1, -1):
                moved = leaf.copy()
                moved[place] += sign * step
                it = jax.tree.unflatten(tree, [*leaves[:k], moved, *leaves[k + 1 :]])
                ends.append(value_and_gradient(design, it, rows)[0])
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        slopes.append(slope)
    return jax.tree.unflatten(tree, slopes)


def test_the_gradient_equals_finite_differences(design, parameters, data, solved):
    """The counts are constant under a small step; their soft gradient is taken away first."""
    expected = finite_differences(design, parameters, one_block(*data))
    gradient = solved[1]
    soft = gradient_of_the_soft_counts(design, parameters)
    for found, count, slope in zip(gradient.theta, soft, expected.theta, strict=True):
        assert np.abs(count).max() > 1e-3  # else the price of a negation would not be tested
        assert found - count == pytest.approx(slope, rel=1e-5, abs=1e-7)
    for found, slope in (
        (gradient.activation[0], expected.activation[0]),
        (gradient.negation[0], expected.negation[0]),
    ):
        assert np.abs(slope).max() > 1e-3
        assert found == pytest.approx(slope, rel=1e-5, abs=1e-7)


def test_the_objective_is_a_weighted_sum(design, parameters, data):
    """Of the mean cross-entropy (alpha 0) and the power over P_ref (alpha 1), linear between."""
    rows = one_block(*data)
    entropy, power, mixed = (
        value_and_gradient(design, parameters, rows, alpha)[0] for alpha in (0.0, 1.0, ALPHA)
    )
    assert mixed == pytest.approx((1 - ALPHA) * entropy + ALPHA * power, rel=1e-12)


def test_terms_make_up_the_objective_of_the_real_circuit(design, parameters, data):
    """Cross-entropy and accuracy from the output voltages by plain NumPy."""
    with jax.enable_x64(True):
        rows = jax.tree.map(jnp.asarray, one_block(*data))

        @jax.jit
        def compute(parameters):
            out, _ = forward(design, build_layers(design, parameters), rows.volts[0])
            value = loss(parameters, design, weights(jnp.asarray(ALPHA)), 1.0, rows)
            return out, value, evaluate(parameters, design, rows)

        out, value, terms = jax.tree.map(np.asarray, compute(parameters))
    labels = data[1]
    logits = LOGIT_SCALE_PER_V * out
    chance = np.exp(logits) / np.exp(logits).sum(0)
    entropy = -np.log(chance[labels, np.arange(SAMPLES)]).mean()
    assert terms.cross_entropy == pytest.approx(entropy, rel=1e-9)
    assert terms.accuracy == pytest.approx((out.argmax(0) == labels).mean())
    power = float(terms.power.total)
    assert value == pytest.approx((1 - ALPHA) * entropy + ALPHA * power / P_REF, rel=1e-9)


@pytest.mark.parametrize("samples", [SAMPLES, SAMPLES - 2])
def test_several_blocks_equal_one(design, parameters, data, samples):
    """Value and gradient, without and with rows of padding."""
    volts, labels = data[0][:, :samples], data[1][:samples]
    # Rows of weight 0 fill the one block, too: it is the program that other tests use.
    full = one_block(*data)
    weights = np.where(np.arange(SAMPLES) < samples, 1 / samples, 0)[None]
    whole = value_and_gradient(design, parameters, full._replace(weights=weights))
    cut = cut_blocks(volts, labels, BLOCK)
    assert cut.labels.shape == (3, 7)
    for one, other in zip(
        jax.tree.leaves(whole),
        jax.tree.leaves(value_and_gradient(design, parameters, cut)),
        strict=True,
    ):
        assert other == pytest.approx(one, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("samples", "block"), [(1, 8), (8, 8), (9, 8), (13, 5), (20, 1), (13, 12), (3, 8)]
)
def test_cutting_keeps_every_row_once(samples, block, exact):
    volts = np.arange(2 * samples, dtype=np.float32).reshape(2, samples)
    labels = np.arange(samples, dtype=np.int32)
    cut = jax.tree.map(np.asarray, cut_blocks(volts, labels, block, exact=exact))
    assert cut.labels.shape[1] <= block
    assert not exact or cut.labels.shape[1] == block
    assert (cut.weights.sum(1) > 0).all()  # no block is padding alone
    assert cut.weights.sum() == pytest.approx(1)
    real = cut.weights > 0
    assert cut.weights[real] == pytest.approx(np.full(samples, 1 / samples))
    assert np.array_equal(cut.labels[real], labels)
    assert np.array_equal(np.moveaxis(cut.volts, 1, 0)[:, real], volts)


@pytest.mark.parametrize("samples", [SAMPLES, SAMPLES - 2])
def test_the_rows_of_a_step_weigh_as_much_as_all(data, samples):
    """Also those of the last block, which is padded."""
    cut = cut_blocks(data[0][:, :samples], data[1][:samples], BLOCK)
    for step in range(4):
        weights = np.asarray(cut.turn(jnp.asarray(step), BLOCK).weights)
        assert weights.sum() == pytest.approx(1)
        assert len(set(weights[weights > 0].round(6))) == 1


@pytest.mark.parametrize(("rows_per_step", "steps"), [(7, 3), (14, 3), (6, 3)])
def test_rows_in_turn_are_seen_equally_often(data, rows_per_step, steps):
    """Over as many steps as there are blocks."""
    cut = cut_blocks(*data, BLOCK)
    parts = [cut.turn(jnp.asarray(step), rows_per_step) for step in range(steps)]
    seen = np.concatenate([np.asarray(part.labels).ravel() for part in parts])
    volts = np.concatenate([np.asarray(p.volts).swapaxes(0, 1).reshape(2, -1) for p in parts], 1)
    times = len(seen) // SAMPLES
    assert times == max(rows_per_step // BLOCK, 1)
    assert sorted(map(tuple, volts.T)) == sorted(map(tuple, np.tile(data[0], times).T))
    for part in parts:
        assert np.asarray(part.weights).sum() == pytest.approx(1)


def test_few_rows_are_seen_in_every_step(data):
    cut = cut_blocks(*data, BLOCK)
    assert cut.turn(jnp.asarray(5), SAMPLES) is cut


def test_shuffling_rows_keeps_them(data):
    plain, shuffled = (cut_blocks(*data, SAMPLES, shuffled=it) for it in (False, True))
    pairs = [
        sorted(
            (*v, y)
            for v, y in zip(np.asarray(it.volts[0]).T, np.asarray(it.labels[0]), strict=True)
        )
        for it in (plain, shuffled)
    ]
    assert pairs[0] == pairs[1]
    assert not np.array_equal(plain.labels, shuffled.labels)


@pytest.mark.parametrize("rows", [7, 30, 150, 10992])
def test_an_accuracy_is_the_share_that_sums_of_weights_only_come_near(rows):
    hits = np.array([0, 1, rows // 2, rows])
    summed = np.float32(hits / rows) * np.float32(1 + 4e-7)
    terms = Terms(0, summed, 0, summed[::-1], summed[:, None], summed[:, None], summed)
    whole = whole_rows(terms, rows)
    assert np.array_equal(whole.accuracy, hits / rows)
    assert np.array_equal(whole.clear, hits[::-1] / rows)
    assert np.array_equal(whole.of_class[:, 0], hits / rows)
    assert np.array_equal(whole.solved, hits / rows)
