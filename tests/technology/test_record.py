"""What a folder carries of a technology reads back as the same technology."""

import json

import pytest

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
