"""Numbers that no printed technology has are refused, unless they are meant."""

import tomllib

import pytest

from printron.technology import default_process, load_process, technology
from printron.technology import library as library_module
from printron.technology import process as process_module
from printron.technology.limits import LIMITS, Limits
from printron.technology.process import shipped

FILE, CELLS = "inkjet_egt.toml", "cells.toml"


def load_cells(path):
    return technology(cell_files=[path])


def keys_with_quantities(table, at=""):
    """Keys of all numbers of a file; the two ends of a range have one key."""
    for name, value in table.items():
        key = f"{at}{name}"
        if isinstance(value, dict):
            yield from keys_with_quantities(value, f"{key}.")
            continue
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, float) or (isinstance(first, str) and first[:1] in "-0123456789"):
            yield key


def test_every_number_of_the_shipped_files_has_limits():
    """But for gamma and the variation, whose limits are their models'."""
    written = set(keys_with_quantities(tomllib.loads(shipped(FILE).read_text())))
    checked = {number.key for number in process_module._numbers(default_process())}
    of_models = {key for key in written if key.endswith(".gamma") or key.startswith("variation.")}
    assert written - of_models == checked

    written = set(keys_with_quantities(tomllib.loads(shipped(CELLS).read_text())))
    cells = technology().cells.values()
    checked = {number.key for cell in cells for number in library_module._numbers(cell)}
    assert written == checked
    assert {n.limits for c in cells for n in library_module._numbers(c)} <= set(LIMITS.values())


@pytest.mark.parametrize(
    ("old", "new", "key", "got"),
    [
        ('K = "28.229 uA"', 'K = "28.229 A"', "transistors.B.K", "28.23 A"),
        ('K = "28.229 uA"', 'K = "28e-18 A"', "transistors.B.K", "28 aA"),
        ('R_min = "10 kohm"', 'R_min = "10 uohm"', "crossbar.R_min", "10 µohm"),
        ('R_max = "10 Mohm"', 'R_max = "10e12 ohm"', "crossbar.R_max", "10 Tohm"),
        ('W = ["80 um", "1000 um"]', 'W = ["80 um", "100 m"]', "transistors.A.W", "100 m"),
        ('L = ["10 um", "500 um"]', 'L = ["10 pm", "500 um"]', "transistors.A.L", "10 pm"),
        ('vdd = "1 V"', 'vdd = "1 MV"', "rails.vdd", "1 MV"),
        ('vdd = "1 V"', 'vdd = "1 uV"', "rails.vdd", "1 µV"),
        ('vss = "-1 V"', 'vss = "-200 V"', "rails.vss", "-200 V"),
        ('V_bias = "1 V"', 'V_bias = "1 kV"', "crossbar.V_bias", "1 kV"),
        ('V_T = "124.6 mV"', 'V_T = "124.6 kV"', "transistors.A.V_T", "124.6 kV"),
        ('S = "63.4 mV"', 'S = "63.4 V"', "transistors.A.S", "63.4 V"),
        ('S = "63.4 mV"', 'S = "63.4 uV"', "transistors.A.S", "63.4 µV"),
        ('lambda = "0.137 1/V"', 'lambda = "137 1/V"', "transistors.A.lambda", "137 1/V"),
        ('G_off = "150 pS"', 'G_off = "1.5 mS"', "transistors.B.G_off", "1.5 mS"),
    ],
)
def test_a_number_out_by_a_million_is_refused_unless_it_is_meant(
    edited, refused, old, new, key, got
):
    path = edited(FILE, old, new)
    refused(load_process, path, f"'{key}'", f"got {got},", f'meant = ["{key}"]')
    path.write_text(f'meant = ["{key}"]\n{path.read_text()}')
    assert load_process(path) != default_process()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('R_in = ["4 Mohm", "10 Mohm"]', 'R_in = ["4 mohm", "10 Mohm"]', "design.R_in"),
        ('["-1 V", "1 V"]', '["-1 kV", "1 V"]', "sweep"),
        ('R = "3.32403 Mohm"', 'R = "3.3 Tohm"', "components.R_leak.R"),
        ("gain = 0.482", "gain = 0.0", "components.E1.gain"),
        ("gain = 0.482", "gain = -48200", "components.E1.gain"),
        ('offset = "-0.7587 V"', 'offset = "-758.7 V"', "components.E1.offset"),
    ],
)
def test_numbers_of_a_cell_have_limits_too(edited, refused, old, new, key):
    path = edited(CELLS, old, new)
    sentence = refused(load_cells, path, f"{key}'", "no printed technology has")
    name = sentence.split("'")[1]
    path.write_text(f'meant = ["{name}"]\n{path.read_text()}')
    load_cells(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('vdd = "1 V"', 'vdd = "40 V"'),
        ('vss = "-1 V"', 'vss = "-60 V"'),
        ('K = "28.229 uA"', 'K = "5 pA"'),  # organic: 1 cm2/Vs on 1 nF/cm2
        ('K = "28.229 uA"', 'K = "1 mA"'),
        ('V_T = "124.6 mV"', 'V_T = "-15 V"'),
        ('S = "63.4 mV"', 'S = "2 V"'),
        ('G_off = "150 pS"', 'G_off = "1 uS"'),
        ('L = ["10 um", "500 um"]', 'L = ["100 nm", "500 um"]'),
        ('W = ["80 um", "1000 um"]', 'W = ["80 um", "10 cm"]'),
        ('R_max = "10 Mohm"', 'R_max = "10 Gohm"'),
    ],
)
def test_printed_technologies_that_there_are_pass(edited, old, new):
    load_process(edited(FILE, old, new))


def test_what_is_meant_is_no_part_of_the_process(edited):
    """So that fingerprints, and with them surrogates and results, stay valid."""
    path = edited(FILE, 'name = "ink', 'meant = ["rails.vdd", "transistors.A.W"]\nname = "ink')
    assert load_process(path) == default_process()
    own = edited(CELLS, "[cells.ptanh]", 'meant = ["cells.ptanh.sweep"]\n[cells.ptanh]')
    assert load_cells(own).fingerprint("ptanh") == technology().fingerprint("ptanh")


@pytest.mark.parametrize(
    ("meant", "says"),
    [
        ('["transistors.Z.K"]', "'transistors.Z.K', which names no number"),
        ('["name"]', "'name', which names no number"),
        ("[1]", "a list of keys"),
        ('"rails.vdd"', "a list of keys"),
    ],
)
def test_a_list_of_what_is_meant_names_numbers(edited, refused, meant, says):
    for file, load in ((FILE, load_process), (CELLS, load_cells)):
        path = edited(file, "# ", "# ")
        path.write_text(f"meant = {meant}\n{path.read_text()}")
        refused(load, path, "'meant'", says)


def test_limits_are_magnitudes_ends_included():
    limits = Limits(1, 10, "V", signed=True, zero=True)
    assert [limits.admit(v) for v in (0, 0.9, 1, -1, 10, -10.1)] == [
        True, False, True, True, True, False,
    ]  # fmt: skip
    assert not Limits(1, 10, "V").admit(0)
    assert Limits(0, 10, "V").admit(0)
