"""Sentences after a table: what a result means for the user, and what to do."""

import shlex
from typing import TYPE_CHECKING, Any

from printron.cli.tables import percent, watts

if TYPE_CHECKING:
    import pandas as pd

    from printron.cli.options import TrainingOptions
    from printron.results import Problem
    from printron.training import Goal


EVERY_RUN_DIVERGED = "every run diverged; a lower --learning-rate may help"


def run_sentences(record: dict[str, Any]) -> list[str]:
    """The sentences on a run that misses its budget, or is not above the majority class."""
    return budget_sentences(record) + majority_sentences(record)


def budget_sentences(record: dict[str, Any]) -> list[str]:
    """The sentence on a run that does not keep its budget; else none."""
    from printron.results.runs import INFEASIBLE

    if record["status"] != INFEASIBLE:
        return []
    return [_over(record["budget_W"], greatest_power(record))]


def no_circuit_sentence(table: "pd.DataFrame") -> str:
    """The sentence on a sweep without a circuit to choose."""
    from printron.results.runs import INFEASIBLE, run_record

    runs = map(run_record, table.to_dict("records"))
    missed = [row for row in runs if row["status"] == INFEASIBLE]
    if not missed:
        return EVERY_RUN_DIVERGED
    return _over(max(row["budget_W"] for row in missed), min(map(greatest_power, missed)))


def greatest_power(record: dict[str, Any]) -> float:
    """The greatest of the mean powers by which a run is judged, W."""
    copies = record.get("copies", {}) if "conditions" in record else {}
    powers = record["power_W"]["total"], record["valid"]["power_W"], copies.get("power_mean_W")
    return max(power for power in powers if power is not None)


def _over(budget_W: float, reached_W: float) -> str:
    """The sentence on a budget that is not kept."""
    return (
        f"THE BUDGET IS NOT KEPT: the least power reached is {watts(reached_W)}, the budget "
        f"{watts(budget_W)}; give a larger budget, more --epochs or --starts, fewer --hidden "
        "neurons, or cells of less power (--activation pair,none --negation none)"
    )


def majority_sentences(record: dict[str, Any]) -> list[str]:
    """The sentence on a run whose test accuracy is not above the majority class; else none."""
    if record["better_than_majority"] is not False:
        return []
    accuracy, alpha = record["accuracy"]["test"], record.get("alpha", 0.0)
    return [not_above(accuracy, record["majority"], "test", alpha)]


def not_above(accuracy: float, majority: float, rows: str, alpha: float) -> str:
    """The sentence on a circuit that is no better than the majority class."""
    smaller = "a smaller alpha, " if alpha > 0 else ""
    return (
        f"NO BETTER THAN THE MAJORITY CLASS: {percent(accuracy)} of the {rows} rows are "
        f"correct, not more than the {percent(majority)} of always answering the commonest class; "
        f"try {smaller}more --epochs or --starts, or more --hidden neurons; if none of them helps, "
        "the readings may not carry the class"
    )


def front_sentences(record: dict[str, Any]) -> list[str]:
    """The sentence on circuits of a front that are not above the majority class; else none."""
    from printron.training.goal import goal_in
    from printron.training.goal_words import GoalWords

    front = record["front"]
    low = [goal_in(row) for row in front if row["better_than_majority"] is False]
    if not low:
        return []
    return [
        f"on the test rows {len(low)} of the front's {len(front)} circuits are not above the "
        f"majority class ({percent(record['majority'])}): "
        f"{GoalWords(type(low[0])).listed(low, digits=3)}"
    ]


def baseline_sentences(baseline: dict[str, dict[str, Any]], goal: "Goal") -> list[str]:
    """The sentence on data sets not above the majority class at the baseline; else none.

    Parameters
    ----------
    goal : of the baseline.
    """
    low = [name for name, row in baseline.items() if row["better_than_majority"] is False]
    if not low:
        return []
    return [
        f"at {goal.heading()} not above the majority class, on average over the seeds: "
        f"{', '.join(low)}; try more epochs, starts or hidden neurons; if none of them helps, the "
        "readings may not carry the class"
    ]


def loaded_command(
    problem: "Problem",
    preset: str,
    training: "TrainingOptions",
    goal: "Goal",
    seed: int,
    folder: str | None,
) -> str:
    """The command that trains a circuit of a sweep with ideal sources again, against the loaded
    circuit.

    Parameters
    ----------
    preset : of the sweep.
    folder : of the sweep; the circuit goes into a folder beside.
    """
    from printron.cli.goals import as_options
    from printron.cli.problem_options import ProblemOptions
    from printron.results.by_layer import text_of

    spec = problem.spec
    hidden = ",".join(map(str, spec.hidden)) or "none"
    made = ProblemOptions(preset=preset, hidden=hidden, process=spec.process)
    usual, conditions = made.usual, made.usual.conditions_for("ideal")
    alike = made.spec(spec.dataset, conditions)
    words = ["printron", "train", spec.dataset, *as_options(goal), "--seed", str(seed)]
    given = {"preset": preset} if preset != ProblemOptions.preset else {}
    given |= {
        name: getattr(spec, name)
        for name in ("protocol", "data_dir", "split_seed", "label", "sharing", "surrogates",
                     "test_table", "missing")
        if getattr(spec, name) != getattr(alike, name)
    }  # fmt: skip
    if spec.process:
        given["process"] = spec.process
    if hidden != usual.hidden:
        given["hidden"] = hidden
    if (spec.activation, spec.negation) != (alike.activation, alike.negation):
        given |= {"activation": text_of(spec.activation), "negation": text_of(spec.negation)}
    if spec.conditions != conditions:
        given["margin"] = spec.conditions.written["margin"].replace(" ", "")
    given |= {name: value for name, value in training.given.items() if name != "sources"}
    for name, value in given.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    for file in spec.cells:
        words += ["--cells", file]
    words += ["--out", f"{(folder or 'runs/' + problem.dataset.name).rstrip('/')}-loaded"]
    return shlex.join(words)


def ideal_sentences(folder: str | None) -> list[str]:
    """What to do with a chosen circuit that was trained with ideal sources.

    Parameters
    ----------
    folder : of the sweep.
    """
    named = f"'printron signoff {shlex.quote(folder)}'" if folder else "a sign-off"
    return [
        "These circuits were trained with ideal sources, which no printed circuit has: "
        f"{named} will find another power and often less accuracy. Before printing, train the "
        "chosen goal and seed against the loaded circuit and sign off that circuit (or sweep with "
        "--sources loaded):"
    ]
