"""Fronts of single data sets and their hypervolume."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_experiment import NUMBERS, made_up_experiment

from printron.analysis import average, dataset_fronts, hypervolume, hypervolumes, select

TABLE = made_up_experiment()


def volume(points, majority=0.5):
    power, accuracy = np.array(points, float).reshape(-1, 2).T
    return hypervolume(power, accuracy, majority)


def test_hypervolume_by_hand():
    # From 0.2 to 0.5 the height is 0.7 - 0.5, from 0.5 to 1 it is 0.9 - 0.5; over 1 - 0.5.
    by_hand = (0.3 * 0.2 + 0.5 * 0.4) / 0.5
    assert volume([(0.5, 0.9), (0.2, 0.7)]) == pytest.approx(by_hand, rel=1e-14)
    assert by_hand == pytest.approx(0.52)


@pytest.mark.parametrize("nothing", [(0.7, 0.8), (0.3, 0.4), (1.5, 1.0), (1.0, 1.0)])
def test_what_is_dominated_or_beyond_the_reference_adds_nothing(nothing):
    front = [(0.5, 0.9), (0.2, 0.7)]
    assert volume([*front, nothing]) == pytest.approx(volume(front), rel=1e-14)


def test_limits():
    assert volume([(0.0, 1.0)]) == 1
    assert volume([]) == 0
    assert volume([(1.0, 1.0)]) == 0
    assert volume([(0.0, 0.5)]) == 0
    assert np.isnan(volume([(0.5, 1.0)], majority=1.0))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), max_size=12),
    st.tuples(st.floats(0, 2), st.floats(0, 1)),
    st.randoms(),
)
def test_a_point_more_never_takes_away_and_order_is_nothing(points, one, random):
    more = [*points, one]
    random.shuffle(more)
    assert 0 <= volume(points) <= volume(more) + 1e-12
    assert volume(more) <= 1 + 1e-12


def test_fronts_are_those_of_the_sweep_and_no_test_row_takes_part():
    table = TABLE.copy()
    front = dataset_fronts(table, average(table))
    for name, part in front.groupby("dataset"):
        single = select(table[table["dataset"] == name]).front
        assert (
            part[["alpha", "seed"]].to_numpy().tolist()
            == single[["alpha", "seed"]].to_numpy().tolist()
        )
    other = table.assign(accuracy_test=table["accuracy_test"].sample(frac=1).to_numpy())
    again = dataset_fronts(other, average(other))
    assert front[["dataset", "alpha", "seed"]].equals(again[["dataset", "alpha", "seed"]])


def test_the_unit_of_power_changes_no_hypervolume():
    scaled = TABLE.copy()
    powers = [name for name in NUMBERS if name.startswith("power")]
    scaled.loc[scaled["dataset"] == "own", powers] *= 1e-3
    ours, theirs = (hypervolumes(dataset_fronts(t, average(t))) for t in (TABLE, scaled))
    np.testing.assert_allclose(theirs["hypervolume"], ours["hypervolume"], rtol=1e-12)
    assert ours["dataset"].tolist() == ["iris", "own", "seeds"]
