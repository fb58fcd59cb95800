"""Figures: written whole, in both forms, from whatever a sweep gave."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from made_up_runs import made_up_table

from printron.analysis import select
from printron.report import front_figure, goal_figure, save_figure


def table_of(alphas, seeds):
    return made_up_table(np.repeat(alphas, seeds), np.tile(np.arange(seeds), len(alphas)))


def with_diverged_runs():
    table = table_of([0, 0.5, 1], 3)
    table.loc[:3, "status"] = "diverged"
    table.loc[:3, ["accuracy_valid", "accuracy_test", "power_total_W"]] = np.nan
    return table


def spread_over_decades():
    table = table_of(np.linspace(0, 1, 10), 3)
    table["power_total_W"] *= 10 ** -np.linspace(0, 6, len(table))
    return table


CASES = {
    "many": table_of(np.linspace(0, 1, 20), 5),
    "one run": table_of([0.5], 1),
    "one seed": table_of([0, 0.5, 1], 1),
    "diverged": with_diverged_runs(),
    "decades": spread_over_decades(),
}


@pytest.mark.parametrize("case", CASES)
def test_both_figures_are_written_as_png_and_svg(case, tmp_path):
    table = CASES[case]
    selection = select(table)
    figures = {"alpha": goal_figure(selection, "Iris"), "front": front_figure(table, selection)}
    for name, figure in figures.items():
        png, svg = save_figure(figure, tmp_path / name)
        assert png.read_bytes().startswith(b"\x89PNG")
        assert ElementTree.parse(svg).getroot().tag.endswith("svg")
    assert len(list(tmp_path.iterdir())) == 4


def test_axes_carry_units_and_the_majority_baseline():
    table = CASES["many"]
    selection = select(table)
    above, below = goal_figure(selection).axes
    (front,) = front_figure(table, selection).axes
    assert "(%)" in above.get_ylabel()
    assert "W)" in below.get_ylabel()
    assert "W)" in front.get_xlabel()
    assert front.get_xscale() == "log"
    for axes in (above, front):
        labels = axes.get_legend_handles_labels()[1]
        assert "majority class, 33.3 %" in labels


def test_every_run_and_the_selected_front_are_drawn():
    table = CASES["many"]
    selection = select(table)
    (axes,) = front_figure(table, selection).axes
    assert len(axes.collections[0].get_offsets()) == len(table)
    front = next(line for line in axes.lines if "front" in line.get_label())
    assert len(front.get_xdata()) == len(selection.front)


def test_figures_need_no_window_and_leave_no_global_state():
    code = (
        "import sys, printron.report; "
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_axis_says_what_its_left_end_holds():
    table = CASES["decades"]
    (axes,) = front_figure(table, select(table)).axes
    label = axes.get_xlabel().split("\n")
    assert label == ["power, mean of test rows (µW)", "at the left end: 1 µW or less"]
    assert axes.collections[0].get_offsets()[:, 0].min() == pytest.approx(1)


def test_powers_next_to_nothing_are_drawn_as_nothing():
    table = table_of([0, 0.5, 1], 2)
    table["power_total_W"] = 5.7e-14
    selection = select(table)
    (axes,) = front_figure(table, selection).axes
    assert "at the left end: 1 nW or less" in axes.get_xlabel()
    assert not goal_figure(selection).axes[1].lines[0].get_ydata().any()


def test_a_hostile_title_is_harmless():
    selection = select(CASES["many"])
    above, _ = goal_figure(selection, "a\x1b[31m\n").axes
    assert above.get_title() == r"a\x1b[31m\n"
