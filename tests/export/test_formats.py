"""Formats: each is made of the finished network alone, and says all of the circuit."""

import json

import pytest
from made_up_network import made_parameters
from recipes import followed

from printron.characterization import surrogate_for
from printron.circuits.netlist import Element, read_spice
from printron.errors import PrintronError
from printron.export import FORMATS, bill, format_of
from printron.network import build_structure, network_netlist, printed_network
from printron.technology import COMPONENT_KINDS, technology
from printron.technology.egt import EGTCard

LIBRARY = technology()


@pytest.fixture(scope="module", params=["ptanh", "ptanh_published"])
def network(request):
    activation, negation = (surrogate_for(LIBRARY, name) for name in (request.param, "negation"))
    design = build_structure(LIBRARY, (3, 2, 2), activation=activation, negation=negation)
    names = ["a", "größe", "c"], ["yes", "no"]
    return printed_network(design, made_parameters(design, 2), *names).at([0.1, 0.2, 0.3])


def elements_of(record):
    """The components that a JSON record means."""
    cards = {
        name: EGTCard(**{**card, "W": tuple(card["W"]), "L": tuple(card["L"])})
        for name, card in record["cards"].items()
    }
    for part in record["parts"]:
        kind = COMPONENT_KINDS[part["kind"]]
        values = {each.key: part["values"][each.column] for each in kind.quantities}
        nodes = tuple(part["terminals"][name] for name in kind.terminals)
        yield Element(part["name"], kind, nodes, values, cards.get(part.get("card")))


def test_all_formats_say_the_same_circuit(network):
    """Component by component: parts, netlist, bill and JSON."""
    parts = [part.element for part in network.parts]
    netlist = read_spice(FORMATS["spice"].write(network).decode())
    assert netlist == network_netlist(network)
    assert list(netlist.components)[: len(parts)] == parts
    assert list(elements_of(json.loads(FORMATS["json"].write(network)))) == parts
    rows = bill(network).to_dict("records")
    assert [(row["part"], row["kind"]) for row in rows] == [(e.name, e.kind.name) for e in parts]
    for row, element in zip(rows, parts, strict=True):
        for each in element.kind.quantities:
            assert row[each.column] == element.values[each.key]


def test_the_record_says_what_every_node_is_for(network):
    record = json.loads(FORMATS["json"].write(network))
    assert set(record["nodes"]) == set(network.nodes)
    assert record["nodes"]["z1_h1"] == {"role": "column", "layer": 1, "at": "h1"}
    assert [each["feature"] for each in record["inputs"]] == ["a", "größe", "c"]
    assert [each["volts"] for each in record["inputs"]] == [0.1, 0.2, 0.3]
    assert [each["class"] for each in record["outputs"]] == ["yes", "no"]
    rails = {node for node, it in record["nodes"].items() if it["role"] in ("rail", "bias")}
    assert rails <= set(record["supplies"])


def test_the_format_of_the_recipe_is_written_like_any_other(network):
    """And says the wiring that the JSON record says."""
    with followed("Add an export format"):
        lines = format_of("nodes").write(network).decode().split("\n")
    record = json.loads(FORMATS["json"].write(network))
    wires = [[part["name"], *part["terminals"].values()] for part in record["parts"]]
    assert [line.split() for line in lines] == wires
    assert "nodes" not in FORMATS


def test_an_unknown_format_is_answered_with_those_there_are():
    with pytest.raises(PrintronError, match="got the format 'gds'; allowed are bill, spice, json"):
        format_of("gds")
