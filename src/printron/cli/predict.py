"""`printron predict`: classes of new readings by a circuit."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.base.machine import usable_cores
from printron.base.sentence import number_of
from printron.cli import completion
from printron.cli.declare import on_this_machine, with_options
from printron.cli.notes import Processes, Timeout, check_engine, checked_timeout
from printron.cli.options import Run
from printron.cli.output import OutputOptions

if TYPE_CHECKING:
    import pandas as pd

    from printron.results import Circuit

SHOWN = 20  # rows on the terminal


@with_options
def command(
    run: Run,
    table: Annotated[
        str,
        typer.Argument(
            help="Readings, columns named as in training, in any order.",
            callback=on_this_machine("table"),
        ),
    ],
    *,
    engine: Annotated[
        str,
        typer.Option(
            help="Solver of the circuit: loaded (built in) or ngspice.",
            autocompletion=completion.one_of(completion.SOLVERS),
        ),
    ] = "loaded",
    label: Annotated[
        str | None, typer.Option(help="Column with the true class, to show the accuracy.")
    ] = None,
    workers: Processes = None,
    timeout: Timeout = None,
    output: OutputOptions,
) -> int:
    """Feed new readings to a circuit: input voltages, output voltages, class and margin.

    Solves the whole circuit, with all loading. With --out: predictions.csv. Exit code 1 if a row
    has no operating point.
    """
    check_engine(engine, completion.SOLVERS)
    timeout_s = checked_timeout(timeout, engine == "ngspice", "--engine loaded")
    from printron.results.circuit_folder import PREDICTIONS

    output.check([PREDICTIONS])
    from printron.base.compiled import keep_compiled_programs
    from printron.base.files import write_atomically
    from printron.base.place import place_at
    from printron.cli.speak import notes, say, say_json, waiting
    from printron.datasets import read_new
    from printron.results import finite, read_circuit
    from printron.signoff import predict, prediction_record

    circuit = read_circuit(run)
    readings, right, remarks = read_new(
        Path(table), circuit.record["features"], label, unlabelled=True
    )
    notes(remarks)
    keep_compiled_programs()
    what = f"{number_of(len(readings), 'row')} through the circuit"
    with waiting(what, as_json=output.json, processes=True) as progress:
        found = predict(
            circuit,
            readings,
            engine,
            workers=workers or usable_cores(),
            keep_dir=place_at(output.out).local if output.out else None,
            timeout_s=timeout_s,
            progress=progress,
        )

    def write(folder: Path) -> list[str]:
        write_atomically(
            folder / PREDICTIONS, partial(found.to_csv, index=False, float_format="%.9g")
        )
        return [PREDICTIONS]

    filled = output.fill(write)
    record = prediction_record(circuit, found, right, engine)
    if output.json:
        files = {"files": list(filled.files), **output.refusal(filled)}
        say_json(finite({**record, "rows": found.to_dict("records"), **files}))
    else:
        say(_table(circuit, found), *_sentences(circuit, record, label, right))
    return output.conclude(filled, 1 if record["not_converged"] else 0)


def _table(circuit: "Circuit", found: "pd.DataFrame") -> Any:
    from printron.cli.tables import table_of

    classes = circuit.record["classes"]
    outputs = [f"out{k + 1}" for k in range(len(classes))]
    names = ", ".join(f"{name}: {label}" for name, label in zip(outputs, classes, strict=True))
    made = table_of(
        f"{circuit.name}: {number_of(len(found), 'row')}",
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

    sentences = []
    if record["samples"] > SHOWN:
        sentences.append(
            f"{number_of(record['samples'] - SHOWN, 'more row')}: see them with --out or --json"
        )
    if right is not None:
        bare = record["without_label"]
        if record["accuracy"] is None:
            sentences.append(f"no row has a label in the column '{label}': no accuracy")
        else:
            labelled = record["samples"] - bare
            sentences.append(
                f"accuracy {100 * record['accuracy']:.1f} % of {number_of(labelled, 'row')}"
            )
            if bare:
                sentences.append(f"rows without a label, not counted: {bare}")
        labels = sorted({text for text in right if text})
        numbers = class_numbers(labels, circuit.record["classes"])
        unknown = [text for text, number in zip(labels, numbers, strict=True) if number < 0]
        if unknown:
            sentences.append(f"the circuit does not know the class {', '.join(unknown[:5])}")
    elif label is not None:
        sentences.append(f"the table has no column '{label}': no accuracy")
    if record["clipped_rows"]:
        sentences.append(
            f"rows with readings outside the training range, clipped to 0 V or 1 V: "
            f"{record['clipped_rows']}"
        )
    if record["not_converged"]:
        sentences.append(
            f"rows without an operating point, thus without a class: {record['not_converged']}"
        )
    return sentences
