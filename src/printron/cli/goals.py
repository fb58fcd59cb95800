"""Options that say what circuits are trained for: a weight of the power, or a budget."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.quantities import of_option
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.training import Budget, Goal


@dataclass(frozen=True)
class GoalOptions:
    """The goal of one run."""

    alpha: Annotated[
        float | None,
        typer.Option(
            help="Weight of the power against the accuracy, 0 to 1; default: 0.05 (published: 0.5)."
        ),
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(help="Largest mean power of the circuit, 100uW, in place of --alpha."),
    ] = None

    def goal(self, usual: float) -> "Goal":
        """The goal.

        Parameters
        ----------
        usual : alpha where nothing is given.

        Raises
        ------
        PrintronError : both options, or values that are no goal.
        """
        from printron.training import WeightedPower

        _check_one("--alpha", self.alpha, "--budget", self.budget)
        if self.budget is not None:
            return _budget("--budget", self.budget)
        return WeightedPower(usual if self.alpha is None else self.alpha)


@dataclass(frozen=True)
class GoalListOptions:
    """The goals of a sweep."""

    alphas: Annotated[
        str | None,
        typer.Option(
            help="Number of values (2 or more), evenly from 0 to 1; or the values: 0,0.1,0.5. A "
            "single value 0 or 1 is written 0.0 or 1.0. Default: 0,0.02,0.05,0.1,0.2,0.5 "
            "(published: 20)."
        ),
    ] = None
    budgets: Annotated[
        str | None,
        typer.Option(help="Largest mean powers, 10uW,100uW, in place of --alphas."),
    ] = None

    def goals(self, seeds: str, most: int, usual: str) -> tuple["Goal", ...]:
        """The goals.

        Parameters
        ----------
        seeds : option with the seeds.  most : runs allowed; checked before goals are made.
        usual : the text of --alphas where nothing is given.

        Raises
        ------
        PrintronError : both options, values that are no goals, or too many runs.
        """
        from printron.cli.lists import alpha_list, check_number
        from printron.training import WeightedPower

        _check_one("--alphas", self.alphas, "--budgets", self.budgets)
        if self.budgets is not None:
            asked = tuple(_budget("--budgets", text) for text in self.budgets.split(","))
            check_number("--budgets", self.budgets, seeds, most)
            return asked
        alphas = usual if self.alphas is None else self.alphas
        check_number("--alphas", alphas, seeds, most)
        return tuple(map(WeightedPower, alpha_list(alphas)))


def as_options(goal: "Goal") -> list[str]:
    """The words of a command that give `train` this goal."""
    from printron.training import Budget

    if isinstance(goal, Budget):
        return ["--budget", f"{goal.budget_W!r}W"]
    (alpha,) = goal.row().values()
    return ["--alpha", repr(alpha)]


def _check_one(weight: str, weighed: Any, limit: str, limited: Any) -> None:
    if weighed is not None and limited is not None:
        raise PrintronError(
            f"got {weight} {weighed} and {limit} {limited}; a run either weighs its power or has a "
            "budget: leave one of the two out"
        )


def _budget(option: str, text: str) -> "Budget":
    from printron.training import Budget

    with of_option(option):
        return Budget.of_entry(text)
