"""ngspice gives what the laws say, and whatever it does wrong is told in one sentence."""

import os
import subprocess

import jax
import numpy as np
import pytest
from made_up_parts import egt, level_shift, resistor, voltage

from printron.circuits import ngspice
from printron.circuits.netlist import (
    GROUND,
    Netlist,
    cell_netlist,
)
from printron.circuits.ngspice import NgspiceError, NgspiceMissing, operating_point, sweep
from printron.circuits.ngspice.raw_file import read_raw
from printron.circuits.sweep import CONVERGED
from printron.technology import default_process, drain_current, technology

CELLS = technology().cells
PROCESS = default_process()
V_IN = np.linspace(-1, 1, 21)
DIVIDER = Netlist(
    "divider: größe ",
    (
        voltage("Vtop", "Top", GROUND, 2.0),
        resistor("R1", "Top", "mid", 3000.0),
        resistor("R2", "mid", GROUND, 1000.0),
    ),
)
needs_ngspice = pytest.mark.needs_ngspice


def designs_of(cell, count, seed=0):
    """Designs inside the printable ranges, uniform in the logarithm, [variables, count]."""
    low, high = np.log(cell.bounds)[..., None]
    return np.exp(low + (high - low) * np.random.default_rng(seed).random((len(low), count)))


# ------------------------------------------------------------------------------------ laws


@needs_ngspice
def test_a_divider_divides_and_its_source_delivers_what_it_burns():
    point = operating_point(DIVIDER)
    assert point.voltages == pytest.approx({"gnd": 0.0, "Top": 2.0, "mid": 0.5}, rel=1e-9)
    assert point.source_current["Vtop"] * 2.0 == pytest.approx(2.0**2 / 4000, rel=1e-9)


@needs_ngspice
def test_a_level_shift_shifts_and_draws_nothing():
    shift = level_shift("E1", "mid", "Out", -0.482, 0.7587)
    point = operating_point(Netlist("shift", (*DIVIDER.components, shift)))
    assert point.voltages["Out"] == pytest.approx(-0.482 * 0.5 + 0.7587, rel=1e-9)
    assert point.source_current["Vtop"] == pytest.approx(2.0 / 4000, rel=1e-9)


def transistor_grid():
    """EGTs of both cards in one netlist at (drain, gate, source) voltages, off to fully on."""
    grid = np.array(np.meshgrid([-0.3, 0.0, 1e-4, 0.7], [-0.4, 0.2, 0.9], [-1.0, 0.0])).reshape(
        3, -1
    )
    parts = []
    for k, (card, voltages) in enumerate((c, v) for c in ("A", "B") for v in grid.T):
        for terminal, volts in zip("dgs", voltages, strict=True):
            parts.append(voltage(f"V{terminal}{k}", f"{terminal}{k}", GROUND, float(volts)))
        ends = (f"d{k}", f"g{k}", f"s{k}")
        parts.append(egt(f"X{k}", *ends, 3.1e-4, 7e-5, PROCESS.card(card)))
    return Netlist("transistors", tuple(parts)), grid


def model_currents(grid):
    with jax.enable_x64(True):
        rows = [
            drain_current(
                *map(jax.numpy.asarray, grid), squares=3.1e-4 / 7e-5, card=PROCESS.card(c)
            )
            for c in ("A", "B")
        ]
        return np.concatenate([np.asarray(row.current) for row in rows])


@needs_ngspice
def test_the_subcircuit_is_the_transistor():
    netlist, grid = transistor_grid()
    point = operating_point(netlist)
    currents = np.array([point.source_current[f"Vd{k}"] for k in range(2 * grid.shape[1])])
    # 1e-9 relative: ngspice keeps 11 digits of a B source's numbers. Its smallest conductances
    # (gmin, 1e-15 S) are the floor.
    np.testing.assert_allclose(currents, model_currents(grid), rtol=1e-9, atol=4e-15)


