"""A cell is alive: every fault in its wiring is one sentence that names the node, at load."""

import tomllib

import pytest

from printron.technology import TechnologyError, default_process, technology
from printron.technology.checks import check_circuit, check_unlisted
from printron.technology.library import parse_cells
from printron.technology.process import shipped

BODIES = tomllib.loads(shipped("cells.toml").read_text(encoding="utf-8"))["cells"]
KINDS = ("resistor", "egt", "level_shift")
# Components whose absence leaves a cell that works.
SPARE = {
    ("prelu", "RB"), ("prelu", "X1"), ("sigmoid_published", "R_leak"), ("negation_divider", "R1"),
    ("pair", "X2"),
}  # fmt: skip
CELL = "ptanh"


def wired(name, components):
    """The shipped cell of that name with other components; values as they are."""
    body = BODIES[name]
    values = {part.get(key) for part in components.values() for key in "RWL"}
    design = {key: pair for key, pair in body["design"].items() if key in values}
    return parse_cells(
        {"cells": {name: {**body, "design": design, "constraints": [], "components": components}}},
        "file",
    )[name]


def ends():
    """Every terminal of every shipped cell: cell, component, kind, which."""
    for name, body in BODIES.items():
        for part, it in body["components"].items():
            (kind,) = (key for key in KINDS if key in it)
            for k in range(len(it[kind])):
                yield name, part, kind, k


def with_node(name, part, kind, k, node):
    it = BODIES[name]["components"][part]
    nodes = [*it[kind][:k], node, *it[kind][k + 1 :]]
    return wired(name, {**BODIES[name]["components"], part: {**it, kind: nodes}})


@pytest.mark.parametrize("name", BODIES)
def test_the_shipped_cells_are_alive(name):
    cell = technology().cell(name)
    check_unlisted(cell, default_process().rails)
    check_circuit(cell)


def test_a_misspelled_node_is_refused_wherever_it_stands():
    """Every terminal of every shipped cell, one by one."""
    for name, part, kind, k in ends():
        with pytest.raises(TechnologyError, match="misspelled|level shift|no component at node"):
            check_circuit(with_node(name, part, kind, k, "misspelled"))


def test_a_cell_that_lacks_a_component_is_refused():
    for name, body in BODIES.items():
        for part in body["components"]:
            rest = {key: it for key, it in body["components"].items() if key != part}
            if (name, part) in SPARE:
                check_circuit(wired(name, rest))
            elif rest:
                with pytest.raises(TechnologyError, match="got "):
                    check_circuit(wired(name, rest))


R2 = 'R2 = { resistor = ["vdd", "out"], R = "R2" }'  # of ptanh, which comes first
R1 = 'R1 = { resistor = ["vdd", "x"], R = "R1" }'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["out", "x", "vss"]', '["oout", "x", "vss"]', ("'oout'", "X2 alone", "mean 'out'?")),
        ('["out", "x", "vss"]', '["out", "z", "vss"]', ("'z'", "X2 alone", "its nodes are")),
        ('["out", "x", "vss"]', '["out", "vdd", "vss"]', ("'out'", "does not depend", "'in'")),
        ('["out", "x", "vss"]', '["out", "x", "gnd"]', ("'gnd'", "list 'gnd' in rails")),
        ('["out", "x", "vss"]', '["out", "x", "GND"]', ("'GND'", "list 'gnd' in rails")),
        (R2, R2.replace("vdd", "vss_divider"), ("list 'vss_divider' in rails",)),
        (R2, R2.replace("vdd", "out"), ("both ends of R2 at node 'out'",)),
        (R2, R2.replace("out", "vss"), ("R2 between the rails 'vdd' and 'vss'",)),
        (R2, R2.replace("vdd", "vss"), ("'out'", "from 'vss' alone", "list every supply")),
        (R2, R2 + '\nR9 = { resistor = ["x", "y"], R = "1 kohm" }', ("'y'", "R9 alone")),
        (
            R2,
            R2 + '\nR9 = { resistor = ["x", "y"], R = "1 kohm" }\n'
            'X9 = { egt = ["out", "y", "vss"], card = "B", W = "90 um", L = "60 um" }',
            ("R9", "no current can run"),
        ),
        (
            R2,
            R2 + '\nR8 = { resistor = ["y", "z"], R = "1 kohm" }\n'
            'X8 = { egt = ["out", "y", "vss"], card = "B", W = "90 um", L = "60 um" }\n'
            'X9 = { egt = ["out", "z", "vss"], card = "B", W = "90 um", L = "60 um" }',
            ("'y'", "without a path for current"),
        ),
        (R1, R1.replace('"x"', '"time"'), ("'time'", "reserved by ngspice")),
        (R1, R1.replace('"x"', '"' + "x" * 50 + '"'), ("at most 40 characters",)),
        ('rails = ["vdd", "vss"]', 'rails = ["vdd", "vss", "bias"]', ("'bias'", "a network")),
        ('rails = ["vdd", "vss"]', 'rails = ["vdd", "vss", "vdd"]', ("'vdd' twice",)),
        ('R1 = ["250', 'r1 = ["2 ohm", "3 ohm"]\nR1 = ["250', ("'R1' and 'r1'", "SPICE")),
        ('R1 = ["250', f'R{"1" * 40} = ["2 ohm", "3 ohm"]\nR1 = ["250', ("at most 40 characters",)),
        ("R_in > 2 R_shift", "R_in > 9**9 R_shift", ("constraint", "R_in > 9**9 R_shift")),
        ("R_in > 2 R_shift", "R_in > 1e400 R_shift", ("positive products",)),
        ("R_in > 2 R_shift", "R_in > 0 R_shift", ("positive products",)),
        ("R_in > 2 R_shift", "R_in > 1_0 R_shift", ("'1_0'",)),
        ("R_in > 2 R_shift", "R_in > 2 " + "R_shift " * 99, ("200 characters",)),
    ],
)  # fmt: skip
def test_a_dead_cell_is_one_sentence_that_names_the_node(edited, refused, old, new, says):
    path = edited("cells.toml", old, new)
    refused(lambda file: technology(cell_files=[file]), path, "my_cells.toml", "cells.ptanh", *says)


