"""`printron demo`: the whole way on Iris, in a minute and offline."""

import time
from dataclasses import replace
from pathlib import Path

from printron.cli.options import OutputOptions, TrainingOptions, with_options

ALPHAS, SEEDS = 20, 5
FOLDER = "demo"


@with_options
def command(*, training: TrainingOptions, output: OutputOptions) -> int:
    """Train 100 circuits on Iris, show the front and the chosen circuit's component values.

    Always trains anew. Writes into ./demo unless --out names another folder.
    """
    output = replace(output, out=output.out or FOLDER)
    output.check()
    from printron.cli.sweep import present, run
    from printron.experiments import Plan, ProblemSpec, alpha_grid, build_problem, write_results

    begin = time.perf_counter()
    plan = Plan(alpha_grid(ALPHAS), tuple(range(SEEDS)), training.schedule())
    problem = build_problem(ProblemSpec("iris"))
    runs = run(problem, plan, training.threads, output, store=False)
    write_results(runs, Path(str(output.out)))
    wall_s = time.perf_counter() - begin
    return present(problem, plan, runs, output, wall_s, components=True)
