"""`printron signoff`: the whole circuit in SPICE, against its model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron.cli.options import DataDir, OutputOptions, usable_cores, with_options
from printron.errors import PrintronError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from printron.experiments import Circuit
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
    table: Annotated[
        str | None,
        typer.Option(help="Where your table is now; needed for other rows than test if it moved."),
    ] = None,
    data_dir: DataDir = None,
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
    from printron.experiments import HASH, keep_compiled_programs, place_at, read_circuit
    from printron.experiments.circuit import SIGNOFF

    circuit = read_circuit(run)
    output = OutputOptions(json=output.json, out=output.out or circuit.place.url)
    output.check(SIGNOFF)
    seen = circuit.rows(rows, table, data_dir)
    keep_compiled_programs()
    from printron.signoff import Claim, sign_off

    with waiting(f"{len(seen[1])} operating points of the whole circuit", as_json=output.json):
        verdict = sign_off(
            circuit.design,
            circuit.parameters,
            seen,
            claimed=Claim(
                "loaded" if circuit.sources == "loaded" else "model", *circuit.claimed(rows)
            ),
            title=f"printed network for {circuit.name}",
            spice=spice,
            workers=workers or usable_cores(),
            keep_dir=place_at(str(output.out)).local,
        )
    record = {
        HASH: circuit.hash,
        "dataset": circuit.name,
        "protocol": circuit.record["protocol"],
        "rows": rows,
        "majority": circuit.record["majority"],
        **verdict.record(),
    }
    volts = seen[0][:, 0]
    filled = output.fill(lambda folder: write_signoff(circuit, verdict, record, volts, folder))
    if output.json:
        say_json({**record, "files": list(filled.files), **output.refusal(filled)})
    else:
        say(_table(record), *_sentences(record))
    return output.conclude(filled, 0 if signed_off(record) else 1)


def signed_off(record: dict[str, Any]) -> bool:
    """Whether the truth is what was claimed, at every sample."""
    return not _objections(record)


def _objections(record: dict[str, Any]) -> list[str]:
    """Why a circuit is not signed off."""
    from printron.signoff.verdict import ACCURACY_POINTS, POWER_SHARE, SAME_POWER, SAME_V

    truth = record["truth"]
    conditions = {
        "nothing but the model that it was trained by was asked; SPICE is needed": (
            record["claim"]["independent"]
        ),
        f"accuracy is more than {ACCURACY_POINTS:g} points from what was claimed": (
            record["claim"]["accuracy_kept"]
        ),
        f"power is more than {100 * POWER_SHARE:g} % from what was claimed": (
            record["claim"]["power_kept"]
        ),
        f"{len(record[truth]['not_converged'])} rows have no operating point": (
            not record[truth]["not_converged"]
        ),
        f"ngspice and the built-in solver differ by more than {1e3 * SAME_V:g} mV or "
        f"{100 * SAME_POWER:g} % of power": record["engines_agree"] is not False,
        f"rows that ngspice solved on their own differ by more than {1e3 * SAME_V:g} mV": (
            record["cross_check_kept"] is not False
        ),
    }
    return [sentence for sentence, kept in conditions.items() if not kept]


def write_signoff(
    circuit: "Circuit",
    verdict: "Verdict",
    record: dict[str, Any],
    volts: "NDArray[Any]",
    folder: Path,
) -> list[str]:
    """Write what was found of a circuit; names of the files.

    Parameters
    ----------
    volts : that the netlist's inputs have, V, [inputs].
    """
    from printron.experiments import HASH, write_json
    from printron.export import FILE_NAME, write_spice
    from printron.report import save_figure, signoff_figure

    write_spice(circuit.spice(volts, verdict.netlist.title), folder / FILE_NAME)
    remark = f"{HASH}: {circuit.hash}"
    figures = save_figure(signoff_figure(verdict, circuit.name), folder / "signoff", remark)
    write_json(record, folder / "signoff.json")
    return [FILE_NAME, *(path.name for path in figures), "signoff.json"]


def _table(record: dict[str, Any]) -> Any:
    from printron.cli.tables import table_of
    from printron.signoff import MODELS, WORDS
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
        f"column and output voltages to {WORDS[record['truth']]}",
    )
    for model in MODELS:
        if model not in record:
            continue
        it = record[model]
        gap = it["gap_V"]["median"]
        made.add_row(
            WORDS[model],
            f"{100 * it['accuracy']:.1f}",
            "-" if it["power_W"]["total"] is None else si_text(it["power_W"]["total"], "W"),
            "-" if gap is None else f"{1e3 * gap:.1f}",
            *(_millivolts(x) if model != record["truth"] else "" for x in it["layer_rms_V"]),
        )
    return made


def _millivolts(volts: float) -> str:
    return "< 0.01" if volts < 1e-5 else f"{1e3 * volts:.2f}"


def _sentences(record: dict[str, Any]) -> list[str]:
    from printron.signoff import WORDS
    from printron.technology import si_text

    claim, truth = record["claim"], record["truth"]
    ratio = claim["power_ratio"]
    power = "no power claimed" if ratio is None else f"{100 * (ratio - 1):+.1f} % of power"
    said = [
        f"{WORDS[truth]}: {claim['accuracy_points']:+.1f} points of accuracy, {power} against the "
        f"{WORDS[claim['model']]}"
    ]
    if record["missing"]:
        said.append(f"without SPICE: {record['missing']}")
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
    against = _objections(record)
    said.append(
        f"NOT signed off: {'; '.join(against)}"
        if against
        else "signed off: the circuit does what was claimed"
    )
    return said
