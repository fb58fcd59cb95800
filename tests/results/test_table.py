"""The table of runs: what is written is what is declared, and older tables are filled up."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_experiment import made_up_config
from made_up_network import made_parameters
from made_up_runs import made_up_table
from recipes import followed

from printron.base.place import StoreError, place_at
from printron.results import Runs, load_table, run_record, store
from printron.results.store import Store, json_bytes
from printron.results.table import (
    AFTER_GOAL,
    BEFORE_GOAL,
    COPIES,
    MERIT,
    SPLITS,
    STORED,
    as_read,
    check_written,
    columns_of,
    faults,
    names_of,
)
from printron.training.goal import WeightedPower

LATER = ("split_seed", "goal", "feasible_valid", "sources")
SINCE_6 = (*(f"balanced_accuracy_{split}" for split in SPLITS), MERIT)


@pytest.fixture
def table():
    return made_up_table([0.0, 0.5], [0, 1])


def config(split_seed=3, **schedule):
    made = made_up_config(["iris"])
    made["problems"]["iris"]["dataset"]["split_seed"] = split_seed
    return made | {"schedule": schedule, "format": 3}


def test_every_column_is_declared_once_with_its_meaning():
    columns = (*columns_of(WeightedPower), STORED)
    names = list(names_of(columns, 2))
    assert len(set(names)) == len(names)
    assert all(column.meaning for column in columns)
    for column in columns:
        assert (column.unit == "W") == column.name.endswith("_W"), column.name


def test_a_table_as_declared_is_written(table):
    assert check_written(table) is table
    assert faults(table.assign(config="hash")) is None


@pytest.mark.parametrize("name", ["accuracy_test", "power_negation2_W", "alpha", "goal", "wall_s"])
def test_a_missing_column_is_a_fault_of_the_program(table, name):
    with pytest.raises(AssertionError, match=f"the column '{name}' is missing"):
        check_written(table.drop(columns=name))


@pytest.mark.parametrize("name", ["accuracy", "power_negation3_W", "cap_W"])
def test_an_unknown_column_is_a_fault_of_the_program(table, name):
    with pytest.raises(AssertionError, match=f"the column '{name}' is unknown"):
        check_written(table.assign(**{name: 0.5}))


def test_columns_of_copies_are_written_together_or_not_at_all(table):
    copies = {column.name: 0.5 for column in COPIES}
    check_written(table.assign(**copies))
    check_written(table.assign(clear_test=0.5, **copies))
    check_written(table.assign(clear_test=0.5))
    for name in copies:
        with pytest.raises(AssertionError, match=f"the column '{name}' is missing"):
            check_written(table.assign(**copies).drop(columns=name))


def test_a_row_says_how_copies_fare_where_they_were_judged(table):
    assert not {"clear", "copies"} & set(run_record(table.iloc[0]))
    judged = {"copies": 200, "copies_mean": 0.8, "copies_p5": np.nan, "copies_unsolved": 3}
    found = run_record(table.assign(clear_test=0.9, **judged, copies_yield=0.25).iloc[0])
    assert found["clear"] == {"test": 0.9}
    copies = found["copies"]
    assert (copies["n"], copies["mean"], copies["p5"]) == (200, 0.8, None)
    assert (copies["unsolved"], copies["yield"]) == (3, 0.25)
    assert 0.19 < copies["yield_low"] < 0.25 < copies["yield_high"] < 0.32
    unknown = run_record(table.assign(**judged, copies_yield=np.nan).iloc[0])["copies"]
    assert {unknown[name] for name in ("yield", "yield_low", "yield_high")} == {None}


def test_layers_have_their_columns_by_what_is_hidden(table):
    deep = table.assign(hidden="3,2", **{f"power_{c}3_W": 0.0 for c in ("crossbar", "activation")})
    with pytest.raises(AssertionError, match="'power_negation3_W' is missing"):
        check_written(deep)
    check_written(deep.assign(power_negation3_W=0.0))


def test_an_older_table_is_filled_from_the_configuration(table):
    table["objective_valid"] = [0.3, np.nan]
    old = table.drop(columns=[*LATER, *SINCE_6])
    read = as_read(old, config(split_seed=3, sources="loaded"), "part")
    assert read["split_seed"].tolist() == [3, 3]
    assert read["goal"].tolist() == [WeightedPower.kind] * 2
    assert read["feasible_valid"].tolist() == [True, False]
    assert read["sources"].tolist() == ["loaded"] * 2
    assert read[MERIT].tolist() == old["accuracy_valid"].tolist()
    assert read["balanced_accuracy_test"].isna().all()
    pd.testing.assert_frame_equal(read[old.columns], old)


def test_a_table_of_another_version_is_one_sentence(table):
    with pytest.raises(StoreError, match=r"'part' .*'majority' is missing; update") as caught:
        as_read(table.drop(columns="majority"), config(), "part")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("number", [4, 5, 6])
def test_stored_parts_of_any_format_are_read(problem, tmp_path, monkeypatch, number):
    """An earlier part lacks what came later; nothing of the part is written anew."""
    store_of = Store(place_at(tmp_path), config(split_seed=7) | {"format": number})
    store_of.place.write("config.json", json_bytes(store_of.config))
    made = made_up_table([0.0, 0.5], [0, 1]).assign(split_seed=7)
    later = {4: (*(name for name in LATER if name != "sources"), *SINCE_6), 5: SINCE_6, 6: ()}
    monkeypatch.setattr(store, "check_written", lambda table: table)
    stored = made.drop(columns=list(later[number]))
    if number == 5:
        stored = stored.assign(copies=200, copies_mean=0.8, copies_p5=0.7)
    store_of.write("iris-00000", runs_of(problem, stored))
    again = load_table(tmp_path)
    pd.testing.assert_frame_equal(again[stored.columns], stored)
    pd.testing.assert_series_equal(again[MERIT], made[MERIT])
    assert ("copies_yield" in again) == (number == 5)


def runs_of(problem, table):
    one = made_parameters(problem.structure)
    return Runs(table, type(one)(*(tuple(np.stack([x, x]) for x in part) for part in one)))


def test_a_goal_brings_its_columns(table):
    with followed("Add a goal") as defined:
        capped = defined["Capped"]
        check_written(table.drop(columns="alpha").assign(goal=capped.kind, cap_W=1e-3, rate=0.5))
    names = {column.name for column in columns_of(capped)}
    assert names == {c.name for c in (*BEFORE_GOAL, *AFTER_GOAL)} | {"cap_W", "rate"}


def test_the_documentation_lists_the_columns_as_declared():
    tool = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "table_doc.py"))
    assert tool["PAGE"].read_text(encoding="utf-8") == tool["page"]()
