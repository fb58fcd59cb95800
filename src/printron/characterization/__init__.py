"""How a cell behaves as a function of its design."""

from printron.characterization.characterize import ENGINES, Characterization, characterize, read
from printron.characterization.library import (
    build,
    load,
    load_for,
    save,
    surrogate_for,
)
from printron.characterization.sampling import sobol_designs
from printron.characterization.surrogate import Surrogate, SurrogateError
from printron.characterization.surrogate_file import surrogate_files
from printron.characterization.transfer import (
    SMALLEST_SWING_V,
    CurveShape,
    Transfer,
    fit_curves,
    shape_of,
)

__all__ = [
    "ENGINES",
    "SMALLEST_SWING_V",
    "Characterization",
    "CurveShape",
    "Surrogate",
    "SurrogateError",
    "Transfer",
    "build",
    "characterize",
    "fit_curves",
    "load",
    "load_for",
    "read",
    "save",
    "shape_of",
    "sobol_designs",
    "surrogate_files",
    "surrogate_for",
]
