"""Experiments: plan, run, store, resume; fronts."""

from printron.experiments.pareto import Selection, front_records, over_seeds, select
from printron.experiments.problem import Problem, ProblemSpec, build_problem
from printron.experiments.runs import (
    Runs,
    read_parameters,
    run_batch,
    run_record,
    write_parameters,
)
from printron.experiments.store import (
    StoreError,
    check_writable,
    write_json,
    write_results,
)
from printron.experiments.sweep import Plan, alpha_grid, run_sweep

__all__ = [
    "Plan",
    "Problem",
    "ProblemSpec",
    "Runs",
    "Selection",
    "StoreError",
    "alpha_grid",
    "build_problem",
    "check_writable",
    "front_records",
    "over_seeds",
    "read_parameters",
    "run_batch",
    "run_record",
    "run_sweep",
    "select",
    "write_json",
    "write_parameters",
    "write_results",
]
