"""Names that mean something to SPICE or to a network are refused when the file is read."""

import pytest

from printron.technology import TechnologyError, load_process
from printron.technology.names import check_node, check_rails

FILE = "inkjet_egt.toml"
RAIL = 'vss_divider = "-2.2 V"'


@pytest.mark.parametrize(
    "rail",
    ["bias", "Bias", "in", "out", "in3", "z1_h2", "a1_h2", "n1_in3", "n2_bias", "x_a1_h2", "time",
     "TEMPER", "hertz", "frequency", "alli", '"0"', "1V8", "GND", '"v dd"', '"v\\ndd"', "v" * 41,
     "VDD"],
)  # fmt: skip
def test_a_rail_cannot_take_a_name_that_means_something_else(edited, refused, rail):
    path = edited(FILE, RAIL, f'{rail} = "-2.2 V"')
    refused(load_process, path, "'rails'", "got the rail")


def test_ground_is_at_zero_volts(edited, refused):
    path = edited(FILE, 'gnd = "0 V"', 'gnd = "0.5 V"')
    refused(load_process, path, "'rails'", "got 0.5 V", "'gnd'", "0 V by definition")


@pytest.mark.parametrize("name", ["B-2", "B 2", "", "a", "b" * 41])
def test_a_transistor_has_a_name_that_spice_can_take(edited, refused, name):
    path = edited(FILE, "[transistors.B]", f'[transistors."{name}"]')
    refused(load_process, path, "'transistors'")


def test_names_that_are_free():
    check_rails({"vdd": 1.0, "VSS2": -1.0, "gnd": 0.0, "v3v3": 3.3, "vbat_hi": 4.0, "input": 1.0})
    for node in ("in", "out", "x", "g1", "bias", "in3", "z1_h2", "all", "temp"):
        check_node(node)


def test_a_node_may_not_be_called_like_a_variable_of_ngspice():
    with pytest.raises(TechnologyError, match="reserved by ngspice"):
        check_node("Time")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = " + "[" * 5000, "recursion"),
        ("a = " + "9" * 5000, "digits"),
        ("# " + "x" * 2**20, "more than 1048576 bytes"),
        ('name = "' + "x" * 9000 + '"\nrails = 3', "'rails'"),
        ("rails = [" + "1," * 9000 + "]", "'"),
        (f"{'k' * 9000} = 1", "not a known key"),
    ],
)  # fmt: skip
def test_endless_files_are_one_short_sentence(tmp_path, refused, text, says):
    path = tmp_path / "long.toml"
    path.write_text(text)
    refused(load_process, path, "long.toml", says)
