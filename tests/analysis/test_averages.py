"""Averages of an experiment: what must not change them, and what they are by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_experiment import NUMBERS, diverged, made_up_experiment

from printron.analysis import (
    BEST,
    MEAN,
    TEST,
    VALID,
    AnalysisError,
    average,
    hull_table,
    pareto_table,
)
from printron.analysis.averages import upper_left_hull
from printron.training import WeightedPower

TABLE = made_up_experiment()
POWERS = [name for name in NUMBERS if name.startswith("power")]


def same(a, b, rtol=0.0):
    check = pd.testing.assert_frame_equal if a.ndim == 2 else pd.testing.assert_series_equal
    check(a, b, rtol=rtol, atol=0, check_exact=rtol == 0)


@pytest.mark.parametrize("rule", [MEAN, BEST])
def test_the_normalised_baseline_is_exactly_one(rule):
    averages = average(TABLE, rule)
    assert (averages.baselines[["accuracy_normalised", "power_normalised"]] == 1).to_numpy().all()
    first = averages.by_goal.iloc[0]
    names = ["alpha", "accuracy", "power", "accuracy_of_means", "power_of_means"]
    assert first[names].tolist() == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("rule", [MEAN, BEST])
def test_the_order_of_the_rows_changes_nothing(rule):
    shuffled = TABLE.sample(frac=1, random_state=3)
    for name in ("by_goal", "by_dataset"):
        same(getattr(average(shuffled, rule), name), getattr(average(TABLE, rule), name))


def test_the_names_of_the_data_sets_change_nothing():
    renamed = TABLE.assign(dataset=TABLE["dataset"].map({"iris": "z", "seeds": "a", "own": "m"}))
    same(average(renamed).by_goal, average(TABLE).by_goal, rtol=1e-13)


@pytest.mark.parametrize("factor", [1e-9, 3.0, 1e6])
@pytest.mark.parametrize("rule", [MEAN, BEST])
def test_the_unit_of_a_data_sets_power_changes_no_normalised_number(factor, rule):
    scaled = TABLE.copy()
    scaled.loc[scaled["dataset"] == "seeds", POWERS] *= factor
    ours, theirs = average(TABLE, rule).by_goal, average(scaled, rule).by_goal
    # Averaged in watts, it does: a data set counts by them.
    same(theirs.drop(columns="power_of_means"), ours.drop(columns="power_of_means"), rtol=1e-9)
    for rows in (VALID, TEST):
        a, b = (pareto_table(it, ["alpha"], chosen_by=rows) for it in (ours, theirs))
        same(a, b, rtol=1e-9)
    same(hull_table(theirs), hull_table(ours), rtol=1e-9)


def test_a_diverged_run_changes_no_average():
    more = pd.DataFrame([diverged({**TABLE.iloc[4].to_dict(), "seed": 77})])
    with_it = pd.concat([TABLE, more], ignore_index=True)
    for rule in (MEAN, BEST):
        same(average(with_it, rule).by_goal, average(TABLE, rule).by_goal)


def test_a_lost_run_leaves_the_mean_to_the_others_and_its_seed_out_of_the_spread():
    lost = TABLE.copy()
    at = lost[(lost["dataset"] == "iris") & (lost["alpha"] == 0.5) & (lost["seed"] == 1)].index[0]
    lost.loc[at] = pd.Series(diverged(lost.loc[at].to_dict()))
    averages = average(lost)
    iris = averages.by_dataset.query("dataset == 'iris' and alpha == 0.5").iloc[0]
    others = TABLE.query("dataset == 'iris' and alpha == 0.5 and seed != 1")
    assert iris["runs"] == 2
    assert iris["accuracy_mean"] == pytest.approx(others["accuracy_test"].mean(), rel=1e-14)
    assert averages.by_goal.set_index("alpha").loc[0.5, "seeds"] == 2
    assert averages.by_goal.set_index("alpha").loc[0.25, "seeds"] == 3


def test_both_spreads_are_what_they_say():
    averages = average(TABLE)
    base = TABLE.query("alpha == 0").groupby("dataset")["accuracy_test"].mean()
    half = TABLE.query("alpha == 0.5")
    share = half["accuracy_test"] / half["dataset"].map(base)
    row = averages.by_goal.set_index("alpha").loc[0.5]
    over_seeds = np.std([share[half["seed"] == s].mean() for s in range(3)], ddof=1)
    over_datasets = np.std([share[half["dataset"] == d].mean() for d in base.index], ddof=1)
    assert row["accuracy_sd_seeds"] == pytest.approx(over_seeds, rel=1e-12)
    assert row["accuracy_sd_datasets"] == pytest.approx(over_datasets, rel=1e-12)


def test_the_causes_add_up_to_the_power():
    by_goal = average(TABLE).by_goal
    causes = by_goal[["power_crossbar", "power_activation", "power_negation"]].sum(axis=1)
    np.testing.assert_allclose(causes, by_goal["power"], rtol=1e-12)


def test_the_best_seed_is_chosen_by_validation_alone():
    changed = TABLE.assign(accuracy_test=TABLE["accuracy_test"].sample(frac=1).to_numpy())
    picked = average(changed, BEST).by_dataset
    for row in picked.to_dict("records"):
        here = changed[(changed["dataset"] == row["dataset"]) & (changed["alpha"] == row["alpha"])]
        assert row["power_mean_W"] == here.loc[here["objective_valid"].idxmin(), "power_total_W"]


def test_an_alpha_that_a_data_set_lacks_is_not_averaged():
    fewer = TABLE[~((TABLE["dataset"] == "own") & (TABLE["alpha"] == 0.25))]
    averages = average(fewer)
    assert averages.by_goal["alpha"].tolist() == [0, 0.5, 1]
    assert averages.incomplete == (WeightedPower(0.25),)
    whole = average(TABLE).by_goal
    same(averages.by_goal, whole[whole["alpha"] != 0.25].reset_index(drop=True))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t[t["alpha"] > 0], "no trained run at alpha = 0"),
        (
            lambda t: t[(t["alpha"] > 0) | (t["dataset"] != "own")],
            "'own' has no trained run at alpha = 0",
        ),
        (lambda t: t.assign(status="diverged"), "no trained run at alpha = 0, and every number"),
        (lambda t: t.assign(power_total_W=0.0), "zero accuracy or power"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "occurs twice"),
        (lambda t: t.iloc[:0], "is empty"),
        (lambda t: t.drop(columns="majority"), "no column 'majority'"),
        (
            lambda t: t.assign(negation_cell=["negation", *["negation_divider"] * (len(t) - 1)]),
            "mixes runs whose 'negation_cell' is negation and negation_divider",
        ),
    ],
)
def test_what_cannot_be_averaged_is_said_in_a_sentence(change, said):
    with pytest.raises(AnalysisError, match=said):
        average(change(TABLE))


FRONT = pd.DataFrame(
    {
        "alpha": [0.0, 0.2, 0.4, 0.6, 0.8],
        "accuracy": [1.0, 0.96, 0.91, 0.92, 0.6],
        "power": [1.0, 0.5, 0.4, 0.3, 0.1],
    }
)


def test_pareto_table_by_hand():
    table = pareto_table(FRONT, ["alpha"], chosen_by=TEST).set_index("accuracy")
    assert table["power"].tolist() == [1.0, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3]
    assert table["alpha"].tolist() == [0.0, 0.2, 0.6, 0.6, 0.6, 0.6, 0.6]
    assert table.loc[0.95, "saving"] == 2
    table = hull_table(FRONT).set_index("accuracy")
    # The hull goes through (0.1, 0.6), (0.3, 0.92), (0.5, 0.96), (1, 1).
    assert table.loc[0.95, "power_hull"] == pytest.approx(0.3 + 0.2 * 0.03 / 0.04)
    assert table.loc[0.80, "power_hull"] == pytest.approx(0.1 + 0.2 * 0.20 / 0.32)
    assert table.loc[1.0, "power_hull"] == 1


points = st.lists(
    st.tuples(st.floats(0.001, 2), st.floats(0.0, 1.2)), min_size=1, max_size=30
)  # (power, accuracy)


def front_of(pairs):
    power, accuracy = np.array(pairs).T
    return pd.DataFrame({"alpha": np.arange(len(power)), "accuracy": accuracy, "power": power})


@settings(max_examples=100, deadline=None)
@given(points)
def test_less_accuracy_never_needs_more_power(pairs):
    front = front_of([(1.0, 1.0), *pairs])
    power = pareto_table(front, ["alpha"], chosen_by=TEST)["power"]
    hull = hull_table(front)["power_hull"]
    for each in (power, hull):
        assert (each.diff().dropna() <= 1e-12).all()
    assert (hull <= power + 1e-9).all()
    assert (power <= 1).all()  # the baseline is always there


@settings(max_examples=100, deadline=None)
@given(points, st.randoms(use_true_random=False))
def test_the_test_rows_choose_no_alpha(pairs, random):
    """Whatever the test rows are, the same alphas are chosen, and their numbers are shown."""
    front = front_of(pairs).rename(columns={"accuracy": "accuracy_valid", "power": "power_valid"})
    shuffled = random.sample(range(len(front)), len(front))
    seen = [front.assign(accuracy=order, power=order) for order in (range(len(front)), shuffled)]
    one, other = (pareto_table(it, ["alpha"], chosen_by=VALID) for it in seen)
    same(one["alpha"], other["alpha"])
    reached = other.dropna()
    shown = [shuffled[int(alpha)] for alpha in reached["alpha"]]
    assert reached["power"].tolist() == reached["accuracy_test"].tolist() == shown


def test_validation_rows_choose_the_alpha_of_an_experiment():
    by_goal = average(TABLE).by_goal
    swapped = TABLE.rename(
        columns={
            "accuracy_valid": "accuracy_test",
            "accuracy_test": "accuracy_valid",
            "power_valid_W": "power_total_W",
            "power_total_W": "power_valid_W",
        }
    )
    other = average(swapped).by_goal
    levels = (0.8, 0.6, 0.4, 0.2)
    a = pareto_table(by_goal, ["alpha"], chosen_by=VALID, levels=levels)["alpha"]
    b = pareto_table(other, ["alpha"], chosen_by=TEST, levels=levels)["alpha"]
    assert a.notna().any()
    same(a, b)


@settings(max_examples=100, deadline=None)
@given(points)
def test_no_point_lies_above_the_hull(pairs):
    power, accuracy = np.array(pairs).T
    hull = upper_left_hull(power, accuracy)
    assert (np.diff(hull, axis=0) > 0).all()
    above = accuracy - np.interp(power, hull[:, 0], hull[:, 1], left=np.nan)
    assert (above[np.isfinite(above)] <= 1e-9).all()


def test_no_power_is_an_infinite_saving_and_no_warning():
    front = FRONT.assign(power=[1.0, 0.5, 0.4, 0.0, 0.0])
    assert np.isinf(pareto_table(front, ["alpha"], chosen_by=TEST)["saving"].iloc[-1])
    assert np.isinf(hull_table(front)["saving_hull"].iloc[-1])
