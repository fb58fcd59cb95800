"""A result file that is cut off or damaged gives complete plots, or says that it is not whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.circuits.ngspice.raw_file import read_raw

# As ngspice 39 writes them, with a plot of a `.dc` sweep and one of an operating point.
SWEEP = (
    "Title: * inverter\nDate: Sat Nov 28 15:39:44  2026\n"
    "Plotname: DC transfer characteristic\nFlags: real\nNo. Variables: 3\nNo. Points: 7       \n"
    "Variables:\n\t0\tv(v-sweep)\tvoltage\n\t1\tv(out)\tvoltage\n\t2\ti(vvdd)\tcurrent\nBinary:\n"
)
POINT = (
    "Title: * inverter\nDate: Sat Nov 28 15:39:44  2026\n"
    "Plotname: Operating Point\nFlags: real\nNo. Variables: 2\nNo. Points: 1\n"
    "Variables:\n\t0\tv(out)\tvoltage\n\t1\tsample_index\tnotype\nBinary:\n"
)
NUMBERS = np.random.default_rng(0).normal(size=(7, 3))
FILE = SWEEP.encode() + NUMBERS.tobytes() + 2 * (POINT.encode() + NUMBERS[0, :2].tobytes())
ENDS = (len(SWEEP) + 21 * 8, len(SWEEP) + 21 * 8 + len(POINT) + 16, len(FILE))  # of the plots
SHAPES = ((3, 7), (2, 1), (2, 1))


def shapes(plots):
    for plot in plots:
        assert len({len(column) for column in plot.values()}) == 1
    return tuple((len(plot), len(next(iter(plot.values())))) for plot in plots)


def test_a_whole_file_is_read_whole():
    plots, whole = read_raw(FILE)
    assert whole
    assert shapes(plots) == SHAPES
    np.testing.assert_array_equal(list(plots[0].values()), NUMBERS.T)
    assert list(plots[1]) == ["v(out)", "sample_index"]
    assert read_raw(b"") == ([], True)


@pytest.mark.needs_ngspice
def test_ngspice_writes_it_so(tmp_path):
    """The plots above are no invention."""
    from printron.circuits.ngspice import runner as ngspice_runner

    deck = "* x\nVin a 0 1\nR1 a 0 1k\n.dc Vin 0 2 1\n.end\n"
    run = ngspice_runner.Runner(60.0, tmp_path).run(deck, "-r", ngspice_runner.RAW)
    (plot,) = run.plots
    np.testing.assert_array_equal(plot["v(v-sweep)"], [0, 1, 2])
    np.testing.assert_allclose(plot["i(vin)"], [0, -1e-3, -2e-3], atol=1e-12)


@given(st.integers(0, len(FILE)))
def test_a_file_that_is_cut_off_gives_the_plots_before_the_cut(length):
    plots, whole = read_raw(FILE[:length])
    there = sum(end <= length for end in ENDS)
    assert shapes(plots) == SHAPES[:there]
    assert whole == (length in (0, *ENDS))
    if plots:
        np.testing.assert_array_equal(list(plots[0].values()), NUMBERS.T)


@given(st.lists(st.tuples(st.integers(0, len(FILE) - 1), st.integers(0, 255)), max_size=4))
def test_a_damaged_file_gives_no_plot_of_another_size(changes):
    """Numbers and names cannot be told from others; how many belong together can."""
    data = bytearray(FILE)
    for position, byte in changes:
        data[position] = byte
    plots, whole = read_raw(bytes(data))
    found = shapes(plots)
    # A name that became another column's name takes that one's place.
    assert all(columns <= most for (columns, _), (most, _) in zip(found, SHAPES, strict=False))
    assert [points for _, points in found] == [points for _, points in SHAPES[: len(found)]]
    assert whole == (len(found) == len(SHAPES))


@given(st.binary(max_size=300))
def test_anything_else_is_no_plot(data):
    plots, _ = read_raw(data)
    assert plots == []
    plots, whole = read_raw(FILE + data)
    assert shapes(plots[:2]) == SHAPES[:2]
    assert whole == (data == b"")


@pytest.mark.parametrize("field", ["No. Variables: 3", "No. Points: 7", "Flags: real"])
@pytest.mark.parametrize(
    "value",
    ["1000000000000", "-7", "", "x", "1_0", "٣", "9" * 5000, "0", "complex", "7\nFlags: real"],
)
def test_a_count_that_cannot_be_is_not_believed(field, value):
    name = field.partition(":")[0]
    data = SWEEP.replace(field, f"{name}: {value}").encode() + NUMBERS.tobytes()
    assert read_raw(data) == ([], False)


@pytest.mark.parametrize(
    "line", ["Title:", "No. Variables", "No. Points", "Flags", "Variables:", "\t1\t", "Binary:"]
)
def test_a_header_without_one_of_its_lines_is_not_believed(line):
    kept = "".join(each for each in SWEEP.splitlines(True) if not each.startswith(line))
    assert read_raw(kept.encode() + NUMBERS.tobytes()) == ([], False)
