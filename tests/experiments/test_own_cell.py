"""A cell of the user's own goes the whole way: file, surrogate, training, bill."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import QUICK_SCHEDULE

from printron.characterization import (
    build_surrogate,
    characterize,
    save_surrogate,
    surrogate_fit,
)
from printron.experiments import Plan, run_sweep
from printron.export import bill
from printron.network import build_layers, printed_network
from printron.results import ProblemSpec, build_problem
from printron.technology import technology
from printron.technology.process import shipped
from printron.training import TRAINED, WeightedPower

R_SHIFT = 3e6


@pytest.fixture
def cell_file(tmp_path):
    """ptanh as it ships, but for a level shifter whose lower resistor is fixed."""
    table = re.search(r"\[cells\.ptanh\]\n.*?(?=\n\n)", shipped("cells.toml").read_text(), re.S)[0]
    for old, new in (
        ("cells.ptanh", "cells.fixed_shift"),
        ('"R_in > 2 R_shift", "R_in < 3.7 R_shift"', f'"R_in > {2 * R_SHIFT:g}"'),
        ('R_shift = ["1 Mohm", "4 Mohm"]\n', ""),
        ('R = "R_shift"', 'R = "3 Mohm"'),
    ):
        assert old in table
        table = table.replace(old, new)
    path = tmp_path / "mine.toml"
    path.write_text(table)
    return path


@pytest.mark.slow
def test_a_fixed_resistor_of_the_level_shifter_loads_the_column(cell_file, monkeypatch, tmp_path):
    monkeypatch.setattr(surrogate_fit, "PASSES", 400)
    library = technology(cell_files=[cell_file])
    data = characterize(library, "fixed_shift", samples=256)
    save_surrogate(build_surrogate(library, data, hidden=(8,)), tmp_path)
    spec = ProblemSpec(
        "iris",
        hidden=(),
        activation="fixed_shift",
        cells=(str(cell_file),),
        surrogates=str(tmp_path),
    )
    problem = build_problem(spec)
    assert problem.structure.models[0].cell.input_load == (("R_in", "R_shift"), "vss")

    runs = run_sweep(problem, Plan((WeightedPower(0.0), WeightedPower(0.5)), (0,), QUICK_SCHEDULE))
    assert set(runs.table["status"]) == {TRAINED}
    for run in range(2):
        parameters = runs.one(run)
        layers = build_layers(problem.structure, jax.tree.map(jnp.asarray, parameters))
        table = bill(printed_network(problem.structure, parameters))
        parts = table[table["circuit"] == "activation"]
        R_in = parts.loc[parts["part"].str.startswith("R_in_"), "R_ohm"].to_numpy()
        printed_shift = parts.loc[parts["part"].str.startswith("R_shift_"), "R_ohm"]
        assert (printed_shift == R_SHIFT).all()
        assert ((R_in > 2 * R_SHIFT) & (R_in < 10e6)).all()
        for layer in layers:
            load = np.asarray(layer.activation.load.conductance)
            np.testing.assert_allclose(load, 1 / (R_in[0] + R_SHIFT), rtol=1e-5)