def test_an_output_behind_a_resistor_is_alive():
    """Unloaded, no current runs through it; the next crossbar takes some."""
    parts = BODIES[CELL]["components"]
    moved = {
        **parts,
        "R2": {"resistor": ["vdd", "y"], "R": "R2"},
        "X2": {**parts["X2"], "egt": ["y", "x", "vss"]},
        "R_out": {"resistor": ["y", "out"], "R": "1 kohm"},
    }
    check_circuit(wired(CELL, moved))


@pytest.mark.parametrize("target", ["out", "vdd", "in", "g1"])
def test_a_level_shift_drives_a_node_of_its_own(target):
    second = {"level_shift": ["in", target], "gain": 0.5, "offset": "0 V"}
    with pytest.raises(TechnologyError, match=f"at '{target}'|the node '{target}'"):
        wired("ptanh_published", {**BODIES["ptanh_published"]["components"], "E2": second})


def test_an_endless_cell_is_refused():
    parts = {f"R{k}": {"resistor": ["in", "out"], "R": "1 Mohm"} for k in range(101)}
    with pytest.raises(TechnologyError, match="got 105 components; 100 are allowed"):
        wired(CELL, {**BODIES[CELL]["components"], **parts})


def test_a_rail_of_the_process_may_have_the_name_of_an_inner_node_of_a_shipped_cell():
    """In a network the node is called after where it stands."""
    process = default_process()
    rails = {**process.rails, "x": 0.5}
    assert set(technology(process.model_copy(update={"rails": rails})).cells) == set(BODIES)


PAIR = BODIES["pair"]["components"]
EXTRA = {"resistor": ["in_minus", "gnd"], "R": "1 Mohm"}
SHIFT = {"level_shift": ["in_minus", "w"], "gain": 1.0, "offset": "0 V"}
TO_MINUS = {"level_shift": ["in", "in_minus"], "gain": 1.0, "offset": "0 V"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"R9": EXTRA}, "other components than gates at 'in_minus'"),
        ({"R9": {**EXTRA, "resistor": ["in", "gnd"]}}, "other components than gates at 'in'"),
        ({"E1": SHIFT}, "other components than gates at 'in_minus'"),
        ({"E1": TO_MINUS}, "other components than gates at 'in'"),
        ({"X2": {**PAIR["X2"], "egt": ["in_minus", "in_minus", "s"]}}, "than gates at 'in_minus'"),
        ({"X2": {**PAIR["X2"], "egt": ["vdd", "in_minus", "gnd"]}}, "between the rails"),
        (
            {
                "X2": {**PAIR["X2"], "egt": ["y", "in_minus", "gnd"]},
                "R8": {"resistor": ["vdd", "y"], "R": "1 Mohm"},
            },
            "'out', which does not depend on the node 'in_minus'",
        ),
    ],
)
def test_a_second_input_drives_gates_that_matter(changes, says):
    with pytest.raises(TechnologyError, match=says):
        check_circuit(wired("pair", {**PAIR, **changes}))


def test_only_activation_cells_have_a_second_input():
    body = {**BODIES["pair"], "role": "negation"}
    with pytest.raises(TechnologyError, match="'in_minus' in a negation cell; only activation"):
        parse_cells({"cells": {"pair": body}}, "file")


def test_no_rail_can_have_the_name_of_the_second_input():
    body = {**BODIES["pair"], "rails": ["vdd", "gnd", "in_minus"]}
    with pytest.raises(TechnologyError, match="the rail 'in_minus', a name reserved for nodes"):
        parse_cells({"cells": {"pair": body}}, "file")


def test_the_bias_decides_the_behaviour_of_a_differential_cell_alone():
    """It is characterized with half of the bias at its second input."""
    process = default_process()
    crossbar = process.crossbar.model_copy(update={"V_bias": 0.8})
    other, library = technology(process.model_copy(update={"crossbar": crossbar})), technology()
    changed = {n for n in BODIES if other.fingerprint(n) != library.fingerprint(n)}
    assert changed == {"pair"}
