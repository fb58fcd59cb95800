"""An experiment file says what is done, and unknown words are errors."""

import dataclasses

import pytest

from printron.datasets import names
from printron.errors import PrintronError
from printron.experiments.file import PRESETS, as_toml, effective, read_experiment
from printron.technology.conditions import ConditionsSpec
from printron.training import Schedule

SMALL = """
datasets = ["iris", "seeds"]
alphas = [0.0, 0.5]
seeds = 2
[schedule]
epochs = 200
"""


def written(folder, text):
    path = folder / "small.toml"
    path.write_text(text)
    return path


def alphas_of(experiment):
    return [goal.alpha for goal in experiment.plan.goals]


def test_what_a_file_does_not_say_has_the_defaults(tmp_path):
    experiment = read_experiment(written(tmp_path, SMALL)).experiment
    assert experiment.name == "small"
    assert experiment.datasets == ("iris", "seeds")
    assert (alphas_of(experiment), experiment.plan.seeds) == ([0.0, 0.5], (0, 1))
    assert experiment.plan.schedule == Schedule(epochs=200)
    assert experiment.circuit.hidden == (3,)
    assert experiment.runs == 8


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_the_published_experiment(preset):
    experiment = read_experiment(preset).experiment
    assert experiment.datasets == names()
    assert alphas_of(experiment)[::99] == [0.0, 1.0]
    assert experiment.runs == 13 * 100 * 10
    assert experiment.circuit.protocol == ("published" if preset == "published" else "clean")
    assert experiment.plan.schedule.sources == ("loaded" if preset == "loaded" else "ideal")
    assert experiment.plan.schedule.scaled == (preset == "loaded")  # else the publications' rule
    cells = (experiment.circuit.activation, experiment.circuit.negation)
    assert cells == (
        ("ptanh_published", "negation_divider") if preset == "published" else ("ptanh", "negation")
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_the_effective_settings_written_and_read_are_the_same(preset, tmp_path):
    experiment = read_experiment(preset).experiment
    record = effective(experiment)
    assert set(record["schedule"]) == {field.name for field in dataclasses.fields(Schedule)}
    assert read_experiment(written(tmp_path, as_toml(record))).experiment == experiment


def test_none_can_be_said(tmp_path):
    path = written(tmp_path, SMALL + 'count_temperature = "none"\n')
    experiment = read_experiment(path).experiment
    assert experiment.plan.schedule.count_temperature is None
    again = written(tmp_path, as_toml(effective(experiment)))
    assert read_experiment(again).experiment.plan == experiment.plan


def test_files_of_ones_own_can_be_said(tmp_path):
    own = 'process = "p.toml"\ncells = ["c.toml"]\nsurrogates = "s"\nlabel = "kind"\n'
    experiment = read_experiment(written(tmp_path, own + SMALL)).experiment
    circuit = experiment.circuit
    assert (circuit.process, circuit.cells) == ("p.toml", ("c.toml",))
    assert (circuit.surrogates, circuit.label) == ("s", "kind")
    assert (
        read_experiment(written(tmp_path, as_toml(effective(experiment)))).experiment == experiment
    )


def test_changes_stand_in_place_of_what_the_file_says(tmp_path):
    changes = {"datasets": ["iris"], "schedule.epochs": 40, "schedule.starts": 1}
    experiment = read_experiment(written(tmp_path, SMALL), changes).experiment
    assert experiment.datasets == ("iris",)
    assert experiment.plan.schedule == Schedule(epochs=40, starts=1)


CONDITIONS = """
sources = "loaded"

[conditions]
variation = "process"
margin = "10 mV"
source_resistance = "100 kohm"
supply_tolerance = "10 %"
drift = "20 mV"
"""


def test_conditions_of_a_file_are_those_of_each_circuit(tmp_path):
    experiment = read_experiment(written(tmp_path, SMALL + CONDITIONS)).experiment
    asked = ConditionsSpec(
        variation=1,
        margin="10 mV",
        source_resistance="100 kohm",
        supply_tolerance="10 %",
        drift="20 mV",
    )
    assert {spec.conditions for spec in experiment.specs} == {asked}
    again = written(tmp_path, as_toml(effective(experiment)))
    assert read_experiment(again).experiment == experiment
    without = read_experiment(written(tmp_path, SMALL)).experiment
    assert not without.circuit.conditions.given


def test_a_cluster_in_a_file_is_no_part_of_the_experiment(tmp_path):
    plain = read_experiment(written(tmp_path, SMALL))
    text = SMALL + '[cluster]\nkind = "local"\nworkers = 2\n'
    setup = read_experiment(written(tmp_path, text))
    assert setup.experiment == plain.experiment
    assert (plain.cluster, setup.cluster.workers) == (None, 2)


MISTAKES = {
    "unknown key": ("colour = 1\n" + SMALL, "'colour' is not a known key"),
    "unknown key of the schedule": (SMALL + "epoch = 3\n", "'schedule.epoch' is not a known key"),
    "no data sets": (SMALL.replace('["iris", "seeds"]', "[]"), "'datasets'"),
    "missing": ("alphas = 2\nseeds = 1\n", "'datasets' is missing"),
    "unknown data set": (SMALL.replace("iris", "irs"), "did you mean 'iris'"),
    "data set twice": (SMALL.replace("seeds", "iris", 1), "'iris' twice"),
    "alpha outside": (SMALL.replace("0.5", "1.5"), r"must lie in [0, 1]"),
    "one alpha": (SMALL.replace("[0.0, 0.5]", "1"), "got alphas = 1"),
    "no seeds": (SMALL.replace("seeds = 2", "seeds = 0"), "got seeds = 0"),
    "seed below 0": (SMALL.replace("seeds = 2", "seeds = [-1]"), "got the seeds -1"),
    "too many": (SMALL.replace("seeds = 2", "seeds = 999999999"), "at most 1000000"),
    "protocol": ('protocol = "x"\n' + SMALL, "'protocol': got 'x'"),
    "selection": ('selection = "test accuracy"\n' + SMALL, "'selection': got 'test accuracy'"),
    "name": ('name = "../x"\n' + SMALL, "'name': got '../x'"),
    "hidden": ("hidden = [0]\n" + SMALL, "'hidden.0': got 0"),
    "schedule": (SMALL.replace("200", "0"), "got 0 epochs"),
    "rate": (SMALL + "learning_rate = -1\n", "learning_rate = -1"),
    "draws": (SMALL + "draws = 7\n", "got draws = 7; it must be an even number"),
    "condition key": (SMALL + "[conditions]\nmargins = 3\n", "'conditions.margins' is not a known"),
    "factor": (
        SMALL + '[conditions]\nvariation = "much"\n',
        "'conditions.variation': got 'much'; give process",
    ),
    "unit": (SMALL + '[conditions]\nmargin = "1 ohm"\n', "'conditions.margin': got '1 ohm'"),
    "conditions of ideal sources": (
        SMALL + "[conditions]\nvariation = 1\n",
        '[conditions]: got variation ×1 of the process with sources = "ideal"',
    ),
    "no toml": ("datasets = [", "not valid TOML"),
    "cluster kind": (SMALL + '[cluster]\nkind = "pbs"\n', "allowed are local, scheduler, slurm"),
    "cluster key": (
        SMALL + '[cluster]\nkind = "slurm"\njobs = 2\ncore = 1\n',
        "'cluster.core' is not a known key",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_that_names_the_file(tmp_path, mistake):
    text, told = MISTAKES[mistake]
    path = written(tmp_path, text)
    with pytest.raises(PrintronError) as caught:
        read_experiment(path)
    assert told in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_one_sentence():
    with pytest.raises(PrintronError, match="cannot be read"):
        read_experiment("no.toml")
