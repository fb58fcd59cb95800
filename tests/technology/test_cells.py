"""Each cell is described once: what its description says, and what it may not say."""

import numpy as np
import pytest

from printron.technology import TechnologyError, default_process, technology
from printron.technology.cells import Cell

LIBRARY = technology()

# CALIBRATION.md's topologies, and three of ours: (resistors, EGTs, rails, resistor chain at the
# input). The printable cells have the two resistors of the level shifter more; sigmoid_published
# has a leak resistor.
SHIFTER = ("R_in", "R_shift")
SHIPPED = {
    "ptanh": (4, 2, {"vdd", "vss"}, (SHIFTER, "vss")),
    "ptanh_published": (2, 2, {"vdd", "vss"}, None),
    "sigmoid": (4, 2, {"vdd", "gnd"}, (SHIFTER, "gnd")),
    "sigmoid_published": (3, 2, {"vdd", "gnd"}, None),
    "clipped_relu": (1, 1, {"vdd", "gnd"}, None),
    "negation": (5, 3, {"vdd", "vss"}, (SHIFTER, "vss")),
    "negation_published": (3, 3, {"vdd", "vss"}, None),
    "negation_divider": (5, 1, {"vdd", "vss_divider"}, (("R4", "R3"), "vss_divider")),
    "ptanh_follower": (5, 3, {"vdd", "vss"}, (SHIFTER, "vss")),
    "negation_follower": (6, 4, {"vdd", "vss"}, (SHIFTER, "vss")),
    "pair": (2, 2, {"vdd", "gnd"}, None),
}
# Ranges of CALIBRATION.md, ohm and m, by cell and variable.
um = 1e-6
TWO_STAGES = {
    "R1": (250e3, 2050e3), "R2": (6e3, 32e3), "W1": (80 * um, 100 * um), "L1": (40 * um, 80 * um),
    "W2": (480 * um, 502 * um), "L2": (30 * um, 40 * um),
}  # fmt: skip
THIRD = {"R3": (300e3, 500e3), "W3": (80 * um, 200 * um), "L3": (50 * um, 150 * um)}
RANGES = {
    "ptanh": TWO_STAGES,
    "ptanh_published": TWO_STAGES,
    "negation": TWO_STAGES | THIRD,
    "negation_published": TWO_STAGES | THIRD,
    "clipped_relu": {
        "R1": (0.2e6, 10e6), "W1": (200 * um, 1000 * um), "L1": (40 * um, 500 * um)
    },
    "prelu": {
        "RH": (10e3, 100e3), "RL": (0.5e6, 2e6), "RD": (1e3, 20e3), "RB": (30e3, 100e3),
        "W1": (200 * um, 800 * um), "L1": (80 * um, 120 * um),
    },
    "sigmoid_published": {
        "R1": (350e3, 750e3), "R2": (40e3, 80e3), "W1": (80 * um, 600 * um),
        "L1": (80 * um, 200 * um), "W2": (500 * um, 800 * um), "L2": (40 * um, 80 * um),
    },
    "negation_divider": {
        "R1": (10, 500), "R2": (5, 250), "R3": (10e3, 500e3), "R4": (8e3, 400e3),
        "R5": (10e3, 500e3), "W1": (200 * um, 800 * um), "L1": (10 * um, 70 * um),
    },
}  # fmt: skip

# A user's own cell: one inverter with a 1 Mohm load.
MINE = """
[cells.inverter]
role = "negation"
curve = "negated_tanh"
rails = ["vdd", "gnd"]
sweep = ["0 V", "1 V"]
constraints = ["W1 > 2 L1"]
[cells.inverter.design]
W1 = ["100 um", "400 um"]
L1 = ["40 um", "90 um"]
[cells.inverter.components]
R1 = { resistor = ["vdd", "out"], R = "1 Mohm" }
X1 = { egt = ["out", "in", "gnd"], card = "B", W = "W1", L = "L1" }
"""


@pytest.fixture
def mine(tmp_path):
    """A cell file of one's own, with passages replaced."""

    def write(*replacements):
        text = MINE
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def with_cells(path):
    return technology(cell_files=[path])


