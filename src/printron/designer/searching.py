"""The search: every candidate structure is trained for a row of budgets, each as a sweep.

Two rounds of successive halving. In the first, one seed for every structure and budget; in the
second, further seeds for the structures and budgets whose printed copies classify the validation
rows best, or smaller budgets where an asked accuracy is reached. Where the best circuit stays
behind the best classifier in software, on the same validation rows, a third round tries a larger
structure with the largest budgets. Sweeps are stored as they go (`printron.experiments`), so that a
killed search goes on where it stopped; all rounds of a structure share its compiled programs. The
cheapest structure comes first and alone, so that a usable circuit is there soon: side by side with
the next, it came after 48 s in place of 22, and all together no earlier (`benchmarks/designer.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from printron.analysis.pareto import trained_runs
from printron.base.place import place_at
from printron.base.sentence import number_of
from printron.designer.candidates import Candidate, candidates
from printron.designer.compact import compact
from printron.designer.software import software_of
from printron.designer.wish import Wish
from printron.experiments import Plan, run_sweep
from printron.experiments.pools import Pools
from printron.results import Problem, ProblemSpec, Runs, build_problem
from printron.results.copies import validated_at_yield
from printron.results.store import joined
from printron.results.table import MERIT
from printron.training import DIVERGED, Schedule
from printron.training.goal import Budget

# Few rows and copies a step, and many steps: on energy_y1 (splits 5 to 7, two seeds, 16 pairs) the
# copies of circuits from 2,400 steps of 200 rows and 4 copies classify 92.8 % of the test rows,
# those from 800 steps of all 460 rows and 8 copies 91.7 %, in the same time.
SCHEDULE = Schedule(
    epochs=1500,
    rows_per_step=200,
    draws=4,
    noise=0.1,
    sources="loaded",
    loaded_epochs=2000,
    loaded_rate=0.005,
    loaded_noise=0.0,
    check_every=40,
)
SEARCH = "search"  # folder of the sweeps
FURTHER_SEEDS, SURVIVORS = 2, 2  # of the second round
BEHIND, LAST_BUDGETS, LAST_SEEDS = 0.02, 2, 2  # accuracy that calls for a third round; its runs

ROUNDS = 3

Progress = Callable[[str, float], None]
Seeds = tuple[int, ...]


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

    @cached_property
    def software(self) -> dict[str, Any]:
        """What classifiers in software reach on the same rows; see `software_of`."""
        return software_of(self.tried[0].problem)

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
    cluster: Pools | None = None,
    progress: Progress | None = None,
    found: Callable[[Searched], None] | None = None,
) -> Searched:
    """Train all candidates.

    Parameters
    ----------
    asked : data set and conditions; its structure is replaced.
    seed : the first seed.  schedule : of every run; default: `SCHEDULE`.
    folder : keeps the sweeps; None for none.
    workers : threads that train; the result does not depend on their number.
    cluster : gives another pool for the tasks; see `printron.experiments.cluster.pool_of`.
    progress : called with what was trained, and the share of all work done since the last call.
    found : called with all runs so far whenever a sweep is over.

    Raises
    ------
    StoreError : the folder belongs to another search, or to a search that is running.
    """
    problems = [(each, build_problem(spec)) for each, spec in candidates(asked)]
    with _lent(cluster, problems) as pools:
        work = _Work(problems, wish, schedule or SCHEDULE, folder, workers, pools, progress, found)
        return _searched(work, wish, seed)


@contextmanager
def _lent(
    cluster: Pools | None, problems: list[tuple[Candidate, Problem]]
) -> Iterator[Pools | None]:
    """Gives one pool of a cluster for all sweeps; None without a cluster."""
    if cluster is None:
        yield None
        return
    with cluster({each.name: own for each, own in problems}) as pool:
        yield lambda _: nullcontext(pool)


def _searched(work: "_Work", wish: Wish, seed: int) -> Searched:
    """The rounds of the search."""
    problems = work.problems
    budgets_W, further = wish.budgets_W, tuple(seed + 1 + k for k in range(FURTHER_SEEDS))
    usual = [k for k, (candidate, _) in enumerate(problems) if not candidate.last]
    work.sweep_all([(place, "1", budgets_W, (seed,)) for place in usual])
    survivors = second_round(work.searched().table, wish)
    again = {place: [b for p, b in survivors if p == place] for place, _ in survivors}
    work.sweep_all([(usual[place], "2", own_W, further) for place, own_W in again.items()])
    searched = work.searched()
    last = [k for k in range(len(problems)) if k not in usual]
    reached = not _reaching(searched.table, wish).empty
    if not last or reached or not is_behind(searched):
        return searched
    seeds = tuple(seed + k for k in range(LAST_SEEDS))
    work.sweep_all([(place, "3", budgets_W[:LAST_BUDGETS], seeds) for place in last])
    return work.searched()


def is_behind(searched: Searched) -> bool:
    """Whether the best feasible circuit stays behind software on the validation rows."""
    good = _feasible(searched.table)[MERIT]
    return good.empty or float(good.max()) < searched.software["valid"] - BEHIND


class _Work:
    """The sweeps of a search."""

    def __init__(
        self,
        problems: list[tuple[Candidate, Problem]],
        wish: Wish,
        schedule: Schedule,
        folder: str | None,
        workers: int,
        pools: Pools | None,
        progress: Progress | None,
        found: Callable[[Searched], None] | None,
    ) -> None:
        self.problems, self._wish, self.schedule = problems, wish, schedule
        self._folder, self._workers, self._pools = folder, workers, pools
        self._progress, self._found = progress, found
        self._parts: list[list[Runs]] = [[] for _ in problems]

    def sweep_all(self, sweeps: Sequence[tuple[int, str, Sequence[float], Seeds]]) -> None:
        """Run the sweeps of a round: place of the candidate, name of the round, budgets, seeds."""
        for place, round_, budgets_W, seeds in sweeps:
            candidate, problem = self.problems[place]
            plan = Plan(tuple(map(Budget, budgets_W)), seeds, self.schedule, copies=("valid",))
            name = f"{candidate.name}-{round_}"
            kept = place_at(self._folder).address(f"{SEARCH}/{name}") if self._folder else None
            runs = run_sweep(
                problem,
                plan,
                kept,
                workers=self._workers,
                cluster=self._pools,
                progress=self._report(f"{name}: {number_of(plan.runs, 'run')}", len(sweeps)),
            )
            self._parts[place].append(at_yield(problem, runs, self._wish, self._workers))
            if self._found:
                self._found(self.searched())

    def _report(self, what: str, sweeps: int) -> Callable[[float], None]:
        """Reports a part of a sweep, one of so many of its round."""
        share = 1 / (ROUNDS * sweeps)
        return lambda part: self._progress(what, share * part) if self._progress else None

    def searched(self) -> Searched:
        """All runs so far."""
        tried = [
            Tried(candidate, problem, joined(parts))
            for (candidate, problem), parts in zip(self.problems, self._parts, strict=True)
            if parts
        ]
        return Searched(tuple(tried), self.schedule, _table(tried))


def at_yield(problem: Problem, runs: Runs, wish: Wish, workers: int) -> Runs:
    """Runs whose merit is the accuracy that the asked share of their copies reaches; as they are
    where no yield is asked for."""
    if wish.yield_ is None:
        return runs
    merits = [
        validated_at_yield(problem, runs.one(k), workers, share=wish.yield_, budget_W=wish.budget_W)
        if runs.table["status"].iloc[k] != DIVERGED
        else np.nan
        for k in range(len(runs.table))
    ]
    return replace(runs, table=runs.table.assign(**{MERIT: merits}))


def second_round(table: pd.DataFrame, wish: Wish) -> list[tuple[int, float]]:
    """Structures and budgets, W, to go on with: those of the best runs; or where an accuracy is
    asked for and reached, the power of the cheapest run that reaches it, and half as much."""
    enough = _reaching(table, wish)
    if enough.empty:
        return best_of(table)
    cheapest = enough.sort_values("power_valid_W", kind="stable").iloc[0]
    place, power_W = int(cheapest["structure"]), float(f"{cheapest['power_valid_W']:.3g}")
    return [(place, power_W), (place, power_W / 2)]


def _reaching(table: pd.DataFrame, wish: Wish) -> pd.DataFrame:
    """Feasible runs that reach the asked accuracy; none where none is asked for."""
    good = _feasible(table)
    return good[good[MERIT] >= (wish.accuracy or np.inf)]


def best_of(table: pd.DataFrame) -> list[tuple[int, float]]:
    """Structure and budget, W, of the best feasible runs by validation rows; of equal ones those of
    less power."""
    order = [MERIT, "power_valid_W"]
    ordered = _feasible(table).sort_values(order, ascending=[False, True], kind="stable")
    pairs = zip(ordered["structure"], ordered["budget_W"], strict=True)
    return [(int(place), float(budget)) for place, budget in pairs][:SURVIVORS]


def _feasible(table: pd.DataFrame) -> pd.DataFrame:
    return table[trained_runs(table) & table["feasible_valid"].astype(bool)]


def _table(tried: Sequence[Tried]) -> pd.DataFrame:
    return pd.concat(
        [
            each.runs.table.assign(structure=k, run=range(len(each.runs.table)))
            for k, each in enumerate(tried)
        ],
        ignore_index=True,
    )
