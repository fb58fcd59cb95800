"""How a cell behaves as a function of its design."""

from printron.characterization.characterize import (
    ENGINES,
    Characterization,
    characterize,
    read_characterization,
)
from printron.characterization.library import (
    build_surrogate,
    load_surrogate,
    load_surrogate_for,
    save_surrogate,
    surrogate_for,
)
from printron.characterization.sampling import sobol_designs
from printron.characterization.summary import remarks_on, summary_of
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
    "build_surrogate",
    "characterize",
    "fit_curves",
    "load_surrogate",
    "load_surrogate_for",
    "read_characterization",
    "remarks_on",
    "save_surrogate",
    "shape_of",
    "sobol_designs",
    "summary_of",
    "surrogate_files",
    "surrogate_for",
]
