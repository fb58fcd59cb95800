"""How a run is trained: steps, rates, the rising slope of the cells, printing noise, starts."""

import math
from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
from jax import Array

from printron.errors import PrintronError

Sources = Literal["ideal", "loaded"]
SOURCES = ("ideal", "loaded")
LOADED_COST = 30  # of a loaded epoch, in ideal ones: for the remaining time that is shown


@dataclass(frozen=True)
class Schedule:
    """How a run is trained.

    Attributes
    ----------
    epochs : steps. A step sees all training rows, or `rows_per_step` of them in turn where there
        are more: with Pendigits' 7,000, four times the steps in the same time.
    learning_rate : of Adam at the start; it falls along a cosine to `final_share` of it.
    cell_rate : factor on the learning rate of the cells' component values.
    anneal_from, anneal_share : the slope of the cells rises exponentially from `anneal_from` to 1
        over this share of the epochs.
    noise : standard deviation of ln(g) that every conductance is shaken by in each step, as
        printing does: finds circuits that do not hang on one value, and generalises better.
    count_temperature : of the soft counts of circuits, in units of a column's mean conductance;
        None for the published counts. See `printron.network.power`.
    prune_below : at each look, input resistors that conduct less than these shares of their
        column's best conductance are left out on trial; what validates best is kept.
    starts : random starts of a run; the best by validation is the run's result. Every other start
        begins with positive signs alone.
    rows_per_step : training rows that a step sees at most, to a block of rows.
    check_every : epochs between looks at the validation rows.
    sources : "ideal": the rows of a crossbar are ideal sources behind fitted curves. "loaded":
        after that, the run is trained on against the circuit with all of its loading, and what is
        selected and reported is that circuit.
    loaded_epochs, loaded_rate, loaded_noise : of that second part, as `epochs`, `learning_rate` and
        `noise`.
    column_scale : what a column conducts at the start of a run that goes on to the circuit, in
        multiples of the lowest that can be printed, or as much as can be. Stiff columns are pulled
        less by the inputs of activation circuits; those that nothing pulls start at the lowest.
    scale_rate : factor on the learning rates, in both parts, of what columns conduct
        (`Parameters.scale`). With `column_scale` 1 and `scale_rate` 0, or with ideal sources alone,
        all are as low as can be printed, as published. With `scale_rate` 0 alone, the best
        conductor of a column stays what it was at the start, as far as that can be printed.
    loading_share : the loading rises from 0 to 1 over this share of the second part.
    """

    epochs: int = 3000
    learning_rate: float = 0.005
    final_share: float = 0.02
    cell_rate: float = 1.0
    anneal_from: float = 0.2
    anneal_share: float = 0.8
    noise: float = 0.05
    count_temperature: float | None = 0.3
    prune_below: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3)
    starts: int = 4
    rows_per_step: int = 2048
    check_every: int = 20
    sources: Sources = "ideal"
    loaded_epochs: int = 400
    loaded_rate: float = 0.003
    loaded_noise: float = 0.02
    column_scale: float = 4.0
    scale_rate: float = 1.0
    loading_share: float = 0.5

    def __post_init__(self) -> None:
        if self.epochs < self.check_every or self.check_every < 1:
            raise PrintronError(
                f"got {self.epochs} epochs; at least {max(self.check_every, 1)} are "
                "needed, the distance between two looks at the validation rows"
            )
        if not (0 < self.anneal_from <= 1 and 0 <= self.anneal_share < 1):
            raise PrintronError(
                f"got anneal_from = {self.anneal_from} and anneal_share = "
                f"{self.anneal_share}; allowed are (0, 1] and [0, 1)"
            )
        last, annealed = self.checks * self.check_every, self.anneal_share * self.epochs
        if last < annealed:
            raise PrintronError(
                f"got {self.epochs} epochs with a look at the validation rows every "
                f"{self.check_every}: the last look, at epoch {last}, comes before "
                f"the cells have their real slope (epoch {annealed:g}), so that no "
                f"circuit could be chosen; give a multiple of {self.check_every} "
                "epochs"
            )
        for name, least, words in (
            ("learning_rate", 0, "above 0"),
            ("cell_rate", 0, "above 0"),
            ("count_temperature", 0, "above 0"),
            ("column_scale", 1, "1 or above"),
            ("scale_rate", 0, "0 or above"),
            ("noise", 0, "0 or above"),
            ("loaded_rate", 0, "above 0"),
            ("loaded_noise", 0, "0 or above"),
            ("final_share", 0, "0 or above"),
        ):
            value = getattr(self, name)
            if value is None:  # published counts
                continue
            if not (least <= value < math.inf) or (value == 0 and words == "above 0"):
                raise PrintronError(f"got {name} = {value}; it must be {words}, and finite")
        if not all(0 < share < 1 for share in self.prune_below):
            raise PrintronError(
                f"got prune_below = {self.prune_below}; shares must lie between 0 and 1"
            )
        if self.sources not in SOURCES:
            raise PrintronError(
                f"got sources = '{self.sources}'; allowed are {' and '.join(SOURCES)}"
            )
        if self.sources == "loaded" and self.loaded_epochs < self.check_every:
            raise PrintronError(
                f"got {self.loaded_epochs} loaded epochs; at least {self.check_every} are needed, "
                "the distance between two looks at the validation rows"
            )
        if not 0 <= self.loading_share <= 1:
            raise PrintronError(
                f"got loading_share = {self.loading_share}; a share lies between 0 and 1"
            )
        if self.rows_per_step < 1:
            raise PrintronError(
                f"got rows_per_step = {self.rows_per_step}; a step needs at least 1"
            )
        if self.starts < 1:
            raise PrintronError(f"got starts = {self.starts}; a run needs at least 1")

    @property
    def cost(self) -> int:
        """Of a run, in epochs of one start with ideal sources."""
        ideal = self.starts * self.checks * self.check_every
        if self.sources == "ideal":
            return ideal
        return ideal + LOADED_COST * (self.loaded_epochs // self.check_every) * self.check_every

    @property
    def scaled(self) -> bool:
        """Whether columns have scales: else each is as low as printing allows."""
        return self.sources == "loaded" and (self.column_scale > 1 or self.scale_rate > 0)

    @property
    def checks(self) -> int:
        """Number of looks at the validation rows."""
        return self.epochs // self.check_every

    def slope(self, epoch: Array) -> Array:
        """Factor on the cells' slope at an epoch; 1 at the end."""
        if self.anneal_share == 0:
            return jnp.ones_like(epoch, jnp.float32)
        part = jnp.clip(epoch / (self.anneal_share * self.epochs), 0, 1)
        return jnp.asarray(self.anneal_from ** (1 - part), jnp.float32)