@needs_ngspice
def test_pspice_mode_does_not_bend_the_transistor(tmp_path):
    """Some users' init files set it; exp() is then a straight line above 14."""
    netlist, grid = transistor_grid()
    (tmp_path / ".spiceinit").write_text("set ngbehavior=ps\n")
    (tmp_path / "deck.cir").write_text(netlist.to_spice())
    command = [ngspice.executable(), "-b", "-r", "out.raw", "deck.cir"]
    home = {**os.environ, "HOME": str(tmp_path)}
    log = subprocess.run(
        command, cwd=tmp_path, env=home, capture_output=True, text=True, check=False
    )
    assert "Compatibility modes selected: ps" in log.stdout + log.stderr
    (plot,), whole = read_raw((tmp_path / "out.raw").read_bytes())
    assert whole
    currents = [-plot[f"i(vd{k})"][0] for k in range(2 * grid.shape[1])]
    np.testing.assert_allclose(currents, model_currents(grid), rtol=1e-9, atol=4e-15)


@needs_ngspice
def test_init_files_of_the_user_are_not_read(tmp_path, monkeypatch):
    (tmp_path / ".spiceinit").write_text("quit\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SPICE_ASCIIRAWFILE", "1")
    assert operating_point(DIVIDER).voltages["mid"] == pytest.approx(0.5)


# ------------------------------------------------------------------------------------ sweeps


@needs_ngspice
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_every_cell_sweeps(cell):
    designs = designs_of(cell, 5)
    result = sweep(cell, PROCESS, designs, V_IN, workers=2)
    assert result.status == (CONVERGED,) * 5
    assert result.engine == "ngspice"
    assert result.engine_version == ngspice.version()
    assert result.v_out.shape == result.power.shape == (21, 5)
    assert set(result.source_power) == {*cell.supplies, "in"}
    assert np.isfinite(result.v_out).all()
    assert np.isfinite(result.power).all()
    assert (result.power > -1e-15).all()


@needs_ngspice
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_sweep_is_a_row_of_operating_points(cell):
    designs = designs_of(cell, 3, seed=1)
    result = sweep(cell, PROCESS, designs, V_IN, batch=2, workers=1)
    for member, k in ((0, 3), (2, 20)):
        design = dict(zip(cell.variables, designs[:, member], strict=True))
        netlist = cell_netlist(cell, PROCESS, design, float(V_IN[k]))
        point = operating_point(netlist)
        assert result.v_out[k, member] == pytest.approx(point.voltages["out"], abs=3e-6)
        volts = {source.name: source.values["V"] for source in netlist.sources}
        for name, current in point.source_current.items():
            if name == "Vminus":  # drives gates alone
                assert abs(current) < 1e-12
                continue
            power = result.source_power[name.removeprefix("V")][k, member]
            assert power == pytest.approx(volts[name] * current, rel=1e-5, abs=1e-12)


@needs_ngspice
def test_any_number_of_points_in_either_direction():
    cell = CELLS["ptanh"]
    designs = designs_of(cell, 1)
    up = sweep(cell, PROCESS, designs, np.linspace(-1, 1, 401)).v_out
    down = sweep(cell, PROCESS, designs, np.linspace(1, -1, 401)).v_out
    one = sweep(cell, PROCESS, designs, np.array([1.0])).v_out
    np.testing.assert_allclose(down[::-1], up, atol=5e-6)
    np.testing.assert_allclose(one[0], up[-1], atol=5e-6)


@needs_ngspice
def test_no_designs_is_an_empty_sweep():
    cell = CELLS["ptanh"]
    assert sweep(cell, PROCESS, designs_of(cell, 0), V_IN).v_out.shape == (21, 0)


@pytest.mark.parametrize("v_in", [[0.0, 0.1, 0.3], [], [0.0, np.nan], [1.0, 1.0], [[0.0, 1.0]]])
def test_voltages_must_be_equally_spaced(v_in):
    with pytest.raises(ValueError, match="equally spaced"):
        sweep(CELLS["ptanh"], PROCESS, designs_of(CELLS["ptanh"], 1), np.array(v_in))


