"""The goals of an experiment file: one list, under the key of its kind of goal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from printron.base.sentence import shown
from printron.errors import PrintronError
from printron.experiments.plan import alpha_grid
from printron.training import Goal, WeightedPower
from printron.training.goal import GOAL_KINDS, LARGEST


@dataclass(frozen=True)
class GoalList:
    """The goals of a file, not made yet, so that they can be counted first.

    Attributes
    ----------
    kind : of the goals.
    entries : each as `Goal.entry` gives it; or a number of alphas, evenly spaced from 0 to 1.
    """

    kind: type[Goal]
    entries: int | tuple[Any, ...]

    @property
    def count(self) -> int:
        """Number of goals."""
        return self.entries if isinstance(self.entries, int) else len(self.entries)

    def goals(self) -> tuple[Goal, ...]:
        """The goals.

        Raises
        ------
        PrintronError : an entry that is no goal of the kind; names the key.
        """
        if isinstance(self.entries, int):
            return tuple(map(WeightedPower, alpha_grid(self.entries)))
        try:
            return tuple(map(self.kind.of_entry, self.entries))
        except PrintronError as error:
            raise PrintronError(f"'{self.kind.listed}': {error}") from None


def goal_keys() -> list[str]:
    """The keys of a file under which goals of some kind are listed."""
    return [kind.listed for kind in GOAL_KINDS.values()]


def goal_list(listed: Mapping[str, Any]) -> GoalList:
    """The goals of a file.

    Parameters
    ----------
    listed : what the file has under `goal_keys`.

    Raises
    ------
    PrintronError : no key, several keys, or neither a list nor a number of alphas; names the key.
    """
    kinds = [kind for kind in GOAL_KINDS.values() if kind.listed in listed]
    if not kinds:
        raise PrintronError(f"{' or '.join(map(repr, goal_keys()))} is missing; add it")
    if len(kinds) > 1:
        got = " and ".join(repr(kind.listed) for kind in kinds)
        raise PrintronError(
            f"got goals under {got}; the runs of an experiment have one kind of goal: keep one of "
            "these keys"
        )
    (kind,) = kinds
    value = listed[kind.listed]
    if isinstance(value, list | tuple) and not value:
        raise PrintronError(f"'{kind.listed}': got 0 entries; give 1 at least")
    return _alphas(value) if kind is WeightedPower else _entries(kind, value)


def _alphas(value: Any) -> GoalList:
    if _is_whole(value):
        if value < 2:
            raise PrintronError(
                f"got alphas = {value}; give the number of values, 2 or more, or a list: [0.0, 0.5]"
            )
        return GoalList(WeightedPower, value)
    if isinstance(value, list | tuple) and all(
        isinstance(alpha, float) or _is_whole(alpha) for alpha in value
    ):
        return GoalList(WeightedPower, tuple(value))
    raise PrintronError(
        f"'alphas': got {shown(value)}; give the number of values, a whole number of 2 or more, or "
        "a list of numbers from 0 to 1: [0.0, 0.5]"
    )


def _entries(kind: type[Goal], value: Any) -> GoalList:
    if isinstance(value, list | tuple):
        return GoalList(kind, tuple(value))
    names = [column.name for column in kind.columns]
    entry = "numbers" if len(names) == 1 else f"tables with {' and '.join(names)}"
    raise PrintronError(f"'{kind.listed}': got {shown(value)}; give a list of {entry}")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
