"""Training: many runs as one batch, each of which is as if it were alone."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.training import DIVERGED, TRAINED, Schedule, WeightedPower, batch, ideal, state, train
from printron.training.blocks import cut_blocks
from printron.training.goal import stacked
from printron.training.initial import reference_power
from printron.training.tiles import BLOCK_ROWS, LANES, loaded_block_rows

# Two programs are compiled for all of these tests: one without a hidden layer for the laws of the
# batch, one with the default topology for what training is for.
SHORT = Schedule(epochs=20, check_every=4, anneal_share=0.4, starts=1)
LONGER = Schedule(epochs=400, anneal_share=0.5, learning_rate=0.02, starts=1)
ALPHAS, SEEDS = np.array([0.0, 0.4, 1.0, 0.4]), np.array([5, 1, 2, 3])


@pytest.fixture(scope="module")
def short(small, rows):
    return train(small, rows, weighted(ALPHAS), SEEDS, schedule=SHORT)


@pytest.fixture(scope="module")
def longer(design, rows):
    """Eight seeds at each of three alphas; alpha by seed."""
    alphas, seeds = np.repeat([0.0, 0.5, 1.0], 8), np.tile(np.arange(8), 3)
    return train(design, rows, weighted(alphas), seeds, schedule=LONGER)


def weighted(alphas):
    return tuple(map(WeightedPower, alphas))


def goal_of(design, alpha):
    """The goal of one run in training, at the design's reference power."""
    goals = stacked([WeightedPower(0.5)], reference_power(design))
    return jax.tree.map(lambda _: alpha, goals)


def run_of(trained, k):
    """Everything that came out for one run."""
    arrays = trained.parameters, trained.epoch, trained.score, trained.terms
    return jax.tree.map(lambda x: x[k], arrays)


def assert_same(one, other):
    """Equal to the last bit."""
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize(
    "order",
    [[3, 2, 1, 0], [2], [1, 1, 0], [0] * 70 + [1, 2, 3]],
    ids=("turned", "alone", "twice", "crowd"),
)
def test_a_run_does_not_depend_on_its_neighbours(small, rows, short, order):
    """Another place, another size of batch, another number of workers: the same bits."""
    again = train(small, rows, weighted(ALPHAS[order]), SEEDS[order], schedule=SHORT, workers=1)
    for place, k in enumerate(order):
        assert_same(run_of(again, place), run_of(short, k))


def test_runs_of_another_topology_do_not_depend_on_their_neighbours(design, rows, longer):
    again = train(design, rows, weighted([0.5, 0.0]), np.array([3, 7]), schedule=LONGER)
    assert_same(run_of(again, 0), run_of(longer, 11))
    assert_same(run_of(again, 1), run_of(longer, 7))


def test_seeds_and_alphas_make_different_runs(short):
    theta = short.parameters.theta[0]
    for one, other in ((0, 1), (1, 3)):
        assert not np.array_equal(theta[one], theta[other])


def broken_beginning(monkeypatch, field, seed):
    """Let what a seed starts with be NaN: its parameters, or the optimiser's memory of them."""
    true_begin = batch._begin

    def begin(design, schedule, goals, seeds, starts, volts):
        states = true_begin(design, schedule, goals, seeds, starts, volts)

        def spoil(x):
            if not jnp.issubdtype(x.dtype, jnp.floating):
                return x
            bad = (seeds == seed).reshape(-1, *(1,) * (x.ndim - 1))
            return jnp.where(bad, jnp.nan, x)

        return states._replace(**{field: jax.tree.map(spoil, getattr(states, field))})

    monkeypatch.setattr(batch, "_begin", begin)