def test_designs_must_fit_the_cell():
    cell = CELLS["ptanh"]
    with pytest.raises(ValueError, match=r"needs \[8, designs\]"):
        sweep(cell, PROCESS, np.ones((3, 2)), V_IN)
    with pytest.raises(ValueError, match="above 0"):
        sweep(cell, PROCESS, -np.ones((8, 2)), V_IN)


# ------------------------------------------------------------------------------------ failures


@needs_ngspice
def test_a_design_that_does_not_converge_loses_no_other(tmp_path):
    """A transistor 1e300 m wide is beyond ngspice: it fails at the first point."""
    cell = CELLS["negation_divider"]
    designs = designs_of(cell, 4)
    designs[cell.variables.index("W1"), 1] = 1e300
    result = sweep(cell, PROCESS, designs, V_IN, workers=1, keep_dir=tmp_path)
    assert result.status[1] == "ngspice did not converge at v_in = -1 V"
    assert np.isnan(result.v_out[:, 1]).all()
    assert np.isnan(result.power[:, 1]).all()
    assert list(np.flatnonzero(result.converged)) == [0, 2, 3]
    alone = sweep(cell, PROCESS, designs[:, [0, 2, 3]], V_IN, workers=1)
    np.testing.assert_array_equal(result.v_out[:, [0, 2, 3]], alone.v_out)
    assert not list(tmp_path.iterdir())


@needs_ngspice
def test_a_design_that_stops_within_the_sweep_is_no_result(fake):
    """The script ends the sweep of the second design early, as a failure at 0.3 V does."""
    shorten = "s/dc vin -1.0 [^ ]*/dc vin -1.0 0.25/"
    fake(f"sed -i '/^reset$/{{N;N;/design=1+/{shorten}}}' deck.cir\nexec $REAL \"$@\"")
    cell = CELLS["ptanh"]
    result = sweep(cell, PROCESS, designs_of(cell, 3), V_IN, workers=1)
    assert result.status[1] == "ngspice did not converge at v_in = 0.3 V"
    assert list(np.flatnonzero(result.converged)) == [0, 2]
    assert np.isnan(result.v_out[:, 1]).all()


@needs_ngspice
def test_it_is_an_error_when_no_design_converges():
    cell = CELLS["negation_divider"]
    designs = designs_of(cell, 2)
    designs[cell.variables.index("W1")] = 1e300
    with pytest.raises(
        NgspiceError, match="none of the 2 designs .* did not converge at v_in = -1"
    ):
        sweep(cell, PROCESS, designs, V_IN)


@needs_ngspice
@pytest.mark.parametrize("member", [0, 3, 6])
def test_a_design_that_crashes_ngspice_loses_no_other(tmp_path, fake, member):
    """The script makes ngspice leave just before it writes one of seven designs."""
    kept = tmp_path / "kept"
    fake(f"sed -i '/^let design={member}+/i quit' deck.cir\nexec $REAL \"$@\"")
    cell = CELLS["ptanh"]
    result = sweep(cell, PROCESS, designs_of(cell, 7), V_IN, workers=1, keep_dir=kept)
    assert list(np.flatnonzero(~result.converged)) == [member]
    (deck,) = kept.glob("*/deck.cir")
    assert result.status[member].startswith("ngspice gave no result for this design")
    assert str(deck) in result.status[member]


@needs_ngspice
def test_a_machine_too_slow_for_a_whole_batch_loses_nothing(fake):
    """The script hangs after two designs of each deck, as a slow machine seems to."""
    slow = """awk '/^let design/ && ++n == 3 {print "shell sleep 3"} {print}' deck.cir"""
    fake(f'{slow} > slow.cir; mv slow.cir deck.cir\nexec $REAL "$@"')
    cell = CELLS["ptanh"]
    result = sweep(cell, PROCESS, designs_of(cell, 5), V_IN, workers=1, timeout_s=12.0)
    assert result.status == (CONVERGED,) * 5


