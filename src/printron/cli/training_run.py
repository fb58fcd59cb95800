"""What several commands train, and training with a progress bar."""

from typing import TYPE_CHECKING

MOST_RUNS = 100_000  # of a sweep: days on a large machine, and more than a front can need

if TYPE_CHECKING:
    from printron.cli.goals import GoalListOptions
    from printron.cli.options import ConditionsOptions, TrainingOptions
    from printron.cli.preset import Preset
    from printron.cli.problem_options import ProblemOptions
    from printron.experiments import Plan
    from printron.results import Problem, ProblemSpec, Runs
    from printron.training import Schedule


def asked(
    dataset: str,
    problem: "ProblemOptions",
    conditions: "ConditionsOptions",
    training: "TrainingOptions",
    sources: str = "loaded",
) -> "tuple[ProblemSpec, Schedule]":
    """What is to be trained, and how: the given options, all others by the preset.

    Parameters
    ----------
    sources : default, if neither options nor conditions decide.
    """
    spec = problem.spec(dataset, conditions.spec(problem.usual.conditions_for(training.sources)))
    return spec, training.schedule(spec.conditions, sources=sources)


def planned(
    goals: "GoalListOptions", seeds: str | None, usual: "Preset", schedule: "Schedule"
) -> "Plan":
    """The plan of the options; refuses too many runs before listing them."""
    from printron.cli.lists import seed_list
    from printron.experiments import Plan

    seeds = usual.seeds if seeds is None else seeds
    return Plan(goals.goals(seeds, MOST_RUNS, usual.alphas), seed_list(seeds), schedule)


def train_plan(
    problem: "Problem",
    plan: "Plan",
    *,
    what: str,
    workers: int,
    as_json: bool,
    folder: str | None = None,
    stopped: str = "",
) -> "Runs":
    """Train the runs of a plan, with a progress bar.

    Parameters
    ----------
    what : shown beside the bar.  stopped : the sentence after Ctrl-C; default: by `folder`.
    folder : keeps finished parts, so that the same command continues; None for none.
    """
    from printron.base.compiled import keep_compiled_programs
    from printron.cli.speak import progress_of
    from printron.experiments import run_sweep

    keep_compiled_programs()
    if not stopped:
        stopped = (
            f"stopped; finished parts are kept in '{folder}': the same command again continues"
            if folder
            else "stopped; nothing was stored"
        )
    with progress_of(what, 1, stopped=stopped, as_json=as_json) as progress:
        return run_sweep(problem, plan, folder, workers=workers, progress=progress)