@pytest.mark.parametrize("field", ["parameters", "momenta"])
def test_a_diverged_run_is_reported_and_leaves_the_others_alone(
    small, rows, short, monkeypatch, field
):
    broken_beginning(monkeypatch, field, seed=1)
    spoilt = train(small, rows, weighted(ALPHAS), SEEDS, schedule=SHORT)
    assert spoilt.status == (TRAINED, DIVERGED, TRAINED, TRAINED)
    assert spoilt.epoch[1] == -1
    for k in (0, 2, 3):
        assert_same(run_of(spoilt, k), run_of(short, k))
    # There is no snapshot, but what stands in its place is no silent NaN either.
    assert all(np.isfinite(x[1]).all() for x in jax.tree.leaves(spoilt.parameters))


def test_a_run_that_diverges_later_keeps_its_snapshot(small, rows, monkeypatch):
    """Seed 1 is shaken by NaN from epoch 13 on; the program for it is its own (noise 0.04)."""
    schedule = replace(SHORT, noise=0.04)
    true_shaken = ideal.shaken
    begun = jax.random.fold_in(jax.random.key(1), 0)
    spoilt_key = jax.random.key_data(jax.random.split(begun)[1])

    def shaken(noise, it):
        bad = jnp.all(jax.random.key_data(it.key) == spoilt_key) & (it.epoch >= 13)
        shake = true_shaken(noise, it)
        return lambda p: jax.tree.map(lambda x: x * jnp.where(bad, jnp.nan, 1), shake(p))

    monkeypatch.setattr(ideal, "shaken", shaken)
    with_it = train(small, rows, weighted(ALPHAS), SEEDS, schedule=schedule)
    without = train(small, rows, weighted(ALPHAS), np.array([5, 8, 2, 3]), schedule=schedule)
    assert with_it.status == (TRAINED, DIVERGED, TRAINED, TRAINED)
    assert without.status == (TRAINED,) * 4
    assert 8 <= with_it.epoch[1] <= 13
    assert np.isfinite(with_it.score[1])
    for k in (0, 2, 3):
        assert_same(run_of(with_it, k), run_of(without, k))


def test_the_best_start_is_chosen_by_validation_and_a_diverged_start_is_passed_over():
    score = np.array([0.5, 0.3, np.inf, 0.7, np.inf, np.inf], np.float32)
    best = state.Best(score, np.arange(6), np.array([20, 40, -1, 60, -1, -1]))
    bad = np.array([False, False, True, False, True, True])
    chosen, diverged = batch._best_start(best, bad, 2)
    assert chosen.parameters.tolist() == [1, 3, 4]
    assert diverged.tolist() == [False, False, True]


def test_snapshots_are_of_the_real_circuit(short, longer):
    """Only at looks, and only where the slope factor has come to 1."""
    for trained, schedule in ((short, SHORT), (longer, LONGER)):
        assert np.all(trained.epoch % schedule.check_every == 0)
        assert np.all(np.asarray(schedule.slope(jnp.asarray(trained.epoch))) == 1)


_look = jax.jit(ideal.look_ideal, static_argnums=(0, 1))


def look(small, rows, run, best, epoch=20, diverged=False):
    """One look at the validation rows with this best score so far."""
    parameters, alpha = run
    valid = cut_blocks(*rows["valid"], BLOCK_ROWS)
    old = jax.tree.map(jnp.zeros_like, parameters)
    seen = state.State(
        jax.random.key(0),
        parameters,
        (),
        jnp.asarray(epoch),
        jnp.asarray(diverged),
        state.unseen(old)._replace(score=jnp.asarray(best, jnp.float32), epoch=jnp.asarray(4)),
    )
    return _look(small, SHORT, goal_of(small, alpha), valid, seen).best


def test_a_snapshot_is_the_best_by_validation_so_far(small, rows, short):
    """A better score replaces it; a worse one, a flattened circuit or a diverged run does not."""
    run = jax.tree.map(lambda x: jnp.asarray(x[1]), short.parameters), jnp.float32(ALPHAS[1])
    score = float(short.score[1])
    taken = look(small, rows, run, best=score + 0.01)
    assert taken.epoch == 20
    assert float(taken.score) == pytest.approx(score, rel=1e-5)
    assert_same(taken.parameters, run[0])
    for kept in (
        look(small, rows, run, best=score - 0.01),
        look(small, rows, run, best=score + 0.01, epoch=4),
        look(small, rows, run, best=score + 0.01, diverged=True),
    ):
        assert kept.epoch == 4
        assert not any(x.any() for x in jax.tree.leaves(kept.parameters))


