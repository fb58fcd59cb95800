"""`printron predict`: what a circuit answers to new readings."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli import completion
from printron.cli.notes import Processes, Timeout, check_engine, checked_timeout
from printron.cli.options import OutputOptions, Run, usable_cores, with_options

if TYPE_CHECKING:
    import pandas as pd

    from printron.results import Circuit

SHOWN = 20  # rows on the terminal


@with_options
def command(
    run: Run,
    table: Annotated[
        str, typer.Argument(help="Readings (CSV), columns named as in training, in any order.")
    ],
    *,
    engine: Annotated[
        str,
        typer.Option(
            help="Who solves the circuit: loaded (built in) or ngspice.",
            autocompletion=completion.one_of(completion.SOLVERS),
        ),
    ] = "loaded",
    label: Annotated[
        str | None, typer.Option(help="Column with the right class: shows the accuracy, too.")
    ] = None,
    workers: Processes = None,
    timeout: Timeout = None,
    output: OutputOptions,
) -> int:
    """Feed new readings to a circuit: input voltages, output voltages, class and margin.

    The circuit is solved whole, with all of its loading. With --out: predictions.csv. Exit code 1
    where a row has no operating point.
    """
    check_engine(engine, completion.SOLVERS)
    timeout_s = checked_timeout(timeout, engine == "ngspice", "--engine loaded")
    from printron.results.circuit_files import PREDICTIONS

    output.check([PREDICTIONS])
    from printron.base.compiled import keep_compiled_programs
    from printron.base.files import write_atomically
    from printron.base.place import place_at
    from printron.cli.speak import say, say_json, waiting
    from printron.datasets import read_readings
    from printron.results import finite, read_circuit
    from printron.signoff import predict

    circuit = read_circuit(run)
    readings, right = read_readings(Path(table), circuit.record["features"], label, unlabelled=True)
    keep_compiled_programs()
    what = f"{len(readings)} rows through the circuit"
    with waiting(what, as_json=output.json, processes=True) as told:
        found = predict(
            circuit,
            readings,
            engine,
            workers=workers or usable_cores(),
            keep_dir=place_at(output.out).local if output.out else None,
            timeout_s=timeout_s,
            told=told,
        )

    def write(folder: Path) -> list[str]:
        write_atomically(
            folder / PREDICTIONS, partial(found.to_csv, index=False, float_format="%.9g")
        )
        return [PREDICTIONS]

    filled = output.fill(write)
    record = _record(circuit, found, right, engine)
    if output.json:
        files = {"files": list(filled.files), **output.refusal(filled)}
        say_json(finite({**record, "rows": found.to_dict("records"), **files}))
    else:
        say(_table(circuit, found), *_sentences(circuit, record, label, right))
    return output.conclude(filled, 1 if record["not_converged"] else 0)


def _record(
    circuit: "Circuit", found: "pd.DataFrame", right: list[str] | None, engine: str
) -> dict[str, Any]:
    from printron.results import HASH

    labelled = sum(map(bool, right or ()))
    return {
        HASH: circuit.hash,
        "engine": engine,
        "samples": len(found),
        "features": circuit.record["features"],
        "classes": circuit.record["classes"],
        "accuracy": _accuracy(circuit, found, right) if right and labelled else None,
        "without_label": None if right is None else len(right) - labelled,
        "clipped_rows": int((found["clipped"] > 0).sum()),
        "not_converged": int((found["class"] == "").sum()),
    }


def _accuracy(circuit: "Circuit", found: "pd.DataFrame", right: list[str]) -> float:
    """Share of the rows with a label that are answered by it."""
    from printron.datasets import class_numbers

    classes = circuit.record["classes"]
    numbers = class_numbers(right, classes)
    hits = [
        number >= 0 and answer == classes[number]
        for number, answer, label in zip(numbers, found["class"], right, strict=True)
        if label
    ]
    return sum(hits) / len(hits)


def _table(circuit: "Circuit", found: "pd.DataFrame") -> Any:
    from printron.cli.tables import table_of

    classes = circuit.record["classes"]
    outputs = [f"out{k + 1}" for k in range(len(classes))]
    names = ", ".join(f"{name}: {label}" for name, label in zip(outputs, classes, strict=True))
    made = table_of(
        f"{circuit.name}: {len(found)} rows",
        "row", "class", "margin mV", *(f"{name} V" for name in outputs),
        caption=f"outputs: {names}",
    )  # fmt: skip
    for number, row in enumerate(found.head(SHOWN).to_dict("records"), start=1):
        solved = row["class"] != ""
        made.add_row(
            str(number),
            row["class"] if solved else "-",
            f"{1e3 * row['margin_V']:.1f}" if solved else "-",
            *(f"{row[f'{name}_V']:.3f}" if solved else "-" for name in outputs),
        )
    return made


def _sentences(
    circuit: "Circuit", record: dict[str, Any], label: str | None, right: list[str] | None
) -> list[str]:
    from printron.datasets import class_numbers

    said = []
    if record["samples"] > SHOWN:
        said.append(f"{record['samples'] - SHOWN} more rows: see them with --out or --json")
    if right is not None:
        bare = record["without_label"]
        if record["accuracy"] is None:
            said.append(f"no row has a label in the column '{label}': no accuracy")
        else:
            labelled = record["samples"] - bare
            said.append(f"accuracy {100 * record['accuracy']:.1f} % of {labelled} rows")
            if bare:
                said.append(f"rows without a label, which do not count for it: {bare}")
        labels = sorted({text for text in right if text})
        numbers = class_numbers(labels, circuit.record["classes"])
        unknown = [text for text, number in zip(labels, numbers, strict=True) if number < 0]
        if unknown:
            said.append(f"the circuit does not know the class {', '.join(unknown[:5])}")
    elif label is not None:
        said.append(f"the table has no column '{label}': no accuracy")
    if record["clipped_rows"]:
        said.append(
            f"rows with readings outside the range of training, which were taken as 0 V or 1 V: "
            f"{record['clipped_rows']}"
        )
    if record["not_converged"]:
        said.append(
            f"rows without an operating point, and so without a class: {record['not_converged']}"
        )
    return said
