"""Printed copies of a circuit: how they are judged, and their accuracies in a few numbers.

No circuit is printed exactly. Copies are judged under the conditions that the circuit was trained
for; where these leave variation out, with the variation that the process file states.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printron.errors import PrintronError
from printron.network import Parameters, Structure, commonest_class
from printron.results.problem import Problem
from printron.technology import Process
from printron.technology.conditions import ConditionsSpec
from printron.training import Readings
from printron.training.evaluation import copy_terms
from printron.training.terms import Terms, balanced
from printron.training.tiles import loaded_block_rows, row_voltages

MOST_COPIES, FEWEST_COPIES, IN_A_TABLE = 1000, 100, 200
VOLTAGES = 7_000_000  # of all copies of a circuit, for about 10 s on a core
JUDGED = ("valid", "test")  # splits on whose rows copies of a run are judged, unless told otherwise
KEEP = 0.05  # accuracy that a copy may lose and still count for the yield
LOW = 0.05  # quantile of the accuracies that stands beside their mean
YIELD = ("yield", "yield_low", "yield_high")
SEED = 9001  # of the copies that are judged; training sees and selects by others


@dataclass(frozen=True)
class Rule:
    """What a copy must keep to count for the yield.

    Attributes
    ----------
    keep : accuracy that it may lose against the circuit as designed, a fraction of the rows.
    budget_W : largest power, W; None for any.
    least : accuracy that it must reach whatever the circuit as designed reaches; None: see `keep`.
    """

    keep: float = KEEP
    budget_W: float | None = None
    least: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.keep <= 1:
            raise PrintronError(
                f"got {self.keep:g} of accuracy to lose; give a fraction of the rows from 0 to 1, "
                f"for example {KEEP:g}"
            )
        if self.budget_W is not None and not self.budget_W > 0:
            raise PrintronError(
                f"got a budget of {self.budget_W:g} W; give a power above 0, for example 100 uW"
            )


def judged_conditions(asked: ConditionsSpec, process: Process) -> ConditionsSpec | None:
    """The conditions under which copies of a circuit are judged; None where nothing says how they
    vary.

    Parameters
    ----------
    asked : conditions that the circuit was trained for.
    """
    if asked.variation or process.variation is None:
        return asked if asked.varied else None
    return asked.model_copy(update={"variation": 1.0})


def copies_for(structure: Structure, rows: int, most: int = MOST_COPIES) -> int:
    """Number of copies that are judged in about 10 s, from `FEWEST_COPIES` to `most`."""
    fitting = VOLTAGES // (row_voltages(structure) * rows)
    return int(np.clip(fitting, FEWEST_COPIES, most))


def printed_terms(
    structure: Structure,
    conditions: ConditionsSpec,
    parameters: Parameters,
    readings: Readings,
    *,
    copies: int,
    default: int,
    workers: int,
    size: int | None = None,
) -> Terms:
    """Terms of printed copies, [copies] each; see `copy_terms`.

    Parameters
    ----------
    conditions : under which they are judged.  parameters : of one run, without a run axis.
    size : rows solved together; that of training finds training's compiled program.
    """
    judged = replace(structure, conditions=conditions.on(structure.process))
    return copy_terms(
        judged,
        parameters,
        readings,
        copies=copies,
        default=default,
        seed=SEED,
        workers=workers,
        size=size,
    )


def training_size(problem: Problem) -> int:
    """Rows that training solves together."""
    return loaded_block_rows(problem.structure, len(problem.rows["train"][1]))


def copies_of(
    problem: Problem,
    parameters: Parameters,
    designed: float,
    workers: int,
    most: int = MOST_COPIES,
) -> dict[str, Any] | None:
    """Copies of a trained circuit on the test rows, as JSON; None where nothing says how they vary.

    Parameters
    ----------
    parameters : of one run, without a run axis.  most : copies; fewer where they take long.
    designed : as in `copies_record`.
    """
    conditions = judged_conditions(problem.spec.conditions, problem.technology.process)
    if conditions is None:
        return None
    terms = _terms_on(problem, "test", conditions, parameters, workers, most)
    return copies_record(terms, conditions, len(problem.rows["test"][1]), designed)


def validated_copies(
    problem: Problem, parameters: Parameters, workers: int, *, by_class: bool
) -> float:
    """Accuracy on the validation rows by the margin, mean over printed copies.

    Parameters
    ----------
    by_class : whether the accuracy is balanced.
    """
    rows = problem.rows["valid"]
    terms = _terms_on(problem, "valid", problem.spec.conditions, parameters, workers, IN_A_TABLE)
    found = balanced(np.asarray(terms.clear_of_class), rows[1]) if by_class else terms.clear
    return float(np.mean(found))


def validated_at_yield(
    problem: Problem,
    parameters: Parameters,
    workers: int,
    *,
    share: float,
    budget_W: float | None,
) -> float:
    """Accuracy on the validation rows by the margin that a share of the printed copies reaches.

    Parameters
    ----------
    share : of the copies, above 0 and up to 1.
    budget_W : copies of more power count as if they classified no row; None for any power.
    """
    terms = _terms_on(problem, "valid", problem.spec.conditions, parameters, workers, MOST_COPIES)
    clear = np.asarray(terms.clear, np.float64)
    if budget_W is not None:
        clear = np.where(np.asarray(terms.power.total) <= budget_W, clear, 0.0)
    return reached_by(share, clear)


def reached_by(share: float, values: NDArray[np.float64]) -> float:
    """The largest of the values that at least a share of them reaches."""
    below = math.floor((1 - share) * len(values) + 1e-9)
    return float(np.sort(values)[min(below, len(values) - 1)])


def _terms_on(
    problem: Problem,
    split: str,
    conditions: ConditionsSpec,
    parameters: Parameters,
    workers: int,
    most: int,
) -> Terms:
    rows = problem.rows[split]
    return printed_terms(
        problem.structure,
        conditions,
        parameters,
        rows,
        copies=copies_for(problem.structure, len(rows[1]), most),
        default=commonest_class(problem.rows["train"][1]),
        workers=workers,
        size=training_size(problem),
    )


def copies_record(
    terms: Terms, conditions: ConditionsSpec, rows: int, designed: float, rule: Rule = Rule()
) -> dict[str, Any]:
    """Accuracies, powers and yield of copies in a few numbers, as JSON.

    Parameters
    ----------
    terms : of the copies, [copies] each.  conditions : under which they were judged.
    rows : on which they were judged.
    designed : accuracy by the margin of the circuit as designed.
    rule : what a copy must keep to count for the yield.

    Returns
    -------
    Also `unsolved`, the rows of all copies without an operating point, which count as misclassified
    and have no power.
    """
    clear, right = (np.asarray(x, np.float64) for x in (terms.clear, terms.accuracy))
    power = np.asarray(terms.power.total, np.float64)
    solved = power[np.isfinite(power)]
    lost = rows * (1 - np.asarray(terms.solved, np.float64))
    return {
        "n": len(clear),
        "mean": float(clear.mean()),
        "p5": float(np.quantile(clear, LOW)),
        "accuracy_without_margin_mean": float(right.mean()),
        "accuracy_without_margin_p5": float(np.quantile(right, LOW)),
        "power_mean_W": float(solved.mean()) if len(solved) else None,
        "power_p95_W": float(np.quantile(solved, 1 - LOW)) if len(solved) else None,
        "rows": rows,
        "unsolved": int(np.rint(lost).sum()),
        "margin_V": conditions.margin,
        "conditions": conditions.written,
        **yield_of(clear, power, designed, rule),
    }


def yield_of(
    clear: NDArray[np.float64], power: NDArray[np.float64], designed: float, rule: Rule
) -> dict[str, Any]:
    """The share of copies that keep accuracy, margin and budget, with its Wilson interval of 95 %.

    Parameters
    ----------
    clear, power : of the copies: accuracy by the margin, and W; [copies].
    designed : accuracy by the margin of the circuit as designed.
    """
    least = max(designed - rule.keep, 0.0) if rule.least is None else rule.least
    good = clear >= least - 1e-9  # fractions of whole rows
    if rule.budget_W is not None:
        good &= power <= rule.budget_W  # not of a copy without any operating point: NaN
    return {
        "designed": designed,
        "least": least,
        "keep": rule.keep,
        "budget_W": rule.budget_W,
        **with_interval(int(good.sum()), len(good)),
    }


def with_interval(good: int, number: int) -> dict[str, float]:
    """The yield of some copies, with its Wilson interval of 95 %."""
    from scipy.stats import binomtest  # takes half a second to import

    interval = binomtest(good, number).proportion_ci(0.95, method="wilson")
    return {
        "yield": good / number,
        "yield_low": float(interval.low),
        "yield_high": float(interval.high),
    }
