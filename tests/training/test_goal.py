"""What a run is trained for: laws of every goal, and of a goal that is added."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipes import followed

from printron.errors import PrintronError
from printron.training import WeightedPower
from printron.training.goal import check_kind, goals_of, record_of, some_of, stacked
from printron.training.terms import Merits

P_REF = 7e-4
shares = st.floats(0, 1)
merits = st.builds(Merits, st.floats(0.01, 3), shares, st.floats(1e-6, 1e-2))


@given(shares, merits)
def test_the_weights_are_the_slopes_of_the_score(alpha, at):
    """What a step goes down is what snapshots are chosen by."""
    goal = WeightedPower(alpha, P_ref=P_REF)
    weights = goal.weights(goal.begin())
    for name, weight, step in (
        ("cross_entropy", weights.cross_entropy, 1e-3),
        ("power", weights.per_watt, 1e-6),
    ):
        ends = [goal.score(at._replace(**{name: getattr(at, name) + s * step})) for s in (1, -1)]
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(weight, rel=1e-6, abs=1e-8)


@given(shares, merits)
def test_the_score_weighs_nats_against_shares_of_the_reference_power(alpha, at):
    expected = (1 - alpha) * at.cross_entropy + alpha * at.power / P_REF
    assert WeightedPower(alpha, P_ref=P_REF).score(at) == pytest.approx(expected, rel=1e-12)


def test_power_counts_alone_only_at_the_end():
    goals = [WeightedPower(alpha) for alpha in (0.0, 1e-6, 0.999, 1.0)]
    assert [goal.power_alone for goal in goals] == [False, False, False, True]


def test_the_baseline_limits_power_least(capped):
    """Accuracy alone, trained or not; of caps the largest."""
    assert WeightedPower.baseline([WeightedPower(0.5)]) == WeightedPower(0.0)
    caps = [capped(1e-4, 2.0), capped(1e-2, 1.0), capped(1e-3, 3.0)]
    assert capped.baseline(caps) == caps[1]


@given(st.lists(shares, min_size=1, max_size=5, unique=True))
def test_goals_come_back_from_a_record_and_from_rows(alphas):
    goals = tuple(map(WeightedPower, alphas))
    record = record_of(goals)
    assert record == {"alphas": alphas}
    assert goals_of(record) == goals
    assert [WeightedPower.of_row(goal.row()) for goal in goals] == list(goals)


@pytest.fixture
def capped():
    with followed("Add a goal") as defined:
        yield defined["Capped"]


def test_goals_of_several_numbers_come_back_too(capped):
    goals = capped(1e-3, 0.5), capped(2e-3, 0.5)
    assert goals_of(record_of(goals)) == goals
    assert [capped.of_row(goal.row()) for goal in goals] == list(goals)


@given(st.lists(shares, min_size=1, max_size=5))
def test_a_batch_of_goals_is_one_whose_parts_score_as_each(alphas):
    goals = [WeightedPower(alpha) for alpha in alphas]
    batch = stacked(goals, P_REF)
    at = Merits(np.full(len(goals), 0.4), np.full(len(goals), 0.9), np.full(len(goals), 3e-4))
    for k, goal in enumerate(goals):
        own = replace(goal, P_ref=P_REF)
        assert batch.score(at)[k] == own.score(jax.tree.map(lambda each, k=k: each[k], at))
    some = some_of(batch, [0, 0])
    assert np.array_equal(some.alpha, jnp.asarray([alphas[0], alphas[0]]))


@pytest.mark.parametrize("alpha", [-0.01, 1.5, np.nan, np.inf])
def test_an_alpha_outside_0_to_1_is_one_sentence(alpha):
    with pytest.raises(PrintronError, match=r"got alpha = .*must lie in \[0, 1\]") as caught:
        WeightedPower(alpha)
    assert "\n" not in str(caught.value)
    assert f"{alpha:g}" in str(caught.value)


@pytest.mark.parametrize("entry", ["0.5", None, True, {"alpha": "a"}, {"beta": 0.5}, [0.5], {}])
def test_what_is_no_goal_is_one_sentence(entry):
    with pytest.raises(PrintronError, match="give a number for alpha of a goal") as caught:
        WeightedPower.of_entry(entry)
    assert "\n" not in str(caught.value)


def test_the_runs_of_a_sweep_have_one_kind_of_goal(capped):
    for goals in (), (WeightedPower(0.5), capped(1e-3, 0.5)):
        with pytest.raises(PrintronError, match="the runs of a sweep have one kind"):
            check_kind(goals)