def test_the_score_is_the_objective_on_the_validation_rows(short, longer):
    for trained, alphas in ((short, ALPHAS), (longer, np.repeat([0.0, 0.5, 1.0], 8))):
        valid = trained.terms["valid"]
        power = valid.power.total
        expected = (1 - alphas) * valid.cross_entropy + alphas * power / trained.P_ref
        assert trained.score == pytest.approx(expected, rel=1e-4)


def test_test_rows_are_looked_at_once_and_change_nothing(small, rows, short):
    volts, labels = rows["test"]
    other = {**rows, "test": (1 - volts, (labels + 1) % 3)}
    again = train(small, other, weighted(ALPHAS), SEEDS, schedule=SHORT)
    assert_same(again.parameters, short.parameters)
    assert_same((again.epoch, again.score), (short.epoch, short.score))
    for part in ("train", "valid"):
        assert_same(again.terms[part], short.terms[part])
    assert not np.array_equal(again.terms["test"].cross_entropy, short.terms["test"].cross_entropy)


def test_power_costs_more_where_it_weighs_more(longer):
    power = np.asarray(longer.terms["test"].power.total).reshape(3, 8).mean(1)
    assert power[0] > power[1] > power[2]


def test_leaving_out_wins_by_power_alone(design, rows):
    """At alpha = 0 power counts for nothing: the circuit stays as it is, luckier or not."""
    schedule = Schedule(epochs=20, anneal_share=0, starts=1, prune_below=(0.3, 0.6, 0.9))
    cut = cut_blocks(*rows["valid"], 256)
    goals = {alpha: WeightedPower(alpha, P_ref=1e-3) for alpha in (0.0, 1.0)}
    look = jax.jit(lambda goal, it: ideal.look_ideal(design, schedule, goal, cut, it).best)
    pruned = 0
    for seed in range(6):
        volts = jnp.asarray(rows["train"][0])
        seeds = jnp.uint32(seed), jnp.asarray(0)
        begun = ideal.begin_ideal(design, schedule, goals[0.0], *seeds, volts)
        assert_same(look(goals[0.0], begun).parameters, begun.parameters)
        dear = look(goals[1.0], begun).parameters.theta[0]
        pruned += not np.array_equal(dear, begun.parameters.theta[0])
    assert pruned == 6


def test_power_alone_asks_for_nothing(longer):
    """At alpha = 1 accuracy counts for nothing: every output is tied to ground."""
    assert not np.asarray(longer.terms["test"].power.total)[16:].any()


@pytest.mark.parametrize("commonest", [1, 2])
def test_where_nothing_is_left_the_answer_is_the_commonest_class(small, rows, commonest):
    """Of the training rows, on all rows, in training's own numbers."""
    mine = {k: (v, np.where(y == 0, commonest, y).astype(y.dtype)) for k, (v, y) in rows.items()}
    trained = train(small, mine, weighted(ALPHAS), SEEDS, schedule=SHORT)
    for split, (_, labels) in mine.items():
        share = np.mean(labels == commonest)
        assert trained.terms[split].accuracy[2] == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.3, np.inf])
def test_pruning_leaves_out_small_inputs_and_no_constant(longer, share):
    """Column by column, beside the largest of its inputs, bias and ground."""
    one = jax.tree.map(lambda x: x[0], longer.parameters)
    pruned = state._without_small(one, jnp.asarray(share))
    for theta, left in zip(one.theta, pruned.theta, strict=True):
        small = np.abs(theta) < share * np.abs(theta).max(0)
        small[-2:] = False
        assert np.array_equal(left, np.where(small, 0, theta))
        assert share == 0 or small.any()


