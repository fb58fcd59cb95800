"""Laws of whole networks: layers in a chain, shared cells, the power record."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.network import (
    Parameters,
    build_layers,
    build_structure,
    counts_of,
    forward,
    power_of,
    printed_design,
)
from printron.network.crossbar import lowest_scale
from printron.technology import TechnologyError, technology

TOPOLOGY = (3, 2, 2)
# Signs and sizes without symmetry; 0.0002 is absent beside 0.9, the last ground is negative.
THETA = (
    np.array([[0.5, -0.3], [-0.2, 0.0002], [0.05, 0.4], [0.3, -0.1], [0.2, 0.9]]),
    np.array([[0.6, -0.25], [-0.1, 0.7], [0.15, 0.3], [0.35, -0.2]]),
)
VOLTS = np.array([[0.1, 0.9, 0.4, 0.0], [0.7, 0.2, 0.5, 1.0], [0.3, 0.8, 0.6, 0.25]])


def parameters_of(design, thetas=THETA, seed=0):
    """Parameters with these conductances and component values somewhere inside their ranges.

    The same values for every cell of a kind, so that sharing them or not is the same circuit.
    """
    rng = np.random.default_rng(seed)

    def cells(role):
        groups = design.groups(role)
        raw = rng.normal(size=(len(groups[0].model.cell.variables), 1)) * 0.5
        return tuple(jnp.asarray(raw.repeat(group.count, 1)) for group in groups)

    return Parameters(
        tuple(jnp.asarray(t) for t in thetas),
        cells("activation"),
        cells("negation"),
    )


@partial(jax.jit, static_argnums=0)
def _run(design, parameters, volts):
    layers = build_layers(design, parameters)
    out, crossbar = forward(design, layers, volts)
    return out, power_of(layers, crossbar), counts_of(layers)


def run(design, parameters, volts=VOLTS):
    """Output voltages, power record and counts, in one compiled program a design."""
    return jax.tree.map(np.asarray, _run(design, parameters, volts))


build = jax.jit(build_layers, static_argnums=0)


@pytest.fixture(scope="module")
def design(make_design):
    return make_design(TOPOLOGY)


@pytest.fixture(scope="module")
def solved(design):
    with jax.enable_x64(True):
        return run(design, parameters_of(design))


def reference(design, parameters, volts):
    """The same network as a person would write it down, resistor by resistor, in NumPy."""
    process = design.process
    cells = []
    for model, (raw, *_) in zip(
        design.models, (parameters.activation, parameters.negation), strict=True
    ):
        cell, surrogate = model.cell, model.surrogate
        u = printed_design(process, model, raw).normalized
        eta, power = (np.asarray(x)[..., 0] for x in surrogate.eta_power(u))
        q = dict(zip(cell.variables, surrogate.denormalize(np.asarray(u))[:, 0], strict=True))
        cells.append((eta, float(power), q))
    (eta_a, P_A, q_a), (eta_n, P_N, _) = cells
    # The level shifter of ptanh: R_in and R_shift in series from the column to -1 V.
    g_load, V_load = 1 / (q_a["R_in"] + q_a["R_shift"]), process.rail("vss")

    def activate(v):
        return eta_a[0] + eta_a[1] * np.tanh((v - eta_a[2]) * eta_a[3])

    def negate(v):
        return -(eta_n[0] + eta_n[1] * np.tanh((v - eta_n[2]) * eta_n[3]))

    v, powers = np.asarray(volts), []
    for theta in (np.asarray(t) for t in parameters.theta):
        rows = np.concatenate([v, np.full((1, v.shape[1]), 1.0), np.zeros((1, v.shape[1]))])
        out, burnt, activations, negated = [], 0.0, 0, set()
        for column in theta.T:
            g = np.abs(column) * (np.abs(column) >= np.abs(column).max() / 1000)
            g = g * process.g_min / g[g > 0].min()
            fed = [
                negate(rows[i]) if x < 0 and i < len(rows) - 1 else rows[i]
                for i, x in enumerate(column)
            ]
            negated |= {i for i, x in enumerate(column[:-1]) if x < 0 and g[i] > 0}
            load = g_load if g[:-2].any() else 0.0
            z = (sum(gi * vi for gi, vi in zip(g, fed, strict=True)) + load * V_load) / (
                g.sum() + load
            )
            burnt += sum(gi * np.mean((vi - z) ** 2) for gi, vi in zip(g, fed, strict=True))
            activations += bool(g[:-2].any())
            out.append(activate(z) if g[:-2].any() else z)
        powers.append((burnt, activations * P_A, len(negated) * P_N))
        v = np.array(out)
    return v, np.array(powers)


def test_a_network_equals_the_same_written_out_by_hand(design, solved):
    with jax.enable_x64(True):
        out, powers = reference(design, parameters_of(design), VOLTS)
    assert solved[0] == pytest.approx(out, abs=1e-9)
    record = solved[1]
    for k, cause in enumerate((record.crossbar, record.activation, record.negation)):
        assert cause == pytest.approx(powers[:, k], rel=1e-9)


def test_the_power_record_adds_up(solved):
    record = solved[1]
    parts = [getattr(record, cause) for cause in ("crossbar", "activation", "negation")]
    assert all(part.shape == (2,) and (part > 0).all() for part in parts)
    assert record.total == pytest.approx(
        sum(part[0] for part in parts) + sum(part[1] for part in parts)
    )


def test_counts_are_those_of_the_drawing(solved):
    counts = solved[2]
    assert counts.resistors.tolist() == [9, 8]
    assert counts.activations.tolist() == [2, 2]
    assert counts.negations.tolist() == [3, 2]


def test_power_is_the_average_over_the_samples(design, solved):
    with jax.enable_x64(True):
        # Four times the same sample: the shape, and so the compiled program, stays.
        each = [run(design, parameters_of(design), VOLTS[:, [k] * 4])[1].crossbar for k in range(4)]
    assert np.mean(each, 0) == pytest.approx(solved[1].crossbar, rel=1e-9)


@pytest.mark.parametrize("unprinted", [0.0, 0.0005])
def test_a_neuron_without_input_has_no_activation_circuit(design, solved, unprinted):
    """It is a divider of the bias: its column voltage is its output, and no load pulls at it."""
    theta = THETA[1].copy()
    theta[:2, 0] = unprinted * np.array([1, -1])
    theta[2:, 0] = 0.75, 0.25
    with jax.enable_x64(True):
        out, power, counts = run(design, parameters_of(design, (THETA[0], theta)))
    assert out[0] == pytest.approx(np.full(4, 0.75), rel=1e-9)
    assert out[1] == pytest.approx(solved[0][1], rel=1e-9)
    assert counts.activations.tolist() == [2, 1]
    assert power.activation[1] == pytest.approx(solved[1].activation[1] / 2, rel=1e-9)


def test_a_neuron_with_nothing_printed_is_at_0_V(design, solved):
    theta = THETA[1].copy()
    theta[:, 1] = 0
    with jax.enable_x64(True):
        out, power, counts = run(design, parameters_of(design, (THETA[0], theta)))
    assert np.array_equal(out[1], np.zeros(4))
    assert out[0] == pytest.approx(solved[0][0], rel=1e-9)
    assert counts.activations.tolist() == [2, 1]
    assert np.isfinite(power.total)


@pytest.mark.parametrize("outgoing", [0.0, 0.0003])
def test_a_neuron_that_feeds_nothing_is_not_printed(design, outgoing):
    """As if it were not there: no column, no activation, no negation for it alone."""
    thetas = THETA[0].copy(), THETA[1].copy()
    thetas[0][2, 0] = -0.05  # a row that only this neuron wants negated
    thetas[1][0] = outgoing * np.array([1, -1])
    without = thetas[0].copy(), thetas[1].copy()
    without[0][:, 0], without[1][0] = 0, 0
    with jax.enable_x64(True):
        out, power, counts = run(design, parameters_of(design, thetas))
        same = run(design, parameters_of(design, without))
    assert out == pytest.approx(same[0], rel=1e-12)
    assert counts.activations.tolist() == [1, 2]
    assert counts.resistors.tolist() == [4, 6]
    assert counts.negations.tolist() == same[2].negations.tolist() == [2, 1]
    assert power.total == pytest.approx(float(same[1].total), rel=1e-9)


@pytest.mark.parametrize("temperature", [None, 0.3])
def test_the_price_of_a_negation_is_felt_by_a_column_that_is_printed(design, temperature):
    """Not by the larger negative conductance of a neuron that feeds nothing."""
    thetas = THETA[0].copy(), THETA[1].copy()
    thetas[0][0] = -0.4, -0.05
    thetas[1][0] = 0

    def count(theta):
        parameters = parameters_of(design, (theta, thetas[1]))
        return build_layers(design, parameters, 1.0, temperature)[0].negations[0]

    with jax.enable_x64(True):
        slope = np.asarray(jax.grad(count)(jnp.asarray(thetas[0])))
    assert slope[0, 0] == 0
    assert slope[0, 1] < 0


def test_a_resistor_from_a_neuron_that_feeds_nothing_feels_what_it_would_carry(design):
    """The straight-through gradient sees the neuron's voltage, not that of a missing one."""
    thetas = THETA[0], THETA[1].copy()
    thetas[1][0] = 1e-9, -1e-9  # both far too small to be printed

    def first_output(theta):
        out, _ = forward(
            design,
            build_layers(design, parameters_of(design, (thetas[0], theta))),
            jnp.asarray(VOLTS),
        )
        return out[0, 0]

    with jax.enable_x64(True):
        slope = np.asarray(jax.grad(first_output)(jnp.asarray(thetas[1])))
        ground = slope[3, 0]
    assert abs(slope[0, 0] - ground) > 0.1 * abs(ground)


