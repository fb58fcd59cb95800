"""The grammar of names: what is made parses back to what was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_network import made_parameters

from printron.errors import PrintronError
from printron.network import names, printed_network
from printron.network.names import NodeName, PartName, parse_node, parse_part

numbers = st.integers(1, 999)
neurons = st.builds(names.neuron_name, numbers, st.booleans())
rows = st.one_of(st.builds(names.input_name, numbers), neurons, st.sampled_from(["bias", "gnd"]))
own = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,9}", fullmatch=True)  # names in a cell, any
# Names of a cell that look like names of a network.
odd = st.sampled_from(["z1_h1", "a1_h2", "n1_in3", "Rc1_in1_h1", "x_a1_h1", "in3", "R_a1_h1_n1"])


@given(numbers, rows, neurons, own | odd)
def test_a_name_that_is_made_parses_back(layer, row, neuron, name):
    assert parse_node(names.column_node(layer, neuron)) == NodeName("column", layer, neuron)
    minus = names.minus_node(layer, neuron)
    assert parse_node(minus) == NodeName("minus column", layer, neuron)
    activation, negation = names.activation_node(layer, neuron), names.negation_node(layer, row)
    assert parse_node(activation) == NodeName("activation", layer, neuron)
    assert parse_node(negation) == NodeName("negation", layer, row)
    assert parse_node(names.within(name, activation)) == NodeName("inner", layer, neuron, name)
    assert parse_node(names.within(name, negation)) == NodeName("inner", layer, row, name)
    resistor = names.crossbar_resistor(layer, row, neuron)
    assert parse_part(resistor) == PartName("crossbar", layer, row, neuron)
    part = parse_part(names.within(name, activation))
    assert part == PartName("activation", layer, column=neuron, component=name)
    part = parse_part(names.within(name, negation))
    assert part == PartName("negation", layer, row=row, component=name)


@given(numbers)
def test_sources_of_a_network_have_nodes_of_their_own(number):
    assert parse_node(names.input_name(number)) == NodeName("input", at=f"in{number}")
    assert [parse_node(n).role for n in ("bias", "gnd", "vdd")] == ["bias", "ground", "rail"]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), topology=st.sampled_from([(2, 2), (4, 3, 2), (1, 2, 1, 3)]))
def test_every_name_of_a_network_says_where_the_part_is(make_design, seed, topology):
    design = make_design(topology)
    printed = printed_network(design, made_parameters(design, seed))
    for part in printed.parts:
        said = parse_part(part.name)
        assert said[:4] == (part.circuit, part.layer, part.row, part.column)
    for layer, columns in enumerate(printed.columns, start=1):
        for number, node in columns.items():
            last = layer == len(printed.columns)
            assert parse_node(node) == ("column", layer, names.neuron_name(number + 1, last), None)


@pytest.mark.parametrize(
    "name", ["R1", "z1_h2", "Rc_in1_h1", "Rc1_in1", "R1_z1_h2", "R1_m1_h2", ""]
)
def test_what_is_no_component_of_a_network_is_refused(name):
    with pytest.raises(PrintronError, match="components of a network are called"):
        parse_part(name)