# ------------------------------------------------------------------------------- what ships


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_cell_has_the_components_of_the_calibration(name):
    resistors, egts, rails, load = SHIPPED[name]
    cell = LIBRARY.cell(name)
    assert cell.counts == {"resistors": resistors, "egts": egts}
    assert set(cell.supplies) == rails
    assert cell.input_load == load
    assert cell.printable == ("_published" not in name)


@pytest.mark.parametrize("name", RANGES)
def test_a_shipped_cell_has_the_ranges_of_the_calibration(name):
    cell = LIBRARY.cell(name)
    for variable, pair in RANGES[name].items():
        low, high = cell.bounds[:, cell.variables.index(variable)]
        assert (low, high) == pytest.approx(pair)
    assert set(cell.variables) - set(RANGES[name]) <= set(SHIFTER)


def test_every_design_variable_has_a_unit_and_a_range_that_the_card_allows():
    for cell in LIBRARY.cells.values():
        assert set(cell.units) <= {"ohm", "m"}
        assert (cell.bounds[0] < cell.bounds[1]).all()
        assert cell.bounds.shape == (2, len(cell.variables))


def test_prelu_draws_input_current_in_its_own_way():
    with pytest.raises(TechnologyError, match=r"'prelu' draws input current in a form"):
        _ = LIBRARY.cell("prelu").input_load


def test_an_activation_that_no_network_can_use_is_not_offered_for_one():
    assert {c.name for c in LIBRARY.cells.values() if not c.usable_in_network} == {"prelu"}
    assert LIBRARY.cell("prelu").name == "prelu"  # to be characterized
    with pytest.raises(TechnologyError, match="'prelu' draws input current in a form") as fault:
        LIBRARY.cell("prelu", "activation")
    allowed = str(fault.value).partition("allowed are ")[2]
    assert allowed == (
        "clipped_relu, pair, ptanh, ptanh_follower, ptanh_published, sigmoid, sigmoid_published, "
        "none"
    )
    with pytest.raises(TechnologyError) as fault:
        LIBRARY.cell("relu", "activation")
    assert str(fault.value).endswith(f"allowed are {allowed}")


def test_the_divider_keeps_its_three_constraints():
    cell = LIBRARY.cell("negation_divider")
    design = {
        "R1": 250.0,
        "R2": 100.0,
        "R3": 250e3,
        "R4": 200e3,
        "R5": 250e3,
        "W1": 5e-4,
        "L1": 4e-5,
    }
    changes = [{}, {"R2": 251.0}, {"R4": 260e3}, {"R1": 120.0}, {"R1": 900.0}]
    designs = np.array([[{**design, **c}[v] for v in cell.variables] for c in changes]).T
    assert list(cell.inside(designs)) == [True, False, False, False, False]


def test_published_constraints_hold_for_published_rails():
    assert LIBRARY.cell("negation_divider").constraints == ("R1 > R2", "R3 > R4", "R1 R4 > R2 R3")


def test_an_unknown_cell_is_answered_with_those_there_are():
    with pytest.raises(TechnologyError, match="got 'tanh', .* allowed are clipped_relu, .*ptanh"):
        LIBRARY.cell("tanh")
    with pytest.raises(TechnologyError, match="'ptanh', which is not a negation cell"):
        LIBRARY.cell("ptanh", "negation")


# ------------------------------------------------------------------------------- one's own cell


def test_a_file_adds_a_cell_without_touching_the_package(mine):
    library = with_cells(mine())
    assert set(library.cells) == {*LIBRARY.cells, "inverter"}
    cell = library.cell("inverter", "negation")
    assert isinstance(cell, Cell)
    assert cell.variables == ("W1", "L1")
    assert cell.unknowns == ("out",)
    assert cell.input_load is None
    assert cell.value(cell.components["R1"], "R") == (None, 1e6)
    assert list(cell.inside(np.array([[1e-4, 1e-4], [4e-5, 6e-5]]))) == [True, False]
    assert "inverter" not in technology().cells


