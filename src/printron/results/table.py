"""The table of runs: every column declared once, with its unit and its meaning.

A table is written with exactly these columns; columns of layers are repeated for each layer, those
of a goal belong to tables of runs with that goal, and those of copies and of a margin to tables of
runs that were trained for them. Columns missing from older tables are
filled on reading from the configuration of the experiment.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from printron.base.columns import Column
from printron.base.place import StoreError
from printron.training.goal import GOAL_KINDS, Goal, listed_in

GOAL = "goal"
_ROWS = {"train": "training", "valid": "validation", "test": "test"}
_PARTS = {
    "crossbar": "the crossbars' resistors",
    "activation": "the activation circuits",
    "negation": "the negative-weight circuits",
}
_COUNTED = {
    "resistors": "printed resistors of the crossbars",
    "activations": "activation circuits",
    "negations": "negative-weight circuits",
}
_HASHED = {
    "dataset": "the data set's rows",
    "process": "the process",
    "activation": "the activation's cell",
    "negation": "the negation's cell",
}
MERIT = "merit_valid"  # by which circuits are chosen among those of other runs
SPLITS, CAUSES, COUNTS, FINGERPRINTS = map(tuple, (_ROWS, _PARTS, _COUNTED, _HASHED))

BEFORE_GOAL = (
    Column("dataset", "", "name of the data set"),
    Column("protocol", "", "how the rows were split and scaled: clean or published"),
    Column("split_seed", "", "seed of the split into training, validation and test rows", 5),
    Column(GOAL, "", "kind of the goal; its numbers have columns of their own", 5),
)
AFTER_GOAL = (
    Column("seed", "", "seed of everything random about the run"),
    Column("status", "", "trained or diverged"),
    Column("epoch", "", "epoch of the snapshot; -1 without a snapshot"),
    *(
        Column(f"accuracy_{split}", "", f"fraction of {rows} rows classified correctly")
        for split, rows in _ROWS.items()
    ),
    *(
        Column(
            f"balanced_accuracy_{split}",
            "",
            f"mean over the classes of the fraction of their {rows} rows classified correctly",
            6,
        )
        for split, rows in _ROWS.items()
    ),
    Column(
        MERIT,
        "",
        "accuracy by the margin on the validation rows, by which circuits are chosen: as designed, "
        "or where the table has printed copies their mean; balanced with class weights",
        6,
    ),
    *(
        Column(f"power_{cause}{layer}_W", "W", f"power of {part}{where}, mean over the test rows")
        for cause, part in _PARTS.items()
        for layer, where in (("", ""), ("{layer}", " in the layer of that number"))
    ),
    Column("power_total_W", "W", "power of all parts, mean over the test rows"),
    Column("power_valid_W", "W", "power of all parts, mean over the validation rows"),
    Column("objective_valid", "", "score of the goal on the validation rows; lower is better"),
    Column("feasible_valid", "", "whether the goal's constraints hold on the validation rows", 5),
    *(Column(name, "", f"number of {parts}") for name, parts in _COUNTED.items()),
    Column("majority", "", "accuracy of always answering the commonest class"),
    Column("P_ref_W", "W", "power that makes watts comparable with nats in the goal"),
    Column("sources", "", "model of the accuracies and powers: ideal or loaded", 4),
    Column("epochs", "", "steps of the run, in all phases of training"),
    Column("hidden", "", "neurons of the hidden layers, separated by commas; none without any"),
    Column("sharing", "", "unit with component values of its own: network, layer or neuron"),
    Column("activation_cell", "", "name of the activation's cell"),
    Column("negation_cell", "", "name of the negation's cell"),
    Column("process", "", "name of the process"),
    *(Column(f"{of}_fingerprint", "", f"short hash of {what}") for of, what in _HASHED.items()),
    Column("printron", "", "version that trained the run"),
    Column("power_VDD_W", "W", "power as published: for circuits that of V_DD alone"),
    Column("wall_s", "s", "training time of the run's batch, divided evenly among its runs"),
)
# Of runs that are trained for such conditions; tables of other runs are without them.
MARGIN = (Column("clear_test", "", "fraction of test rows classified correctly by the margin", 5),)
COPIES = (
    Column("copies", "", "number of printed copies judged on the test rows", 5),
    Column("copies_mean", "", "mean over the copies of the fraction classified by the margin", 5),
    Column("copies_p5", "", "5th percentile over the copies of that fraction", 5),
    Column("copies_yield", "", "fraction of the copies that keep the accuracy as designed", 6),
    Column("copies_unsolved", "", "rows of all copies without an operating point", 6),
)
UNDER_CONDITIONS = (*MARGIN, *COPIES)
STORED = Column("config", "", "hash of the settings; in stored tables only")


def columns_of(goal: type[Goal]) -> tuple[Column, ...]:
    """Columns of a table of runs trained for goals of this kind."""
    return (*BEFORE_GOAL, *goal.columns, *AFTER_GOAL)


def names_of(columns: tuple[Column, ...], layers: int) -> Iterator[str]:
    """Names of columns, those of layers once per layer."""
    for column in columns:
        if "{layer}" in column.name:
            yield from (column.name.format(layer=k + 1) for k in range(layers))
        else:
            yield column.name


def goal_kind(table: pd.DataFrame) -> type[Goal]:
    """The kind of the goals of a table of runs."""
    return GOAL_KINDS[table[GOAL].iloc[0]]


def goal_columns(table: pd.DataFrame) -> list[str]:
    """Names of the columns that hold the numbers of the goals of a table of runs."""
    return [column.name for column in goal_kind(table).columns]


def layers_of(hidden: str) -> int:
    """Number of layers of a network, from the column `hidden`."""
    return 1 if hidden == "none" else 2 + hidden.count(",")


def faults(table: pd.DataFrame) -> str | None:
    """The first fault in the columns of a table of runs; None without one."""
    for name in (GOAL, "hidden"):
        if name not in table:
            return f"the column '{name}' is missing"
    kinds, hidden = table[GOAL].unique(), table["hidden"].unique()
    if len(kinds) != 1 or kinds[0] not in GOAL_KINDS:
        return f"the goals are of the kind {' and '.join(map(str, kinds)) or 'none'}"
    layers = max(map(layers_of, map(str, hidden)))
    wanted = dict.fromkeys(names_of(columns_of(GOAL_KINDS[kinds[0]]), layers))
    for name in wanted:
        if name not in table:
            return f"the column '{name}' is missing"
    if fault := _fault_of_groups(table):
        return fault
    allowed = {*wanted, STORED.name, *(column.name for column in UNDER_CONDITIONS)}
    unknown = [name for name in table if name not in allowed]
    return f"the column '{unknown[0]}' is unknown" if unknown else None


def _fault_of_groups(table: pd.DataFrame) -> str | None:
    """Columns that are written only under some conditions, but then all of a group."""
    for group in (MARGIN, COPIES):
        lacking = [column.name for column in group if column.name not in table]
        if lacking and len(lacking) < len(group):
            return f"the column '{lacking[0]}' is missing"
    return None


def check_written(table: pd.DataFrame) -> pd.DataFrame:
    """The table, if its columns are those declared.

    Raises
    ------
    AssertionError : the columns differ, which is a fault of the program.
    """
    if fault := faults(table):
        raise AssertionError(f"a table of runs is not as declared in {__name__}: {fault}")
    return table


def as_read(table: pd.DataFrame, config: Mapping[str, Any], where: str) -> pd.DataFrame:
    """A stored table with the columns of later versions, filled from its configuration.

    Parameters
    ----------
    config : of the experiment; see `printron.results.config_record`.
    where : name of the table, for messages.

    Raises
    ------
    StoreError : a column is missing or unknown.
    """
    of = {name: problem["dataset"] for name, problem in config["problems"].items()}
    later: dict[str, Any] = {
        "split_seed": table["dataset"].map(lambda name: of[name]["split_seed"]),
        GOAL: listed_in(config).kind,
        "feasible_valid": table["objective_valid"].notna(),
        "sources": config["schedule"].get("sources", "ideal"),
        **{f"balanced_accuracy_{split}": np.nan for split in SPLITS},
        MERIT: table.get("accuracy_valid"),
    }
    columns = columns_of(listed_in(config))
    if COPIES[0].name in table:
        later |= {column.name: np.nan for column in COPIES}
        columns = (*columns, *COPIES)
    since = {column.name: column.since for column in columns}
    lacking = [name for name in later if name not in table and since[name] > config["format"]]
    whole = table.assign(**{name: later[name] for name in lacking})
    if fault := faults(whole):
        raise StoreError(
            f"'{where}' is not a table of runs of this version: {fault}; update printron, or train "
            "its runs again in another folder"
        )
    return whole
