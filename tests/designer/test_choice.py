"""The choice among searched circuits: laws on made-up tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_runs import made_up_table

from printron.designer import Wish, check_wish, choose
from printron.designer.choice import TOLERANCE
from printron.designer.searching import best_of, second_round
from printron.errors import PrintronError

numbers = st.lists(
    st.tuples(st.integers(1, 200), st.integers(0, 50)), min_size=1, max_size=12, unique=True
)


def table_of(circuits):
    """A table of searched circuits: microwatts, and fiftieths of the validation copies."""
    made = made_up_table(np.zeros(len(circuits)), np.arange(len(circuits)))
    power, merit = np.array(circuits, float).T
    made = made.drop(columns="alpha").assign(goal="budget", budget_W=1e-4)
    return made.assign(
        power_valid_W=power * 1e-6, merit_valid=merit / 50, structure=0, run=range(len(made))
    )


@given(numbers, st.integers(1, 200))
def test_a_chosen_circuit_keeps_the_budget_or_none_does(circuits, budget):
    table, wish = table_of(circuits), Wish(budget_W=budget * 1e-6 * (1 + 1e-9))
    choice = choose(table, wish)
    power = table.loc[choice.chosen, "power_valid_W"]
    kept = table["power_valid_W"] <= wish.budget_W
    assert choice.kept == kept.any()
    if kept.any():
        assert power <= wish.budget_W
        best = table.loc[kept, "merit_valid"].max()
        good = kept & (table["merit_valid"] >= best - TOLERANCE - 1e-9)
        assert good[choice.chosen]
        assert power == table.loc[good, "power_valid_W"].min()
    else:
        assert power == table["power_valid_W"].min()


@given(numbers, st.integers(1, 50))
def test_an_accuracy_asked_for_is_reached_at_the_least_power_or_nowhere(circuits, least):
    table, wish = table_of(circuits), Wish(accuracy=least / 50)
    choice = choose(table, wish)
    reached = table["merit_valid"] >= wish.accuracy - 1e-9
    assert choice.kept == reached.any()
    if reached.any():
        least_power = table.loc[reached, "power_valid_W"].min()
        assert table.loc[choice.chosen, "power_valid_W"] == least_power
    else:
        assert table.loc[choice.chosen, "merit_valid"] == table["merit_valid"].max()


@given(numbers)
def test_neighbours_on_the_front_trade_power_for_accuracy(circuits):
    table = table_of(circuits)
    choice = choose(table, Wish())
    here = table.loc[choice.chosen]
    for step, sign in ((-1, -1), (1, 1)):
        other = choice.neighbour(step)
        if other is not None:
            there = table.loc[other]
            assert sign * (there["power_valid_W"] - here["power_valid_W"]) > 0
            assert sign * (there["merit_valid"] - here["merit_valid"]) > 0


def test_runs_that_diverged_are_never_chosen():
    table = table_of([(10, 50), (20, 40)]).assign(status=["diverged", "trained"])
    assert choose(table, Wish()).chosen == 1
    assert choose(table.assign(status="diverged"), Wish()).chosen is None


def test_the_second_round_goes_on_with_the_best_of_all_structures():
    table = table_of([(1, 40), (2, 45), (30, 49), (40, 50)])
    table = table.assign(structure=[0, 0, 1, 1], budget_W=[1e-4, 1e-4, 3e-5, 1e-4])
    assert best_of(table) == [(1, 1e-4), (1, 3e-5)]
    table["feasible_valid"] = [True, True, False, False]
    assert [place for place, _ in best_of(table)] == [0, 0]


def test_an_accuracy_that_is_reached_is_tried_with_less_power():
    table = table_of([(1, 40), (2, 45), (30, 49), (40, 50)])
    table = table.assign(structure=[0, 0, 1, 1], budget_W=[1e-5, 1e-4, 3e-5, 1e-4])
    assert second_round(table, Wish(accuracy=0.9)) == [(0, 2e-6), (0, 1e-6)]
    assert second_round(table, Wish(accuracy=0.95)) == [(1, 3e-5), (1, 1.5e-5)]
    table["feasible_valid"] = [False, False, True, True]
    assert second_round(table, Wish(accuracy=0.8))[0] == (1, 3e-5)
    assert second_round(table.iloc[:3], Wish(accuracy=0.99)) == best_of(table.iloc[:3])


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"budget_W": 0.0}, "a budget of 0 W; give a power above 0 W"),
        ({"budget_W": -1e-6}, "give a power above 0 W"),
        ({"budget_W": 5.0}, "up to 1 W"),
        ({"accuracy": 0.0}, "an accuracy of 0 %; give a percentage above 0 %"),
        ({"accuracy": 1.2}, "up to 100 %"),
        ({"yield_": 0.0}, "a yield of 0 %; give the percentage of printed copies"),
        ({"yield_": 1.01}, "above 0 % and up to 100 %"),
    ],
)
def test_a_wish_without_sense_is_one_sentence(wish, says):
    with pytest.raises(PrintronError, match=says):
        Wish(**wish)


def test_an_accuracy_that_needs_no_circuit_is_refused():
    check_wish(Wish(accuracy=0.7), 0.6, varied=False)
    with pytest.raises(PrintronError, match="commonest class has 60.0 % without any circuit"):
        check_wish(Wish(accuracy=0.6), 0.6, varied=False)
