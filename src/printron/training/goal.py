"""Goals of training: a goal weighs the loss terms, scores circuits, and has columns in tables.

A new goal is one class here and one line in `GOAL_KINDS`. The class (see `goal_base`) says

- the weights of the terms in the loss (`weights`), which may depend on a memory of the goal's own
  (`begin`, `adapted`), such as the multiplier of a budget;
- the score by which snapshots, starts and members of a front are selected, on validation rows
  alone: a part for the classification (`misfit`) and a part for the power (`cost`); and whether a
  circuit is feasible (`feasible`);
- its fields, each a number and a column of the table of runs (`columns`), and the key of a list of
  such goals in files (`listed`);
- the goal whose runs the others are compared with (`baseline`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from printron.base.columns import Column
from printron.base.sentence import shown
from printron.errors import PrintronError
from printron.training.goal_base import LARGEST, Goal, Weights
from printron.training.terms import Merits

__all__ = [
    "GOAL_KINDS", "LARGEST", "Budget", "Goal", "WeightedPower", "Weights", "check_kind", "goal_in",
    "goals_of", "listed_in", "record_of", "some_of", "stacked",
]  # fmt: skip


# Of `Budget`. Rates and damping are those with which pairs reach budgets 20 times below the power
# that they start from (docs/numbers.md); sums in place of factors left dead circuits there.
AIM = 0.95  # share of the budget aimed at: other rows may take more power than those of validation
RATE, DAMPING = 0.2, 2.0  # of the multiplier, by check; checks by which the excess is foreseen
FIRST, LEAST, MOST = 3e-3, 1e-5, 1.0  # multipliers, nats: at first, and within which limits
MOST_EXCESS = 2.0  # an excess beyond counts as this one: the multiplier must not run away
TOUCH = 1e-3  # nats for the whole aim: decides between equal classifications
EXCESS_OF_START = 0.02  # nats for a power beyond the aim by a factor of e
BEYOND = 100.0  # of every score beyond the aim: above all cross-entropies


class WeightedPower(Goal):
    """(1 - alpha) cross-entropy + alpha P / P_ref.

    Attributes
    ----------
    alpha : weight of the power, 0 ... 1.

    Raises
    ------
    PrintronError : alpha outside [0, 1].
    """

    alpha: Any  # a number, or the array of a batch

    kind = "weighted power"
    listed = "alphas"
    columns = (Column("alpha", "", "weight of the power against the accuracy, 0 to 1", symbol="α"),)
    noun = "alpha"

    def __check_init__(self) -> None:
        if not 0 <= self.alpha <= 1:  # refuses NaN, too
            raise PrintronError(
                f"got alpha = {self.alpha:g}; alpha weighs power against accuracy and must lie in "
                "[0, 1]"
            )

    def weights(self, memory: Any) -> Weights:
        del memory
        return Weights(1 - self.alpha, self.alpha / self.P_ref)

    def misfit(self, merits: Merits) -> Array:
        return (1 - self.alpha) * merits.cross_entropy  # type: ignore[no-any-return]

    def cost(self, power: Array | NDArray[Any]) -> Array:
        return self.alpha * power / self.P_ref  # type: ignore[no-any-return]

    @property
    def power_alone(self) -> Array | bool:
        return self.alpha >= 1  # type: ignore[no-any-return]

    @classmethod
    def baseline(cls, goals: Iterable[Goal]) -> Goal:
        del goals
        return cls(0.0)  # accuracy alone


class Pressure(NamedTuple):
    """The memory of a budget: what pushes the power down.

    Attributes
    ----------
    multiplier : of the constraint, nats.  excess : ln(P / aim) at the last check.
    ahead : excess that is foreseen.
    power_W : at the last check, at least the aim; infinite before the first check.
    """

    multiplier: Array
    excess: Array
    ahead: Array
    power_W: Array


class Budget(Goal):
    """Least cross-entropy with a mean power of at most `budget_W`, by multipliers.

    The constraint is c = ln(P / aim) <= 0. Each check is a step of the multiplier by the
    exponential method, m <- m exp(RATE c) (Bertsekas, Constrained Optimization and Lagrange
    Multiplier Methods, 5.1): a multiplier may have any order of magnitude. Until the next check
    the loss has the slope of cross-entropy + m exp(c') c, where c' is the excess foreseen from the
    last two checks: power that falls fast is let go in time, before the circuit is dead.

    Snapshots within the aim come before all others; among them the cross-entropy counts, with a
    touch of the power that decides between equals. Without a snapshot within the aim, the one of
    least power is kept.

    Attributes
    ----------
    budget_W : largest mean power over the rows, W.

    Raises
    ------
    PrintronError : a budget that is not above 0.
    """

    budget_W: Any  # a number, or the array of a batch

    kind = "budget"
    listed = "budgets_W"
    columns = (Column("budget_W", "W", "largest mean power of the circuit", symbol="budget"),)
    noun = "budget"

    def __check_init__(self) -> None:
        if not 0 < self.budget_W < np.inf:  # refuses NaN, too
            raise PrintronError(
                f"got a budget of {self.budget_W:g} W; give a power above 0, for example 100 uW"
            )

    @property
    def _aim_W(self) -> Any:
        return AIM * self.budget_W

    def _excess(self, power: Array | NDArray[Any]) -> Array:
        return power / self._aim_W - 1  # type: ignore[no-any-return]

    def begin(self) -> Pressure:
        first, nothing, unknown = jnp.asarray([FIRST, 0, jnp.inf], jnp.float32)
        return Pressure(first, nothing, nothing, unknown)

    def adapted(self, memory: Pressure, merits: Merits) -> Pressure:
        power = jnp.asarray(merits.power, jnp.float32)
        c = jnp.clip(jnp.log(power / self._aim_W), -MOST_EXCESS, MOST_EXCESS)
        trend = jnp.where(jnp.isfinite(memory.power_W), c - memory.excess, 0)
        ahead = jnp.clip(c + DAMPING * trend, -MOST_EXCESS, MOST_EXCESS)
        multiplier = jnp.clip(memory.multiplier * jnp.exp(RATE * c), LEAST, MOST)
        after = Pressure(multiplier, c, ahead, jnp.maximum(power, self._aim_W))
        known = jnp.isfinite(power)  # else no row has an operating point
        return Pressure(*(jnp.where(known, *each) for each in zip(after, memory, strict=True)))

    def weights(self, memory: Pressure) -> Weights:
        pressure = memory.multiplier * jnp.exp(memory.ahead)
        return Weights(jnp.ones_like(pressure), pressure / memory.power_W)

    def misfit(self, merits: Merits) -> Array:
        return merits.cross_entropy  # type: ignore[return-value]

    def cost(self, power: Array | NDArray[Any]) -> Array:
        excess = self._excess(power)
        beyond = jnp.where(excess > 0, BEYOND * (1 + jnp.log1p(jnp.maximum(excess, 0))), 0)
        return TOUCH * (1 + excess) + beyond

    def cost_of_start(self, power: Array | NDArray[Any]) -> Array:
        # A dead circuit keeps every budget, and no gradient leads away from it.
        return EXCESS_OF_START * jnp.log1p(jnp.maximum(self._excess(power), 0))

    def allows(self, power: Array | NDArray[Any] | float) -> NDArray[np.bool_] | Array:
        return power <= self.budget_W  # type: ignore[no-any-return]


GOAL_KINDS: dict[str, type[Goal]] = {kind.kind: kind for kind in (WeightedPower, Budget)}


def goal_in(row: Mapping[Any, Any]) -> Goal:
    """The goal of a row of the table of runs, or of a record made of one.

    Raises
    ------
    PrintronError : an unknown kind, or numbers that the goal does not allow.
    KeyError : a number is missing.
    """
    name = row.get("goal", WeightedPower.kind)  # earlier records name none
    if name not in GOAL_KINDS:
        raise PrintronError(
            f"got the goal {shown(name)}; goals are of the kind {', '.join(GOAL_KINDS)}"
        )
    return GOAL_KINDS[name].of_row(row)


def check_kind(goals: Sequence[Goal]) -> type[Goal]:
    """The common kind of some goals.

    Raises
    ------
    PrintronError : no goal, or goals of several kinds.
    """
    kinds = {type(goal).kind: type(goal) for goal in goals}
    if len(kinds) != 1:
        got = " and ".join(sorted(kinds)) or "none"
        raise PrintronError(f"got goals of the kind {got}; the runs of a sweep have one kind")
    return next(iter(kinds.values()))


def stacked(goals: Sequence[Goal], P_ref: float, dtype: type[np.floating] = np.float64) -> Goal:
    """The goals of a batch as one, whose fields are arrays, [runs].

    Parameters
    ----------
    P_ref : see `Goal`, W.

    Raises
    ------
    PrintronError : see `check_kind`.
    """
    check_kind(goals)
    bound = [replace(goal, P_ref=P_ref) for goal in goals]
    one: Goal = jax.tree.map(lambda *numbers: np.asarray(numbers, dtype), *bound)
    return one


def some_of(goals: Goal, indices: ArrayLike) -> Goal:
    """Some of the goals of a stacked goal; see `stacked`."""
    some: Goal = jax.tree.map(lambda numbers: jnp.asarray(numbers[indices]), goals)
    return some


def record_of(goals: Sequence[Goal]) -> dict[str, list[Any]]:
    """Goals as JSON: a list under the key of their kind."""
    return {check_kind(goals).listed: [goal.entry() for goal in goals]}


def listed_in(record: Mapping[str, Any]) -> type[Goal]:
    """The kind of the goals that a record holds; see `record_of`.

    Raises
    ------
    KeyError : the record holds no goals.
    """
    for kind in GOAL_KINDS.values():
        if kind.listed in record:
            return kind
    raise KeyError(" or ".join(kind.listed for kind in GOAL_KINDS.values()))


def goals_of(record: Mapping[str, Any]) -> tuple[Goal, ...]:
    """The goals of a record: inverse of `record_of`; see `listed_in`."""
    kind = listed_in(record)
    return tuple(map(kind.of_entry, record[kind.listed]))
