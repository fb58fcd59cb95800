"""`printron datasets`: what there is to learn from."""

from typing import Any

from printron import __version__
from printron.cli.options import OutputOptions, with_options


@with_options
def command(*, output: OutputOptions) -> int:
    """List the benchmarks: rows, features, classes, and where the data come from.

    Needs no file. A table of your own (PATH.csv) works wherever a benchmark does. With --out:
    datasets.json.
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
    """What is known of every benchmark without reading it."""
    from printron.datasets import describe, names

    return [
        {
            "name": it.name,
            "title": it.title,
            "rows": it.rows,
            "features": len(it.feature_names),
            "feature_names": list(it.feature_names),
            "classes": len(it.class_names),
            "class_names": list(it.class_names),
            "source": source_of(it),
            "files": [{"name": f.name, "url": f.url, "sha256": f.sha256} for f in it.files],
            "citation": it.citation,
        }
        for it in map(describe, names())
    ]


def source_of(benchmark: Any) -> str:
    """Where the readings come from, in words."""
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
