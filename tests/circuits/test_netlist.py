"""A netlist written and read back is the same circuit, and no name can break out of its place."""

import re
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_parts import egt, level_shift, resistor, voltage

from printron.circuits.netlist import (
    GROUND,
    Netlist,
    NetlistError,
    Parameter,
    cell_netlist,
    read_spice,
    safe_name,
)
from printron.technology import default_process, technology

CELLS = technology().cells
PROCESS = default_process()
CARDS = [PROCESS.card(name) for name in PROCESS.transistors]

tails = st.text(string.ascii_lowercase + string.digits + "_", max_size=6)
# One case only: two cases of one name are refused, which has a test of its own.
nodes = st.one_of(st.just(GROUND), tails.map(lambda tail: "n" + tail))
positive = st.floats(1e-300, 1e300)
signed = st.floats(-1e300, 1e300)


def values(numbers):
    """Numbers, and parameters whose name follows from their value."""
    return numbers | numbers.map(lambda x: Parameter(f"v{x.hex()}".translate(HEX), x))


HEX = str.maketrans({".": "_", "-": "m", "+": "p"})


@st.composite
def netlists(draw):
    value, either = values(positive), values(signed)
    kinds = {
        "R": st.builds(resistor, st.just("R"), nodes, nodes, value),
        "X": st.builds(egt, st.just("X"), *[nodes] * 3, value, value, st.sampled_from(CARDS)),
        "E": st.builds(level_shift, st.just("E"), nodes, nodes, either, either),
        "V": st.builds(voltage, st.just("V"), nodes, nodes, either),
    }
    parts = draw(st.lists(st.one_of(*kinds.values()), max_size=12))
    names = draw(st.lists(tails, min_size=len(parts), max_size=len(parts), unique=True))
    for part, name in zip(parts, names, strict=True):
        object.__setattr__(part, "name", part.kind.letter + name)
    return Netlist(draw(st.text(max_size=40)), tuple(parts))


@given(netlists())
def test_written_and_read_back_is_the_same_circuit(netlist):
    again = read_spice(netlist.to_spice())
    assert again == netlist
    assert again.parameters == netlist.parameters
    assert again.to_spice() == netlist.to_spice()


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_every_cell_is_written_and_read_back(cell):
    design = dict(zip(cell.variables, cell.bounds[0], strict=True))
    netlist = cell_netlist(cell, PROCESS, design, 0.25)
    assert read_spice(netlist.to_spice()) == netlist
    assert netlist.counts == cell.counts
    values = [value for part in netlist.components for value in part.values.values()]
    assert set(design.values()) <= set(values)


def test_analyses_and_comments_are_not_part_of_the_circuit():
    netlist = Netlist("divider", (resistor("R1", "a", GROUND, 1.0),))
    text = netlist.to_spice([".dc vin 0 1 0.1", "* remark", ".save v(a)"])
    assert read_spice(text) == netlist
    assert read_spice(text.replace("\n", "\r\n")) == netlist


def test_ground_is_zero_in_spice():
    line = resistor("R1", "a", "gnd", 2.5e4).line
    assert line == "R1 a 0 25000.0"


def test_numpy_numbers_are_written_as_plain_numbers():
    assert resistor("R1", "a", "b", np.float64(0.1)).line == "R1 a b 0.1"


@given(st.text())
def test_a_title_stays_one_line(title):
    text = Netlist(title, ()).to_spice()
    assert [line[:1] for line in text.splitlines()] == ["*", ".", ".", "."]
    assert len(re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text)) == 5


hostile = st.one_of(
    st.text(),
    st.text(" \t\r\n\0*+.;$'\"\\{}()=#%&/0123456789eE-\u2028\u0131\uff10\u200b"),
    st.sampled_from(["gnd", "GND", "0", "time", "TEMPER", "", "\n.include /etc/passwd", "+", "* x",
                     ".end", "a b", "petal length (cm)", "größe", "温度", "x\n.control\nshell ls"]),
)  # fmt: skip


@given(hostile)
def test_a_safe_name_is_letters_digits_and_underscores(text):
    name = safe_name(text)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII)
    assert len(name) <= 64
    assert name.lower() not in {"gnd", "0", "time", "temper", "hertz", "frequency"}
    resistor("R1", name, GROUND, 1.0)
    assert safe_name(name) == name or name.endswith("_")


@given(st.lists(hostile, max_size=12))
def test_safe_names_can_be_made_to_differ(texts):
    taken: list[str] = []
    for text in texts:
        taken.append(safe_name(text, taken))
    Netlist("t", tuple(resistor(f"R{k}", n, GROUND, 1.0) for k, n in enumerate(taken)))
    assert len({name.lower() for name in taken}) == len(texts)


