"""`printron characterize` and `printron surrogates`: simulated cells and their surrogates."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printron import __version__
from printron.cli import completion
from printron.cli.declare import with_options
from printron.cli.notes import Timeout, check_engine, checked_timeout
from printron.cli.options import MOST_SAMPLES, WorkOptions
from printron.cli.output import OutputOptions
from printron.cli.problem_options import TechnologyOptions
from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.characterization import Characterization


@dataclass(frozen=True)
class SimulationOptions(WorkOptions):
    """Designs to simulate, and the simulator."""

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
    seed: Annotated[int, typer.Option(min=0, help="Seed of the Sobol sequence.")] = 0
    timeout: Timeout = None

    @property
    def timeout_s(self) -> float | None:
        """Time limit of ngspice, s; refuses values without sense."""
        check_engine(self.engine, completion.ENGINES)
        return checked_timeout(self.timeout, self.engine == "ngspice", f"--engine {self.engine}")


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
    """Simulate designs of a cell and fit its curve; shows misfit and power.

    With --out: CELL.parquet, one row per design, and CELL.json.
    """
    timeout_s = simulation.timeout_s
    from printron.base.compiled import keep_compiled_programs
    from printron.characterization import remarks_on, summary_of
    from printron.cli.speak import say, say_json
    from printron.results import write_json

    library = technology_options.technology()
    library.cell(cell)
    files = [f"{cell}.parquet", f"{cell}.json"]
    output.check(files)
    keep_compiled_programs()
    begin = time.perf_counter()
    data = _simulate(library, cell, simulation, timeout_s, output.json)
    notes = remarks_on(data, library.cell(cell).curve)
    wall_s = round(time.perf_counter() - begin, 3)
    record = {**summary_of(data), "wall_s": wall_s, "notes": notes}

    def write(folder: Path) -> list[str]:
        data.write(folder / files[0])
        write_json(record, folder / files[1])
        return files

    filled = output.fill(write)
    if output.json:
        say_json({**record, "files": list(filled.files), **output.refusal(filled)})
    else:
        failed = record["first_failure"]
        why = [f"the first design without a result: {failed}"] if failed else []
        say(_characterization_table(record), *notes, *why)
    return output.conclude(filled)


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

    Writes CELL.npz and CELL.json into --out (required), for 'printron train --surrogates'.
    """
    if output.out is None:
        raise PrintronError("no --out was given; name the folder that the surrogates go to")
    timeout_s = simulation.timeout_s
    from printron.base.compiled import keep_compiled_programs
    from printron.characterization import build_surrogate, remarks_on, save_surrogate
    from printron.cli.speak import say, say_json, waiting
    from printron.technology import check_sweep

    library = technology_options.technology()
    chosen = names or sorted(library.cells)
    for name in chosen:
        cell = library.cell(name)
        if cell.usable_in_network:
            check_sweep(library.process, cell, cell if cell.role == "activation" else None)
    output.check([f"{name}.{suffix}" for name in chosen for suffix in ("npz", "json")])
    keep_compiled_programs()
    records, notes, code = [], [], 0
    for name in chosen:
        begin = time.perf_counter()
        data = _simulate(library, name, simulation, timeout_s, output.json)
        notes += remarks_on(data, library.cell(name).curve)
        with waiting(f"training the surrogate of {name}", as_json=output.json):
            surrogate = build_surrogate(library, data, seed=simulation.seed)
        filled = output.fill(partial(save_surrogate, surrogate))
        wall_s = round(time.perf_counter() - begin, 3)
        files = {"files": list(filled.files), **output.refusal(filled)}
        records.append({**surrogate.report, "wall_s": wall_s, **files})
        code = max(code, output.conclude(filled))
    if output.json:
        say_json({"surrogates": records, "notes": notes, "version": __version__})
    else:
        say(_surrogate_table(records), *notes)
    return code


def _simulate(
    library: Any,
    cell: str,
    simulation: SimulationOptions,
    timeout_s: float | None,
    as_json: bool,
) -> "Characterization":
    from printron.characterization import characterize
    from printron.cli.speak import waiting

    what = f"{simulation.samples} designs of {cell} in {simulation.engine}"
    with waiting(what, as_json=as_json, processes=simulation.engine != "jax") as progress:
        return characterize(
            library,
            cell,
            samples=simulation.samples,
            engine=simulation.engine,
            seed=simulation.seed,
            workers=simulation.threads,
            timeout_s=timeout_s,
            progress=progress,
        )


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
        "Errors on held-out designs: medians, and below them 95th percentiles",
        "cell", "edge mV", "low mV", "high mV", "slope %", "power %", "time s",
    )  # fmt: skip
    for record in records:
        errors = [record["surrogate_error"][key] for key in keys]
        medians, most = ([_error(error[which]) for error in errors] for which in ("median", "p95"))
        made.add_row(record["cell"], *medians, f"{record['wall_s']:.0f}")
        made.add_row("  95 %", *most, "")
    return made


def _error(value: float | None) -> str:
    """An error; a dash if the cell lacks the feature (a plateau)."""
    return "-" if value is None else f"{value:.2f}"
