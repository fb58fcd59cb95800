"""Experiments: plan, run, store, resume; fronts."""

from printron.experiments.analysis import Analysis, analyse, is_benchmark
from printron.experiments.averages import BEST, MEAN, AnalysisError, Averages, average, pareto_table
from printron.experiments.circuit import Circuit, read_circuit
from printron.experiments.circuit_files import (
    check_circuit_folder,
    circuit_record,
    remove_stale,
    write_circuit,
)
from printron.experiments.compiled import keep_compiled_programs, make_room
from printron.experiments.fronts import dataset_fronts, hypervolume, hypervolumes
from printron.experiments.loading import load, load_parameters, stored_problem
from printron.experiments.ownership import HASH, check_foreign, check_kind, circuit_named_in
from printron.experiments.pareto import Selection, front_records, over_seeds, select
from printron.experiments.place import Filled, StoreError, check_writable, place_at
from printron.experiments.plan import Experiment, OwnTable, Plan, alpha_grid
from printron.experiments.problem import Problem, ProblemSpec, build_problem
from printron.experiments.published import (
    SLIDES,
    SLIDES_SOURCE,
    average_published,
    find_reference,
    read_published,
)
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
    better_than_majority,
    run_batch,
    run_record,
)
from printron.experiments.store import finite, settings, stored_at, write_json, write_results

__all__ = [
    "BEST",
    "HASH",
    "MEAN",
    "SLIDES",
    "SLIDES_SOURCE",
    "Analysis",
    "AnalysisError",
    "Averages",
    "Circuit",
    "Experiment",
    "Failure",
    "Filled",
    "Outcome",
    "OwnTable",
    "Plan",
    "Problem",
    "ProblemSpec",
    "Runs",
    "Selection",
    "StoreError",
    "alpha_grid",
    "analyse",
    "average",
    "average_published",
    "baselines",
    "better_than_majority",
    "build_problem",
    "build_problems",
    "check_circuit_folder",
    "check_foreign",
    "check_kind",
    "check_writable",
    "circuit_named_in",
    "circuit_record",
    "dataset_fronts",
    "find_reference",
    "finite",
    "front_records",
    "hypervolume",
    "hypervolumes",
    "is_benchmark",
    "keep_compiled_programs",
    "load",
    "load_parameters",
    "make_room",
    "over_seeds",
    "pareto_table",
    "place_at",
    "read_circuit",
    "read_published",
    "remove_stale",
    "run_batch",
    "run_experiment",
    "run_record",
    "run_sweep",
    "select",
    "settings",
    "stored_at",
    "stored_problem",
    "write_circuit",
    "write_json",
    "write_results",
]
