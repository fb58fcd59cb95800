"""Training against the loaded circuit: what a run claims is what its circuit does."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from unoptimized import unoptimized

from printron.network import Parameters, Power, build_layers, solve_loaded
from printron.network.loaded import begin_track
from printron.training import DIVERGED, TRAINED, Schedule, WeightedPower, train
from printron.training import ideal as ideal_module
from printron.training import loaded as loaded_module
from printron.training.blocks import cut_blocks, equal_blocks, summed
from printron.training.judging import Sums, judged, terms_of
from printron.training.loaded import begin_loaded, loaded_step
from printron.training.state import Best
from printron.training.terms import cross_entropy

IDEAL = Schedule(epochs=100, check_every=20, anneal_share=0.5, learning_rate=0.02, starts=1)
LOADED = replace(IDEAL, sources="loaded", loaded_epochs=60)
ALPHAS, SEEDS = np.array([0.0, 0.0, 0.5]), np.array([1, 2, 1])
GOALS = tuple(map(WeightedPower, ALPHAS))
P_REF = 1e-3


@pytest.fixture(scope="module")
def ideal(small, rows):
    return train(small, rows, GOALS, SEEDS, schedule=IDEAL)


@pytest.fixture(scope="module")
def loaded(small, rows):
    return train(small, rows, GOALS, SEEDS, schedule=LOADED)


@partial(unoptimized, static_argnums=0)
def solved(design, parameters, volts):
    return solve_loaded(design, build_layers(design, parameters), volts)


def exact(design, parameters, rows):
    """Outputs and mean power of a run's circuit on all splits, in double precision."""
    each = [volts for volts, _ in rows.values()]
    with jax.enable_x64(True):
        parameters = jax.tree.map(jnp.asarray, parameters)
        it = solved(design, parameters, jnp.asarray(np.concatenate(each, 1), float))
        assert it.converged.all()
        out, power = np.asarray(it.out), np.asarray(sum(it.delivered.values()))
    ends = np.cumsum([volts.shape[1] for volts in each])[:-1]
    parts = zip(np.split(out, ends, 1), np.split(power, ends), strict=True)
    return {name: (o, p.mean()) for name, (o, p) in zip(rows, parts, strict=True)}


def all_of(volts, labels):
    """Rows as one block."""
    return equal_blocks(volts, labels, len(labels))[0]


@pytest.mark.slow
def test_what_a_run_claims_is_what_its_circuit_does(small, rows, loaded):
    assert loaded.status == (TRAINED,) * 3
    for k in range(len(ALPHAS)):
        found = exact(small, jax.tree.map(lambda x, k=k: x[k], loaded.parameters), rows)
        for split, (_, labels) in rows.items():
            (out, power), terms = found[split], loaded.terms[split]
            assert terms.accuracy[k] == np.mean(out.argmax(0) == labels)
            assert terms.power.total[k] == pytest.approx(power, rel=1e-4)


@pytest.mark.slow
def test_training_on_never_gives_a_worse_circuit_than_it_was_given(small, rows, ideal, loaded):
    volts, labels = rows["valid"]
    for k, alpha in enumerate(ALPHAS):
        own = jax.tree.map(lambda x, k=k: x[k], ideal.parameters)
        out, power = exact(small, own, {"valid": rows["valid"]})["valid"]
        entropy = float(cross_entropy(jnp.asarray(out), all_of(volts, labels)))
        given = (1 - alpha) * entropy + alpha * power / ideal.P_ref
        assert loaded.score[k] <= given * (1 + 1e-4)  # of single precision
    assert (loaded.epoch > IDEAL.epochs).any(), "nothing was learned"


@pytest.mark.slow
def test_a_run_does_not_depend_on_its_neighbours(small, rows, loaded):
    alone = train(small, rows, GOALS[1:2], SEEDS[1:2], schedule=LOADED, workers=1)
    for a, b in zip(
        jax.tree.leaves(alone.parameters), jax.tree.leaves(loaded.parameters), strict=True
    ):
        np.testing.assert_array_equal(a[0], b[1])
    assert alone.score[0] == loaded.score[1]


@pytest.mark.slow
def test_what_columns_conduct_is_learned(small, rows, loaded):
    """That it is not where nobody asks for it, `test_batch` sees in a step."""
    volts = jnp.asarray(rows["train"][0])
    begin = unoptimized(ideal_module.begin_ideal, static_argnums=(0, 1))
    for k, seed in enumerate(SEEDS):
        begun = begin(small, LOADED, GOALS[k], jnp.asarray(seed), jnp.asarray(0), volts)
        start = np.asarray(begun.parameters.scale[0])
        assert ALPHAS[k] > 0 or (loaded.parameters.scale[0][k] != 0).all()
        assert not np.isclose(loaded.parameters.scale[0][k], start, rtol=1e-5, atol=0).any()


step = unoptimized(loaded_step, static_argnums=(0, 1))


def begun(design, schedule, parameters, data):
    """The state before the first step, on some blocks of rows: without loading."""
    best = Best(jnp.asarray(0.0), parameters, jnp.asarray(20))
    state = begin_loaded(design, schedule, jnp.asarray(3), best)
    layers = build_layers(design, parameters)
    track = jax.lax.map(lambda v: begin_track(design, layers, v, 0.0), data.volts)
    return state._replace(track=track)


@pytest.fixture(scope="module")
def slopes(small, rows, ideal):
    """Parameters of a run, and the exact gradient of its loss on all training rows."""
    one = jax.tree.map(lambda x: jnp.asarray(x[0]), ideal.parameters)
    whole, alpha = cut_blocks(*rows["train"], 10**6), 0.3

    def loss(p):
        layers = build_layers(small, p, temperature=LOADED.count_temperature)
        found = solve_loaded(small, layers, whole.volts[0])
        heat = jnp.stack(list(found.dissipated.values())).sum((0, 1)) @ whole.weights[0]
        all_rows = jax.tree.map(lambda x: x[0], whole)
        return (1 - alpha) * cross_entropy(found.out, all_rows) + alpha * heat / P_REF

    return one, unoptimized(jax.grad(loss))(one)


