"""`printron signoff`: the whole circuit in SPICE, against its model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.options import OutputOptions, usable_cores, with_options
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.signoff import Verdict

SPLITS = ("test", "valid", "train")


@with_options
def command(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="Folder of a circuit: of train or sweep with --out."),
    ],
    *,
    rows: Annotated[str, typer.Option(help="Rows to look at: test, valid or train.")] = "test",
    data_dir: Annotated[
        str | None, typer.Option(help="Folder with the raw files of the benchmarks.")
    ] = None,
    spice: Annotated[
        bool, typer.Option("--spice/--no-spice", help="Ask ngspice, or the built-in solver alone.")
    ] = True,
    workers: Annotated[
        int | None, typer.Option(min=1, help="ngspice processes; default: one for each core.")
    ] = None,
    output: OutputOptions,
) -> int:
    """Simulate the whole circuit on every row, and say whether it does what its model claims.

    Writes network.cir, signoff.json and a figure into RUN, or where --out says. Exit code 1 where
    accuracy or power is not what was claimed, or a row has no operating point.
    """
    if rows not in SPLITS:
        raise PrintronError(f"got --rows {rows}; allowed are {', '.join(SPLITS)}")
    from printron.cli.speak import say, say_json, waiting
    from printron.experiments import keep_compiled_programs, read_circuit

    circuit = read_circuit(run, data_dir)
    place = Path(output.out) if output.out else circuit.folder
    OutputOptions(json=output.json, out=str(place)).check()
    keep_compiled_programs()
    from printron.signoff import sign_off

    problem, labels = circuit.problem, circuit.problem.rows[rows][1]
    with waiting(f"{len(labels)} operating points of the whole circuit", as_json=output.json):
        verdict = sign_off(
            problem.design,
            circuit.parameters,
            problem.rows[rows],
            title=f"printed network for {problem.dataset.name}",
            spice=spice,
            workers=workers or usable_cores(),
            keep_dir=place,
        )
    majority = problem.dataset.majority
    record = {
        "dataset": problem.dataset.name,
        "protocol": problem.dataset.protocol,
        "rows": rows,
        "majority": majority,
        **verdict.record(),
    }
    record["files"] = [str(path) for path in _write(circuit, verdict, record, place)]
    if output.json:
        say_json(record)
    else:
        say(_table(record), *_sentences(record), f"written to {place}")
    return 0 if signed_off(record) else 1


def signed_off(record: dict[str, Any]) -> bool:
    """Whether the truth is what was claimed, at every sample."""
    failed = record[record["truth"]]["not_converged"]
    return record["claim"]["kept"] and not failed and record["engines_agree"] is not False


def _write(circuit: Any, verdict: "Verdict", record: dict[str, Any], place: Path) -> list[Path]:
    from printron.experiments import write_json
    from printron.export import FILE_NAME, spice_of, write_spice
    from printron.report import save_figure, signoff_figure

    data = circuit.problem.dataset
    text = spice_of(
        circuit.problem.design,
        circuit.parameters,
        circuit.problem.rows[record["rows"]][0][:, 0],
        title=verdict.netlist.title,
        features=data.feature_names,
        classes=data.class_names,
    )
    write_spice(text, place / FILE_NAME)
    figures = save_figure(signoff_figure(verdict, data.name), place / "signoff")
    write_json(record, place / "signoff.json")
    return [place / FILE_NAME, *figures, place / "signoff.json"]


def _table(record: dict[str, Any]) -> Any:
    from printron.cli.tables import table_of
    from printron.signoff import MODELS
    from printron.technology import si_text

    layers = len(record["model"]["layer_rms_V"]) - 1
    made = table_of(
        f"{record['dataset']}: {record['samples']} {record['rows']} rows, majority "
        f"{100 * record['majority']:.1f} %",
        "",
        "accuracy %",
        "power",
        "gap mV",
        *(f"z{n + 1} mV" for n in range(layers)),
        "out mV",
        caption="gap: from the largest output to the second, median; z, out: RMS difference of "
        f"column and output voltages to {_name(record['truth'])}",
    )
    for model in MODELS:
        if model not in record:
            continue
        it = record[model]
        gap = it["gap_V"]["median"]
        made.add_row(
            _name(model),
            f"{100 * it['accuracy']:.1f}",
            si_text(it["power_W"]["total"], "W"),
            "-" if gap is None else f"{1e3 * gap:.1f}",
            *(_millivolts(x) if model != record["truth"] else "" for x in it["layer_rms_V"]),
        )
    return made


def _name(model: str) -> str:
    return {
        "model": "model",
        "unloaded": "circuits, ideal sources",
        "loaded": "loaded model",
        "spice": "SPICE",
    }[model]


def _millivolts(volts: float) -> str:
    return "< 0.01" if volts < 1e-5 else f"{1e3 * volts:.2f}"


def _sentences(record: dict[str, Any]) -> list[str]:
    from printron.technology import si_text

    claim, truth = record["claim"], record["truth"]
    said = [
        f"{_name(truth)}: {claim['accuracy_points']:+.1f} points of accuracy, "
        f"{100 * (claim['power_ratio'] - 1):+.1f} % of power against the model"
    ]
    if record["missing"]:
        said.append(f"without SPICE: {record['missing']}")
    if record["engines_agree"] is False:
        said.append("ngspice and the built-in solver disagree by more than 1 mV or 0.5 % of power")
    if record["cross_check_V"] is not None:
        apart = si_text(float(f"{record['cross_check_V']:.2g}"), "V")
        said.append(f"samples solved one by one in ngspice differ by {apart} at most")
    failed = record[truth]["not_converged"]
    for sample, why in list(failed.items())[:3]:
        said.append(f"row {sample}: {why}")
    if len(failed) > 3:
        said.append(
            f"... {len(failed)} rows without an operating point in all; they count as wrong"
        )
    said.append(
        "signed off: the circuit does what was claimed"
        if signed_off(record)
        else "NOT signed off: the circuit does not do what was claimed (within 2 points, 3 % power)"
    )
    return said
