"""Results: circuits and runs, as folders written once and read back as they were."""

from printron.results.circuit import Circuit, read_circuit
from printron.results.circuit_files import (
    check_circuit_folder,
    circuit_record,
    remove_stale,
    write_circuit,
)
from printron.results.loading import load, load_parameters, stored_problem
from printron.results.ownership import HASH, check_foreign, check_kind, circuit_named_in
from printron.results.problem import Problem, ProblemSpec, build_problem
from printron.results.runs import Runs, better_than_majority, run_record
from printron.results.store import finite, settings, stored_at, write_json, write_results

__all__ = [
    "Circuit",
    "HASH",
    "Problem",
    "ProblemSpec",
    "Runs",
    "better_than_majority",
    "build_problem",
    "check_circuit_folder",
    "check_foreign",
    "check_kind",
    "circuit_named_in",
    "circuit_record",
    "finite",
    "load",
    "load_parameters",
    "read_circuit",
    "remove_stale",
    "run_record",
    "settings",
    "stored_at",
    "stored_problem",
    "write_circuit",
    "write_json",
    "write_results",
]
