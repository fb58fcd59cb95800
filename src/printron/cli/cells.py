"""`printron characterize` and `printron surrogates`: how cells behave."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron import __version__
from printron.cli import completion
from printron.cli.options import (
    MOST_SAMPLES,
    OutputOptions,
    TechnologyOptions,
    WorkOptions,
    with_options,
)
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.characterization import Characterization


@dataclass(frozen=True)
class SimulationOptions(WorkOptions):
    """Which designs are simulated, and by what."""

    engine: Annotated[
        str,
        typer.Option(
            help="Simulator: jax or ngspice.",
            autocompletion=completion.one_of(completion.ENGINES),
        ),
    ] = "jax"
    samples: Annotated[
        int, typer.Option(min=1, max=MOST_SAMPLES, help="Number of Sobol designs.")
    ] = 10_000
    seed: Annotated[int, typer.Option(min=0, help="Of the Sobol sequence.")] = 0


@with_options
def characterize_command(
    cell: Annotated[
        str,
        typer.Argument(
            help="A cell of the library, for example ptanh.", autocompletion=completion.cell
        ),
    ],
    *,
    simulation: SimulationOptions,
    technology_options: TechnologyOptions,
    output: OutputOptions,
) -> int:
    """Simulate designs of a cell, fit its curve; shows fit and power.

    With --out: CELL.parquet, one row a design, and CELL.json.
    """
    output.check()
    from printron.cli.speak import say, say_json
    from printron.experiments import keep_compiled_programs, write_json

    library = technology_options.technology()
    keep_compiled_programs()
    begin = time.perf_counter()
    data = _simulate(library, cell, simulation, output.json)
    record = {**_summary(data), "wall_s": round(time.perf_counter() - begin, 3), "files": []}
    if output.out:
        folder = Path(output.out)
        data.write(folder / f"{cell}.parquet")
        record["files"] = [str(folder / f"{cell}.parquet"), str(folder / f"{cell}.json")]
        write_json(record, folder / f"{cell}.json")
    if output.json:
        say_json(record)
    else:
        say(_characterization_table(record))
        if output.out:
            say(f"written to {record['files'][0]}")
    return 0


@with_options
def surrogates_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CELL]...", help="Cells; default: all.", autocompletion=completion.cell
        ),
    ] = None,
    *,
    simulation: SimulationOptions,
    technology_options: TechnologyOptions,
    output: OutputOptions,
) -> int:
    """Characterize cells and train their surrogates; shows their errors on held-out designs.

    Writes CELL.npz and CELL.json into --out, which is needed, for 'printron train --surrogates'.
    """
    if output.out is None:
        raise PrintronError("no --out was given; name the folder that the surrogates go to")
    output.check()
    from printron.characterization import build, save
    from printron.cli.speak import say, say_json, waiting
    from printron.experiments import keep_compiled_programs

    library = technology_options.technology()
    chosen = names or sorted(library.cells)
    for name in chosen:
        library.cell(name)
    keep_compiled_programs()
    records = []
    for name in chosen:
        begin = time.perf_counter()
        data = _simulate(library, name, simulation, output.json)
        with waiting(f"training the surrogate of {name}", as_json=output.json):
            surrogate = build(library, data, seed=simulation.seed)
        files = save(surrogate, Path(output.out))
        wall_s = round(time.perf_counter() - begin, 3)
        records.append({**surrogate.report, "wall_s": wall_s, "files": [str(f) for f in files]})
    if output.json:
        say_json({"surrogates": records, "version": __version__})
    else:
        say(_surrogate_table(records), f"written to {output.out}")
    return 0


def _simulate(
    library: Any, cell: str, simulation: SimulationOptions, as_json: bool
) -> "Characterization":
    from printron.characterization import characterize
    from printron.cli.speak import waiting

    what = f"{simulation.samples} designs of {cell} in {simulation.engine}"
    with waiting(what, as_json=as_json, processes=simulation.engine != "jax"):
        return characterize(
            library,
            cell,
            samples=simulation.samples,
            engine=simulation.engine,
            seed=simulation.seed,
            workers=simulation.threads,
        )


def _summary(data: "Characterization") -> dict[str, Any]:
    """Provenance and the spread of what was found over the converged designs."""
    good = data.converged().table

    def spread(column: str, factor: float = 1.0) -> dict[str, float]:
        low, middle, high = (factor * good[column]).quantile([0.05, 0.5, 0.95])
        return {"p5": float(low), "median": float(middle), "p95": float(high)}

    return {
        **data.provenance,
        "fit_rms_mV": spread("fit_rms_V", 1e3),
        "edge_V": spread("edge_V"),
        "power_W": spread("power_W"),
        "version": __version__,
    }


def _characterization_table(record: dict[str, Any]) -> Any:
    from printron.cli.tables import table_of, watts

    engine = f"{record['engine']} {record['engine_version']}"
    made = table_of(
        f"{record['cell']}: {record['samples']} designs, {engine}, {record['wall_s']:.1f} s",
        "",
        "5 %",
        "median",
        "95 %",
        caption=f"{record['not_converged']} designs did not converge",
    )
    rms, edge, power = record["fit_rms_mV"], record["edge_V"], record["power_W"]
    order = ("p5", "median", "p95")
    made.add_row("misfit of the curve form, mV rms", *(f"{rms[k]:.2f}" for k in order))
    made.add_row("edge, V", *(f"{edge[k]:.3f}" for k in order))
    made.add_row("supply power", *(watts(power[k]) for k in order))
    return made


def _surrogate_table(records: list[dict[str, Any]]) -> Any:
    from printron.cli.tables import table_of

    keys = ("edge_mV", "low_plateau_mV", "high_plateau_mV", "slope_percent", "power_percent")
    made = table_of(
        "Errors on held-out designs: medians, and below them what 95 % do not exceed",
        "cell", "edge mV", "low mV", "high mV", "slope %", "power %", "time s",
    )  # fmt: skip
    for record in records:
        errors = [record["surrogate_error"][key] for key in keys]
        medians, most = ([_error(it[which]) for it in errors] for which in ("median", "p95"))
        made.add_row(record["cell"], *medians, f"{record['wall_s']:.0f}")
        made.add_row("  95 %", *most, "")
    return made


def _error(value: float | None) -> str:
    """An error; a dash where the cell has no such feature (a plateau)."""
    return "-" if value is None else f"{value:.2f}"