def test_a_cell_that_is_read_again_is_equal_whatever_was_asked_of_it(mine):
    """Its range is an array, and kept: compiled programs find a cell by comparing it."""
    one, other = (with_cells(mine()).cell("inverter") for _ in range(2))
    assert one is not other
    assert one.bounds is not other.bounds
    assert (one == other, hash(one) == hash(other)) == (True, True)
    assert one != technology().cell("ptanh")
    reversed_ = one.model_copy(update={"design": dict(reversed(one.design.items()))})
    assert one != reversed_  # the order is that of a design vector


def test_a_file_may_replace_a_shipped_cell(mine):
    library = with_cells(mine(("cells.inverter", "cells.negation")))
    assert library.cell("negation").counts == {"resistors": 1, "egts": 1}
    assert library.fingerprint("negation") != LIBRARY.fingerprint("negation")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('W = "W1"', 'W = "W2"', ("'W2'", "design variables are W1, L1")),
        ('R1 = { res', 'Load = { res', ("'components'", "'Load'", "first letter must be R")),
        ("X1 = {", "M1 = {", ("'components'", "'M1'", "first letter must be X")),
        ("L1 = [", 'R2 = ["1 ohm", "2 ohm"]\nL1 = [', ("'R2'", "no component uses")),
        ("W1 > 2 L1", "W1 > 2 L9", ("'L9'", "W1 > 2 L9", "W1, L1")),
        ("W1 > 2 L1", "W1 = L1", ("'W1 = L1'", "< or >")),
        ("W1 > 2 L1", "2 > 1", ("'2 > 1'",)),
        ("W1 > 2 L1", "W1 > -2 L1", ("'W1 > -2 L1'", "positive")),
        ('"400 um"', '"4 mm"', ("X1", "got W in [0.0001, 0.004] m", "allows [8e-05, 0.001]")),
        ('"400 um"', '"4 kohm"', ("design.W1", "unit m")),
        ('"400 um"', '"90 um"', ("design.W1", "empty")),
        ('"400 um"', '"100 um"', ("design.W1", "nothing to design", 'W = "100 um" in the comp')),
        ('"400 um"', '"0.1 mm"', ("design.W1", "nothing to design")),
        ('"1 Mohm"', '"1 mm"', ("'1 mm'", "ohm")),
        ('"1 Mohm"', '"W1"', ("R = 'W1'", "a variable in m", "R is in ohm")),
        ('"1 Mohm"', '"0 ohm"', ("R = '0 ohm'", "above 0")),
        ('"1 Mohm"', '"1 Mohm", W = "W1"', ("R1", "a resistor has ['R']")),
        ('card = "B"', 'card = "Z"', ("no transistor 'Z'", "A, B")),
        ('"vdd", "gnd"]', '"vcc", "gnd"]', ("no rail 'vcc'", "vdd")),
        ('egt = ["out", "in", "gnd"]', 'egt = ["out", "in"]', ("X1.egt",)),
        ('"out", "in", "gnd"', '"out", "bias", "gnd"', ("no component at node 'in'",)),
        ('"out", "in", "gnd"', '"out", "in", "g d"', ("'g d'",)),
        ('"0 V", "1 V"', '"1 V", "0 V"', ("'sweep'", "[1, 0] V", "smaller voltage first")),
        ('curve = "negated_tanh"', 'curve = "cubic"', ("'curve'", "'cubic'", "tanh")),
        ('role = "negation"', "", ("'role' is missing",)),
        ('role = "negation"', 'role = "negation"\ncolour = 1', ("'colour'", "not a known key")),
        ("[cells.inverter]", "spice = 1\n[cells.inverter]", ("spice", "nothing else")),
        ("cells.inverter", 'cells."in verter"', ("'in verter'", "letters")),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_that_says_where(mine, refused, old, new, says):
    refused(with_cells, mine((old, new)), *says)


def test_a_shift_of_an_inner_node_is_refused(mine, refused):
    shift = "X1 = {", 'E1 = { level_shift = ["out", "y"], gain = 1, offset = "0 V" }\nX1 = {'
    refused(with_cells, mine(shift), "level shift of an inner node", "'in' only")


