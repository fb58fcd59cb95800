"""Shapes that signatures state hold in every test: the check is alive, and its words are known."""

import re

import jax.numpy as jnp
import pytest
from jaxtyping import TypeCheckError
from pages import HOUSE

from printron.base import shapes
from printron.network import print_crossbar, solve_columns
from printron.training.blocks import cut_blocks
from printron.training.terms import cross_entropy

SOURCES = sorted((HOUSE / "src" / "printron").rglob("*.py"))


def columns(inputs=3, load=2, weights=5):
    crossbar = print_crossbar(jnp.ones((5, 2)), 1e-7, 1e-4)
    loads, shares = jnp.zeros(load), jnp.full(weights, 0.2)
    return solve_columns(crossbar, jnp.ones((inputs, 5)), None, 1.0, loads, 0.0, shares)


def test_what_fits_passes_and_another_number_of_samples_is_refused():
    assert columns().z.shape == (2, 5)
    with pytest.raises(TypeCheckError, match="weights"):
        columns(weights=4)


def test_every_room_is_checked():
    """One wrong shape or type each; without the check, all of these broadcast or pass through."""
    block = cut_blocks(jnp.ones((3, 4)), jnp.zeros(4, int), 4)
    wrong = {
        "scale": lambda: print_crossbar(jnp.ones((5, 2)), 1e-7, 1e-4, scale=jnp.ones(1)),
        "out": lambda: cross_entropy(jnp.ones(4), block.part(jnp.zeros(1, int))),
        "labels": lambda: cut_blocks(jnp.ones((3, 4)), jnp.zeros(3, int), 4),
    }
    for name, call in wrong.items():
        with pytest.raises(TypeCheckError, match=f"parameter '{name}'"):
            call()


def test_every_axis_has_a_meaning():
    meanings = re.findall(r"^\| (.+?) \|", shapes.__doc__, re.M)
    known = {name for words in meanings for name in words.split(", ")}
    stated = re.findall(
        r"\b(?:Float|Bool|Integer|Num|Shaped)\[\s*[\w.]+,\s*\"([^\"]*)\"",
        "\n".join(path.read_text("utf-8") for path in SOURCES),
    )
    used = {name for axes in stated for name in re.findall(r"[a-z]\w*", axes)}
    assert len(stated) > 50
    assert used <= known
