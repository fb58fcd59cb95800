"""Training with printed copies: its gradient, its selection, and that runs do not depend on each
other."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.errors import PrintronError
from printron.network import Parameters, build_layers, printed_copy, solve_loaded
from printron.network.loaded import middle, settle
from printron.technology.conditions import Conditions
from printron.technology.process import default_process
from printron.training import Schedule, WeightedPower, loaded_phase
from printron.training.blocks import cut_blocks, equal_blocks
from printron.training.copies import SELECTION_SEED, both
from printron.training.evaluation import copy_terms
from printron.training.goal import stacked
from printron.training.judging import mean_of
from printron.training.loaded import begin_loaded, loaded_step
from printron.training.loaded_phase import LoadedPhase
from printron.training.state import Best
from printron.training.terms import cross_entropy

SPREAD = default_process().spread
USE = Conditions(SPREAD, supply=0.05, drift=0.02, source_resistance=1e5, margin=0.03)
# As many copies as are judged together: one program for all.
SCHEDULE = Schedule(
    epochs=20,
    check_every=4,
    anneal_share=0.4,
    starts=1,
    sources="loaded",
    loaded_epochs=12,
    loaded_rate=0.01,
    draws=8,
    judges=8,
)
ALPHAS, SEEDS = np.array([0.0, 0.3, 0.0]), np.array([1, 2, 3], np.uint32)
P_REF = 1e-3
BLOCK = 40
FEWER_NATS = 0.7


def begun(structure, seeds):
    """Snapshots to train on from, that nobody trained: epoch 20 of the ideal phase."""

    def one(seed):
        rng = np.random.default_rng(seed)
        size = rng.uniform(0.2, 1, (6, 3)) * np.where(rng.random((6, 3)) < 0.3, -1, 1)
        cells = [(np.zeros((len(model.cell.variables), 1)),) for model in structure.models]
        return Parameters((size,), *cells, (np.full(3, 4.0),))

    parameters = jax.tree.map(
        lambda *x: np.stack(x).astype(np.float32), *(one(int(seed)) for seed in seeds)
    )
    count = len(seeds)
    return Best(np.zeros(count, np.float32), parameters, np.full(count, 20))


def phase_of(structure, rows, schedule=SCHEDULE, workers=2, progress=lambda _: None):
    train, valid = rows["train"], rows["valid"]
    return LoadedPhase(
        structure,
        schedule,
        cut_blocks(*train, BLOCK, shuffled=True, exact=True),
        equal_blocks(*valid, BLOCK),
        workers,
        progress,
    )


def trained_on(phase, order=(0, 1, 2)):
    """Best snapshots, and which runs diverged."""
    order = list(order)
    goals = stacked(tuple(map(WeightedPower, ALPHAS[order])), P_REF, np.float32)
    with jax.enable_x64(False):
        return phase.through(goals, SEEDS[order], begun(phase.structure, SEEDS[order]))


@pytest.fixture(scope="module")
def varied(small):
    return replace(small, conditions=USE)


@pytest.fixture(scope="module")
def trained(varied, rows):
    best, diverged = trained_on(phase_of(varied, rows))
    assert not diverged.any()
    return best


def assert_same(one, other):
    """Equal to the last bit."""
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(a, b)


def run_of(best, k):
    return jax.tree.map(lambda x: x[k], best)


@pytest.mark.slow
@pytest.mark.parametrize("order", [(2, 0), (1,)], ids=["turned", "alone"])
def test_a_run_does_not_depend_on_its_neighbours(varied, rows, trained, order):
    """Nor on its place, nor on the number of workers."""
    again, _ = trained_on(phase_of(varied, rows, workers=1), order)
    for place, k in enumerate(order):
        assert_same(run_of(again, place), run_of(trained, k))


@pytest.mark.slow
def test_a_score_is_that_of_the_selection_copies_whenever_it_was_given(varied, rows, trained):
    """In every check they are the same: the objective on the validation rows, its mean over
    copies; accuracies by the margin."""
    assert (trained.epoch > SCHEDULE.epochs).any()  # something was learned
    for k, alpha in enumerate(ALPHAS):
        one = jax.tree.map(lambda x, k=k: x[k], trained.parameters)
        terms = copy_terms(
            varied,
            one,
            rows["valid"],
            copies=SCHEDULE.judges,
            default=0,
            seed=SELECTION_SEED,
            workers=1,
            size=BLOCK,
        )
        assert (terms.clear <= terms.accuracy).all()
        each = (1 - alpha) * terms.cross_entropy + alpha * terms.power.total / P_REF
        assert trained.score[k] == pytest.approx(each.mean(), rel=2e-4)


@pytest.mark.slow
def test_a_run_that_diverges_leaves_the_others_alone(varied, rows, trained, monkeypatch):
    """Spoilt before its first step; what the others find is the same to the last bit."""
    true_begun = loaded_phase._begun

    def spoilt(structure, schedule, seeds, ideal):
        states = true_begun(structure, schedule, seeds, ideal)
        bad = (np.asarray(seeds) == SEEDS[1])[:, None]
        copies = states.copies
        resistors = tuple(
            jnp.where(bad[..., None, None], jnp.nan, each) for each in copies.crossbars
        )
        return states._replace(copies=copies._replace(crossbars=resistors))

    monkeypatch.setattr(loaded_phase, "_begun", spoilt)
    best, diverged = trained_on(phase_of(varied, rows))
    assert diverged.tolist() == [False, True, False]
    assert np.isfinite(best.score).all()
    for k in (0, 2):
        assert_same(run_of(best, k), run_of(trained, k))
    # It keeps what it was given, which the first check has seen.
    assert best.epoch[1] == 20


@pytest.mark.slow
def test_progress_counts_what_a_schedule_costs(varied, rows):
    done = []
    trained_on(phase_of(varied, rows, progress=done.append), (0,))
    assert sum(done) == SCHEDULE.cost(varied=True) - SCHEDULE.starts * SCHEDULE.epochs


@pytest.mark.slow
def test_training_with_copies_makes_better_copies(small, rows):
    """Than training as designed, for every seed: by the cross-entropy on the training rows of fresh
    copies, with twice the variation of the process. Training as designed grows sure of classes that
    most of its copies confuse; without copies in the steps, both would be alike."""
    conditions = Conditions(SPREAD.scaled(2))
    schedule = replace(SCHEDULE, check_every=20, loaded_epochs=240, loaded_rate=0.02)
    found = []
    for structure in (replace(small, conditions=conditions), small):
        best, _ = trained_on(phase_of(structure, rows, schedule), (0, 2))
        terms = [
            copy_terms(
                replace(small, conditions=conditions),
                run_of(best.parameters, k),
                rows["train"],
                copies=64,
                default=0,
                size=BLOCK,
            )
            for k in range(2)
        ]
        found.append(np.array([each.cross_entropy.mean() for each in terms]))
    assert (found[0] < FEWER_NATS * found[1]).all()


def test_all_selection_copies_count_alike():
    """Also those of a last group that is not full."""
    each = np.random.default_rng(0).random((2, 12))
    groups = [jnp.asarray(each[:, :8]), jnp.asarray(each[:, 8:])]
    np.testing.assert_allclose(mean_of(groups), each.mean(1), rtol=1e-6)


def test_copies_come_in_pairs():
    with pytest.raises(PrintronError, match="even number"):
        Schedule(draws=7)


@pytest.fixture(scope="module")
def tiny(make_design):
    """Two inputs, two classes; all numbers in double precision."""
    return make_design((2, 2), conditions=USE)


TINY = replace(SCHEDULE, loaded_noise=0.0, loading_share=0.0, draws=4)


@pytest.fixture
def beginning(tiny):
    """A goal, rows, and a state whose copies are those that the next step drifts from."""
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        theta = np.array([[0.5, -0.35], [-0.2, 0.45], [0.25, 0.3], [0.4, 0.6]])
        cells = [(0.3 * rng.normal(size=(len(m.cell.variables), 1)),) for m in tiny.models]
        parameters = jax.tree.map(
            jnp.asarray, Parameters((theta,), *cells, (np.array([4.0, 5.0]),))
        )
        volts = rng.random((2, 8))
        block = cut_blocks(volts, (volts.sum(0) > 1).astype(np.int32), 8)
        block = block._replace(
            volts=jnp.asarray(volts)[None], weights=block.weights.astype(jnp.float64)
        )
        best = Best(jnp.asarray(0.0), parameters, jnp.asarray(20))
        yield block, begin_loaded(tiny, TINY, jnp.asarray(3), best)


@partial(jax.jit, static_argnums=0)
def settled(structure, parameters, copies, volts):
    """Operating points of copies, and whether they are."""
    layers = build_layers(structure, parameters)

    def of(copy):
        own = printed_copy(layers, copy, structure.conditions)
        return settle(structure, own, volts, middle(structure, volts))

    found, tracks = jax.vmap(of)(copies)
    return found.converged, tracks


@partial(jax.jit, static_argnums=0)
def mean_loss(structure, parameters, copies, block, alpha, P_ref):
    """Over copies, each solved from nothing: the objective on all rows."""
    layers = build_layers(structure, parameters)
    rows = jax.tree.map(lambda x: x[0], block)

    def of(copy):
        own = printed_copy(layers, copy, structure.conditions)
        found = solve_loaded(structure, own, rows.volts)
        entropy = cross_entropy(found.out, rows, structure.conditions.margin)
        power = sum(each.sum(0) for each in found.dissipated.values()) @ rows.weights
        return (1 - alpha) * entropy + alpha * power / P_ref

    return jnp.mean(jax.vmap(of)(copies))


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.0, 0.4])
def test_a_step_follows_the_gradient_of_the_mean_over_copies(tiny, beginning, alpha):
    """By Adam's first momentum, a tenth of the gradient: against finite differences. Power counts
    circuits, which have slopes of their own: with it, surrogate conductances are left out."""
    block, state = beginning
    goal = WeightedPower(alpha, P_ref=1e-3)
    step = jax.jit(loaded_step, static_argnums=(0, 1))

    def at(copies):
        converged, tracks = settled(tiny, state.parameters, copies, block.volts[0])
        assert converged.all()
        there = state._replace(track=jax.tree.map(lambda x: x[None], tracks))
        return step(tiny, TINY, goal, block, jnp.asarray(6), there)

    copies = both(at(both(state.copies)).copies)  # those that the step sees
    gradient = jax.tree.map(lambda x: 10 * x, at(copies).momenta[0].mu)
    rng = np.random.default_rng(1)
    for _ in range(4):
        way = jax.tree.map(lambda x: jnp.asarray(rng.normal(size=x.shape)) * x, state.parameters)
        if alpha:
            way = way._replace(theta=tuple(map(jnp.zeros_like, way.theta)))
        ahead = sum(
            jnp.vdot(a, b)
            for a, b in zip(jax.tree.leaves(gradient), jax.tree.leaves(way), strict=True)
        )
        ends = []
        for h in (1e-6, -1e-6):
            moved = jax.tree.map(lambda x, d, h=h: x + h * d, state.parameters, way)
            ends.append(float(mean_loss(tiny, moved, copies, block, alpha, 1e-3)))
        assert float(ahead) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-8)
