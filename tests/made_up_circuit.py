"""The folder of a circuit that nobody trained."""

import jax
from made_up_network import made_parameters
from made_up_runs import made_up_table

from printron.results import Runs, circuit_record, write_circuit
from printron.training import Schedule


def made_runs(problem, seed=0, **columns):
    """One run with random parameters; `columns` stand in place of what the table says."""
    identity = problem.identity
    table = made_up_table([0.5], [seed]).assign(
        dataset=problem.dataset.name,
        hidden=",".join(map(str, problem.spec.hidden)) or "none",
        dataset_fingerprint=identity["dataset"]["fingerprint"][:16],
        process_fingerprint=identity["process"]["fingerprint"],
        **{f"{role}_cell": cell["name"] for role, cell in identity["cells"].items()},
        **{f"{role}_fingerprint": cell["fingerprint"] for role, cell in identity["cells"].items()},
        **columns,
    )
    return Runs(table, jax.tree.map(lambda x: x[None], made_parameters(problem.structure, seed)))


def write_made_circuit(problem, folder, seed=0, **columns):
    """Write such a circuit; gives its record."""
    runs = made_runs(problem, seed, **columns)
    record = circuit_record(problem, runs, Schedule(epochs=20))
    write_circuit(problem, runs, record, folder)
    return record
