"""`printron datasets`: what there is to learn from."""

import os
from pathlib import Path


def test_datasets_lists_all_benchmarks_without_their_files(run_json):
    code, record = run_json("datasets")
    assert code == 0
    rows = {row["name"]: row for row in record["datasets"]}
    assert len(rows) == 13
    assert (rows["iris"]["rows"], rows["iris"]["features"], rows["iris"]["classes"]) == (150, 4, 3)
    assert rows["iris"]["source"] == "scikit-learn"
    assert rows["seeds"]["files"][0]["url"].startswith("https://")


def test_listed_rows_are_those_of_the_data():
    from printron.cli.datasets import ROWS
    from printron.datasets import describe

    shared = os.environ.get("PRINTRON_SHARED", Path(__file__).resolve().parents[3] / "shared")
    raw = Path(shared) / "datasets" / "raw"
    for name, rows in ROWS.items():
        files = describe(name).files
        if raw.is_dir() or not files:
            paths = tuple(raw / file.name for file in files)
            assert len(describe(name).parse(paths)[1]) == rows, name