@needs_ngspice
def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path, fake):
    cut = "head -c $(($(wc -c < results.raw) / 2)) results.raw > half; mv half results.raw"
    fake(f'$REAL "$@"\n{cut}')
    cell = CELLS["ptanh"]
    designs = designs_of(cell, 4)
    result = sweep(cell, PROCESS, designs, V_IN, workers=1, keep_dir=tmp_path)
    assert 0 < result.converged.sum() < 4
    assert np.isnan(result.v_out[:, ~result.converged]).all()
    with pytest.raises(NgspiceError, match="no operating point of 'divider: größe'"):
        operating_point(DIVIDER, keep_dir=tmp_path)


@needs_ngspice
def test_notes_and_a_return_code_are_no_failure(fake):
    fake('echo "Error: only a note" >&2\n$REAL "$@"\nexit 3')
    assert operating_point(DIVIDER).voltages["mid"] == pytest.approx(0.5)
    cell = CELLS["ptanh"]
    assert sweep(cell, PROCESS, designs_of(cell, 2), V_IN).converged.all()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("echo first; echo 'Fatal error: out of paper' >&2; exit 1", "out of paper"),
        ("echo all is well; exit 0", "all is well"),
        ("echo starting; exec sleep 20", "stopped after 1 s; its last words were: 'starting'"),
        ("printf 'Title: x\\nNo. Var' > results.raw", "no output"),
    ],
)
def test_a_failure_names_the_deck_and_the_last_words(tmp_path, fake, body, says):
    fake(body)
    with pytest.raises(NgspiceError, match=says) as failure:
        operating_point(DIVIDER, timeout_s=1.0, keep_dir=tmp_path / "op")
    (deck,) = (tmp_path / "op").glob("*/deck.cir")
    assert str(deck) in str(failure.value)
    assert deck.read_text(encoding="utf-8") == DIVIDER.to_spice()
    cell = CELLS["ptanh"]
    with pytest.raises(NgspiceError, match=says) as failure:
        sweep(cell, PROCESS, designs_of(cell, 20), V_IN, timeout_s=6.0, workers=2, batch=5,
              keep_dir=tmp_path / "sweep")  # fmt: skip
    decks = list((tmp_path / "sweep").glob("*/deck.cir"))
    assert any(str(deck) in str(failure.value) for deck in decks)


def test_missing_ngspice_is_one_clear_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv("PRINTRON_NGSPICE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NgspiceMissing, match="not on PATH; install .* package 'ngspice'.* or set "):
        ngspice.version()
    monkeypatch.setenv("PRINTRON_NGSPICE", "/nowhere/ngspice")
    with pytest.raises(NgspiceMissing, match="PRINTRON_NGSPICE is '/nowhere/ngspice'"):
        sweep(CELLS["ptanh"], PROCESS, designs_of(CELLS["ptanh"], 1), V_IN)


def test_another_program_is_not_taken_for_ngspice(tmp_path, monkeypatch):
    script = tmp_path / "other"
    script.write_text("#!/bin/sh\necho I am not it\n")
    script.chmod(0o755)
    monkeypatch.setenv("PRINTRON_NGSPICE", str(script))
    with pytest.raises(NgspiceError, match="does not answer like ngspice .*I am not it"):
        ngspice.version()


@needs_ngspice
def test_node_names_of_users_run_in_ngspice():
    """Words that mean something somewhere in SPICE, as node and component names."""
    words = "all c e i v pi if and params dtemp m nan null const title end branch meas q pwl"
    for chunk in np.array_split(words.split(), 3):
        parts = [voltage("Vsupply", "supply", GROUND, 1.0)]
        for w in chunk:
            parts += [
                resistor(f"R{w}", "supply", w, 1e3),
                resistor(f"R2{w}", w, GROUND, 3e3),
                level_shift(f"E{w}", w, f"{w}_shift", 2.0, 0.5),
                egt(f"X{w}", f"{w}_shift", w, GROUND, 1e-4, 1e-4, PROCESS.card("B")),
            ]
        voltages = operating_point(Netlist("words", tuple(parts))).voltages
        for w in chunk:
            assert voltages[w] == pytest.approx(0.75, rel=1e-9)
            assert voltages[f"{w}_shift"] == pytest.approx(2.0, rel=1e-9)
