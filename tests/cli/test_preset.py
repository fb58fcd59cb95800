"""Presets: what commands train where options say nothing."""

import pytest

from printron.cli.options import ConditionsOptions, TrainingOptions
from printron.cli.problem_options import ProblemOptions
from printron.cli.training_run import asked
from printron.errors import PrintronError
from printron.results import ProblemSpec
from printron.technology.conditions import ConditionsSpec


def spec_of(**options):
    return asked("iris", ProblemOptions(**options), ConditionsOptions(), TrainingOptions())[0]


def test_the_published_preset_is_the_problem_of_the_publication():
    assert spec_of(preset="published") == ProblemSpec("iris")
    assert ProblemOptions(preset="published").usual.alpha == 0.5


def test_by_default_circuits_are_trained_for_their_copies():
    spec, schedule = asked("iris", ProblemOptions(), ConditionsOptions(), TrainingOptions())
    assert (spec.hidden, spec.activation, spec.negation) == ((6,), ("pair", "none"), "none")
    assert spec.conditions == ConditionsSpec(variation=1, margin="10 mV")
    assert schedule.sources == "loaded"


def test_ideal_sources_keep_the_margin_alone():
    training = TrainingOptions(sources="ideal")
    spec, _ = asked("iris", ProblemOptions(), ConditionsOptions(), training)
    assert spec.conditions == ConditionsSpec(margin="10 mV")


@pytest.mark.parametrize(
    ("activation", "negation"),
    [("ptanh", "negation"), ("pair,none", "none"), ("none", "none"), ("ptanh,none", "negation")],
)
def test_cells_without_weights_of_both_signs_get_negations(activation, negation):
    assert spec_of(activation=activation).negation == negation


def test_an_unknown_preset_is_one_sentence():
    with pytest.raises(PrintronError, match="got --preset x; allowed are robust, published"):
        spec_of(preset="x")
