"""Data sets of an experiment file: each with its own label, test rows and name."""

import os

import numpy as np
import pytest
from quick import QUICK_SCHEDULE

from printron.errors import PrintronError
from printron.experiments import Experiment, OwnTable, Plan, build_problems
from printron.experiments.file import as_toml, effective, read_experiment
from printron.results import ProblemSpec
from printron.results.problem import named_again
from printron.training import WeightedPower

PLAN = Plan((WeightedPower(0.0),), (0,), QUICK_SCHEDULE)
REST = "\nalphas = 2\nseeds = 1\n"
LABEL = 'label = "class"\n'


def written(folder, datasets, more=""):
    path = folder / "mine.toml"
    path.write_text(f"datasets = {datasets}{REST}{more}")
    return path


def table(path, label="class", seed=0):
    """A small table with two columns that can be the label."""
    rng = np.random.default_rng(seed)
    rows = [f"{rng.normal():.4f},{rng.normal():.4f},{'ab'[k % 2]},{k % 3}" for k in range(30)]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([f"x,y,{label},last", *rows]) + "\n")
    return path


def tables_of(folder):
    """Fields of an `OwnTable` with a test table in the same folder."""
    learned, tested = table(folder / "a.csv"), table(folder / "new.csv", seed=1)
    return str(learned), "class", "a", str(tested)


def read(folder, datasets, more=""):
    return read_experiment(written(folder, datasets, more)).experiment


def test_each_table_has_the_label_that_its_entry_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "a.csv", "kind")
    table(tmp_path / "b.csv", "sort")
    entries = '["iris", {table = "a.csv", label = "kind"}, {table = "b.csv", label = "sort"}]'
    problems = build_problems(read(tmp_path, entries))
    assert list(problems) == ["iris", "a", "b"]
    assert problems["a"].dataset.feature_names == ("x", "y", "last")
    assert {
        problem.dataset.class_names for name, problem in problems.items() if name != "iris"
    } == {("a", "b")}


def test_the_one_label_is_for_tables_that_say_none_and_not_for_benchmarks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    experiment = read(
        tmp_path, '["iris", "a.csv", {table = "b.csv", label = "sort"}]', 'label = "kind"\n'
    )
    assert [spec.label for spec in experiment.specs] == [None, "kind", "sort"]
    table(tmp_path / "a.csv", "kind")
    table(tmp_path / "b.csv", "sort")
    assert set(build_problems(experiment)) == {"iris", "a", "b"}


def test_tables_of_one_name_in_two_folders_have_two_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in "ab":
        table(tmp_path / folder / "x.csv", seed=ord(folder))
    problems = build_problems(read(tmp_path, '["a/x.csv", "b/x.csv"]', LABEL))
    assert {name: problem.spec.dataset for name, problem in problems.items()} == {
        "x": "a/x.csv",
        "x_2": "b/x.csv",
    }
    assert problems["x_2"].identity["dataset"]["name"] == problems["x_2"].dataset.name == "x_2"


NAMES = {
    '["a/x.csv", "b/X.csv", "c/x.csv"]': ["x", "X_2", "x_3"],
    '["a/x.csv", "b/x.csv", {table = "c.csv", name = "x_2"}]': ["x", "x_3", "x_2"],
    '["a/x.csv", {table = "b/x.csv", name = "x"}]': ["x_2", "x"],
    '["a/iris.csv", "iris"]': ["iris_2", "iris"],
    '["a/iris.csv"]': ["iris"],
    '["a/.x.csv", "a/x.csv"]': ["x", "x_2"],
    '[{table = "x.csv", label = "p"}, {table = "x.csv", label = "q"}]': ["x", "x_2"],
}


@pytest.mark.parametrize("entries", NAMES)
def test_names_are_given_in_the_order_of_the_file(tmp_path, entries):
    datasets = read(tmp_path, entries).datasets
    assert [it if isinstance(it, str) else it.name for it in datasets] == NAMES[entries]


def test_own_test_rows_can_be_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "a.csv")
    table(tmp_path / "new.csv", seed=1)
    problem = build_problems(read(tmp_path, '[{table = "a.csv", test = "new.csv"}]', LABEL))["a"]
    assert len(problem.dataset.test.labels) == 30
    assert problem.named_files["test_table"] == "new.csv"


def test_the_way_with_missing_values_is_that_of_the_table_or_of_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv"):
        header, first, *rest = table(tmp_path / name).read_text().splitlines()
        gap = "," + first.split(",", 1)[1]
        (tmp_path / name).write_text("\n".join([header, gap, *rest]))
    entries = '["a.csv", {table = "b.csv", missing = "0"}]'
    experiment = read(tmp_path, entries, LABEL + 'missing = "drop"\n')
    problems = build_problems(experiment)
    rows = [sum(len(y) for _, y in each.rows.values()) for each in problems.values()]
    assert rows == [29, 30]
    for each, way in zip(problems.values(), ("drop", "0"), strict=True):
        assert named_again(each.named_files, None)["missing"] == way
    again = tmp_path / "mine.toml"
    again.write_text(as_toml(effective(experiment)), "utf-8")
    assert read_experiment(again).experiment == experiment


