"""Printed copies of a circuit on the terminal: judged behind a note, and named in a sentence."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from printron.results import Problem, Runs
    from printron.training import Schedule

NOT_JUDGED = "printed copies: not judged"


def copies_shown(
    problem: "Problem",
    runs: "Runs",
    schedule: "Schedule",
    workers: int,
    as_json: bool,
    *,
    stopped: str,
) -> dict[str, Any] | None:
    """Copies of a single run, judged with a note on standard error; see
    `printron.results.copies.copies_of`.

    Parameters
    ----------
    stopped : the sentence after Ctrl-C: what is kept.

    Returns
    -------
    None for a run without a snapshot, for ideal sources, and where nothing says how copies vary.
    """
    from printron.cli.speak import waiting
    from printron.results.copies import copies_of
    from printron.results.table import MARGIN

    if schedule.sources == "ideal" or int(runs.table["epoch"].iloc[0]) < 0:
        return None
    row = runs.table.iloc[0]
    designed = float(row.get(MARGIN[0].name, row["accuracy_test"]))
    with waiting("printed copies of the circuit", as_json=as_json, stopped=stopped):
        return copies_of(problem, runs.one(0), designed, workers)


def copies_sentence(record: dict[str, Any]) -> str:
    """How the copies of a circuit fare, or why they were not judged.

    Parameters
    ----------
    record : of the circuit; see `printron.results.circuit_record`.
    """
    copies = record.get("copies")
    if copies is None or "conditions" not in copies:
        if record.get("epoch", 0) < 0:
            return f"{NOT_JUDGED}: the run diverged before its first circuit"
        if record["schedule"]["sources"] == "ideal":
            return f"{NOT_JUDGED}: the circuit was trained with ideal sources"
        return f"{NOT_JUDGED}: process '{record['process']}' has no table [variation]"
    return copies_words(copies)


def copies_words(copies: dict[str, Any]) -> str:
    """Mean and 5th percentile of copies, their number and conditions, and rows without a solution.

    Parameters
    ----------
    copies : see `printron.results.copies.copies_record`.
    """
    from printron.cli.tables import percent
    from printron.technology.conditions import conditions_in

    lost, rows = copies["unsolved"], copies["n"] * copies["rows"]
    unsolved = f"; {lost} of {rows} rows have no operating point and count as wrong" if lost else ""
    return (
        f"printed copies: mean {percent(copies['mean'])}, 5th percentile {percent(copies['p5'])}, "
        f"n = {copies['n']}, {conditions_in(copies).text}{unsolved}"
    )
