"""Analysis: fronts, averages over seeds and data sets, the comparison with publications."""

from printron.analysis.analysis import Analysis, analyse, is_benchmark
from printron.analysis.averages import (
    BEST,
    MEAN,
    TEST,
    VALID,
    AnalysisError,
    Averages,
    average,
    baseline_of,
    hull_table,
    ordered_goals,
    pareto_table,
    rows_of,
)
from printron.analysis.fronts import dataset_fronts, hypervolume, hypervolumes
from printron.analysis.pareto import Selection, front_records, over_seeds, select
from printron.analysis.published import (
    PUBLISHED_GOAL,
    SLIDES,
    SLIDES_SOURCE,
    average_published,
    find_reference,
    read_published,
)

__all__ = [
    "Analysis",
    "AnalysisError",
    "Averages",
    "BEST",
    "MEAN",
    "PUBLISHED_GOAL",
    "SLIDES",
    "SLIDES_SOURCE",
    "Selection",
    "TEST",
    "VALID",
    "analyse",
    "average",
    "average_published",
    "baseline_of",
    "dataset_fronts",
    "find_reference",
    "front_records",
    "hull_table",
    "hypervolume",
    "hypervolumes",
    "is_benchmark",
    "ordered_goals",
    "over_seeds",
    "pareto_table",
    "read_published",
    "rows_of",
    "select",
]
