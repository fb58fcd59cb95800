"""How the slope of the cells rises, and what a schedule refuses."""

from dataclasses import replace

import numpy as np
import pytest

from printron.training import Schedule


def test_the_slope_rises_exponentially_to_1_and_stays():
    schedule = Schedule(epochs=1000, anneal_from=0.05, anneal_share=0.6)
    slope = np.asarray(schedule.slope(np.arange(1001)))
    assert slope[0] == pytest.approx(0.05)
    assert np.all(slope[600:] == 1)
    assert np.all(slope[:600] < 1)
    # The same factor in every epoch: 20^(1/600).
    assert slope[1:601] / slope[:600] == pytest.approx(np.full(600, 20 ** (1 / 600)), rel=1e-5)


def test_without_annealing_the_slope_is_1():
    assert np.all(np.asarray(Schedule(anneal_share=0).slope(np.arange(10))) == 1)
    assert np.all(np.asarray(Schedule(anneal_from=1).slope(np.arange(10))) == 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"epochs": 10}, "got 10 epochs"),
        ({"epochs": 0}, "got 0 epochs"),
        ({"check_every": 0}, "check_every = 0; it must be 1 or above"),
        # The only look, at epoch 20, would come before the slope is 1: nothing could be chosen.
        ({"epochs": 39}, "the last check, at epoch 20, comes before"),
        ({"anneal_from": 0.0}, "anneal_from = 0"),
        ({"anneal_from": 1.5}, "anneal_from = 1.5"),
        ({"anneal_from": np.nan}, "anneal_from = nan"),
        ({"anneal_share": 1.0}, "anneal_share = 1"),
        ({"anneal_share": -0.1}, "anneal_share = -0.1"),
        ({"learning_rate": 0.0}, "learning_rate = 0"),
        ({"learning_rate": np.nan}, "learning_rate = nan"),
        ({"cell_rate": -1.0}, "cell_rate = -1"),
        ({"noise": -0.1}, "noise = -0.1"),
        ({"prune_below": (0.1, 1.0)}, r"got prune_below = \(0.1, 1.0\); each must be above 0, and"),
        ({"starts": 0}, "got starts = 0"),
        ({"sources": "real"}, "got sources = 'real'; it must be ideal or loaded"),
        ({"sources": "loaded", "loaded_epochs": 10}, "got 10 loaded epochs"),
        ({"loaded_rate": 0.0}, "loaded_rate = 0"),
        ({"loaded_noise": -1.0}, "loaded_noise = -1"),
        ({"loading_share": 1.5}, "loading_share = 1.5"),
        ({"scale_rate": -1.0}, "scale_rate = -1.0; it must be 0 or above"),
        ({"column_scale": 0.5}, "column_scale = 0.5; it must be 1 or above"),
        ({"column_scale": np.inf}, "column_scale = inf"),
    ],
)
def test_what_a_schedule_refuses_is_one_sentence(wrong, words):
    with pytest.raises(ValueError, match=words) as caught:
        Schedule(**wrong)
    assert "\n" not in str(caught.value)


def test_copies_cost_by_their_number():
    """Of a step, of a check; where copies are as designed there are none."""
    one = Schedule(sources="loaded", draws=8, judges=16)
    more = replace(one, draws=16, judges=32)
    ideal = replace(one, sources="ideal").cost()
    assert one.cost() == more.cost()
    assert more.cost(varied=True) - ideal == 2 * (one.cost(varied=True) - ideal)
    assert one.cost(varied=True) > one.cost()
