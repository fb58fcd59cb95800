"""What figures have in common: numbers on an axis that can be read."""

import warnings

import pytest

from printron.report.style import drawable, log_ticks, new_figure, plain


def test_names_in_any_script_are_drawn_without_a_warning():
    figure = new_figure(2.2)
    figure.subplots().set_title(drawable("Wärme, 温度, \U0001f642, a\x1b[1m"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
    assert drawable("Wärme 温") == "Wärme u6e29"


@pytest.mark.parametrize(
    "ends", [(1.2, 3), (2.1, 4.9), (1, 9), (0.5, 40), (0.001, 100), (210, 480)]
)
def test_numbers_on_a_logarithmic_axis_do_not_overlap(ends):
    figure = new_figure(2.2)
    for axes in figure.subplots(1, 2):
        axes.set_xscale("log")
        axes.set_xlim(*ends)
        plain(axes)
        log_ticks(axes)
    figure.canvas.draw()
    for axes in figure.axes:
        inside = [
            label
            for label in axes.get_xticklabels()
            if label.get_text() and ends[0] <= label.get_position()[0] <= ends[1]
        ]
        assert len(inside) >= 2
        extents = [label.get_window_extent() for label in inside]
        for left, right in zip(extents, extents[1:], strict=False):
            assert left.x1 <= right.x0
