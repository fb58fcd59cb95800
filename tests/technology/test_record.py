"""What a folder carries of a technology reads back as the same technology."""

import json
from copy import deepcopy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printron.technology import (
    TechnologyError,
    load_process,
    technology,
    technology_from,
    technology_tables,
)
from printron.technology.process import shipped


def carried(library):
    return json.loads(json.dumps(technology_tables(library, library.cells)))


def test_process_and_cells_read_back_are_the_same_to_the_last_digit():
    library = technology()
    again = technology_from(carried(library), "x")
    assert again.process == library.process
    assert again.cells == library.cells
    for name in library.cells:
        assert again.fingerprint(name) == library.fingerprint(name)


def test_a_process_of_ones_own_is_carried(tmp_path):
    path = tmp_path / "own.toml"
    text = shipped("inkjet_egt.toml").read_text()

    path.write_text(text.replace('vdd = "1 V"', 'vdd = "712.3456789 mV"'))
    library = technology(load_process(path))
    again = technology_from(carried(library), "x")
    assert again.process.rail("vdd") == library.process.rail("vdd")
    assert (
        again.fingerprint("ptanh")
        == library.fingerprint("ptanh")
        != technology().fingerprint("ptanh")
    )


def test_a_number_that_was_meant_stays_meant(tmp_path):
    path = tmp_path / "own.toml"
    text = shipped("inkjet_egt.toml").read_text()
    path.write_text('meant = ["transistors.B.K"]\n' + text.replace("28.229 uA", "28.229 A"))
    library = technology(load_process(path))
    again = technology_from(carried(library), "x")
    assert again.process == library.process


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tables: None, "circuit.json"),
        (lambda tables: {"process": tables["process"]}, "'cells'"),
        (lambda tables: {**tables, "process": {}}, "'name' is missing"),
        (lambda tables: {**tables, "cells": {"ptanh": {"role": "x"}}}, "circuit.json"),
    ],
)
def test_damaged_tables_are_one_sentence(change, words):
    with pytest.raises(TechnologyError, match=words):
        technology_from(change(carried(technology())), "circuit.json")


@pytest.mark.parametrize("key", ["process", "cells"])
@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "null"), (1, "1"), (0.5, "0.5"), (True, "true"), ("text", "'text'"), ([], "[]")],
)
def test_what_is_no_table_is_named(key, value, written):
    with pytest.raises(TechnologyError) as fault:
        technology_from({**carried(technology()), key: value}, "circuit.json")
    assert str(fault.value) == f"circuit.json: '{key}': got {written}; a table is needed"


def _places(value, path=()):
    """Paths to all values inside tables and lists."""
    yield path
    inside = dict(enumerate(value)) if isinstance(value, list) else value
    for key, inner in inside.items() if isinstance(inside, dict) else ():
        yield from _places(inner, (*path, key))


def _with(tables, path, value):
    """The tables with another value at a path."""
    if not path:
        return value
    changed = deepcopy(tables)
    *way, last = path
    at = changed
    for key in way:
        at = at[key]
    at[last] = value
    return changed


WHOLE = json.loads(json.dumps(technology_tables(technology(), ["ptanh", "negation"])))
PLACES = list(_places(WHOLE))
KEYS = st.sampled_from(["meant", "process", "cells", "name"]) | st.text(max_size=4)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
LEAVES |= st.sampled_from(["1 V", "1 ohm", "in", "vdd", "R1", "R1 > R2"])
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(PLACES), JSON)
@example((), None)
@example(("process",), ["a list"])
@example(("process",), "a text")
@example(("cells", "ptanh"), None)
def test_changed_tables_are_read_or_refused_in_one_sentence(path, value):
    try:
        technology_from(_with(WHOLE, path, value), "circuit.json")
    except TechnologyError as error:
        sentence = str(error)
    else:
        return
    assert sentence.startswith("circuit.json: ")
    assert "\n" not in sentence
