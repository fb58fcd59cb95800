"""The conditions under which a circuit is to work: how its copies deviate, and who reads it.

Printing varies components (`variation`). In use, the supplies sag, thresholds drift with
temperature and age, gates leak, and a sensor has a source resistance: supplies and thresholds are
taken as uniform within limits, common to a whole circuit. A readout tells outputs apart that differ
by a margin.

`ConditionsSpec` is what a user asks for, in an option, a file or a record; on a process it becomes
`Conditions`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, PlainSerializer, PlainValidator, SerializationInfo

from printron.base.bounds import bounded, check_bounds
from printron.base.models import StrictModel
from printron.base.quantity import WRITTEN, Ohm, Percent, Volt, decimal, si_text, to_si
from printron.base.sentence import shown
from printron.technology.errors import TechnologyError
from printron.technology.limits import LIMITS
from printron.technology.names import GROUND
from printron.technology.process import Process
from printron.technology.variation import LARGEST_V, QUANTITIES, ShiftVolt, Variation

CONDITIONS = "conditions"  # key in records and files
LARGEST_OHM = 1e9  # of a sensor
PROCESS: Final = "process"  # as its file states
NONE = "none"


@dataclass(frozen=True)
class Conditions:
    """What a circuit has to stand.

    Attributes
    ----------
    variation : of printing.
    supply : all supplies, the bias line included, lie within 1 - supply ... 1 + supply of their
        voltage, together.
    drift : all thresholds are off by up to this, together, V.
    source_resistance : of the sensor at every input, ohm; 0 for ideal sources.
    margin : by which the right output must lead all others, V.
    gate_leakage : resistance from each gate to ground, ohm; None for gates that do not leak.

    Raises
    ------
    PrintronError : a value outside its bounds.
    """

    variation: Variation = Variation()
    supply: float = bounded(0.0, least=0, below=1)
    drift: float = bounded(0.0, least=0, most=LARGEST_V)
    source_resistance: float = bounded(0.0, least=0, most=LARGEST_OHM)
    margin: float = bounded(0.0, least=0)
    gate_leakage: float | None = bounded(None, above=0)

    def __post_init__(self) -> None:
        check_bounds(self)

    @property
    def varied(self) -> bool:
        """Whether copies differ from the design."""
        spreads = [self.variation.of(name) for name in QUANTITIES]
        numbers = [number for spread in spreads for number in (spread.own, spread.shared)]
        return any([*numbers, self.supply, self.drift])


def _factor(value: Any) -> float:
    """The factor on a process's variation that a word or a number means."""
    number = {PROCESS: 1.0, NONE: 0.0}.get(value) if isinstance(value, str) else None
    if number is None and isinstance(value, str):
        number = decimal(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if number is None or not 0 <= number < math.inf:
        raise TechnologyError(
            f"got {shown(value)}; give process (the variation of the process file), none, or a "
            "factor on that of the process, 0 or above: 0.5"
        )
    return number


def _ohms(value: float) -> float:
    if not 0 <= value <= LARGEST_OHM:
        most = si_text(LARGEST_OHM, "ohm")
        raise TechnologyError(f"got {si_text(value, 'ohm')}; give 0 ohm (ideal sources) to {most}")
    return value


def _leakage(value: Any) -> float | Literal["process"] | None:
    """What a word or a resistance means, ohm."""
    if value is None or value == NONE:
        return None
    if value == PROCESS:
        return PROCESS
    limits, ohm = LIMITS["gate_leakage"], to_si(value, "ohm")
    if ohm <= 0 or not limits.admit(ohm):
        raise TechnologyError(
            f"got {si_text(ohm, 'ohm')}; give process (the leakage of the process file), none, or "
            f"the resistance from a gate to ground, {limits}"
        )
    return ohm


def _leakage_text(value: float | str | None, info: SerializationInfo) -> Any:
    return f"{value!r} ohm" if info.context == WRITTEN and isinstance(value, float) else value


def _tolerance(value: float) -> float:
    if not 0 <= value < 1:
        raise TechnologyError(f"got {100 * value:g} %; give 0 % or above, and below 100 %")
    return value


def _margin(value: float) -> float:
    if value < 0:
        raise TechnologyError(f"got {si_text(value, 'V')}; give 0 V or above")
    return value


class ConditionsSpec(StrictModel):
    """The conditions that a user asks for: the keys of a file and the options of a command.

    Values are given as people write them: "10 mV".

    Attributes
    ----------
    variation : "process", "none", or a factor on the standard deviations of the process; kept as
        the factor.
    margin : V.  source_resistance : ohm.  supply_tolerance : a fraction.  drift : V; these as in
        `Conditions`.
    gate_leakage : "process", ohm, or None for "none".
    """

    variation: Annotated[float, PlainValidator(_factor)] = 0.0
    margin: Annotated[Volt, AfterValidator(_margin)] = 0.0
    source_resistance: Annotated[Ohm, AfterValidator(_ohms)] = 0.0
    supply_tolerance: Annotated[Percent, AfterValidator(_tolerance)] = 0.0
    drift: ShiftVolt = 0.0
    gate_leakage: Annotated[
        float | Literal["process"] | None,
        PlainValidator(_leakage),
        PlainSerializer(_leakage_text),
    ] = None

    @property
    def given(self) -> bool:
        """Whether any condition is asked for."""
        return any(self.model_dump().values())

    @property
    def varied(self) -> bool:
        """Whether copies differ from the design."""
        return bool(self.variation or self.supply_tolerance or self.drift)

    @property
    def loaded(self) -> bool:
        """Whether a condition is asked for that ideal sources cannot have."""
        return self.varied or bool(self.source_resistance or self.gate_leakage)

    @property
    def written(self) -> dict[str, Any]:
        """As JSON with units, from which `ConditionsSpec.model_validate` makes the same again.

        Without leakage where gates do not leak, as in records that know of none.
        """
        dumped: dict[str, Any] = self.model_dump(mode="json", context=WRITTEN, exclude_none=True)
        return dumped

    @property
    def options(self) -> dict[str, str]:
        """The given conditions as options of a command, by name."""
        zero = ConditionsSpec().model_dump()
        given = {name: value for name, value in self.model_dump().items() if value != zero[name]}
        return {name: str(self.written[name]).replace(" ", "") for name in given}

    @property
    def text(self) -> str:
        """The conditions in words, in the order of a sentence; "" where none are given."""
        words = (
            (self.variation, f"variation ×{self.variation:g} of the process"),
            (self.supply_tolerance, f"supplies ±{100 * self.supply_tolerance:g} %"),
            (self.drift, f"thresholds ±{si_text(self.drift, 'V')}"),
            (self.source_resistance, f"sensors behind {si_text(self.source_resistance, 'Ω')}"),
            (self.gate_leakage, self._leakage_words),
            (self.margin, f"margin {si_text(self.margin, 'V')}"),
        )
        return ", ".join(text for value, text in words if value)

    @property
    def _leakage_words(self) -> str:
        value = self.gate_leakage
        if isinstance(value, float):
            return f"gates leaking through {si_text(value, 'Ω')}"
        return "gates leaking as the process says"

    def on(self, process: Process) -> Conditions:
        """The conditions on a process.

        Raises
        ------
        TechnologyError : the process does not say how printing varies, or what gates leak; a factor
            that makes a standard deviation larger than is allowed; a margin that no circuit can
            have; leakage on a process without ground.
        """
        sources = [0.0, process.crossbar.V_bias, *process.rails.values()]
        span = max(sources) - min(sources)
        if self.margin >= span:
            raise TechnologyError(
                f"got a margin of {si_text(self.margin, 'V')}, but the supplies of process "
                f"'{process.name}' lie {si_text(span, 'V')} apart, and no two outputs can differ "
                "by more; give a smaller margin, for example 10 mV"
            )
        return Conditions(
            variation=process.spread.scaled(self.variation) if self.variation else Variation(),
            supply=self.supply_tolerance,
            drift=self.drift,
            source_resistance=self.source_resistance,
            margin=self.margin,
            gate_leakage=self._leakage_on(process),
        )

    def _leakage_on(self, process: Process) -> float | None:
        """Resistance from gates to ground, ohm."""
        if self.gate_leakage is not None and GROUND not in process.rails:
            raise TechnologyError(
                f"got {self._leakage_words}, which ends at ground, but process '{process.name}' "
                f"has no rail '{GROUND}'; add {GROUND} = \"0 V\" to its [rails]"
            )
        if self.gate_leakage == PROCESS:
            return process.gate_leakage.value
        return self.gate_leakage


def conditions_in(record: Mapping[str, Any]) -> ConditionsSpec:
    """The conditions of a record, `ConditionsSpec.written` below the key "conditions"; none without
    that key."""
    return ConditionsSpec.model_validate(record.get(CONDITIONS) or {})
