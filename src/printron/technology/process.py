"""A printing process, described in TOML: rails, printable conductances, transistors."""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import (
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from printron.base.models import StrictModel, one_sentence, read_toml
from printron.base.quantity import Ampere, MetreRange, Ohm, PerVolt, Siemens, Volt, si_text
from printron.technology.dynamics import Dynamics, GateCapacitance
from printron.technology.egt import EGTCard
from printron.technology.errors import TechnologyError
from printron.technology.grid import Grid, Resistors, Steps, steps
from printron.technology.leakage import GateResistance, Leakage
from printron.technology.limits import LIMITS, Number, check_limits, meant_keys
from printron.technology.names import check_case, check_name, check_rails
from printron.technology.variation import Variation

T = TypeVar("T")
_PITCHES = {"W": "W", "L": "L", "R": "resistor"}  # of sizes, by their names in a grid


class _Transistor(StrictModel):
    V_T: Volt
    S: Volt
    gamma: float = Field(ge=0.5, le=4, allow_inf_nan=False, strict=True)
    K: Ampere
    lambda_: PerVolt = Field(alias="lambda", ge=0)
    G_off: Siemens = Field(ge=0)
    W: MetreRange
    L: MetreRange

    @model_validator(mode="after")
    def _conducts(self) -> "_Transistor":
        if self.S <= 0 or self.K <= 0:
            raise TechnologyError(
                f"got S = {self.S:g} V and K = {self.K:g} A; both must be above 0"
            )
        return self


class _Crossbar(StrictModel):
    R_min: Ohm
    R_max: Ohm
    V_bias: Volt

    @model_validator(mode="after")
    def _range(self) -> "_Crossbar":
        if not 0 < self.R_min < self.R_max:
            raise TechnologyError(
                f"got R_min = {si_text(self.R_min, 'ohm')} and R_max = {si_text(self.R_max, 'ohm')}"
                "; R_min must be above 0 and below R_max"
            )
        return self


class Process(StrictModel):
    """What a printer and its inks can print, in SI units.

    Attributes
    ----------
    rails : supply voltage in V by rail name.
    crossbar : R_min, R_max in ohm and the bias line V_bias in V.
    transistors : the cards by name; see `card`.
    variation : how printed values spread; None where the file does not say, see `spread`.
    dynamics : what a transient needs; None where the file does not say, see `gate_capacitance`.
    leakage : what leaks; None where the file does not say, see `gate_leakage`.
    grid : on which sizes are printed; None for any sizes, see `steps`.
    resistors : their geometry; None where the file does not say.
    """

    name: str
    description: str = ""
    rails: dict[str, Volt]
    crossbar: _Crossbar
    transistors: dict[str, _Transistor]
    variation: Variation | None = None
    dynamics: Dynamics | None = None
    leakage: Leakage | None = None
    grid: Grid | None = None
    resistors: Resistors | None = None

    @field_validator("rails")
    @classmethod
    def _rail_names(cls, rails: dict[str, float]) -> dict[str, float]:
        check_rails(rails)
        return rails

    @field_validator("transistors")
    @classmethod
    def _card_names(cls, transistors: dict[str, _Transistor]) -> dict[str, _Transistor]:
        for name in transistors:
            check_name(name, "transistor")
        check_case(transistors, "transistors")
        return transistors

    @model_validator(mode="after")
    def _on_its_grid(self) -> "Process":
        if self.grid and self.grid.resistor and self.resistors is None:
            raise TechnologyError(
                "got a pitch of resistors in [grid] without a table [resistors]; add one with "
                "sheet, width and source, or remove grid.resistor"
            )
        ranges = [("R", "crossbar", self.crossbar.R_min, self.crossbar.R_max)]
        for name, card in self.transistors.items():
            ranges += [(key, f"transistors.{name}.{key}", *getattr(card, key)) for key in "WL"]
        for key, where, *ends in ranges:
            try:
                self.steps(key, *ends)
            except TechnologyError as error:
                raise TechnologyError(f"{where}: {error}") from None
        return self

    def steps(self, size: str, low: float, high: float) -> Steps | None:
        """What can be printed of a size of components, R in ohm, W or L in m, within a range; None
        where the size is on no grid.

        Raises
        ------
        TechnologyError : nothing can, since the grid is too coarse.
        """
        pitch = None if self.grid is None else getattr(self.grid, _PITCHES.get(size, ""), None)
        if pitch is None:
            return None
        if size != "R":
            return steps(pitch, low, high, "m")
        assert self.resistors is not None
        return steps(self.resistors.sheet * pitch / self.resistors.width, low, high, "ohm")

    @property
    def g_min(self) -> float:
        """Smallest printable crossbar conductance, S."""
        return 1 / self.crossbar.R_max

    @property
    def g_max(self) -> float:
        """Largest printable crossbar conductance, S."""
        return 1 / self.crossbar.R_min

    @property
    def spread(self) -> Variation:
        """How printed values spread.

        Raises
        ------
        TechnologyError : the process file does not say.
        """
        then = ", or ask for no variation (--variation none)"
        return self._stated("variation", self.variation, "says how printed values spread", then)

    @property
    def gate_capacitance(self) -> GateCapacitance:
        """Capacitance of gates per area, with its source.

        Raises
        ------
        TechnologyError : the process file does not say.
        """
        what, then = "gives the capacitance of gates", " and train the circuit with it"
        return self._stated("dynamics", self.dynamics, what, then).gate_capacitance

    @property
    def gate_leakage(self) -> GateResistance:
        """Resistance from gates to ground, with its source.

        Raises
        ------
        TechnologyError : the process file does not say.
        """
        return self._stated("leakage", self.leakage, "gives the leakage of gates").gate

    def card(self, name: str) -> EGTCard:
        """The transistor card of that name.

        Raises
        ------
        TechnologyError : the process has no such card.
        """
        return EGTCard(
            name=name, **self._offered("transistor", self.transistors, name).model_dump()
        )

    def rail(self, name: str) -> float:
        """Voltage of a rail, V.

        Raises
        ------
        TechnologyError : the process has no such rail.
        """
        return self._offered("rail", self.rails, name)

    def _stated(self, name: str, table: T | None, what: str, then: str = "") -> T:
        """A table that files may leave out; the error says what it is for, and what to do."""
        if table is None:
            raise TechnologyError(
                f"process '{self.name}' has no table [{name}], which {what}; add one to its file "
                f"('printron show process' shows a process that has one){then}"
            )
        return table

    def _offered(self, kind: str, entries: dict[str, T], name: str) -> T:
        """The entry of that name; the error lists the names that exist."""
        if name not in entries:
            raise TechnologyError(
                f"process '{self.name}' has no {kind} '{name}'; "
                f"it has {', '.join(sorted(entries)) or 'none'}"
            )
        return entries[name]


def parse_process(table: dict[str, Any], source: str, *, limits: bool = True) -> Process:
    """Check a process given as a table; `source` names it in error messages.

    Parameters
    ----------
    limits : refuse numbers that no printed technology has, unless the table lists their keys in
        `meant`.

    Raises
    ------
    TechnologyError : one sentence that names the key, what was got and what is allowed.
    """
    body, meant = meant_keys(table, source)
    try:
        process = Process.model_validate(body)
    except ValidationError as error:
        raise TechnologyError(one_sentence(source, error)) from None
    if limits:
        check_limits(_numbers(process), meant, source)
    return process


def _numbers(process: Process) -> Iterator[Number]:
    """Every number of a process that has limits, with its key in the file."""
    for rail, volts in process.rails.items():
        yield Number(f"rails.{rail}", LIMITS["supply"], (volts,))
    crossbar = process.crossbar
    yield Number("crossbar.R_min", LIMITS["R"], (crossbar.R_min,))
    yield Number("crossbar.R_max", LIMITS["R"], (crossbar.R_max,))
    yield Number("crossbar.V_bias", LIMITS["supply"], (crossbar.V_bias,))
    for name, card in process.transistors.items():
        for key in ("V_T", "S", "K", "G_off"):
            yield Number(f"transistors.{name}.{key}", LIMITS[key], (getattr(card, key),))
        yield Number(f"transistors.{name}.lambda", LIMITS["lambda"], (card.lambda_,))
        yield Number(f"transistors.{name}.W", LIMITS["W"], card.W)
        yield Number(f"transistors.{name}.L", LIMITS["L"], card.L)
    if process.dynamics is not None:
        key, capacitance = "gate_capacitance", process.gate_capacitance.value
        yield Number(f"dynamics.{key}.value", LIMITS[key], (capacitance,))
    if process.leakage is not None:
        ohm = process.gate_leakage.value
        yield Number("leakage.gate.value", LIMITS["gate_leakage"], (ohm,))
    for key in ("W", "L", "resistor"):
        pitch = process.grid and getattr(process.grid, key)
        if pitch:
            yield Number(f"grid.{key}", LIMITS["L"], (pitch,))
    if process.resistors is not None:
        yield Number("resistors.sheet", LIMITS["R"], (process.resistors.sheet,))
        yield Number("resistors.width", LIMITS["W"], (process.resistors.width,))


def load_process(path: str | Path) -> Process:
    """Read and check a process file; see `data/inkjet_egt.toml` for the form.

    Raises
    ------
    TechnologyError : one sentence that names the file, the key, what was got and what is allowed.
    """
    return parse_process(read_toml(path), str(path))


def shipped(file: str) -> Path:
    """Path of a data file that ships with the package."""
    return Path(str(resources.files("printron.technology") / "data" / file))


@cache
def default_process() -> Process:
    """The inkjet process that ships with printron."""
    return load_process(shipped("inkjet_egt.toml"))
