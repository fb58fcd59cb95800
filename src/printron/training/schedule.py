"""How a run is trained: steps, rates, the rising slope of the cells, printing noise, starts."""

from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
from jax import Array

from printron.base.bounds import bounded, check_bounds
from printron.errors import PrintronError

Sources = Literal["ideal", "loaded"]
SOURCES = ("ideal", "loaded")
ClassWeights = Literal["none", "balanced"]
CLASS_WEIGHTS = ("none", "balanced")
# In epochs with ideal sources, for the size of tasks and the displayed remaining time: of a loaded
# epoch; where printed copies vary, of a copy in a loaded epoch, and of a copy that is judged on
# other rows. Measured on Iris (`benchmarks/loaded.py`).
LOADED_COST, COPY_COST, JUDGED_COST = 30, 50, 90


@dataclass(frozen=True)
class Schedule:
    """How a run is trained.

    Attributes
    ----------
    epochs : number of steps. A step uses all training rows, or `rows_per_step` of them in turn if
        there are more: with Pendigits' 7,000, four times the steps in the same time.
    learning_rate : initial rate of Adam; it decays along a cosine to the fraction `final_share`.
    cell_rate : factor on the learning rate of the cells' component values.
    anneal_from, anneal_share : the slope of the cells rises exponentially from `anneal_from` to 1
        over the fraction `anneal_share` of the epochs.
    noise : standard deviation of ln|Theta| by which every entry of the crossbars is perturbed in
        each step, before columns are scaled to the printable range; cells are not perturbed, so
        that printing varies more than this. Finds circuits that do not depend on single values and
        generalise better.
    count_temperature : temperature of the soft counts of circuits, in units of a column's mean
        conductance; None for the published counts. See `printron.network.counts`.
    prune_below : at each check, input resistors below these fractions of their column's largest
        conductance are removed on trial; the variant that validates best is kept.
    starts : random starts of a run; the best by validation is the run's result. Every other start
        begins with positive signs only.
    rows_per_step : most training rows of a step, rounded to blocks of rows.
    check_every : epochs between checks on the validation rows.
    sources : "ideal": the rows of a crossbar are ideal sources with fitted curves. "loaded": a
        second phase then trains the circuit with all of its loading, which is selected and
        reported.
    loaded_epochs, loaded_rate, loaded_noise : of the second phase, like `epochs`, `learning_rate`
        and `noise`.
    column_scale : initial conductance of a column, for a run with a second phase, in multiples of
        the lowest printable one, up to the highest. Columns of large scale are loaded less by the
        inputs of activation circuits; columns without a load start at the lowest.
    scale_rate : factor on the learning rates of the columns' scales (`Parameters.scale`), in both
        phases. With `column_scale` 1 and `scale_rate` 0, or with ideal sources alone, all columns
        conduct as little as can be printed, as published. With `scale_rate` 0 alone, the largest
        conductance of a column keeps its initial value, as far as that can be printed.
    loading_share : fraction of the second phase over which the loading rises from 0 to 1.
    draws : printed copies that a step of the second phase sees, where the structure's conditions
        make copies differ; an even number.
    judges : printed copies by which the second phase selects a snapshot, always the same.
    class_weights : "none": all rows count alike. "balanced": all classes do, however rare; a row of
        a class with n_c of n rows weighs n / (k n_c) where there are k classes, in the loss and on
        the validation rows, so that the accuracy that selects is the balanced one.
    """

    epochs: int = bounded(3000, least=0)
    learning_rate: float = bounded(0.005, above=0)
    final_share: float = bounded(0.02, least=0)
    cell_rate: float = bounded(1.0, above=0)
    anneal_from: float = bounded(0.2, above=0, most=1)
    anneal_share: float = bounded(0.8, least=0, below=1)
    noise: float = bounded(0.05, least=0)
    count_temperature: float | None = bounded(0.3, above=0)
    prune_below: tuple[float, ...] = bounded((0.01, 0.03, 0.1, 0.3), above=0, below=1)
    starts: int = bounded(4, least=1)
    rows_per_step: int = bounded(2048, least=1)
    check_every: int = bounded(20, least=1)
    sources: Sources = bounded("ideal", one_of=SOURCES)
    loaded_epochs: int = bounded(400, least=0)
    loaded_rate: float = bounded(0.003, above=0)
    loaded_noise: float = bounded(0.02, least=0)
    column_scale: float = bounded(4.0, least=1)
    scale_rate: float = bounded(1.0, least=0)
    loading_share: float = bounded(0.5, least=0, most=1)
    draws: int = bounded(8, least=2)
    judges: int = bounded(16, least=1)
    class_weights: ClassWeights = bounded("none", one_of=CLASS_WEIGHTS)

    def __post_init__(self) -> None:
        check_bounds(self)
        self._check_looks("epochs", self.epochs)
        if self.sources == "loaded":
            self._check_looks("loaded epochs", self.loaded_epochs)
        self._check_draws()
        self._check_slope()

    def _check_draws(self) -> None:
        """Copies are drawn in pairs of opposites."""
        if self.draws % 2:
            raise PrintronError(
                f"got draws = {self.draws}; it must be an even number, since copies are drawn in "
                "pairs of opposite deviations"
            )

    def _check_looks(self, what: str, epochs: int) -> None:
        """Each phase needs a check on the validation rows: otherwise no circuit is selected."""
        if epochs < self.check_every:
            raise PrintronError(
                f"got {epochs} {what}; at least {self.check_every} are needed, the distance "
                "between two checks on the validation rows"
            )

    def _check_slope(self) -> None:
        """The last check needs the real slope: otherwise no circuit is selected."""
        last, annealed = self.checks * self.check_every, self.anneal_share * self.epochs
        if last < annealed:
            raise PrintronError(
                f"got {self.epochs} epochs with a check on the validation rows every "
                f"{self.check_every}: the last check, at epoch {last}, comes before "
                f"the cells have their real slope (epoch {annealed:g}), so that no "
                f"circuit could be selected; give a multiple of {self.check_every} "
                "epochs"
            )

    def cost(self, varied: bool = False) -> int:
        """Cost of a run, in epochs of one start with ideal sources.

        Parameters
        ----------
        varied : whether the second phase sees and is judged by printed copies.
        """
        ideal = self.starts * self.checks * self.check_every
        if self.sources == "ideal":
            return ideal
        return ideal + self.loaded_epochs // self.check_every * self.loaded_cost(varied)

    def loaded_cost(self, varied: bool) -> int:
        """The part of `cost` for the loaded epochs from one check to the next, with the check."""
        if not varied:
            return LOADED_COST * self.check_every
        return COPY_COST * self.draws * self.check_every + JUDGED_COST * self.judges

    @property
    def balanced(self) -> bool:
        """Whether classes count alike, however rare."""
        return self.class_weights == "balanced"

    @property
    def scaled(self) -> bool:
        """Whether columns have scales: otherwise each conducts as little as can be printed."""
        return self.sources == "loaded" and (self.column_scale > 1 or self.scale_rate > 0)

    @property
    def checks(self) -> int:
        """Number of checks on the validation rows."""
        return self.epochs // self.check_every

    def slope(self, epoch: Array) -> Array:
        """Factor on the cells' slope at an epoch; 1 at the end."""
        if self.anneal_share == 0:
            return jnp.ones_like(epoch, jnp.float32)
        part = jnp.clip(epoch / (self.anneal_share * self.epochs), 0, 1)
        return jnp.asarray(self.anneal_from ** (1 - part), jnp.float32)
