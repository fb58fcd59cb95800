"""Experiments: plan, run, store, resume; fronts."""

from printron.experiments.compiled import keep_compiled_programs
from printron.experiments.loading import load, load_parameters
from printron.experiments.pareto import Selection, front_records, over_seeds, select
from printron.experiments.place import StoreError, check_writable, place_at
from printron.experiments.plan import Experiment, Plan, alpha_grid
from printron.experiments.problem import Problem, ProblemSpec, build_problem
from printron.experiments.run import (
    Failure,
    Outcome,
    baselines,
    build_problems,
    run_experiment,
    run_sweep,
)
from printron.experiments.runs import (
    Runs,
    read_parameters,
    run_batch,
    run_record,
    write_parameters,
)
from printron.experiments.store import write_json, write_results

__all__ = [
    "Experiment",
    "Failure",
    "Outcome",
    "Plan",
    "Problem",
    "ProblemSpec",
    "Runs",
    "Selection",
    "StoreError",
    "alpha_grid",
    "baselines",
    "build_problem",
    "build_problems",
    "check_writable",
    "front_records",
    "keep_compiled_programs",
    "load",
    "load_parameters",
    "over_seeds",
    "place_at",
    "read_parameters",
    "run_batch",
    "run_experiment",
    "run_record",
    "run_sweep",
    "select",
    "write_json",
    "write_parameters",
    "write_results",
]
