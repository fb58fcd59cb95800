"""The bill of a circuit is the circuit: every printed part once, at the value that was learned."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_network import made_parameters

from printron.characterization import surrogate_for
from printron.export import FORMATS, part_counts
from printron.export import bill as bill_of
from printron.network import (
    Parameters,
    build_layers,
    build_structure,
    counts_of,
    printed_network,
)
from printron.technology import technology

TECHNOLOGY = technology()


def made_design(topology=(4, 3, 2), activation="ptanh", negation="negation", sharing="network"):
    return build_structure(
        TECHNOLOGY,
        topology,
        activation=surrogate_for(TECHNOLOGY, activation),
        negation=surrogate_for(TECHNOLOGY, negation),
        sharing=sharing,
    )


def bill(design, parameters, features=()):
    return bill_of(printed_network(design, parameters, features))


def crossbar_of(table, layer):
    return table[(table["circuit"] == "crossbar") & (table["layer"] == layer)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_crossbar_resistors_are_printable_and_columns_as_low_as_asked(seed, scaled):
    design = made_design()
    parameters = made_parameters(design, seed, scaled)
    table = bill(design, parameters)
    resistors = table.loc[table["circuit"] == "crossbar", "R_ohm"]
    limits = design.process.crossbar
    assert (resistors >= limits.R_min * (1 - 1e-6)).all()
    assert (resistors <= limits.R_max * (1 + 1e-6)).all()
    for layer in (1, 2):
        for _, column in crossbar_of(table, layer).groupby("column"):
            lowest = column["R_ohm"].max() == pytest.approx(limits.R_max, rel=1e-6)
            assert lowest or (scaled and column["R_ohm"].min() < 0.1 * limits.R_max)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_ratios_within_a_column_are_those_of_theta(seed):
    design = made_design()
    parameters = made_parameters(design, seed)
    table = bill(design, parameters)
    for layer, theta in enumerate(parameters.theta, start=1):
        part = crossbar_of(table, layer)
        before = [f"in{k + 1}" for k in range(4)] if layer == 1 else ["h1", "h2", "h3"]
        rows = {name: k for k, name in enumerate([*before, "bias", "gnd"])}
        word = "h" if layer == 1 else "out"
        for name, column in part.groupby("column"):
            j = int(name.removeprefix(word)) - 1
            learned = theta[[rows[row] for row in column["row"]], j]
            product = np.abs(learned) * column["R_ohm"].to_numpy()
            np.testing.assert_allclose(product, product[0], rtol=1e-5)
            feeds = np.where(column["row"] == "gnd", False, learned < 0)
            assert (column["negated"].to_numpy(bool) == feeds).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["network", "layer", "neuron"]))
def test_parts_are_counted_as_the_network_counts_them(seed, sharing):
    design = made_design(sharing=sharing)
    parameters = made_parameters(design, seed)
    counts = part_counts(bill(design, parameters))
    layers = build_layers(design, Parameters(*(tuple(map(jnp.asarray, p)) for p in parameters)))
    for name, each in counts_of(layers)._asdict().items():
        assert counts[name] == int(np.sum(each))
    cells = [model.cell.counts for model in design.models]
    assert counts["all_egts"] == (
        counts["activations"] * cells[0]["egts"] + counts["negations"] * cells[1]["egts"]
    )
    assert counts["all_resistors"] == counts["resistors"] + (
        counts["activations"] * cells[0]["resistors"] + counts["negations"] * cells[1]["resistors"]
    )


@pytest.mark.parametrize("activation", ["ptanh", "sigmoid", "clipped_relu", "ptanh_published"])
@pytest.mark.parametrize("negation", ["negation", "negation_divider"])
def test_cells_respect_their_design_space(activation, negation):
    design = made_design(activation=activation, negation=negation, sharing="neuron")
    table = bill(design, made_parameters(design))
    circuits = {model.cell.role: model.cell for model in design.models}
    for (circuit, instance), parts in table[table["circuit"] != "crossbar"].groupby(
        ["circuit", "instance"]
    ):
        cell = circuits[circuit]
        values = parts.set_index(parts["part"].str.removesuffix(f"_{instance}"))
        design_vector = {}
        for name, part in cell.components.items():
            for key, column in (("R", "R_ohm"), ("W", "W_m"), ("L", "L_m")):
                if part.sizes.get(key) in cell.design:
                    design_vector[part.sizes[key]] = values.loc[name, column]
        vector = np.array([[design_vector[name]] for name in cell.variables], float)
        assert cell.inside(vector).all()


def test_cells_of_one_network_are_alike_and_of_neurons_are_not():
    for sharing, different in (("network", 1), ("layer", 2), ("neuron", 5)):
        design = made_design(sharing=sharing)
        theta = tuple(np.ones((m + 2, n), np.float32) for m, n in ((4, 3), (3, 2)))
        table = bill(design, made_parameters(design)._replace(theta=theta))
        loads = table[table["part"].str.startswith("R2_a")]["R_ohm"]
        assert len(loads) == 5
        assert loads.nunique() == different


def test_names_tell_layer_row_and_column():
    design = made_design()
    parameters = made_parameters(design)
    theta = tuple(np.full((m + 2, n), -1, np.float32) for m, n in ((4, 3), (3, 2)))
    table = bill(design, parameters._replace(theta=theta))
    assert table["part"].is_unique
    names = set(table["part"])
    assert {"Rc1_in3_h2", "Rc1_bias_h1", "Rc1_gnd_h3", "Rc2_h1_out2"} <= names
    assert {"R1_a1_h2", "X2_a2_out1", "R3_n1_in3", "X1_n2_h3", "R1_n1_bias"} <= names
    ground = table[table["row"] == "gnd"]
    assert len(ground) == 5
    assert not ground["negated"].any()


def test_a_neuron_without_input_has_no_activation_circuit():
    design = made_design((2, 2))
    theta = np.array([[1, 0], [-1, 0], [1, 1], [1, 1]], np.float32)
    table = bill(design, made_parameters(design)._replace(theta=(theta,)))
    counts = part_counts(table)
    assert counts["activations"] == 1
    assert counts["negations"] == 1
    assert set(table["instance"]) == {"c1", "a1_out1", "n1_in2"}


def test_names_of_the_users_columns_are_made_safe():
    design = made_design()
    features = ["=SUM(A1)", "a b", "a-b", "größe\n"]
    table = bill(design, made_parameters(design), features)
    names = set(table["input"]) - {""}
    assert len(names) == 4
    assert all(name.isascii() and name.replace("_", "a").isalnum() for name in names)


def test_the_csv_file_has_all_values_to_six_digits(tmp_path):
    design = made_design()
    network = printed_network(design, made_parameters(design), list("abcd"))
    table = bill_of(network)
    (tmp_path / "components.csv").write_bytes(FORMATS["bill"].write(network))
    again = pd.read_csv(tmp_path / "components.csv")
    assert again["part"].tolist() == table["part"].tolist()
    for column in ("R_ohm", "W_m", "L_m"):
        np.testing.assert_allclose(again[column], table[column].astype(float), rtol=1e-5)


def test_a_process_with_another_range_prints_other_resistors():
    process = TECHNOLOGY.process
    narrow = process.model_copy(
        update={"crossbar": process.crossbar.model_copy(update={"R_max": 1e6})}
    )
    design = dataclasses.replace(made_design(), process=narrow)
    table = bill(design, made_parameters(design))
    resistors = table.loc[table["circuit"] == "crossbar", "R_ohm"]
    assert resistors.max() == pytest.approx(1e6, rel=1e-6)
    assert resistors.min() >= 1e4 * (1 - 1e-6)
