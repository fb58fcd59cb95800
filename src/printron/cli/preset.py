"""What the commands train unless options say otherwise.

`robust` circuits survive printing: neurons are differential pairs, outputs are passive columns, and
training sees printed copies. `published` circuits are those of the publication that printron starts
from, as designed.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from printron.errors import PrintronError

if TYPE_CHECKING:
    from printron.technology import Technology
    from printron.technology.conditions import ConditionsSpec

NO_CELL, NEGATION = "none", "negation"


@dataclass(frozen=True)
class Preset:
    """Defaults of options.

    Attributes
    ----------
    hidden : neurons of hidden layers, as in the option.
    activation, outputs : cell of hidden neurons, and of the outputs.
    sweep_sources : of a sweep; a single circuit is trained against the loaded circuit.
    conditions : by key, as in a file.
    """

    hidden: str
    activation: str
    outputs: str
    alpha: float
    alphas: str
    seeds: str
    sweep_sources: str
    conditions: dict[str, str] = field(default_factory=dict)

    def activations(self, layers: int) -> str:
        """The text of --activation for a number of layers, the outputs among them."""
        if self.outputs == self.activation:
            return self.activation
        return ",".join([self.activation] * (layers - 1) + [self.outputs])

    def conditions_for(self, sources: str | None) -> "ConditionsSpec":
        """The conditions; with ideal sources only those that such sources can have."""
        from printron.technology.conditions import ConditionsSpec

        spec = ConditionsSpec.model_validate(self.conditions)
        if sources == "ideal" and spec.loaded:
            return ConditionsSpec().model_copy(update={"margin": spec.margin})
        return spec


PRESETS = {
    "robust": Preset(
        hidden="6",
        activation="pair",
        outputs=NO_CELL,
        alpha=0.05,
        alphas="0.0,0.02,0.05,0.1,0.2,0.5",
        seeds="2",
        sweep_sources="loaded",
        conditions={"variation": "process", "margin": "10mV"},
    ),
    "published": Preset(
        hidden="3",
        activation="ptanh",
        outputs="ptanh",
        alpha=0.5,
        alphas="20",
        seeds="5",
        sweep_sources="ideal",
    ),
}


def preset_of(name: str) -> Preset:
    """The preset of that name.

    Raises
    ------
    PrintronError : no such preset.
    """
    if name not in PRESETS:
        raise PrintronError(f"got --preset {name[:40]}; allowed are {', '.join(PRESETS)}")
    return PRESETS[name]


def negations(technology: "Technology", activation: str) -> str:
    """The text of --negation that suits the cells of --activation, layer by layer.

    Pairs have weights of both signs, and a passive layer alone needs none: argmax does not see a
    common shift. All other cells get negative-weight circuits.
    """
    names = [name.strip() for name in activation.split(",")]
    if all(name == NO_CELL or technology.cell(name, "activation").differential for name in names):
        return NO_CELL
    return NEGATION
