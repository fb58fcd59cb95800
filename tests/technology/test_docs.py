"""What the page on own cells says is so."""

import re
from pathlib import Path

import pytest

from printron.technology import technology
from printron.technology.limits import LIMITS
from printron.technology.names import SPICE_NAMES

PAGE = Path(__file__).parents[2] / "docs" / "cells.md"


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def test_its_cell_can_be_used_as_it_stands(page, tmp_path):
    (text,) = re.findall(r"```toml\n(# my_cells.toml\n.*?)```", page, re.S)
    path = tmp_path / "my_cells.toml"
    path.write_text(text, encoding="utf-8")
    cell = technology(cell_files=[path]).cell("light_tanh", "activation")
    assert cell.input_load == (("R_in", "R_shift"), "vss")
    own = technology().cell("ptanh")
    assert cell.bounds[0, :2].sum() == pytest.approx(5 * own.bounds[0, :2].sum())


def test_its_limits_are_those_of_the_code(page):
    for quantity, limits in LIMITS.items():
        name = {"supply": "V_bias", "R": "R_min"}.get(quantity, quantity)
        (row,) = re.findall(rf"^\| .*`{name}`.* \|$", page, re.M)
        assert row.endswith(f"| {limits} |")


def test_the_page_lists_the_names_reserved_by_ngspice(page):
    assert all(f"`{name}`" in page for name in SPICE_NAMES)
