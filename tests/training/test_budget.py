"""A budget: its multiplier, the optimum that it leads to, and the circuits that it chooses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from printron.errors import PrintronError
from printron.training import Budget, Schedule, train
from printron.training.goal import AIM, LEAST, MOST, goals_of, record_of
from printron.training.terms import Merits

BUDGET_W = 1e-4
GOAL = Budget(BUDGET_W)
powers = st.floats(1e-7, 1e-2)
entropies = st.floats(0.01, 10)


def merits(power, cross_entropy=0.5):
    return Merits(jnp.float32(cross_entropy), jnp.float32(0.9), jnp.float32(power))


@given(st.lists(powers, min_size=1, max_size=5), powers)
def test_the_multiplier_rises_beyond_the_aim_and_falls_within(before, power):
    assume(abs(power / (AIM * BUDGET_W) - 1) > 1e-3)  # single precision
    memory = GOAL.begin()
    for each in before:
        memory = GOAL.adapted(memory, merits(each))
    after = GOAL.adapted(memory, merits(power)).multiplier
    if power > AIM * BUDGET_W:
        assert after > memory.multiplier or after == np.float32(MOST)
    else:
        assert after < memory.multiplier or after == np.float32(LEAST)
    assert np.float32(LEAST) <= after <= np.float32(MOST)


def test_power_that_falls_fast_is_let_go_before_it_is_within_the_budget():
    memory = GOAL.begin()
    pushed = []
    for power in (4e-4, 4e-4, 1.2e-4):
        memory = GOAL.adapted(memory, merits(power))
        pushed.append(float(GOAL.weights(memory).per_watt * memory.power_W))
    assert pushed[1] > pushed[0] > 10 * pushed[2]


def test_a_check_without_an_operating_point_changes_no_excess():
    memory = GOAL.adapted(GOAL.begin(), merits(2e-4))
    again = GOAL.adapted(memory, merits(np.nan))
    assert again == memory


@pytest.mark.parametrize("wanted", [0.5, 2.0])
def test_descent_ends_at_the_constrained_optimum(wanted):
    """(x - wanted)^2 / 2 with P = B x^2: x = sqrt(AIM) and wanted - x = 2 m x / AIM where the
    budget binds (Karush-Kuhn-Tucker), x = wanted and m at its least where it does not."""

    def until_check(_, carried):
        x, memory = carried
        weights = GOAL.weights(memory)

        def step(_, x):
            slope = weights.cross_entropy * (x - wanted) + weights.per_watt * 2 * BUDGET_W * x
            return x - 0.003 * slope

        x = jax.lax.fori_loop(0, 20, step, x)
        return x, GOAL.adapted(memory, merits(BUDGET_W * x**2))

    x, memory = jax.lax.fori_loop(0, 4000, until_check, (jnp.float32(0.1), GOAL.begin()))
    if wanted**2 < AIM:
        assert x == pytest.approx(wanted, rel=1e-4)
        assert memory.multiplier == pytest.approx(LEAST)
    else:
        assert x == pytest.approx(AIM**0.5, rel=1e-3)
        multiplier = (wanted - x) * AIM / (2 * x)
        assert memory.multiplier == pytest.approx(float(multiplier), rel=1e-2)


@given(powers, powers, entropies, entropies)
def test_what_keeps_the_budget_comes_first_and_then_the_better_classification(one, two, ce, other):
    scores = [float(GOAL.score(merits(*each))) for each in ((one, ce), (two, other))]
    within = [power < 0.999 * AIM * BUDGET_W for power in (one, two)]
    beyond = [power > 1.001 * AIM * BUDGET_W for power in (one, two)]
    if within[0] and beyond[1]:
        assert scores[0] < scores[1]
    if all(within) and ce < other - 0.01:
        assert scores[0] < scores[1]


@given(powers, powers)
def test_of_equal_classifications_less_power_wins(one, two):
    assume(one < 0.99 * two)
    assert GOAL.score(merits(one)) < GOAL.score(merits(two))


def test_budgets_come_back_and_may_be_written_with_a_unit():
    goals = Budget(1e-5), Budget(1.1e-4)
    assert record_of(goals) == {"budgets_W": [1e-5, 1.1e-4]}
    assert goals_of(record_of(goals)) == goals
    assert goals_of({"budgets_W": ["10 uW", "0.11 mW"]}) == goals
    assert Budget.baseline(goals) == goals[1]
    assert goals[0].heading() == "budget = 10 µW"


@pytest.mark.parametrize("budget", [0.0, -1e-6, np.nan, np.inf])
def test_a_budget_that_is_no_power_is_one_sentence(budget):
    with pytest.raises(PrintronError, match="give a power above 0, for example 100 uW"):
        Budget(budget)
    with pytest.raises(PrintronError, match="with the unit W"):
        Budget.of_entry("100 mV")


SCHEDULE = Schedule(epochs=200, check_every=10, anneal_share=0.3, starts=1)


@pytest.fixture(scope="module")
def trained(small, rows):
    goals = [Budget(budget) for budget in (1e-3, 2e-4, 1e-10)]
    return goals, train(small, rows, goals, np.arange(3), schedule=SCHEDULE, workers=1)


def test_runs_keep_their_budget_or_are_not_feasible(trained):
    goals, runs = trained
    power = np.asarray(runs.terms["valid"].power.total, np.float64)
    own = [Merits(0.0, 0.0, each) for each in power]
    feasible = [bool(goal.feasible(each)) for goal, each in zip(goals, own, strict=True)]
    assert feasible == [True, True, False]
    assert power[0] <= 1e-3
    assert power[1] <= 2e-4
    assert runs.score[2] > 100  # the least power that there is
    assert np.allclose(runs.merits.power, power, rtol=1e-5)


def test_a_batch_of_budgets_is_the_same_as_single_runs(small, rows, trained):
    goals, runs = trained
    for k, goal in enumerate(goals):
        alone = train(small, rows, [goal], np.array([k]), schedule=SCHEDULE, workers=1)
        assert alone.epoch[0] == runs.epoch[k]
        for own, all_runs in zip(
            jax.tree.leaves(alone.parameters), jax.tree.leaves(runs.parameters), strict=True
        ):
            np.testing.assert_array_equal(own[0], all_runs[k])
