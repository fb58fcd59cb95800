"""Training with a progress bar, for several commands."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printron.experiments import Plan
    from printron.results import Problem, Runs


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
