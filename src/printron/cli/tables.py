"""Tables on the terminal: a run, a front, a circuit's component values."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from printron.base.sentence import number_of
from printron.cli.sheet import KEPT, Sheet

if TYPE_CHECKING:
    import pandas as pd

    from printron.network import Parameters
    from printron.results import Problem
    from printron.training import Goal

# Marks of resistors in the table of a crossbar.
MARKS = {
    "n": "fed by the row's negative-weight circuit",
    "m": "in the column of the neuron's minus input",
}


COPIES_CAPTION = (
    "valid: mean over printed copies; copies: mean / 5th percentile over printed copies on the "
    "test rows; "
)


def table_of(
    title: str | Sequence[str], *columns: str, caption: str = "", texts: Sequence[int] = ()
) -> Sheet:
    """A table whose first column, and those of `texts`, are text; the others are numbers.

    Parameters
    ----------
    title : a line, or several lines.
    """
    return Sheet([title] if isinstance(title, str) else title, columns, texts, caption)


def percent(share: float | None) -> str:
    """A fraction in percent."""
    return "-" if share is None or not isfinite(share) else f"{100 * share:.1f} %"


def watts(power_W: float | None) -> str:
    """A power with a prefix."""
    from printron.base.quantity import power_text

    return "-" if power_W is None or not isfinite(power_W) else power_text(power_W)


def run_table(record: dict[str, Any], title: str = "") -> Sheet:
    """One run: accuracy, power and its split, number of parts."""
    from printron.results.by_layer import text_of
    from printron.training.goal import goal_in

    network = "-".join(map(str, record["topology"]))
    heading = (
        f"{record['dataset']} ({record['protocol']}), {network}, {goal_in(record).heading()}, "
        f"seed {record['seed']}: {record['status']}"
    )
    made = table_of([*([title] if title else []), heading], "", "")
    accuracy, power, counts = record["accuracy"], record["power_W"], record["counts"]
    made.add_row("test accuracy", percent(accuracy["test"]))
    made.add_row(
        "  validation, training", f"{percent(accuracy['valid'])}, {percent(accuracy['train'])}"
    )
    made.add_row("  balanced (mean over the classes)", percent(record["balanced_accuracy"]["test"]))
    made.add_row("  majority class", percent(record["majority"]))
    made.add_row("power (average over the test rows)", watts(power["total"]))
    for cause in ("crossbar", "activation", "negation"):
        made.add_row(f"  {cause}", f"{_share_of(power, cause)}{watts(power[cause]):>10}")
    if counts["resistors"] is None:
        made.caption = "no snapshot: the run diverged before the cells were the real ones"
        return made
    made.add_row("crossbar resistors", str(counts["resistors"]))
    activation, negation = (text_of(record["cells"][role]) for role in ("activation", "negation"))
    made.add_row(f"activation circuits ({activation})", str(counts["activations"]))
    made.add_row(f"negative-weight circuits ({negation})", str(counts["negations"]))
    return made


def _share_of(power: dict[str, Any], cause: str) -> str:
    from printron.base.quantity import NO_POWER_W

    if power["total"] is None or power["total"] < NO_POWER_W:  # of no power
        return ""
    return f"{100 * power[cause] / power['total']:.0f} % "


def front_table(record: dict[str, Any]) -> Sheet:
    """The front, in order of power; marks the chosen circuit."""
    from printron.training.goal import listed_in
    from printron.training.goal_words import GoalWords

    goal = listed_in(record)
    copies = any("copies" in row for row in record["front"])
    made = table_of(
        f"Front of accuracy and power: {record['dataset']}, "
        f"{number_of(record['runs'], 'run')}",
        *(column.label for column in goal.columns),
        "seed", "power", "valid %", "test %", *(["copies %"] if copies else []), "mean ± sd",
        "majority",
        caption=f"{record['rule']}; {COPIES_CAPTION if copies else ''}mean ± sd: test accuracy "
        f"over the seeds of that {GoalWords(goal).one}",
    )  # fmt: skip
    for row in record["front"]:
        over = row["over_seeds"]
        mean, sd = over["accuracy_test_mean"], over["accuracy_test_sd"]
        spread = f"{100 * mean:.1f} ± {100 * sd:.1f}" if sd is not None else f"{100 * mean:.1f}"
        first, *others = (column.text(row[column.name]) for column in goal.columns)
        made.add_row(
            f"{first}{', chosen' if row['chosen'] else ''}",
            *others,
            row["seed"],
            watts(row["power_W"]["total"]),
            f"{100 * row['valid']['merit']:.1f}",
            f"{100 * row['accuracy']['test']:.1f}",
            *([_spread_of_copies(row["copies"])] if copies else []),
            spread,
            f"{100 * row['majority']:.1f}",
        )
    return made


def _spread_of_copies(copies: dict[str, Any]) -> str:
    return f"{100 * copies['mean']:.1f} / {100 * copies['p5']:.1f}"


def bill_tables(problem: "Problem", parameters: "Parameters") -> list[Sheet]:
    """The component values of a circuit: one table per crossbar, and one of the cells."""
    from printron.export import bill
    from printron.network import printed_network

    features = problem.dataset.feature_names
    table = bill(printed_network(problem.structure, parameters, features))
    layers = range(1, problem.structure.depth + 1)
    return [_crossbar_table(table, layer) for layer in layers] + [_cell_table(table)]


def _crossbar_table(table: "pd.DataFrame", layer: int) -> Sheet:
    from printron.base.quantity import si_text

    part = table[(table["layer"] == layer) & (table["circuit"] == "crossbar")]
    columns = list(dict.fromkeys(part["column"]))
    columns.sort(key=lambda name: (len(name), name))
    marks = [mark for mark, words in MARKS.items() if mark in set(part.apply(_mark, axis=1))]
    legend = "".join(f" ({mark}: {MARKS[mark]})" for mark in marks)
    made = table_of(f"Crossbar {layer}: printed resistors{legend}", "row", *columns)
    for row in dict.fromkeys(part["row"]):
        cells = part[part["row"] == row]
        printed: dict[str, list[str]] = {}
        for _, each in cells.iterrows():
            text = f"{_mark(each)} {si_text(each['R_ohm'], 'Ω')}".strip()
            printed.setdefault(each["column"], []).append(text)
        texts = [", ".join(printed.get(column, "-")) for column in columns]
        made.add_row(f"{row} {cells['input'].iloc[0]}".strip(), *texts)
    return made


def _mark(resistor: Any) -> str:
    """The mark of a resistor of the bill; see `MARKS`."""
    if resistor["negated"]:
        return "n"
    return "m" if resistor["side"] == "minus" else ""


def _cell_table(table: "pd.DataFrame") -> Sheet:
    """Component values of cells; circuits with equal values are in one row."""
    title = "Activation and negative-weight circuits"
    made = table_of(title, "cell", "circuits", "values", texts=(1, 2))
    groups: dict[tuple[str, str], list[str]] = {}
    for instance, parts in table[table["circuit"] != "crossbar"].groupby("instance", sort=False):
        each = (_value(row, str(instance)) for _, row in parts.iterrows())
        values = ", ".join(value.replace(" ", KEPT) for value in each)
        groups.setdefault((parts["cell"].iloc[0], values), []).append(str(instance))
    for (cell, values), instances in groups.items():
        made.add_row(cell, ", ".join(instances), values)
    return made


def _value(row: Any, instance: str) -> str:
    from printron.technology import COMPONENT_KINDS

    kind = COMPONENT_KINDS[row["kind"]]
    values = {quantity.key: row[quantity.column] for quantity in kind.quantities}
    return f"{row['part'].removesuffix(f'_{instance}')} {kind.text(values)}"


def baseline_table(baseline: dict[str, dict[str, Any]], goal: "Goal") -> Sheet:
    """Accuracy and power of every data set at the goal of the baseline (alpha = 0)."""
    title = f"At {goal.heading()}, mean over seeds"
    made = table_of(title, "data set", "seeds", "test accuracy", "majority", "power")
    for name, row in baseline.items():
        made.add_row(
            name,
            str(row["runs"]),
            percent(row["accuracy_test"]),
            percent(row["majority"]),
            watts(row["power_W"]),
        )
    return made


def failure_table(failed: list[dict[str, Any]]) -> Sheet:
    """Failed parts of an experiment, with reasons."""
    made = table_of("Failed", "part", "data set", "runs", "attempts", "reason", texts=(1, 4))
    for part in failed:
        runs, attempts = str(part["runs"]), str(part["attempts"])
        made.add_row(part["task"], part["dataset"], runs, attempts, part["reason"])
    return made
