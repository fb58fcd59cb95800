"""Circuits judged as they are printed: measures of designs and of their copies, with all loading.

One compiled program serves checks on the validation rows, the final evaluation and the judgement of
printed copies: some runs, some copies of each, one block of rows. It starts from operating points
nearby where there are any.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from printron.network import (
    Copy,
    Layer,
    Loaded,
    Parameters,
    Power,
    Structure,
    build_layers,
    printed_copy,
)
from printron.network.loaded import Track, middle, settle
from printron.training.blocks import Blocks
from printron.training.terms import Terms, cross_entropy, right_of_class

TOGETHER = 8  # copies judged in one call


class Sums(NamedTuple):
    """Weighted sums over rows: the terms, and the weight of the rows solved."""

    cross_entropy: Float[Array, "*batch"]
    of_class: Float[Array, "*batch classes"]
    clear_of_class: Float[Array, "*batch classes"]
    solved: Float[Array, "*batch"]
    power: Power


def judged(
    structure: Structure,
    parameters: Parameters,
    copies: Copy | None,
    block: Blocks,
    track: Track | None = None,
    loading: float = 1.0,
) -> tuple[Sums, Track]:
    """Sums over a block of rows, of every copy of every run.

    A row without an operating point counts as misclassified, with equal outputs.

    Parameters
    ----------
    parameters : of the runs, [runs].
    copies : of each run, [copies]; None for the circuits as designed.
    track : operating points nearby, [runs] or [runs, copies]; None for none.
    loading : as in `printron.network.loaded.settle`.

    Returns
    -------
    The sums and the operating points, [runs] or [runs, copies].
    """
    if track is None:
        track = _everywhere(structure, parameters, copies, block)
    return _judged(structure, parameters, copies, block, track, jnp.asarray(loading, jnp.float32))


@partial(jax.jit, static_argnums=0)
def _everywhere(
    structure: Structure, parameters: Parameters, copies: Copy | None, block: Blocks
) -> Track:
    shape: tuple[int, ...] = (len(parameters.theta[0]),)
    if copies is not None:
        shape = (*shape, len(copies.shared["supply"]))
    start = middle(structure, block.volts)
    return jax.tree.map(lambda x: jnp.broadcast_to(x, (*shape, *x.shape)), start)


@partial(jax.jit, static_argnums=0)
def _judged(
    structure: Structure,
    parameters: Parameters,
    copies: Copy | None,
    block: Blocks,
    track: Track,
    loading: Array,
) -> tuple[Sums, Track]:
    def of_circuit(layers: tuple[Layer, ...], start: Track) -> tuple[Sums, Track]:
        found, moved = settle(structure, layers, block.volts, start, loading)
        again = middle(structure, block.volts)  # where the next call starts from nothing
        moved = jax.tree.map(lambda x, m: jnp.where(found.converged, x, m), moved, again)
        return _sums(structure, found, block), moved

    def of_run(own: Parameters, start: Track) -> tuple[Sums, Track]:
        layers = build_layers(structure, own)
        if copies is None:
            return of_circuit(layers, start)
        return jax.vmap(
            lambda copy, each: of_circuit(printed_copy(layers, copy, structure.conditions), each)
        )(copies, start)

    return jax.vmap(of_run)(parameters, track)


def _sums(structure: Structure, found: Loaded, block: Blocks) -> Sums:
    margin = structure.conditions.margin
    out = jnp.where(found.converged, found.out, 0)
    solved = jnp.where(found.converged, block.weights, 0)
    heat = {k: jnp.where(solved > 0, each, 0) @ solved for k, each in found.dissipated.items()}
    right = right_of_class(out, block, found.converged)
    clear = right_of_class(out, block, found.converged, margin)
    return Sums(cross_entropy(out, block, margin), right, clear, solved.sum(), Power(**heat))


def added(sums: Sequence[Sums]) -> Sums:
    """Sums over blocks."""
    total: Sums = jax.tree.map(lambda *each: sum(each[1:], each[0]), *sums)
    return total


def terms_of(sums: Sums) -> Terms:
    """Terms of circuits; the power is the mean over the solved rows, NaN without any."""
    power = jax.tree.map(lambda x: x / sums.solved[..., None], sums.power)
    right, clear = sums.of_class, sums.clear_of_class
    accuracy = right.sum(-1)
    return Terms(sums.cross_entropy, accuracy, power, clear.sum(-1), right, clear, sums.solved)


def mean_of(groups: Sequence[Any]) -> Any:
    """Mean over copies, which lie in groups along axis 1; [runs]. A copy without any solved row has
    no power; its other terms count its rows as misclassified."""
    return jax.tree.map(lambda *each: jnp.nanmean(jnp.concatenate(each, 1), 1), *groups)
