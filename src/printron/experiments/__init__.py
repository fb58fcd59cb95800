"""Experiments: plan, run, store, resume; fronts."""

from printron.experiments.analysis import Analysis, analyse
from printron.experiments.averages import BEST, MEAN, AnalysisError, Averages, average, pareto_table
from printron.experiments.fronts import dataset_fronts, hypervolume, hypervolumes
from printron.experiments.pareto import Selection, front_records, over_seeds, select
from printron.experiments.problem import Problem, ProblemSpec, build_problem
from printron.experiments.published import (
    SLIDES,
    SLIDES_SOURCE,
    average_published,
    find_reference,
    read_published,
)
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
    "BEST",
    "MEAN",
    "SLIDES",
    "SLIDES_SOURCE",
    "Analysis",
    "AnalysisError",
    "Averages",
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
    "build_problem",
    "check_writable",
    "dataset_fronts",
    "find_reference",
    "front_records",
    "hypervolume",
    "hypervolumes",
    "over_seeds",
    "pareto_table",
    "read_parameters",
    "read_published",
    "run_batch",
    "run_record",
    "run_sweep",
    "select",
    "write_json",
    "write_parameters",
    "write_results",
]
