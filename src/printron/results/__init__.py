"""Results: circuits and runs, as folders written once and read back as they were."""

from printron.results.circuit import Circuit, circuit_of, read_circuit
from printron.results.circuit_folder import check_circuit_folder, remove_stale, write_circuit
from printron.results.circuit_record import circuit_record
from printron.results.loading import load_parameters, load_table, stored_problem
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
    "circuit_of",
    "circuit_record",
    "finite",
    "load_table",
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
