"""The netlist of a whole network: names that a person finds, read back unchanged."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_network import made_parameters

from printron.circuits.netlist import read_spice
from printron.errors import PrintronError
from printron.export import bill
from printron.network import network_netlist, printed_network
from printron.technology import TechnologyError
from printron.technology.names import check_rails

TOPOLOGIES = [(2, 2), (4, 3, 2), (1, 2, 1, 3)]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), topology=st.sampled_from(TOPOLOGIES))
def test_read_back_it_is_the_same_circuit(make_design, seed, topology):
    design = make_design(topology)
    printed = printed_network(design, made_parameters(design, seed))
    printed = replace(printed.at(np.linspace(0, 1, topology[0])), title="a: b\n.end")
    netlist = network_netlist(printed)
    assert read_spice(netlist.to_spice()) == netlist


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), topology=st.sampled_from(TOPOLOGIES))
def test_its_components_are_those_of_the_bill(make_design, seed, topology):
    design = make_design(topology)
    parameters = made_parameters(design, seed)
    printed = printed_network(design, parameters)
    netlist, table = network_netlist(printed), bill(printed).to_dict("records")
    elements = [part for part in netlist.components if part not in netlist.sources]
    assert elements == [part.element for part in printed.parts]
    for element, row in zip(elements, table, strict=True):
        assert (element.name, element.kind.name) == (row["part"], row["kind"])
        values = {each.column: row[each.column] for each in element.kind.quantities}
        assert list(values.values()) == list(element.values.values())
        if element.card:
            assert row["card"] == element.card.name


def test_names_tell_where_a_part_is(make_design):
    design = make_design((4, 3, 2))
    parameters = made_parameters(design)
    theta = tuple(np.full_like(t, -1) for t in parameters.theta)
    printed = printed_network(design, parameters._replace(theta=theta))
    lines = network_netlist(printed.at([0, 0.1, 0.2, 0.3])).to_spice().splitlines()
    starts = ["Rc1_in3_h2 n1_in3 z1_h2 ", "Rc2_h1_out2 n2_h1 z2_out2 ", "Rc1_gnd_h1 0 z1_h1 "]
    starts += ["R2_a1_h2 vdd a1_h2 ", "X1_n2_h3 x_n2_h3 ", "Vin3 in3 0 DC 0.2", "Vbias bias 0 DC"]
    for start in starts:
        assert sum(line.startswith(start) for line in lines) == 1, start
    assert [each.node for each in printed.outputs] == ["a2_out1", "a2_out2"]


def test_a_supply_that_nothing_is_connected_to_has_no_source(make_design):
    design = make_design((2, 1))
    theta = np.array([[1], [0], [0], [1]], np.float32)  # the second input and the bias are unused
    printed = printed_network(design, made_parameters(design)._replace(theta=(theta,)))
    netlist = network_netlist(printed)
    sources = {part.name for part in netlist.components if part.name.startswith("V")}
    assert sources == {"Vin1", "Vin2", "Vvdd", "Vvss"}


def test_a_wrong_number_of_inputs_is_one_sentence(make_design):
    design = make_design((2, 2))
    with pytest.raises(PrintronError, match="has 2 inputs"):
        printed_network(design, made_parameters(design)).at([0.5])


def test_no_rail_can_have_the_name_of_a_node_of_a_network(make_design):
    """Whatever a network calls its nodes is refused when a process is read."""
    design = make_design((3, 2, 2))
    printed = printed_network(design, made_parameters(design))
    nodes = set(printed.nodes) - set(design.process.rails)
    assert len(nodes) > 20
    for node in (*nodes, "bias", "in", "out"):
        with pytest.raises(
            TechnologyError, match=f"the rail '{node}', a name reserved for nodes of"
        ):
            check_rails({node: 1.0})