@pytest.mark.parametrize("scale_rate", [7.0, 0.0])
def test_a_step_moves_scales_at_their_own_rate(small, rows, scale_rate):
    """Adam's first step is the learning rate, whatever the gradient; at a rate of 0 they stay."""
    schedule = replace(SHORT, cell_rate=3.0, scale_rate=scale_rate, sources="loaded")
    volts = jnp.asarray(rows["train"][0])
    goal = goal_of(small, 0.5)
    begun = ideal.begin_ideal(small, schedule, goal, jnp.asarray(0), jnp.asarray(0), volts)
    gradient = jax.tree.map(jnp.ones_like, begun.parameters)
    optimiser = state.adam(0.01, schedule.epochs, schedule.final_share)
    moved = state.descended(optimiser, schedule, begun, gradient).parameters
    shares = {"theta": 1, "activation": 3, "negation": 3, "scale": scale_rate}
    assert set(shares) == set(moved._fields)
    for name, share in shares.items():
        for new, old in zip(getattr(moved, name), getattr(begun.parameters, name), strict=True):
            np.testing.assert_allclose(old - new, 0.01 * share, rtol=1e-3)


def test_training_beats_the_majority_on_iris(longer, iris):
    accuracy = longer.terms["test"].accuracy[:8]
    assert accuracy.mean() > iris.majority + 0.3
    assert accuracy.min() > iris.majority


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_an_accuracy_is_a_share_of_whole_rows(longer, rows, split):
    """To the last bit of double precision: no sum of weights, which may be above 1."""
    accuracy, samples = longer.terms[split].accuracy, len(rows[split][1])
    assert np.array_equal(accuracy, np.round(accuracy * samples) / samples)


def test_the_reference_power_does_not_depend_on_the_runs(small, design, short, longer):
    assert short.P_ref == reference_power(small)
    assert longer.P_ref == reference_power(design)


def test_progress_counts_every_epoch_of_every_run(small, rows):
    done = []
    train(small, rows, weighted(ALPHAS), SEEDS, schedule=SHORT, progress=done.append)
    assert sum(done) == len(ALPHAS) * SHORT.epochs


@pytest.mark.parametrize(("goals", "seeds"), [(2, [0]), (0, []), (1, [[0]]), (1, 0)])
def test_one_goal_and_one_seed_a_run(small, rows, goals, seeds):
    with pytest.raises(ValueError, match="give one goal and one seed per run"):
        train(small, rows, weighted([0.5] * goals), np.array(seeds))


TOPOLOGIES = [(2, 2), (4, 3, 3), (16, 3, 10), (60, 8, 10), (1000, 10)]


def loaded_rows(topology, samples):
    layers = [SimpleNamespace(inputs=m, neurons=n, paired=False) for m, n in pairwise(topology)]
    return loaded_block_rows(SimpleNamespace(topology=topology, layers=layers), samples)


@pytest.mark.parametrize("samples", [1, 8, 30, 105, 256, 257, 1000, 7494])
def test_loaded_blocks_are_cut_to_the_cache(samples):
    """In whole vectors, and the smaller, the more voltages a row has."""
    sizes = [loaded_rows(topology, samples) for topology in TOPOLOGIES]
    for size in sizes:
        assert size % LANES == 0
        assert LANES <= size <= BLOCK_ROWS
    many = [loaded_rows(topology, 10**6) for topology in TOPOLOGIES]
    assert many == sorted(many, reverse=True)
    assert many[0] > many[2] > many[-1]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_loaded_blocks_hold_the_rows_with_few_to_spare(topology):
    """Less than a vector a block, and no more blocks than the largest would make."""
    largest = loaded_rows(topology, 10**6)
    for samples in (1, 7, 8, 9, 30, 105, 129, 257, 1000):
        size = loaded_rows(topology, samples)
        blocks = -(-samples // size)
        assert size <= largest
        assert blocks <= -(-samples // largest)
        assert blocks * size - samples < blocks * LANES
