"""The recipes of the documentation, followed: their code is run as it stands on the page."""

from contextlib import contextmanager

from pages import blocks

from printron.export import FORMATS
from printron.technology import COMPONENT_KINDS
from printron.training.goal import GOAL_KINDS

RECIPES = "docs/recipes.md"
REGISTRIES = GOAL_KINDS, FORMATS, COMPONENT_KINDS


@contextmanager
def followed(title):
    """What a recipe's code defines, by name; what the code registers is taken back afterwards."""
    before = [dict(registry) for registry in REGISTRIES]
    defined = {"__name__": __name__}
    try:
        (code,) = blocks(RECIPES, "python", title)
        exec(compile(code, RECIPES, "exec"), defined)
        yield defined
    finally:
        for registry, kept in zip(REGISTRIES, before, strict=True):
            registry.clear()
            registry.update(kept)
