"""Printed copies of a circuit on the terminal: judged behind a note, and named in a sentence."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from printron.results import Problem, Runs
    from printron.training import Schedule

NOT_JUDGED = "printed copies: not judged"


def copies_shown(
    problem: "Problem", runs: "Runs", schedule: "Schedule", workers: int, as_json: bool
) -> dict[str, Any] | None:
    """Copies of a single run, judged with a note on standard error; see
    `printron.results.copies.copies_of`.

    None for a run without a snapshot, for ideal sources, and where nothing says how copies vary.
    """
    from printron.cli.speak import waiting
    from printron.results.copies import copies_of

    if schedule.sources == "ideal" or int(runs.table["epoch"].iloc[0]) < 0:
        return None
    with waiting("printed copies of the circuit", as_json=as_json):
        return copies_of(problem, runs.one(0), workers)


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
    """Mean and 5th percentile of copies, their number and conditions.

    Parameters
    ----------
    copies : see `printron.results.copies.copies_record`.
    """
    from printron.cli.tables import percent
    from printron.technology.conditions import conditions_in

    return (
        f"printed copies: mean {percent(copies['mean'])}, 5th percentile {percent(copies['p5'])}, "
        f"n = {copies['n']}, {conditions_in(copies).text}"
    )
