"""The netlist as a file: whatever things are called, it is the circuit and nothing else."""

import pytest
from made_up_network import made_parameters

from printron.characterization import surrogate_for
from printron.circuits import ngspice
from printron.circuits.netlist import read_spice
from printron.circuits.ngspice.runner import Runner
from printron.export import spice_of
from printron.network import design_network, network_netlist, printed_network
from printron.technology import technology

HOSTILE = ["x\n.end", "V(in1)'; quit", "größe", ".control\nshell rm -rf x\n.endc", "a" * 300]


@pytest.fixture(scope="module")
def design():
    library = technology()
    activation, negation = (surrogate_for(library, name) for name in ("ptanh", "negation"))
    return design_network(library, (5, 2, 2), activation=activation, negation=negation)


def hostile_file(design):
    return spice_of(
        design,
        made_parameters(design, 1),
        [0.1, 0.3, 0.5, 0.7, 0.9],
        title=HOSTILE[3],
        features=HOSTILE,
        classes=HOSTILE[:2],
    )


def test_names_of_a_user_change_no_component(design):
    netlist = read_spice(hostile_file(design))
    printed = printed_network(design, made_parameters(design, 1))
    plain = network_netlist(design, printed, [0.1, 0.3, 0.5, 0.7, 0.9])
    assert netlist.components == plain.components


@pytest.mark.needs_ngspice
def test_plain_ngspice_runs_it(design):
    text = hostile_file(design)
    run = Runner(60.0, None).run(text, "-r", "results.raw")
    printed = printed_network(design, made_parameters(design, 1))
    plain = network_netlist(design, printed, [0.1, 0.3, 0.5, 0.7, 0.9])
    wanted = ngspice.operating_point(plain)
    for node in printed.outputs:
        assert run.plots[0][f"v({node})"][0] == pytest.approx(wanted.voltages[node], abs=1e-9)
