"""The front: by validation rows alone, and none on it beats another."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_runs import made_up_table

from printron.analysis import front_records, over_seeds, select
from printron.analysis.pareto import TOLERANCE


@st.composite
def tables(draw):
    """Runs of 1 to 6 alphas and 1 to 4 seeds; few different numbers, so that many are equal."""
    alphas = np.linspace(0, 1, draw(st.integers(1, 6)))
    seeds = np.arange(draw(st.integers(1, 4)))
    table = made_up_table(np.repeat(alphas, len(seeds)), np.tile(seeds, len(alphas)))

    def column(values):
        return draw(st.lists(st.sampled_from(values), min_size=len(table), max_size=len(table)))

    table["merit_valid"] = column([0.5, 0.7, 0.705, 0.9])
    table["power_valid_W"] = column([1e-4, 2e-4, 3e-4])
    table["objective_valid"] = column([0.1, 0.2])
    table["status"] = column(["trained", "trained", "trained", "diverged"])
    return table


@settings(max_examples=40, deadline=None)
@given(tables())
def test_no_run_on_the_front_beats_another(table):
    front = select(table).front
    for run, row in front.iterrows():
        others = front.drop(index=run)
        beaten = (others["merit_valid"] >= row["merit_valid"]) & (
            others["power_valid_W"] <= row["power_valid_W"]
        )
        assert not beaten.any()


@settings(max_examples=40, deadline=None)
@given(tables())
def test_the_front_beats_or_equals_every_alphas_best_seed(table):
    good = table[table["status"] == "trained"]
    front = select(table).front
    assert front.empty == good.empty
    for _, runs in good.groupby("alpha"):
        lowest = runs[runs["objective_valid"] == runs["objective_valid"].min()]
        best = lowest.loc[lowest["merit_valid"].idxmax()]
        reached = (front["merit_valid"] >= best["merit_valid"]) & (
            front["power_valid_W"] <= best["power_valid_W"]
        )
        assert reached.any() or len(lowest) > 1


@settings(max_examples=40, deadline=None)
@given(tables())
def test_the_front_has_at_most_one_run_of_an_alpha_and_it_has_the_lowest_objective(table):
    good = table[table["status"] == "trained"]
    front = select(table).front
    assert front["alpha"].is_unique
    for _, row in front.iterrows():
        rivals = good[good["alpha"] == row["alpha"]]
        assert row["objective_valid"] == rivals["objective_valid"].min()


@settings(max_examples=40, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_selection_never_looks_at_the_test_rows(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    other = table.copy()
    of_test = [
        "accuracy_test",
        "power_total_W",
        "power_crossbar_W",
        "power_activation_W",
        "power_negation_W",
    ]
    other[of_test] = table[of_test].to_numpy()[order]
    one, two = select(table), select(other)
    assert one.front.index.tolist() == two.front.index.tolist()
    assert one.chosen == two.chosen


@settings(max_examples=40, deadline=None)
@given(tables())
def test_the_chosen_circuit_is_the_cheapest_that_is_good_enough(table):
    selection = select(table)
    front = selection.front
    if selection.chosen is None:
        assert front.empty
        return
    chosen = front.loc[selection.chosen]
    enough = front[front["merit_valid"] >= front["merit_valid"].max() - TOLERANCE - 1e-9]
    assert chosen["power_valid_W"] == enough["power_valid_W"].min()


@settings(max_examples=40, deadline=None)
@given(tables())
def test_diverged_runs_are_counted_and_take_no_part(table):
    selection = select(table)
    assert selection.left_out == (table["status"] == "diverged").sum()
    assert (selection.front["status"] == "trained").all()
    assert selection.by_goal["left_out"].sum() == selection.left_out
    assert selection.by_goal["runs"].sum() == len(table)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_records_are_json_and_mark_one_circuit(table):
    records = front_records(select(table))
    json.dumps(records, allow_nan=False)
    assert sum(record["chosen"] for record in records) == bool(records)


def test_mean_and_deviation_are_over_the_seeds_of_an_alpha():
    table = made_up_table([0, 0, 0, 1], [0, 1, 2, 0])
    table["accuracy_test"] = [0.5, 0.6, 0.7, 0.4]
    spread = over_seeds(table).set_index("alpha")
    assert spread.loc[0, "accuracy_test_mean"] == pytest.approx(0.6)
    assert spread.loc[0, "accuracy_test_sd"] == pytest.approx(0.1)
    assert np.isnan(spread.loc[1, "accuracy_test_sd"])


def test_a_circuit_that_only_works_as_designed_is_beaten_by_one_whose_copies_work():
    """At the same power and the same goal's objective; then by half a point for more power."""
    copies = dict.fromkeys(("copies_mean", "copies_p5", "copies_yield"), 0.5)
    table = made_up_table([0, 0.5, 1], [0, 0, 0]).assign(copies=200, copies_unsolved=0, **copies)
    table["accuracy_valid"] = [1.0, 0.9, 0.85]
    table["merit_valid"] = [0.6, 0.895, 0.8]
    table["power_valid_W"] = [2e-4, 2e-4, 1e-4]
    selection = select(table)
    assert selection.front.index.tolist() == [2, 1]
    assert selection.chosen == 1
    assert "validation accuracy of printed copies" in selection.rule
    assert "validation accuracy of printed copies" in selection.choice
    as_designed = select(table.assign(merit_valid=table["accuracy_valid"]))
    assert as_designed.chosen == 0


def test_the_rule_says_what_was_done():
    table = made_up_table([0, 0, 1, 1], [0, 1, 0, 1])
    rule = select(table).rule
    assert "selected by validation rows" in rule
    assert "2 seeds" in rule
    assert "4 runs" in rule