def test_what_is_shown_says_the_same(tmp_path):
    entries = '["iris", "a/x.csv", {table = "b/x.csv", label = "käse \\"1\\"", test = "🧀.csv"}]'
    experiment = read(tmp_path, entries)
    record = effective(experiment)
    assert record["datasets"][1] == {"table": "a/x.csv", "name": "x"}
    assert record["datasets"][2]["name"] == "x_2"
    again = tmp_path / "mine.toml"
    again.write_text(as_toml(record), "utf-8")
    assert read_experiment(again).experiment == experiment


def test_a_table_named_on_the_command_line_keeps_what_the_file_says(tmp_path):
    path = written(tmp_path, '["iris", {table = "a.csv", label = "kind", name = "A"}]')
    for said in ("a.csv", "A"):
        experiment = read_experiment(path, {"datasets": [said, "seeds"]}).experiment
        assert experiment.datasets == (OwnTable("a.csv", "kind", "A"), "seeds")


@pytest.mark.parametrize("entry", ['{table = ["t.csv"]}', '{table = "a.csv", name = []}', "3"])
def test_what_stands_in_place_of_a_mistake_does_not_hide_it(tmp_path, entry):
    with pytest.raises(PrintronError, match=r"mine\.toml: 'datasets\.0.*': got "):
        read_experiment(written(tmp_path, f"[{entry}]"), {"datasets": ["iris"]})


MISTAKES = {
    '["x\\u0000.csv"]': "'datasets.0.table': got 'x\\x00.csv'; a path has no NUL character",
    '[{table = "x.csv", test = "x\\u0000.csv"}]': "'datasets.0.test': got 'x\\x00.csv'; a path",
    '["x.csv", "./x.csv"]': "got the data set './x.csv' twice ('x.csv' is the same file)",
    '["x.csv", {table = "x.csv", name = "y"}]': "got the data set 'x.csv' twice",
    '["x.csv", "link.csv"]': "got the data set 'link.csv' twice ('x.csv' is the same file)",
    '["iris", {table = "x.csv", name = "Iris"}]': "got the name 'iris' for 2 data sets",
    '[{table = "x.csv", name = "../x"}]': "got '../x' as the name of the data set; a name has",
    '[{table = "iris", label = "x"}]': "got label = 'x' for the benchmark 'iris'",
    '[{table = "irs"}]': "did you mean 'iris'",
}


@pytest.mark.parametrize("entries", MISTAKES)
def test_a_mistake_is_one_sentence_that_names_the_file(tmp_path, monkeypatch, entries):
    monkeypatch.chdir(tmp_path)
    os.symlink(table(tmp_path / "x.csv"), tmp_path / "link.csv")
    path = written(tmp_path, entries)
    with pytest.raises(PrintronError) as caught:
        read_experiment(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert MISTAKES[entries] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("label", "twice"), [("kind", True), ("sort", False)])
def test_a_table_is_there_twice_if_the_one_label_is_that_of_its_other_entry(tmp_path, label, twice):
    path = written(tmp_path, '[{table = "x.csv", label = "kind"}, "x.csv"]', f'label = "{label}"')
    if twice:
        with pytest.raises(PrintronError, match=r"got the data set 'x\.csv' twice"):
            read_experiment(path)
    else:
        assert len(read_experiment(path).experiment.specs) == 2


def test_a_test_table_is_looked_for_beside_a_table_that_has_moved(tmp_path):
    sources = build_problems(
        Experiment("one", (OwnTable(*tables_of(tmp_path / "old")),), ProblemSpec(""), PLAN)
    )["a"].named_files
    assert named_again(sources, None)["test_table"] == str(tmp_path / "old" / "new.csv")
    os.rename(tmp_path / "old", tmp_path / "moved")
    spec = named_again(sources, None, str(tmp_path / "moved" / "a.csv"))
    assert spec["test_table"] == str(tmp_path / "moved" / "new.csv")
    alone = table(tmp_path / "alone" / "a.csv")
    spec = named_again(sources, None, str(alone))
    assert spec["test_table"] == sources["test_table"]


@pytest.mark.parametrize("working", ["", "deep/er"])
def test_where_it_is_looked_for_does_not_depend_on_the_working_folder(
    tmp_path, monkeypatch, working
):
    """Of a table by a relative path and a test table by an absolute path the name alone is left."""
    (tmp_path / working).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / working)
    moved, test = table(tmp_path / "moved" / "a.csv"), table(tmp_path / "moved" / "new.csv")
    sources = {
        "dataset": "old/a.csv", "test_table": str(tmp_path / "old" / "new.csv"), "label": None,
        "data_dir": None, "process": None, "cells": [], "surrogates": None,
    }  # fmt: skip
    assert named_again(sources, None, str(moved))["test_table"] == str(test)
