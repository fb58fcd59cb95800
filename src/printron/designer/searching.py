"""The search: every candidate structure is trained for a row of budgets, each as a sweep.

Two rounds of successive halving. In the first, one seed for every structure and budget; in the
second, further seeds for the structures and budgets whose printed copies classify the validation
rows best. Sweeps are stored as they go (`printron.experiments`), so that a killed search goes on
where it stopped; both rounds of a structure share its compiled programs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from printron.analysis.pareto import trained_runs
from printron.base.place import place_at
from printron.base.sentence import number_of
from printron.designer.candidates import Candidate, candidates
from printron.designer.compact import compact
from printron.designer.wish import Wish
from printron.experiments import Plan, run_sweep
from printron.results import Problem, ProblemSpec, Runs, build_problem
from printron.results.store import joined
from printron.results.table import MERIT
from printron.training import Schedule
from printron.training.goal import Budget

SCHEDULE = Schedule(
    epochs=1500,
    noise=0.1,
    sources="loaded",
    loaded_epochs=800,
    loaded_rate=0.005,
    loaded_noise=0.0,
    check_every=40,
)
SEARCH = "search"  # folder of the sweeps
FURTHER_SEEDS, SURVIVORS = 2, 2  # of the second round

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Tried:
    """A structure with its runs.

    Attributes
    ----------
    problem : with the structure.  runs : of all rounds.
    """

    candidate: Candidate
    problem: Problem
    runs: Runs


@dataclass(frozen=True, eq=False)
class Searched:
    """A search.

    Attributes
    ----------
    tried : the structures.  schedule : of all runs.
    table : rows of all runs, with `structure`, the place in `tried`, and `run`, the place in runs.
    """

    tried: tuple[Tried, ...]
    schedule: Schedule
    table: pd.DataFrame

    def row(self, index: int) -> dict[str, Any]:
        """A row of the table."""
        return {str(name): value for name, value in self.table.loc[index].items()}

    def tried_in(self, index: int) -> Tried:
        """The structure of a row of the table."""
        return self.tried[int(self.row(index)["structure"])]

    def runs_of(self, index: int) -> tuple[Problem, Runs]:
        """The problem and the single run of a row of the table, with its printed neurons alone."""
        tried = self.tried_in(index)
        return compact(tried.problem, tried.runs.only(int(self.row(index)["run"])))


def search(
    asked: ProblemSpec,
    wish: Wish,
    *,
    seed: int = 0,
    schedule: Schedule | None = None,
    folder: str | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Searched:
    """Train all candidates.

    Parameters
    ----------
    asked : data set and conditions; its structure is replaced.
    seed : the first seed.  schedule : of every run; default: `SCHEDULE`.
    folder : keeps the sweeps; None for none.
    progress : called with what is trained, and the share of all work done since the last call.

    Raises
    ------
    StoreError : the folder belongs to another search, or to a search that is running.
    """
    problems = [(each, build_problem(spec)) for each, spec in candidates(asked)]
    schedule, budgets = schedule or SCHEDULE, wish.budgets_W
    first, share = [], 1 / (2 * len(problems))

    def sweep(name: str, problem: Problem, plan: Plan) -> Runs:
        def report(part: float) -> None:
            if progress:
                progress(f"{name}: {number_of(plan.runs, 'run')}", share * part)

        place = None if folder is None else place_at(folder).address(f"{SEARCH}/{name}")
        return run_sweep(problem, plan, place, workers=workers, progress=report)

    for candidate, problem in problems:
        first.append(sweep(f"{candidate.name}-1", problem, _plan(budgets, (seed,), schedule)))
    survivors = best_of([runs.table for runs in first])
    tried = []
    for number, ((candidate, problem), runs) in enumerate(zip(problems, first, strict=True)):
        again = tuple(budget for place, budget in survivors if place == number)
        parts = [runs]
        if again:
            seeds = tuple(seed + 1 + k for k in range(FURTHER_SEEDS))
            parts.append(sweep(f"{candidate.name}-2", problem, _plan(again, seeds, schedule)))
        tried.append(Tried(candidate, problem, joined(parts)))
    return Searched(tuple(tried), schedule, _table(tried))


def _plan(budgets_W: Sequence[float], seeds: tuple[int, ...], schedule: Schedule) -> Plan:
    return Plan(tuple(map(Budget, budgets_W)), seeds, schedule)


def best_of(tables: Sequence[pd.DataFrame]) -> list[tuple[int, float]]:
    """Place of the table and budget, W, of the best feasible runs by validation rows; of equal
    ones those of less power."""
    rows = pd.concat([each.assign(structure=k) for k, each in enumerate(tables)])
    good = rows[trained_runs(rows) & rows["feasible_valid"].astype(bool)]
    ordered = good.sort_values([MERIT, "power_valid_W"], ascending=[False, True], kind="stable")
    pairs = zip(ordered["structure"], ordered["budget_W"], strict=True)
    return [(int(place), float(budget)) for place, budget in pairs][:SURVIVORS]


def _table(tried: Sequence[Tried]) -> pd.DataFrame:
    return pd.concat(
        [
            each.runs.table.assign(structure=k, run=range(len(each.runs.table)))
            for k, each in enumerate(tried)
        ],
        ignore_index=True,
    )
