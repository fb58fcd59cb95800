"""From names to a problem; what is wrong with a name is one sentence."""

import dataclasses
import json
import re

import pytest

from printron.results import ProblemSpec, build_problem
from printron.results.problem import Carried
from printron.technology.conditions import ConditionsSpec


def test_the_topology_goes_from_features_to_classes(problem):
    assert problem.structure.topology == (4, 3, 3)
    assert build_problem(ProblemSpec("iris", hidden=())).structure.topology == (4, 3)
    assert build_problem(ProblemSpec("iris", hidden=(5, 2))).structure.topology == (4, 5, 2, 3)


def test_rows_are_the_three_parts_in_volts(problem):
    assert {k: v.shape for k, (v, _) in problem.rows.items()} == {
        "train": (4, 90),
        "valid": (4, 30),
        "test": (4, 30),
    }


def test_a_table_of_the_user_is_a_problem(tmp_path):
    path = tmp_path / "readings.csv"
    lines = [f"{k},{k * k},{'ab'[k % 2]}" for k in range(40)]
    path.write_text("\n".join(["x,y,kind", *lines]))
    made = build_problem(ProblemSpec(str(path), label="kind"))
    assert made.structure.topology == (2, 3, 2)
    assert made.dataset.name == "readings"


def test_identity_is_json_and_tells_splits_and_cells_apart(problem):
    assert json.loads(json.dumps(problem.identity)) == problem.identity
    again = build_problem(ProblemSpec("iris"))
    assert again.identity == problem.identity
    for change in (
        {"split_seed": 1},
        {"activation": "clipped_relu"},
        {"sharing": "layer"},
        {"hidden": (4,)},
        {"protocol": "published"},
    ):
        other = build_problem(dataclasses.replace(problem.spec, **change))
        assert other.identity != problem.identity, change


def test_conditions_stand_in_the_identity_only_where_some_are_given(problem):
    """Stored folders are read on; and the numbers of the variation decide where they are used."""

    def identity(process=problem.technology.process, **asked):
        spec = dataclasses.replace(problem.spec, conditions=ConditionsSpec(**asked))
        carried = Carried(dataclasses.replace(problem.technology, process=process), None)
        return build_problem(spec, carried).identity

    assert json.dumps(identity()) == json.dumps(problem.identity)
    assert set(problem.identity) == {"dataset", "network", "process", "cells"}
    assert set(problem.identity["process"]) == {"name", "fingerprint"}
    assert identity(variation="none") == problem.identity
    each = [identity(variation=1), identity(variation=2), identity(margin="10 mV")]
    each += [identity(drift="10 mV"), identity(supply_tolerance="1 %")]
    each += [identity(source_resistance="1 kohm")]
    each += [identity(gate_leakage="1 Gohm"), identity(gate_leakage="process")]
    assert len({json.dumps(one) for one in [problem.identity, *each]}) == 9
    assert "gate_leakage" not in identity(margin="10 mV")["conditions"]

    process = problem.technology.process
    wider = process.model_copy(update={"variation": process.spread.scaled(2)})
    assert identity(wider) == problem.identity
    assert identity(wider, margin="10 mV") == identity(margin="10 mV")
    assert identity(wider, variation=1) != identity(variation=1)
    tight = process.model_copy(update={"leakage": None})
    assert identity(tight, margin="10 mV") == identity(margin="10 mV")
    assert identity(tight, gate_leakage="1 Gohm") == identity(gate_leakage="1 Gohm")


def test_a_problem_has_the_conditions_that_were_asked_for(problem):
    asked = ConditionsSpec(variation=0.5, source_resistance="100 kohm")
    made = build_problem(dataclasses.replace(problem.spec, conditions=asked))
    assert made.structure.conditions == asked.on(problem.technology.process)
    assert not problem.structure.conditions.varied


def test_cells_of_layers_stand_in_the_identity_as_one_or_as_a_list(problem):
    """Of layers that are alike, as it always was: stored folders are read on."""

    def cells(**change):
        return build_problem(dataclasses.replace(problem.spec, **change)).identity["cells"]

    alike = cells(activation=("ptanh", "ptanh"))
    assert alike == problem.identity["cells"]
    assert set(alike["activation"]) == {"name", "fingerprint", "surrogate"}
    mixed = cells(activation=("ptanh", "none"), negation="none")
    ptanh = alike["activation"]
    assert mixed["activation"] == {
        key: [ptanh[key], none]
        for key, none in (("name", "none"), ("fingerprint", None), ("surrogate", None))
    }
    assert mixed["negation"] == {"name": "none", "fingerprint": None, "surrogate": None}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"activation": ("ptanh",) * 3}, "got 3 activation cells for 2 layers"),
        ({"dataset": "irs"}, "did you mean 'iris'"),
        ({"dataset": "none.csv"}, "there is no file 'none.csv'"),
        ({"protocol": "dirty"}, "clean, published"),
        ({"activation": "negation"}, "allowed are clipped_relu"),
        ({"negation": "ptanh"}, "allowed are negation"),
        ({"sharing": "all"}, "network, layer, neuron"),
        ({"hidden": (0,)}, "above 0"),
        ({"process": "none.toml"}, "none.toml"),
        ({"cells": ("none.toml",)}, "none.toml"),
        ({"surrogates": "none"}, "'none', which is not a folder"),
        ({"split_seed": -1}, "split_seed is -1"),
        ({"label": "kind"}, "label 'kind'"),
    ],
)
def test_what_is_wrong_is_one_sentence(problem, change, words):
    with pytest.raises(ValueError, match=re.escape(words)) as caught:
        build_problem(dataclasses.replace(problem.spec, **change))
    assert "\n" not in str(caught.value)
