"""The 13 benchmarks and any table of a user: parsed, checked, scaled to volts, split."""

from printron.datasets.benchmark import Benchmark
from printron.datasets.errors import DatasetError
from printron.datasets.files import RawFile
from printron.datasets.loading import available, describe, load_dataset, names, table_name
from printron.datasets.missing import FAIL, KEEP, check_missing
from printron.datasets.own_table import class_numbers, read_new
from printron.datasets.records import Dataset, Rows, Scaling
from printron.datasets.sheet import is_table

__all__ = [
    "FAIL",
    "KEEP",
    "Benchmark",
    "Dataset",
    "DatasetError",
    "RawFile",
    "Rows",
    "Scaling",
    "available",
    "check_missing",
    "class_numbers",
    "describe",
    "is_table",
    "load_dataset",
    "names",
    "read_new",
    "table_name",
]
