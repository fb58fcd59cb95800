"""`config.json` of an experiment: what is damaged is one sentence, whoever reads the folder."""

import json

import pytest
from made_up_experiment import made_up_config

from printron.base.place import StoreError
from printron.results import load_table

WHOLE = {"format": 6, **made_up_config(["iris"])}


def without(*path):
    """The configuration lacking a key."""
    config = json.loads(json.dumps(WHOLE))
    at = config
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return json.dumps(config)


def with_(**values):
    return json.dumps(WHOLE | values)


DAMAGED = {
    "no alphas": (without("alphas"), "'alphas or budgets_W' is missing"),
    "alphas of text": (with_(alphas=["0.5"]), "'alphas': got '0.5'"),
    "alphas none": (with_(alphas=[]), "'alphas': got []"),
    "alphas outside": (with_(alphas=[0.5, 2]), "'alphas': got alpha = 2"),
    "seeds null": (with_(seeds=None), "'seeds': got null"),
    "sources empty": (with_(sources={}), "got no 'sources' for the data set 'iris'"),
    "no place": (without("sources", "iris", "dataset"), "'sources.iris.dataset' is missing"),
    "no runs_per_task": (without("runs_per_task"), "'runs_per_task' is missing"),
    "runs of nothing": (with_(runs_per_task={"iris": 0}), "it must be 1 or above"),
    "no problem": (with_(problems={}), "'problems': got 0 entries"),
    "problems a list": (with_(problems=["iris"]), "'problems': got "),
    "problem of text": (with_(problems={"iris": "made up"}), "'problems.iris': got 'made up'"),
    "no cells": (without("problems", "iris", "cells"), "'problems.iris.cells' is missing"),
    "no schedule": (without("schedule"), "'schedule' is missing"),
    "technology": (with_(technology=[]), "'technology': got []"),
    "nested past Python": ("[" * 100_000, "cannot be read"),
    "nested": (with_(remark=json.loads("[" * 60 + "]" * 60)), "nested deeper than 32 levels"),
    "not finite": (with_(remark=[float("nan")]), "contains a number that is not finite"),
}


@pytest.mark.parametrize(("text", "words"), DAMAGED.values(), ids=list(DAMAGED))
def test_what_is_damaged_is_one_sentence(tmp_path, text, words):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(StoreError, match=r"config\.json'.*--out") as caught:
        load_table(tmp_path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("number", [3, 4, 5])
def test_what_is_whole_is_read(tmp_path, number):
    """Keys that no reader needs may be lacking, and more may stand there."""
    (tmp_path / "config.json").write_text(with_(format=number, remark="mine"))
    assert load_table(tmp_path).empty