@pytest.mark.parametrize("fault", ["[cells.x", "cells = 3", "cells.a = 3", ""])
def test_a_file_without_tables_of_cells_is_refused(tmp_path, refused, fault):
    path = tmp_path / "odd.toml"
    path.write_text(fault)
    refused(with_cells, path, "odd.toml")


def test_the_sentence_names_the_file(mine, refused):
    refused(with_cells, mine(('"400 um"', '"4 mm"')), "mine.toml", "inverter")
    refused(with_cells, mine(('role = "negation"', "")), "mine.toml", "inverter")
    refused(with_cells, mine(('card = "B"', 'card = "Z"')), "mine.toml", "inverter")


def test_a_process_without_a_rail_does_not_offer_the_cells_that_need_it():
    process = default_process()
    rails = {name: volts for name, volts in process.rails.items() if name != "vss_divider"}
    library = technology(process.model_copy(update={"rails": rails}))
    assert set(LIBRARY.cells) - set(library.cells) == {"negation_divider"}
    with pytest.raises(TechnologyError, match=r"cell 'negation_divider' cannot be made .* no rail"):
        library.cell("negation_divider", "negation")


def test_a_process_without_a_transistor_says_which_cells_it_lacks_and_why():
    process = default_process()
    only_a = {"name": "x", "transistors": {"A": process.transistors["A"]}}
    library = technology(process.model_copy(update=only_a))
    assert set(library.cells) == {"clipped_relu", "prelu"}
    assert set(library.cells) | set(library.missing) == set(LIBRARY.cells)
    for role in (None, "activation"):
        with pytest.raises(TechnologyError) as fault:
            library.cell("ptanh", role)
        sentence = str(fault.value)
        assert sentence.startswith("cell 'ptanh' cannot be made on this process")
        assert "process 'x' has no transistor 'B'; it has A" in sentence
        assert "allowed are clipped_relu" in sentence
    with pytest.raises(TechnologyError, match="allowed are none"):
        library.cell("negation", "negation")


def test_a_cell_that_is_too_wide_for_a_process_is_missing_with_its_limits():
    process = default_process()
    narrow = process.transistors["B"].model_copy(update={"W": (8e-5, 1e-4)})
    transistors = {**process.transistors, "B": narrow}
    library = technology(process.model_copy(update={"transistors": transistors}))
    with pytest.raises(TechnologyError, match=r"X2: got W in .*allows \[8e-05, 0.0001\] m"):
        library.cell("ptanh")


def test_ones_own_cell_takes_the_place_of_a_missing_one(mine):
    process = default_process()
    rails = {name: volts for name, volts in process.rails.items() if name != "vss_divider"}
    own = mine(("cells.inverter", "cells.negation_divider"))
    library = technology(process.model_copy(update={"rails": rails}), [own])
    assert library.cell("negation_divider").counts == {"resistors": 1, "egts": 1}
    assert not library.missing


def test_the_fingerprint_changes_with_all_that_decides_the_behaviour_and_nothing_else():
    process = default_process()
    card = process.transistors["B"].model_copy(update={"V_T": 0.21})
    other_card = technology(
        process.model_copy(update={"transistors": {**process.transistors, "B": card}})
    )
    other_rail = technology(process.model_copy(update={"rails": {**process.rails, "vss": -0.9}}))
    other_name = technology(process.model_copy(update={"name": "mine", "description": "x"}))
    for name, cell in LIBRARY.cells.items():
        same = LIBRARY.fingerprint(name)
        cards = {part.card for part in cell.components.values()}
        assert (other_card.fingerprint(name) != same) == ("B" in cards)
        assert (other_rail.fingerprint(name) != same) == ("vss" in cell.rails)
        assert other_name.fingerprint(name) == same


def test_no_cell_may_be_called_none(mine, refused):
    path = mine(("[cells.inverter", "[cells.none"))
    refused(with_cells, path, "got the cell name 'none', which stands for no cell")
