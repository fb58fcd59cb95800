"""`printron datasets`: the benchmarks."""


def test_datasets_lists_all_benchmarks_without_their_files(run_json):
    code, record = run_json("datasets")
    assert code == 0
    rows = {row["name"]: row for row in record["datasets"]}
    assert len(rows) == 13
    assert (rows["iris"]["rows"], rows["iris"]["features"], rows["iris"]["classes"]) == (150, 4, 3)
    assert rows["iris"]["source"] == "scikit-learn"
    assert rows["seeds"]["files"][0]["url"].startswith("https://")
