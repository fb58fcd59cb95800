"""The built-in engine and ngspice give the same circuit the same voltages and the same power."""

import os
import subprocess

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from unoptimized import unoptimized

from printron.circuits import ngspice, operating_point, sweep
from printron.circuits.netlist import cell_netlist
from printron.circuits.ngspice.raw_file import read_raw
from printron.technology import technology

LIBRARY = technology()
CELLS, PROCESS = LIBRARY.cells, LIBRARY.process
V_OUT_V, POWER = 1e-3, 0.005  # how far the engines may be apart: volts, share of the power
NOTHING_W = 1e-12  # a power this small is as good as none: ngspice's abstol is 1e-14 A
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)

pytestmark = pytest.mark.needs_ngspice


def compare(cell, designs, points):
    """Both engines over the sweep of a cell; what is apart most stands in the message."""
    v_in = np.linspace(*cell.sweep, points)
    ours = sweep(cell, PROCESS, designs, v_in)
    theirs = ngspice.sweep(cell, PROCESS, designs, v_in, workers=2)
    assert ours.converged.all()
    assert theirs.converged.all()
    apart = np.abs(ours.v_out - theirs.v_out)
    wrong = np.abs(ours.power - theirs.power) / (np.abs(theirs.power) + NOTHING_W / POWER)
    k, design = np.unravel_index(apart.argmax(), apart.shape)
    j, other = np.unravel_index(wrong.argmax(), wrong.shape)
    worst = (
        f"{cell.name}, {designs.shape[1]} designs x {points} points: V_out apart by at most "
        f"{1e6 * apart.max():.3g} uV (design {design}, {v_in[k]:.4g} V), power by at most "
        f"{100 * wrong.max():.3g} % (design {other}, {v_in[j]:.4g} V)"
    )
    print(worst)
    assert apart.max() < V_OUT_V, worst
    assert wrong.max() < POWER, worst
    assert set(ours.source_power) == set(theirs.source_power)
    for name, power in ours.source_power.items():
        floor = POWER * np.abs(ours.power) + NOTHING_W
        assert (np.abs(power - theirs.source_power[name]) <= floor).all(), name


@every_cell
def test_engines_agree_on_a_few_designs(cell, random_designs):
    compare(cell, random_designs(cell, 8, seed=21), 401)


@pytest.mark.slow
@every_cell
def test_engines_agree_on_200_designs(cell, random_designs):
    compare(cell, random_designs(cell, 200, seed=22), 401)


@pytest.mark.parametrize("name", ["ptanh", "negation_published"])
def test_plain_ngspice_finds_the_operating_point_of_the_written_netlist(
    name, random_designs, tmp_path
):
    """Nothing of our runner: the file that a person gets, and ngspice's command line."""
    cell, v_in = CELLS[name], np.array([-0.6, 0.12, 0.8])
    designs = random_designs(cell, 3, seed=23)
    with jax.enable_x64(True):
        arrays = dict(zip(cell.variables, jnp.asarray(designs), strict=True))
        solve = unoptimized(lambda v: operating_point(cell, PROCESS, arrays, v))
        point = solve(jnp.asarray(v_in))
    for k, design in enumerate(designs.T):
        values = dict(zip(cell.variables, design, strict=True))
        netlist = cell_netlist(cell, PROCESS, values, float(v_in[k]))
        (tmp_path / "cell.cir").write_text(netlist.to_spice())
        command = [ngspice.executable(), "-n", "-b", "-r", "cell.raw", "cell.cir"]
        home = {**os.environ, "SPICE_ASCIIRAWFILE": "0"}
        (tmp_path / "cell.raw").unlink(missing_ok=True)
        subprocess.run(command, cwd=tmp_path, env=home, capture_output=True, check=False)
        (plot,), whole = read_raw((tmp_path / "cell.raw").read_bytes())
        assert whole
        for node, volts in point.voltages.items():
            assert plot[f"v({node})"][0] == pytest.approx(float(volts[k]), abs=1e-5)
        for source in netlist.sources:
            ours = float(point.source_current[source.name.removeprefix("V")][k])
            theirs = -plot[f"i({source.name.lower()})"][0]
            assert theirs == pytest.approx(ours, rel=1e-4, abs=1e-12)