@pytest.mark.slow
@pytest.mark.parametrize("block", [10**6, 16], ids=["whole", "blocks"])
def test_a_step_goes_down_the_loss_of_the_loaded_circuit(small, rows, slopes, block):
    """At a track that has settled, the first step of Adam has the sign of the exact gradient."""
    schedule = replace(LOADED, loaded_noise=0.0, loading_share=0.0, rows_per_step=10**6)
    one, gradient = slopes
    data, goal = cut_blocks(*rows["train"], block), WeightedPower(0.3, P_ref=P_REF)
    state = begun(small, schedule, one, data)
    for epoch in range(1, 9):  # the track settles at full loading, the circuit stays
        settled = step(small, schedule, goal, data, jnp.asarray(epoch), state)
        state = state._replace(track=settled.track)
    moved = step(small, schedule, goal, data, jnp.asarray(9), state)
    leaves = (jax.tree.leaves(it) for it in (moved.parameters, one, gradient))
    for new, old, slope in zip(*leaves, strict=True):
        clear = np.abs(slope) > 1e-2 * np.abs(slope).max()
        assert clear.sum() >= 3
        np.testing.assert_array_equal(np.sign(new - old)[clear], -np.sign(slope)[clear])


def test_rows_in_blocks_of_one_size_are_the_same_rows(rows):
    volts, labels = rows["train"]
    blocks = equal_blocks(volts, labels, 32)
    assert {block.volts.shape for block in blocks} == {(4, 32)}
    whole = cut_blocks(volts, labels, 10**6)

    def mean_of(block):
        return block.volts @ block.weights, (block.labels == 1) @ block.weights

    ours = jax.tree.map(lambda *x: sum(x), *map(mean_of, blocks))
    for a, b in zip(ours, summed(mean_of, whole), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)  # V, and shares of rows


@pytest.mark.slow
def test_a_step_follows_the_rows_that_it_sees(small, rows, ideal):
    """Blocks take turns; what is not seen stands still."""
    schedule = replace(LOADED, rows_per_step=32)
    one = jax.tree.map(lambda x: jnp.asarray(x[0]), ideal.parameters)
    data = cut_blocks(*rows["train"], 16)
    blocks = len(data.labels)
    state = begun(small, schedule, one, data)
    seen = []
    for epoch in range(-(-blocks // 2)):
        after = step(
            small, schedule, WeightedPower(0.0, P_ref=P_REF), data, jnp.asarray(epoch), state
        )
        pairs = zip(jax.tree.leaves(after.track), jax.tree.leaves(state.track), strict=True)
        changed = [np.any(a != b, axis=tuple(range(1, a.ndim))) for a, b in pairs]
        moved = np.flatnonzero(np.any(changed, axis=0))
        assert len(moved) == 2
        seen += moved.tolist()
    assert set(seen) == set(range(blocks))


@pytest.mark.parametrize("solved", [0.0, 0.5])
def test_power_is_that_of_the_rows_that_were_solved(solved):
    """Nothing is known of a circuit without any; it never looks as if it cost nothing."""
    power = Power(*(jnp.asarray([x * solved]) for x in (1.0, 2.0, 3.0)))
    none = jnp.zeros(3)
    terms = terms_of(Sums(jnp.asarray(0.7), none, none, jnp.asarray(solved), power))
    if solved:
        assert terms.power.total == pytest.approx(6.0)
    else:
        assert np.isnan(terms.power.total)


@pytest.mark.parametrize("default", [0, 1, 2])
def test_outputs_that_tie_are_answered_by_the_default_class(small, rows, default):
    """All columns tied to ground: without inputs, all outputs are the same."""
    volts, labels = rows["test"]
    theta = (jnp.zeros((1, 6, 3)).at[:, -1].set(1),)
    cells = [(jnp.zeros((1, len(model.cell.variables), 1)),) for model in small.models]
    block = equal_blocks(volts, labels, 32, default)[0]
    sums, _ = judged(small, Parameters(theta, *cells), None, block)
    right = np.asarray(block.labels == default) @ np.asarray(block.weights)
    assert sums.of_class[0].sum() == pytest.approx(right, abs=1e-6)
    assert (sums.of_class[0] > 0).tolist() == [k == default for k in range(3)]


@pytest.mark.slow
def test_a_run_that_diverges_here_says_so(small, rows, monkeypatch):
    true_shaken = loaded_module.shaken
    spoilt_key = jax.random.key_data(jax.random.fold_in(jax.random.key(2), LOADED.starts))

    def shaken(noise, state):
        bad = jnp.all(jax.random.key_data(state.key) == spoilt_key)
        shake = true_shaken(noise, state)
        return lambda p: jax.tree.map(lambda x: x * jnp.where(bad, jnp.nan, 1), shake(p))

    monkeypatch.setattr(loaded_module, "shaken", shaken)
    schedule = replace(LOADED, loaded_epochs=20)
    spoilt = train(small, rows, GOALS, SEEDS, schedule=schedule)
    assert spoilt.status == (TRAINED, DIVERGED, TRAINED)
    assert np.isfinite(spoilt.score).all()


@pytest.mark.slow
def test_progress_counts_what_a_schedule_costs(small, rows):
    done = []
    train(small, rows, GOALS, SEEDS, schedule=LOADED, progress=done.append)
    assert sum(done) == len(ALPHAS) * LOADED.cost()
