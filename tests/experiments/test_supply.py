"""Power of V_DD alone: that of every printed circuit, simulated from the bill of the run."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import QUICK_SCHEDULE
from unoptimized import unoptimized

from printron.circuits import operating_point
from printron.experiments import run_batch
from printron.export import bill
from printron.network import printed_network
from printron.results import ProblemSpec, build_problem
from printron.training import WeightedPower

MOST = 9  # circuits of a kind in the networks below


@partial(unoptimized, static_argnums=(0, 1))
def vdd_current(cell, process, designs):
    """A from the rail vdd into circuits, averaged over their sweep, [circuits]."""
    designs = {name: each[:, None] for name, each in designs.items()}
    point = operating_point(cell, process, designs, jnp.linspace(*cell.sweep, 401)[None, :])
    return point.source_current["vdd"].mean(-1)


def from_the_bill(problem, parameters, kind):
    """Watts that the rail vdd delivers to all circuits of a kind, averaged over their sweep."""
    cell = problem.structure.groups(kind)[0].model.cell
    table = bill(printed_network(problem.structure, parameters))
    values = {}
    for instance, parts in table[table["circuit"] == kind].groupby("instance"):
        for row in parts.to_dict("records"):
            part = cell.components[row["part"].removesuffix(f"_{instance}")]
            for key, column in (("R", "R_ohm"), ("W", "W_m"), ("L", "L_m")):
                name = cell.value(part, key)[0] if key in part.sizes else None
                if name is not None:
                    values.setdefault(name, {})[instance] = row[column]
    # All circuits at once, and some twice: one program for any number of them.
    designs = {name: np.array(list(v.values())) for name, v in values.items()}
    (count,) = {len(each) for each in designs.values()}
    process = problem.technology.process
    with jax.enable_x64(True):
        full = {name: jnp.asarray(np.resize(each, MOST)) for name, each in designs.items()}
        current = np.asarray(vdd_current(cell, process, full))[:count]
    assert count <= MOST
    return float(process.rail("vdd") * current.sum())


@pytest.mark.parametrize(
    ("cells", "sharing"),
    [(("ptanh", "negation"), "network"), (("ptanh_published", "negation_divider"), "neuron")],
)
def test_it_is_what_the_circuits_on_the_bill_draw_from_vdd(cells, sharing):
    activation, negation = cells
    spec = ProblemSpec("iris", activation=activation, negation=negation, sharing=sharing)
    problem = build_problem(spec)
    runs = run_batch(
        problem,
        [WeightedPower(0.0), WeightedPower(0.01)],
        np.array([0, 1]),
        schedule=QUICK_SCHEDULE,
    )
    for k, row in runs.table.iterrows():
        circuits = (
            from_the_bill(problem, runs.one(k), kind) for kind in ("activation", "negation")
        )
        assert row["power_VDD_W"] == pytest.approx(
            row["power_crossbar_W"] + sum(circuits), rel=1e-4
        )
        assert 0 < row["power_VDD_W"] < row["power_total_W"]
