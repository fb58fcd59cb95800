"""Goals of training: a goal weighs the loss terms, scores circuits, and has columns in tables.

A new goal is one class here and one line in `GOAL_KINDS`. The class says

- the weights of the terms in the loss (`weights`), which may depend on a memory of the goal's own
  (`begin`, `adapted`), such as the multiplier of a budget;
- the score by which snapshots, starts and members of a front are selected, on validation rows
  alone: a part for the classification (`misfit`) and a part for the power (`cost`); and whether a
  circuit is feasible (`feasible`);
- its fields, each a number and a column of the table of runs (`columns`), and the key of a list of
  such goals in files (`listed`);
- the goal whose runs the others are compared with (`baseline`).

A goal belongs to one run. The goals of a batch are one goal whose fields are arrays (`stacked`):
goals are pytrees, and JAX maps over them.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple, Self, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from printron.base.columns import Column
from printron.base.sentence import shown
from printron.errors import PrintronError
from printron.training.terms import Merits

LARGEST = 10**30  # whole numbers have a magnitude below this


class Weights(NamedTuple):
    """Weights of the terms of a loss.

    Attributes
    ----------
    cross_entropy : per nat.  per_watt : per watt.
    """

    cross_entropy: Array
    per_watt: Array


class Goal(eqx.Module):
    """The goal that a run is trained for.

    Attributes
    ----------
    kind : name of the kind of goal, in tables.
    listed : key of a list of such goals in experiment files and `config.json`.
    columns : one for each field, with the field's name.
    noun : what sentences call such a goal.
    P_ref : power that makes watts comparable with nats, W; training sets that of the structure.
    """

    kind: ClassVar[str]
    listed: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    noun: ClassVar[str] = "goal"
    # Static: the compiled programs divide by a constant.
    P_ref: float = eqx.field(static=True, default=1.0, kw_only=True)

    @abstractmethod
    def weights(self, memory: Any) -> Weights:
        """Weights of the terms in the loss; the loss is their weighted sum."""

    @abstractmethod
    def misfit(self, merits: Merits) -> Array:
        """The part of the score for the circuit's classification."""

    @abstractmethod
    def cost(self, power: Array | NDArray[Any]) -> Array:
        """The part of the score for a power, W."""

    @final
    def score(self, merits: Merits) -> Array:
        """Score of a circuit; lower is better."""
        return self.misfit(merits) + self.cost(merits.power)

    def feasible(self, merits: Merits) -> NDArray[np.bool_] | Array:
        """Whether a circuit meets the goal's constraints."""
        return np.ones(np.shape(merits.power), bool)

    @property
    def power_alone(self) -> Array | bool:
        """Whether only power counts."""
        return False

    @classmethod
    def baseline(cls, goals: Iterable["Goal"]) -> "Goal":
        """The goal whose runs the others are compared with: the one that limits power least.

        By default the one of `goals` with the greatest numbers, such as the largest budget.
        """
        return max(goals, key=lambda goal: tuple(goal.row().values()))

    def begin(self) -> Any:
        """The goal's memory at the start of a run: a pytree of arrays."""
        return ()

    def adapted(self, memory: Any, merits: Merits) -> Any:
        """The memory after a check of the current circuit.

        Parameters
        ----------
        merits : of the circuit on the validation rows, as for `score`.
        """
        del merits
        return memory

    def __str__(self) -> str:
        return " and ".join(f"{name} = {value}" for name, value in self.row().items())

    def heading(self, digits: int = 3) -> str:
        """The goal as tables and figures name it for a person."""
        named = zip(self.columns, self.row().values(), strict=True)
        return ", ".join(f"{c.label} = {c.text(value, digits)}" for c, value in named)

    def row(self) -> dict[str, float]:
        """The goal as values of its columns."""
        return {column.name: getattr(self, column.name) for column in self.columns}

    def entry(self) -> Any:
        """The goal as JSON: its one number, or its numbers by name."""
        row = self.row()
        return next(iter(row.values())) if len(row) == 1 else row

    @classmethod
    def of_row(cls, row: Mapping[Any, Any]) -> Self:
        """The goal of a table's row: inverse of `row`."""
        return cls(**{column.name: float(row[column.name]) for column in cls.columns})

    @classmethod
    def of_entry(cls, entry: Any) -> Self:
        """The goal of a JSON entry: inverse of `entry`.

        Raises
        ------
        PrintronError : not a number, wrong names, or numbers that the goal does not allow.
        """
        names = [column.name for column in cls.columns]
        row = entry if isinstance(entry, dict) else dict.fromkeys(names[:1], entry)
        if sorted(row) != sorted(names) or not all(map(_is_number, row.values())):
            raise PrintronError(
                f"got {shown(entry)}; give a number for {' and '.join(names)} of a goal"
            )
        return cls.of_row(row)


def _is_number(value: Any) -> bool:
    """Whether a value is a number that a float can hold."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
    return whole or isinstance(value, float)


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


GOAL_KINDS: dict[str, type[Goal]] = {kind.kind: kind for kind in (WeightedPower,)}


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
