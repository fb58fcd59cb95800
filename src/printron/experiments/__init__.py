"""Experiments: plan, tasks and pools; run, stored and resumed."""

from printron.experiments.measured import run_batch
from printron.experiments.plan import Experiment, OwnTable, Plan, alpha_grid
from printron.experiments.run import (
    Failure,
    Outcome,
    baselines,
    build_problems,
    run_experiment,
    run_sweep,
)

__all__ = [
    "Experiment",
    "Failure",
    "Outcome",
    "OwnTable",
    "Plan",
    "alpha_grid",
    "baselines",
    "build_problems",
    "run_batch",
    "run_experiment",
    "run_sweep",
]