def test_permuting_hidden_neurons_leaves_the_outputs(design, solved):
    permuted = THETA[0][:, ::-1], THETA[1][[1, 0, 2, 3]]
    with jax.enable_x64(True):
        out, power, counts = run(design, parameters_of(design, permuted))
    assert out == pytest.approx(solved[0], abs=1e-12)
    assert power.total == pytest.approx(float(solved[1].total), rel=1e-12)
    for one, other in zip(counts, solved[2], strict=True):
        assert np.array_equal(one, other)


def test_a_gate_does_not_load_its_column(make_design):
    """ptanh has a level shifter to -1 V, the follower of clipped_relu only a gate."""
    loads = {}
    for name in ("ptanh", "clipped_relu"):
        design = make_design((1, 1), activation=name)
        theta = (np.array([[1.0], [0.5], [0.5]]),)
        load = build(design, parameters_of(design, theta))[0].activation.load
        loads[name] = float(load.conductance[0])
    assert 1 / 14e6 <= loads["ptanh"] <= 1 / 5e6
    assert loads["clipped_relu"] == 0


@pytest.mark.parametrize(
    ("sharing", "activations", "negations"),
    [("network", (1,), (1,)), ("layer", (1, 1), (1, 1)), ("neuron", (2, 2), (4, 3))],
)
def test_sharing_says_how_many_component_values_are_learned(
    make_design, solved, sharing, activations, negations
):
    """One q a network, a layer, or a neuron (negations: an input row, or the bias).

    With equal q the three are the same circuit.
    """
    design = make_design(TOPOLOGY, sharing=sharing)
    parameters = parameters_of(design)
    assert tuple(q.shape for q in parameters.activation) == tuple((8, k) for k in activations)
    assert tuple(q.shape for q in parameters.negation) == tuple((11, k) for k in negations)
    with jax.enable_x64(True):
        parameters = parameters_of(design)
        same = run(design, parameters)
    for one, other in zip(jax.tree.leaves(same), jax.tree.leaves(solved), strict=True):
        assert one == pytest.approx(other, rel=1e-9)


