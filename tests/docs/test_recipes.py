"""The recipes give what they promise, with no more files than they name.

The goal's runs, the format and the kind of component are tried in `tests/experiments`,
`tests/export` and `tests/circuits`.
"""

import re

import numpy as np
from pages import blocks, text_of
from recipes import RECIPES, followed

from printron.characterization import characterize
from printron.circuits.netlist import read_spice
from printron.datasets import load_dataset
from printron.export import FORMATS
from printron.network import printed_network
from printron.technology import technology
from printron.training import TRAINED, Schedule, WeightedPower, train


def test_a_recipe_names_at_most_three_files():
    recipes = text_of(RECIPES).split("\n## ")[1:]
    assert [recipe.splitlines()[0] for recipe in recipes] == [
        "Add a cell", "Add a goal", "Add a structure", "Add an export format",
        "Add a kind of component",
    ]  # fmt: skip
    for recipe in recipes:
        (files,) = re.findall(r"^Files: (.*?)\n\n", recipe, re.M | re.S)
        assert len(re.findall(r"`(?:src|tests)/\S+", files)) <= 3


def test_a_cell_is_one_table(tmp_path):
    (table,) = blocks(RECIPES, "toml", "Add a cell")
    path = tmp_path / "weak_inverter.toml"
    path.write_text(table, encoding="utf-8")
    library = technology(cell_files=[path])
    cell = library.cell("weak_inverter", "negation")
    assert cell.bounds.shape == (2, 3)
    table = characterize(library, "weak_inverter", samples=20, seed=1).table
    assert (table["status"] == "converged").all()
    assert (table["low_V"] > table["high_V"]).all()  # an inverter
    assert (table["power_W"] > 0).all()


def test_a_structure_is_data_that_trains_and_exports():
    with followed("Add a structure") as defined:
        structure = defined["structure"]
    iris = load_dataset("iris", protocol="published")
    parts = {name: getattr(iris, name) for name in ("train", "valid", "test")}
    rows = {name: (part.volts, part.labels) for name, part in parts.items()}
    schedule = Schedule(epochs=60, check_every=10, starts=1)
    trained = train(structure, rows, [WeightedPower(0.0)], np.array([0]), schedule=schedule)
    assert trained.status == (TRAINED,)
    assert trained.terms["train"].accuracy[0] > 0.5  # three classes
    assert (trained.terms["test"].power.activation[0] > 0).tolist() == [True, False]
    own = type(trained.parameters)(*(tuple(x[0] for x in each) for each in trained.parameters))
    network = printed_network(structure, own)
    assert not [p for p in network.parts if p.layer == 2 and p.circuit != "crossbar"]
    netlist = read_spice(FORMATS["spice"].write(network).decode())
    assert {part.name for part in network.parts} <= {e.name for e in netlist.components}
