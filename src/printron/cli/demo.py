"""`printron demo`: the whole way on Iris, in a minute and offline."""

import time
from dataclasses import replace

from printron.cli.options import OutputOptions, TrainingOptions, with_options

ALPHAS, SEEDS = 20, 5
FOLDER = "demo"


@with_options
def command(*, training: TrainingOptions, output: OutputOptions) -> int:
    """Train 100 circuits on Iris, show the front and the chosen circuit's component values.

    Always trains anew. Writes into ./demo unless --out names another folder.
    """
    output = replace(output, out=output.out or FOLDER)
    from printron.cli.sweep import SWEEP_FILES, present, run

    output.check(SWEEP_FILES, mark="front.json")
    from printron.experiments import Plan, ProblemSpec, alpha_grid, build_problem

    begin = time.perf_counter()
    plan = Plan(alpha_grid(ALPHAS), tuple(range(SEEDS)), training.schedule())
    problem = build_problem(ProblemSpec("iris"))
    runs = run(problem, plan, training.threads, output, store=False)
    wall_s = time.perf_counter() - begin
    return present(problem, plan, runs, output, wall_s, components=True, anew=True)
