"""The netlist as a file: whatever things are called, it is the circuit and nothing else."""

from dataclasses import replace

import pytest
from made_up_network import made_parameters

from printron.characterization import surrogate_for
from printron.circuits import ngspice
from printron.circuits.netlist import read_spice
from printron.circuits.ngspice.runner import Runner
from printron.export import FORMATS
from printron.network import build_structure, network_netlist, printed_network
from printron.technology import technology

HOSTILE = ["x\n.end", "V(in1)'; quit", "größe", ".control\nshell rm -rf x\n.endc", "a" * 300]


@pytest.fixture(scope="module")
def design():
    library = technology()
    activation, negation = (surrogate_for(library, name) for name in ("ptanh", "negation"))
    return build_structure(library, (5, 2, 2), activation=activation, negation=negation)


@pytest.fixture(scope="module")
def network(design):
    printed = printed_network(design, made_parameters(design, 1), HOSTILE, HOSTILE[:2])
    return replace(printed.at([0.1, 0.3, 0.5, 0.7, 0.9]), title=HOSTILE[3])


def test_names_of_a_user_change_no_component(network):
    netlist = read_spice(FORMATS["spice"].write(network).decode())
    assert netlist.components == network_netlist(network).components


@pytest.mark.needs_ngspice
def test_plain_ngspice_runs_it(network):
    text = FORMATS["spice"].write(network).decode()
    run = Runner(60.0, None).run(text, "-r", "results.raw")
    wanted = ngspice.operating_point(network_netlist(network))
    for output in network.outputs:
        found = run.plots[0][f"v({output.node})"][0]
        assert found == pytest.approx(wanted.voltages[output.node], abs=1e-9)