def test_cells_of_their_own_act_on_their_own_neuron(make_design, solved):
    """With sharing "neuron", the first output's q moves the first output and nothing else."""
    design = make_design(TOPOLOGY, sharing="neuron")
    with jax.enable_x64(True):
        it = parameters_of(design)
        moved = it.activation[1].at[:, 0].add(0.5)
        out, power, _ = run(design, it._replace(activation=(it.activation[0], moved)))
    assert np.abs(out[0] - solved[0][0]).max() > 1e-3
    assert out[1] == pytest.approx(solved[0][1], rel=1e-12)
    assert power.activation[0] == pytest.approx(solved[1].activation[0], rel=1e-12)


def test_the_slope_factor_makes_cells_flatter_only(design):
    parameters = parameters_of(design)
    full, half = build(design, parameters, 1.0)[0], build(design, parameters, 0.5)[0]
    for one, other in ((full.activation, half.activation), (full.negation, half.negation)):
        assert one.eta[:3] == pytest.approx(other.eta[:3])
        assert one.eta[3] == pytest.approx(2 * other.eta[3])
        assert np.array_equal(one.power, other.power)


@pytest.mark.parametrize("topology", [(3,), (0, 2), (3, 0, 2), ()])
def test_a_network_needs_inputs_and_outputs(make_design, topology):
    with pytest.raises(ValueError, match="it needs inputs and outputs, all above 0"):
        make_design(topology)


