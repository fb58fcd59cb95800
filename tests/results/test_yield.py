"""Copies in a few numbers: what a yield counts, and how sure it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from made_up_copies import made_terms

from printron.errors import PrintronError
from printron.results.copies import (
    FEWEST_COPIES,
    MOST_COPIES,
    Rule,
    copies_for,
    copies_record,
    judged_conditions,
    reached_by,
    yield_of,
)
from printron.technology.conditions import ConditionsSpec
from printron.technology.process import default_process

shares = arrays.arrays(np.float64, st.integers(2, 60), elements=st.integers(0, 30)).map(
    lambda hits: hits / 30
)


@given(shares, st.floats(0, 1), st.floats(0, 1))
def test_the_interval_holds_the_yield_and_tolerance_raises_it(clear, designed, keep):
    power = np.full(len(clear), 1e-4)
    strict = yield_of(clear, power, designed, Rule(keep=0.0))
    loose = yield_of(clear, power, designed, Rule(keep=keep))
    for each in (strict, loose):
        assert 0 <= each["yield_low"] <= each["yield"] + 1e-12
        assert each["yield"] <= each["yield_high"] + 1e-12 <= 1 + 1e-9
    assert strict["yield"] <= loose["yield"]
    assert loose["least"] == pytest.approx(max(designed - keep, 0))


@given(shares, st.floats(0.01, 1))
def test_a_yield_is_kept_by_the_accuracy_it_reaches_and_by_none_above(clear, share):
    def kept_at(least):
        rule = Rule(least=least)
        return yield_of(clear, np.full(len(clear), 1e-4), 1.0, rule)["yield"] >= share - 1e-12

    reached = reached_by(share, clear)
    assert reached in clear
    assert kept_at(reached)
    assert not any(kept_at(value) for value in clear if value > reached)


def test_wilson_interval_of_all_of_ten():
    """n / (n + z²) is the lower end where every copy counts."""
    found = yield_of(np.ones(10), np.full(10, 1e-4), 1.0, Rule())
    assert found["yield_low"] == pytest.approx(10 / (10 + 1.959964**2), rel=1e-5)
    assert found["yield_high"] == pytest.approx(1)


def test_more_copies_are_surer():
    def width(n):
        found = yield_of(np.arange(n) % 2 * 1.0, np.full(n, 1e-4), 1.0, Rule())
        return found["yield_high"] - found["yield_low"]

    assert width(1000) < width(100) < width(10)


def test_a_copy_counts_at_the_limit_and_not_below():
    clear = np.array([25, 26, 27, 28]) / 30
    assert yield_of(clear, np.zeros(4), 29 / 30, Rule(keep=2 / 30))["yield"] == 0.5


def test_a_budget_leaves_out_hungry_copies_and_those_without_an_operating_point():
    clear, power = np.ones(4), np.array([90e-6, 100e-6, 110e-6, np.nan])
    assert yield_of(clear, power, 1.0, Rule(budget_W=100e-6))["yield"] == 0.5
    assert yield_of(clear, power, 1.0, Rule())["yield"] == 1


@pytest.mark.parametrize("rule", [{"keep": -0.1}, {"keep": 5}, {"budget_W": 0.0}, {"keep": np.nan}])
def test_what_cannot_be_kept_is_one_sentence(rule):
    with pytest.raises(PrintronError, match=r"^got .*; give "):
        Rule(**rule)


def test_a_record_has_accuracies_by_the_margin_and_without():
    clear, accuracy = np.linspace(0, 0.9, 21), np.linspace(0.1, 1, 21)
    asked = ConditionsSpec(variation=1, margin="10 mV")
    record = copies_record(made_terms(clear, accuracy), asked, 20, 0.9)
    assert (record["n"], record["margin_V"]) == (21, 0.01)
    assert record["mean"] == pytest.approx(0.45)
    assert record["p5"] == pytest.approx(clear[1])
    assert record["accuracy_without_margin_mean"] == pytest.approx(0.55)
    assert (record["designed"], record["unsolved"]) == (0.9, 0)
    assert record["yield"] == 2 / 21  # not below 0.9 - 0.05: the two best


def test_rows_without_an_operating_point_are_counted():
    nothing = made_terms(np.zeros(3), power=np.full(3, np.nan), solved=[0, 0.9, 1])
    record = copies_record(nothing, ConditionsSpec(variation=1), 20, 0.9)
    assert record["power_mean_W"] is None
    assert (record["rows"], record["unsolved"]) == (20, 22)


def test_copies_are_judged_with_the_variation_of_the_process_where_training_had_none():
    process = default_process()
    nothing = process.model_copy(update={"variation": None})
    assert judged_conditions(ConditionsSpec(), process).variation == 1
    asked = ConditionsSpec(drift="20 mV", margin="10 mV")
    judged = judged_conditions(asked, process)
    assert (judged.variation, judged.drift, judged.margin) == (1, asked.drift, asked.margin)
    trained = ConditionsSpec(variation=0.5)
    assert judged_conditions(trained, process) == trained
    assert judged_conditions(ConditionsSpec(margin="10 mV"), nothing) is None
    assert judged_conditions(asked, nothing) == asked


def test_fewer_copies_of_large_circuits_are_judged(problem):
    assert copies_for(problem.structure, 30) == MOST_COPIES
    assert copies_for(problem.structure, 10**7) == FEWEST_COPIES
    assert copies_for(problem.structure, 30, 200) == 200
