"""Sizes on the grid of a printer are multiples of its pitch; what it cannot print is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.technology import TechnologyError, load_process, technology
from printron.technology.grid import moved_to, steps
from printron.technology.process import shipped
from printron.technology.record import technology_from, technology_tables

FILE = "inkjet_egt.toml"
GEOMETRY = '[resistors]\nsheet = "100 kohm"\nwidth = "200 um"\nsource = "assumed"\n'
lengths = st.floats(1e-6, 1e-3)


@pytest.fixture
def added(tmp_path):
    """The shipped process file with more at its end."""

    def add(text):
        path = tmp_path / "my.toml"
        path.write_text(shipped(FILE).read_text("utf-8") + text, encoding="utf-8")
        return path

    return add


@given(lengths, lengths, lengths, st.lists(lengths, min_size=1, max_size=5))
def test_the_nearest_size_is_a_multiple_within_the_range(pitch, low, high, wanted):
    low, high = sorted((low, high))
    try:
        cut = steps(pitch, low, high, "m")
    except TechnologyError:
        assert int(high / pitch) < low / pitch  # none in between
        return
    with jax.enable_x64(True):
        found = np.asarray(cut.nearest(jnp.asarray(wanted)))
    numbers = np.round(found / pitch)
    np.testing.assert_allclose(found, numbers * pitch, rtol=1e-12)
    assert (numbers >= 1).all()
    assert (found >= low - 1e-5 * pitch).all()
    assert (found <= high + 1e-5 * pitch).all()
    inside = np.clip(wanted, cut.first * pitch, cut.last * pitch)
    assert (np.abs(found - inside) <= pitch / 2 * (1 + 1e-9)).all()


def test_a_gradient_passes_as_if_nothing_had_moved():
    cut = steps(1e-5, 1e-5, 1e-3, "m")
    values = jnp.asarray([1.2e-5, 4.9e-4])
    slope = jax.grad(lambda x: jnp.sum(cut.nearest(x) ** 2))(values)
    np.testing.assert_allclose(slope, 2 * np.array([1e-5, 4.9e-4]), rtol=1e-6)
    assert jax.grad(lambda x: moved_to(x * x, jnp.asarray(7.0)))(3.0) == 6


def test_resistors_step_by_the_resistance_of_a_pitch(added):
    process = load_process(added(f'[grid]\nresistor = "20 um"\n{GEOMETRY}'))
    cut = process.steps("R", 6e3, 32e3)
    assert cut.pitch == pytest.approx(10e3)
    assert (cut.first, cut.last) == (1, 3)
    assert process.steps("W", 1e-4, 1e-3) is None
    assert technology().process.steps("R", 6e3, 32e3) is None


def test_the_tables_that_a_folder_carries_read_back_as_the_same(added):
    text = f'[grid]\nW = "10 um"\nresistor = "20 um"\n{GEOMETRY}'
    library = technology(load_process(added(text)))
    assert technology_from(technology_tables(library, ["pair"]), "here").process == library.process
    for name in ("pair", "ptanh"):  # surrogates are those without a grid
        assert library.fingerprint(name) == technology().fingerprint(name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[grid]\nW = "2 mm"\n', ("transistors.A.W: got the range 80 µm to 1 mm", "2 mm", "finer")),
        ('[grid]\nL = "0 um"\n', ("grid.L", "above 0")),
        ("[grid]\nL = 1e-5\n", ("grid.L", "write the unit")),
        ('[grid]\nL = "10 ohm"\n', ("grid.L", "unit m")),
        ('[grid]\nL = "1 nm"\n', ("grid.L", "no printed technology")),
        ('[grid]\nR = "10 kohm"\n', ("grid.R", "not a known key")),
        ('[grid]\nresistor = "10 um"\n', ("without a table [resistors]", "sheet, width")),
        (f'[grid]\nresistor = "1 m"\n{GEOMETRY}', ("crossbar: got the range 10 kohm to", "pitch")),
        (GEOMETRY.replace("100 kohm", "-1 ohm"), ("resistors.sheet", "above 0")),
        (GEOMETRY.replace("assumed", ""), ("resistors.source",)),
    ],
)
def test_a_fault_is_one_sentence(added, refused, text, says):
    refused(load_process, added(text), *says)


def test_a_cell_that_the_grid_has_no_size_for_is_refused(added, tmp_path):
    process = load_process(added(f'[grid]\nL = "20 um"\nresistor = "20 um"\n{GEOMETRY}'))
    library = technology(process)
    assert {"pair", "ptanh", "negation"} <= set(library.cells)
    why = "cells.negation_divider.components.R1.R: got the range 10 ohm to 500 ohm"
    with pytest.raises(TechnologyError, match=why):
        library.cell("negation_divider")
    page = shipped("cells.toml").read_text("utf-8")
    text = page[page.index("[cells.clipped_relu]") :].split("\n\n")[0]
    own = tmp_path / "cells.toml"
    for size in ("50 um", "60 um"):
        own.write_text(text.replace('L = "L1"', f'L = "{size}"').replace("L1 = [", "#"))
        if size == "60 um":
            technology(process, [own])
        else:
            with pytest.raises(TechnologyError, match=r"X1\.L: got 50 µm, in which"):
                technology(process, [own])
