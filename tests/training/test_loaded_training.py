"""Training against the loaded circuit: what a run claims is what its circuit does."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from unoptimized import unoptimized

from printron.network import Power, build_layers, solve_loaded
from printron.training import DIVERGED, TRAINED, Schedule, WeightedPower, train
from printron.training import ideal as ideal_module
from printron.training import loaded as loaded_module
from printron.training.blocks import cut_blocks, equal_blocks, summed
from printron.training.loaded import Sums, begin_loaded, block_sums, loaded_step, terms_of
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
    (block,) = equal_blocks(volts, labels, len(labels))
    judged = jax.jit(lambda one: terms_of(block_sums(build_layers(small, one), small, block)))
    for k, alpha in enumerate(ALPHAS):
        terms = judged(jax.tree.map(lambda x, k=k: jnp.asarray(x[k]), ideal.parameters))
        given = (1 - alpha) * terms.cross_entropy + alpha * terms.power.total / ideal.P_ref
        assert loaded.score[k] <= given + 1e-6
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
    best = Best(jnp.asarray(0.0), one, jnp.asarray(20))
    state = begin_loaded(small, schedule, data, jnp.asarray(3), best)
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
    state = begin_loaded(
        small, schedule, data, jnp.asarray(3), Best(jnp.asarray(0.0), one, jnp.asarray(20))
    )
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
    terms = terms_of(Sums(jnp.asarray(0.7), jnp.asarray(0.0), jnp.asarray(solved), power))
    if solved:
        assert terms.power.total == pytest.approx(6.0)
    else:
        assert np.isnan(terms.power.total)


@pytest.mark.parametrize("default", [0, 1, 2])
def test_outputs_that_tie_are_answered_by_the_default_class(rows, monkeypatch, default):
    volts, labels = rows["test"]
    found = SimpleNamespace(
        out=jnp.zeros((3, len(labels))),
        converged=jnp.ones(len(labels), bool),
        dissipated=dict.fromkeys(Power._fields, jnp.zeros((1, len(labels)))),
    )
    monkeypatch.setattr(loaded_module, "solve_loaded", lambda *_: found)
    block = equal_blocks(volts, labels, len(labels), default)[0]
    right = block_sums((), None, block).accuracy
    assert right == pytest.approx(np.mean(labels == default), abs=1e-6)


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
    assert sum(done) == len(ALPHAS) * LOADED.cost
