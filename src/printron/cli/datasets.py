"""`printron datasets`: the benchmarks."""

from typing import Any

from printron import __version__
from printron.cli.declare import with_options
from printron.cli.output import OutputOptions


@with_options
def command(*, output: OutputOptions) -> int:
    """List the benchmarks: rows, features, classes, and where the data come from.

    Reads no data file. A table of your own (PATH.csv, .xlsx, .parquet) works wherever a benchmark
    does. With --out: datasets.json.
    """
    output.check(["datasets.json"])
    from printron.cli.speak import say, say_json
    from printron.results import write_json

    listed = benchmarks()
    record = {"datasets": listed, "printron": __version__}
    filled = output.fill(lambda folder: write_json(record, folder / "datasets.json"))
    if output.json:
        say_json(record | output.refusal(filled))
    else:
        say(_table(listed))
    return output.conclude(filled)


def benchmarks() -> list[dict[str, Any]]:
    """Facts about every benchmark, without reading its data."""
    from printron.datasets import describe, names

    return [
        {
            "name": each.name,
            "title": each.title,
            "rows": each.rows,
            "features": len(each.feature_names),
            "feature_names": list(each.feature_names),
            "classes": len(each.class_names),
            "class_names": list(each.class_names),
            "source": source_of(each),
            "files": [{"name": f.name, "url": f.url, "sha256": f.sha256} for f in each.files],
            "citation": each.citation,
        }
        for each in map(describe, names())
    ]


def source_of(benchmark: Any) -> str:
    """Source of the readings, in words."""
    if benchmark.name == "iris":
        return "scikit-learn"
    if not benchmark.files:
        return "generated"
    return f"{', '.join(file.name for file in benchmark.files)} (UCI)"


def _table(rows: list[dict[str, Any]]) -> Any:
    from printron.cli.tables import table_of

    made = table_of("Benchmarks", "name", "rows", "features", "classes", "data from", texts=(4,))
    for row in rows:
        made.add_row(
            row["name"], str(row["rows"]), str(row["features"]), str(row["classes"]), row["source"]
        )
    return made