@given(st.text().filter(lambda s: not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", s, re.ASCII)))
def test_unsafe_names_are_refused(name):
    for build in (
        lambda: resistor("R1", name, "b", 1.0),
        lambda: voltage("V1", "a", name, 1.0),
        lambda: level_shift("E1", name, "b", 1.0, 0.0),
        lambda: egt("X1", "d", name, "s", 1e-4, 1e-4, CARDS[0]),
        lambda: resistor(name, "a", "b", 1.0),
    ):
        with pytest.raises(NetlistError, match="got "):
            build()


@pytest.mark.parametrize("node", ["time", "Temper", "HERTZ", "frequency"])
def test_names_that_ngspice_keeps_for_itself_are_refused(node):
    with pytest.raises(NetlistError, match="ngspice reserves that name"):
        resistor("R1", node, "b", 1.0)


def test_the_first_letter_says_the_kind():
    with pytest.raises(NetlistError, match="first letter must be R"):
        resistor("X1", "a", "b", 1.0)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_values_that_no_component_has_are_refused(value):
    with pytest.raises(NetlistError, match="got R = "):
        resistor("R1", "a", "b", value)
    with pytest.raises(NetlistError, match="got L = "):
        egt("X1", "d", "g", "s", 1e-4, value, CARDS[0])


def card_twice(name):
    """Two transistors: card B, and a card of another threshold that is called `name`."""
    other = CARDS[1].__class__(**{**CARDS[1].__dict__, "name": name, "V_T": 0.3})
    return [egt(f"X{k}", "d", "g", "s", 1e-4, 1e-4, c) for k, c in enumerate((CARDS[1], other))]


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ([resistor("R1", "a", "b", 1.0), resistor("R1", "a", "b", 1.0)], "components"),
        ([resistor("Rx", "a", "b", 1.0), resistor("RX", "a", "b", 1.0)], "components"),
        ([resistor("R1", "out", "Out", 1.0)], "nodes"),
        ([resistor("R1", "a", "GND", 1.0)], "nodes"),
        (card_twice("B"), "transistor cards"),
        (card_twice("b"), "transistor cards"),
        ([resistor(f"R{k}", "a", "b", Parameter("p", k)) for k in (1, 2)], "parameters"),
    ],
)
def test_names_that_differ_by_case_only_are_refused(parts, what):
    with pytest.raises(NetlistError, match=f"got the {what} .* upper and lower case"):
        Netlist("t", tuple(parts))


def test_a_card_name_cannot_break_out():
    card = CARDS[0].__class__(**{**CARDS[0].__dict__, "name": "B\n.include x"})
    with pytest.raises(NetlistError, match="transistor card"):
        egt("X1", "d", "g", "s", 1e-4, 1e-4, card)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("R1 a 0 1.0", "R1 a 0 1k", "line 10", "1k"),
        ("R1 a 0 1.0", "R1 a 0 -1.0", "line 10", "R = -1.0"),
        ("R1 a 0 1.0", "L1 a 0 1.0", "line 10", "'L1 a 0 1.0'"),
        ("R1 a 0 1.0", ".include x", "line 10", "'.include x'"),
        ("R1 a 0 1.0", "R1 a 0 {p_x}", "line 10", "{p_x}"),
        ("egt_B W", "egt_C W", "line 11", "egt_C"),
        ("1+0.0328*sqrt", "1+0.04*sqrt", "line 3", "card 'B'"),
        (".option reltol", ".option gmin", "line 2", "'.option"),
        ("* demo", "R0 a b 1.0", "line 1", "'R0 a b 1.0'"),
        (".end\n", "", "line 13", "'.end' is missing"),
    ],
)
def test_a_line_that_is_not_ours_is_named(old, new, line, says):
    parts = resistor("R1", "a", GROUND, 1.0), egt("X1", "a", "a", GROUND, 1e-4, 1e-4, CARDS[1])
    text = Netlist("demo", parts).to_spice()
    assert old in text
    with pytest.raises(NetlistError, match=rf"{line}: .*{re.escape(says)}"):
        read_spice(text.replace(old, new))


def test_a_cell_needs_exactly_its_design_variables():
    with pytest.raises(NetlistError, match="cell 'ptanh' has"):
        cell_netlist(CELLS["ptanh"], PROCESS, {"R1": 1.0}, 0.0)


def test_a_rail_called_gnd_must_be_ground():
    process = PROCESS.model_copy(update={"rails": {**PROCESS.rails, "gnd": 0.1}})
    cell = CELLS["sigmoid"]
    with pytest.raises(NetlistError, match="in SPICE that name means ground"):
        cell_netlist(cell, process, dict.fromkeys(cell.variables, 1.0), 0.0)
