"""The capacitance of gates stands in the process file, checked, with its source; it is optional."""

import pytest

from printron.results import ProblemSpec, build_problem
from printron.technology import TechnologyError, load_process, technology_from, technology_tables
from printron.technology.library import technology
from printron.technology.process import default_process, shipped

FILE = "inkjet_egt.toml"
WRITTEN = 'value = "1 uF/cm2"'


def test_the_shipped_capacitance_is_marked_as_not_calibrated():
    capacitance = default_process().gate_capacitance
    assert capacitance.value == pytest.approx(1e-2)
    assert "not calibrated" in capacitance.source
    assert str(capacitance) == "1 µF/cm²"


@pytest.mark.parametrize("text", ["1000 nF/cm^2", "10 mF/m2", "10 fF/um2", "0.01 µF/mm²"])
def test_any_multiple_of_the_unit_is_the_same(edited, text):
    process = load_process(edited(FILE, WRITTEN, f'value = "{text}"'))
    assert process.gate_capacitance.value == pytest.approx(1e-2)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (WRITTEN, "value = 0.01", ("write the unit", "F/m2")),
        (WRITTEN, 'value = "1 uF"', ("'1 uF'", "unit F/m2")),
        (WRITTEN, 'value = "1 uF/cm"', ("'1 uF/cm'", "unit F/m2")),
        (WRITTEN, 'value = "1 F/cm2"', ("dynamics.gate_capacitance.value", "no printed")),
        (WRITTEN, 'value = "1 pF/cm2"', ("dynamics.gate_capacitance.value", "meant = [")),
        (WRITTEN, 'value = "-1 uF/cm2"', ("dynamics.gate_capacitance.value", "above 0")),
        (WRITTEN, "value = 0", ("dynamics.gate_capacitance.value", "above 0")),
        ("; not calibrated", '", note = "', ("dynamics.gate_capacitance.note",)),
        ('source = "literature, 1 to 10 uF/cm2; not calibrated"', 'source = ""', ("source",)),
        ("[dynamics]\ngate_capacitance", "[dynamics]\ngates", ("dynamics.gates",)),
    ],
)
def test_a_fault_is_one_sentence(edited, refused, old, new, says):
    refused(load_process, edited(FILE, old, new), *says)


def test_a_process_need_not_have_any(tmp_path):
    (tmp_path / FILE).write_text(shipped(FILE).read_text().partition("[dynamics]")[0])
    process = load_process(tmp_path / FILE)
    assert process.dynamics is None
    with pytest.raises(TechnologyError, match=r"has no table \[dynamics\]"):
        _ = process.gate_capacitance


def test_the_tables_that_a_folder_carries_read_back_as_the_same():
    library = technology()
    tables = technology_tables(library, ["ptanh"])
    assert technology_from(tables, "here").process.dynamics == library.process.dynamics


def test_no_result_and_no_surrogate_depends_on_it(edited):
    other = edited(FILE, WRITTEN, 'value = "7 uF/cm2"')
    fast, slow = (build_problem(ProblemSpec("iris", process=path)) for path in (None, str(other)))
    assert fast.technology.process != slow.technology.process
    assert fast.identity == slow.identity
    for cell in ("ptanh", "negation"):
        assert fast.technology.fingerprint(cell) == slow.technology.fingerprint(cell)
