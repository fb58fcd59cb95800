"""The leakage of gates stands in the process file, checked, with its source; it is optional."""

import pytest

from printron.technology import load_process, technology, technology_from, technology_tables
from printron.technology.leakage import leaking
from printron.technology.process import default_process

FILE, WRITTEN = "inkjet_egt.toml", 'value = "30 Mohm"'


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("value = 3e7", ("leakage.gate.value", "write the unit")),
        ('value = "10 nA"', ("leakage.gate.value", "unit ohm")),
        ('value = "30 ohm"', ("leakage.gate.value", "no printed")),
        ('value = "-30 Mohm"', ("leakage.gate.value", "above 0")),
        ('value = "0 ohm"', ("leakage.gate.value", "above 0")),
        (f'{WRITTEN}, per = "1 um2"', ("leakage.gate.per", "not a known key")),
    ],
)
def test_a_fault_is_one_sentence(edited, refused, new, says):
    refused(load_process, edited(FILE, WRITTEN, new), *says)


def test_the_tables_that_a_folder_carries_read_back_as_the_same():
    library = technology()
    tables = technology_tables(library, ["ptanh"])
    assert technology_from(tables, "here").process.leakage == library.process.leakage


def test_no_surrogate_depends_on_it(edited):
    other = technology(load_process(edited(FILE, WRITTEN, 'value = "1 Gohm"')))
    assert other.process != default_process()
    for name in ("pair", "negation"):
        assert other.fingerprint(name) == technology().fingerprint(name)


def test_every_gate_leaks_to_ground_and_the_design_stays():
    for cell in technology().cells.values():
        leaky = leaking(cell, 1e7)
        added = [part for name, part in leaky.components.items() if name not in cell.components]
        gates = [part.nodes[1] for part in cell.components.values() if part.kind.name == "egt"]
        assert [part.nodes for part in added] == [(gate, "gnd") for gate in gates]
        assert {leaky.value(part, "R") for part in added} == {(None, 1e7)}
        assert (leaky.variables, leaky.unknowns) == (cell.variables, cell.unknowns)
        assert leaky.counts == cell.counts
