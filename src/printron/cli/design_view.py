"""A design as tables and sentences."""

from typing import Any


def design_view(record: dict[str, Any]) -> list[Any]:
    """The front, the chosen circuit, its sign-off, and what all that means.

    Parameters
    ----------
    record : see `printron.designer.record.design_record`.
    """
    from printron.cli.advice import majority_sentences
    from printron.cli.signoff_view import verdict_view
    from printron.cli.tables import run_table

    return [
        _front_table(record),
        *record["explanation"],
        run_table(record["circuit"], "Chosen"),
        *majority_sentences(record["circuit"]),
        *verdict_view(record["signoff"]),
        *closing_sentences(record),
    ]


def _front_table(record: dict[str, Any]) -> Any:
    from printron.cli.tables import percent, table_of, watts

    made = table_of(
        f"{record['dataset']}: circuits that no other beats in power and accuracy",
        "structure",
        "power",
        "accuracy %",
        "as designed %",
        "resistors",
        "neurons",
        caption="on the validation rows, by the margin; of printed copies "
        f"{_counted(record['wish']['yield'])}, where copies are trained for; test rows take no "
        "part",
    )
    for row in record["front"]:
        made.add_row(
            f"{row['structure']}{', chosen' if row['chosen'] else ''}",
            watts(row["power_valid_W"]),
            percent(row["copies_valid"]).removesuffix(" %"),
            percent(row["accuracy_valid"]).removesuffix(" %"),
            str(row["resistors"]),
            str(row["activations"]),
        )
    return made


def _counted(share: float | None) -> str:
    """What counts of the accuracies of printed copies."""
    return "their mean" if share is None else f"what {100 * share:g} % of them reach"


def closing_sentences(record: dict[str, Any]) -> list[str]:
    """The gap to software, and the status."""
    from printron.cli.tables import percent

    software, test = record["software"], record["accuracy"]["test"]
    gap = 100 * (software["accuracy"] - test)
    return [
        f"software on the same rows: {software['name']}, {percent(software['accuracy'])} of the "
        f"test rows (the best of {len(software['all'])} classifiers by validation rows), "
        f"{abs(gap):.1f} points {'above' if gap >= 0 else 'below'} the circuit as designed",
        f"status: {record['status']}; {record['wall_s']:.0f} s",
    ]