def test_unknown_sharing_is_one_sentence(make_design):
    with pytest.raises(ValueError, match="got sharing = 'row'; allowed are network, layer, neuron"):
        make_design(TOPOLOGY, sharing="row")


def test_a_cell_in_the_wrong_role_is_one_sentence(make_design):
    """The library's cells have one role each; the message lists those that fit."""
    activation, negation = (model.surrogate for model in make_design(TOPOLOGY).models)
    with pytest.raises(TechnologyError, match="not an activation cell"):
        build_structure(technology(), TOPOLOGY, activation=negation, negation=activation)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"crossbar": {"V_bias": 1.5}}, "got 1.5 V (V_bias) at the input of cell 'ptanh'"),
        ({"rails": {"vss": -1.2}}, "got -1.2 V (rail vss) at the input of cell 'ptanh'"),
    ],
)
def test_voltages_outside_a_cells_sweep_are_refused(make_design, change, sentence):
    """There, the curve would be extrapolated without a word."""
    design = make_design(TOPOLOGY)
    process = design.process
    if "rails" in change:
        process = process.model_copy(update={"rails": {**process.rails, **change["rails"]}})
    else:
        crossbar = process.crossbar.model_copy(update=change["crossbar"])
        process = process.model_copy(update={"crossbar": crossbar})
    with pytest.raises(TechnologyError) as error:
        build_structure(
            technology(process),
            TOPOLOGY,
            activation=design.models[0].surrogate,
            negation=design.models[1].surrogate,
        )
    assert sentence in str(error.value)


def test_without_a_load_a_scale_only_burns(make_design):
    """Cells without input resistors: voltages stay, each crossbar's power grows by the factor."""
    design = make_design(TOPOLOGY, activation="ptanh_published")
    assert design.models[0].cell.input_load is None
    parameters = parameters_of(design)
    ends = design.process.g_min, design.process.g_max
    scale = (lowest_scale(t, *ends) + np.log(k) for t, k in zip(THETA, (3, 5), strict=True))
    scaled = parameters._replace(scale=tuple(scale))
    (out, power, counts), (same, more, few) = run(design, parameters), run(design, scaled)
    np.testing.assert_allclose(same, out, atol=1e-6)
    np.testing.assert_allclose(more.crossbar, power.crossbar * np.array([3, 5]), rtol=1e-4)
    np.testing.assert_array_equal(more.negation, power.negation)
    for one, other in zip(counts, few, strict=True):
        np.testing.assert_array_equal(one, other)
