"""Power of V_DD alone: that of every printed circuit, simulated from the bill of the run."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.circuits import operating_point
from printron.experiments import run_batch
from printron.export import bill
from printron.results import ProblemSpec, build_problem
from printron.training import Schedule


def from_the_bill(problem, parameters, kind):
    """Watts that the rail vdd delivers to all circuits of a kind, averaged over their sweep."""
    cell = getattr(problem.design, f"{kind}_cell")
    table = bill(problem.design, parameters)
    total = 0.0
    for instance, parts in table[table["circuit"] == kind].groupby("instance"):
        values = {}
        for row in parts.to_dict("records"):
            part = cell.components[row["part"].removesuffix(f"_{instance}")]
            for key, column in (("R", "R_ohm"), ("W", "W_m"), ("L", "L_m")):
                name = cell.value(part, key)[0] if getattr(part, key) is not None else None
                if name is not None:
                    values[name] = row[column]
        with jax.enable_x64(True):
            v_in = jnp.linspace(*cell.sweep, 401)
            point = operating_point(cell, problem.technology.process, values, v_in)
            total += float(
                problem.technology.process.rail("vdd") * point.source_current["vdd"].mean()
            )
    return total


@pytest.mark.parametrize(
    ("cells", "sharing"),
    [(("ptanh", "negation"), "network"), (("ptanh_published", "negation_divider"), "neuron")],
)
def test_it_is_what_the_circuits_on_the_bill_draw_from_vdd(cells, sharing):
    activation, negation = cells
    spec = ProblemSpec("iris", activation=activation, negation=negation, sharing=sharing)
    problem = build_problem(spec)
    runs = run_batch(
        problem, np.array([0.0, 0.01]), np.array([0, 1]), schedule=Schedule(epochs=20, starts=1)
    )
    for k, row in runs.table.iterrows():
        circuits = (
            from_the_bill(problem, runs.one(k), kind) for kind in ("activation", "negation")
        )
        assert row["power_VDD_W"] == pytest.approx(
            row["power_crossbar_W"] + sum(circuits), rel=1e-4
        )
        assert 0 < row["power_VDD_W"] < row["power_total_W"]
