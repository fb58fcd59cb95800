"""The published runs: read, averaged as ours, and compared."""

import numpy as np
import pandas as pd
import pytest
from made_up_experiment import diverged, made_up_experiment, published_table

from printron.analysis import (
    SLIDES,
    TEST,
    AnalysisError,
    analyse,
    average_published,
    find_reference,
    hull_table,
    pareto_table,
    read_published,
)


@pytest.fixture(scope="module")
def published(shared):
    path = shared / "reference" / "published_alpha_sweep.csv"
    return average_published(read_published(path))


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "published_alpha_sweep.csv"
    published_table().to_csv(path, index=False)
    return path


def test_each_data_set_by_its_own_baseline_gives_57_percent_at_95(published):
    """The rule: the least power among the alphas whose averaged accuracy is at least 95 %."""
    table = pareto_table(published.by_goal, ["alpha"], chosen_by=TEST).set_index("accuracy")
    assert table.loc[0.95, "power"] == pytest.approx(0.57, abs=0.01)
    assert table.loc[0.95, "alpha"] == 0.68
    table = hull_table(published.by_goal).set_index("accuracy")
    assert table.loc[0.95, "power_hull"] == pytest.approx(0.557, abs=0.001)


def test_watts_averaged_first_give_the_table_of_the_slides(published):
    table = hull_table(published.by_goal, suffix="_of_means")
    np.testing.assert_allclose(table["power_hull"], SLIDES["power"], atol=0.01)
    other = hull_table(published.by_goal)["power_hull"]
    assert abs(other - SLIDES["power"]).max() > 0.05


def test_mean_published_accuracy_at_alpha_0(published):
    assert published.baselines["accuracy_mean"].mean() == pytest.approx(0.882, abs=5e-4)
    assert len(published.baselines) == 13
    assert published.baselines["power_mean_W"].between(0.04, 0.25).all()


def test_its_spread_over_seeds_is_that_of_independent_runs():
    """Drawn runs whose data sets have nothing in common have the spread that is computed."""
    rng = np.random.default_rng(0)
    sd, base = np.array([0.01, 0.03]), np.array([0.9, 0.6])
    averages = (base + sd * rng.normal(size=(100_000, 2))) / base
    t = published_table(("a", "b"), (0,))[["dataset", "alpha"]]
    t = t.assign(accuracy_mean=base, accuracy_sd=sd, power_mean_W=1.0, power_sd_W=0.1)
    row = average_published(t).by_goal.iloc[0]
    assert row["accuracy_sd_seeds"] == pytest.approx(averages.mean(1).std(), rel=0.02)
    assert row["power_sd_seeds"] == pytest.approx(0.1 / np.sqrt(2), rel=1e-12)


def test_comparison_by_hand(reference):
    comparison = analyse(made_up_experiment(), reference=reference).comparison.set_index("dataset")
    # Power falls to 60 % at alpha 0.5 and to 20 % at 1: what alpha has at most 50 % is 1.
    np.testing.assert_allclose(comparison["accuracy_at_50_published"], 0.6)
    np.testing.assert_allclose(comparison["accuracy_published"], 0.9)
    assert comparison.loc["seeds", "power_published_W"] == pytest.approx(60e-3)


def test_published_averages_are_of_the_data_sets_that_both_have(tmp_path):
    path = tmp_path / "p.csv"
    published_table(("iris", "other")).to_csv(path, index=False)
    analysis = analyse(made_up_experiment(), reference=path)
    assert analysis.published.baselines.index.tolist() == ["iris"]
    assert analysis.published_whole.baselines.index.tolist() == ["iris", "other"]
    assert analysis.comparison["dataset"].tolist() == ["iris"]
    published_table(("other",)).to_csv(path, index=False)
    analysis = analyse(made_up_experiment(), reference=path)
    assert analysis.published is None
    assert analysis.comparison is None


def test_without_a_reference_there_is_no_comparison():
    analysis = analyse(made_up_experiment(("iris", "seeds")))
    assert analysis.comparison is None
    assert analysis.published is None
    assert analysis.pareto["power_slides"].tolist() == SLIDES["power"].tolist()


@pytest.mark.parametrize("names", [("mine",), ("iris", "mine")])
def test_the_slides_do_not_stand_beside_tables_of_ones_own(names):
    analysis = analyse(made_up_experiment(names))
    assert not analysis.beside_published
    assert "power_slides" not in analysis.pareto


def test_published_runs_of_other_data_sets_are_not_drawn_beside(reference):
    analysis = analyse(made_up_experiment(("mine",)), reference=reference)
    assert analysis.published_whole is analysis.published is analysis.comparison is None
    assert not analysis.beside_published


def test_a_table_called_like_a_benchmark_is_none(reference):
    table = made_up_experiment(("iris", "seeds"))
    problem = {"dataset": {"features": ["temp", "ph"]}}
    analysis = analyse(table, {"problems": {"iris": problem}}, reference)
    assert not analysis.of_benchmarks
    assert analysis.comparison["dataset"].tolist() == ["seeds"]
    assert analyse(table, {"problems": {"iris": "unknown"}}, reference).of_benchmarks


def test_a_diverged_run_changes_the_count_alone(reference):
    table = made_up_experiment()
    more = table.copy()
    more.loc[len(more)] = diverged({**table.iloc[0].to_dict(), "seed": 9})
    a, b = analyse(table, reference=reference), analyse(more, reference=reference)
    assert (len(a.left_out), len(b.left_out)) == (0, 1)
    assert b.left_out.iloc[0].to_dict() == {
        "dataset": "iris", "alpha": 0, "seed": 9, "status": "diverged",
    }  # fmt: skip
    for name in ("pareto", "comparison", "hypervolumes"):
        assert getattr(a, name).equals(getattr(b, name))


def test_every_known_difference_is_said():
    table = made_up_experiment()
    for cells, protocol in (("negation", "clean"), ("negation_divider", "published")):
        changed = table.assign(negation_cell=cells, protocol=protocol)
        analysis = analyse(changed)
        assert analysis.comparable_power == (cells == "negation_divider")
        from printron.analysis.published import differences

        text = " ".join(differences(analysis.run))
        for word in ("Cells:", "Power:", "V_DD alone", "Protocol:", "Loading:", "Weight:", cells):
            assert word in text
        assert ("must not be compared" in text) == (cells == "negation")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="alpha"), "no column 'alpha'"),
        (lambda t: t.assign(alpha=["x", *t["alpha"][1:]]), "in line 2"),
        (lambda t: t.assign(power_mean_mW=np.nan), "in line 2"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "twice"),
        (lambda t: t[t["alpha"] > 0], "no trained run at alpha = 0"),
    ],
)
def test_a_bad_table_is_refused_in_a_sentence(change, said, tmp_path):
    path = tmp_path / "bad.csv"
    change(published_table()).to_csv(path, index=False)
    with pytest.raises(AnalysisError, match=said):
        average_published(read_published(path))


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b'a,"b\n'])
def test_a_file_that_cannot_be_read_is_refused_by_its_name(content, tmp_path):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AnalysisError, match=r"bad\.csv"):
        read_published(path)


def test_the_reference_is_found_in_the_folder_beside_it_and_among_the_shared(
    tmp_path, monkeypatch, reference
):
    monkeypatch.delenv("PRINTRON_SHARED", raising=False)
    folder = tmp_path / "runs"
    folder.mkdir()
    assert find_reference(folder) == reference
    assert find_reference(tmp_path) == reference
    assert find_reference(tmp_path / "a" / "b") is None
    (tmp_path / "reference").mkdir()
    reference.rename(tmp_path / "reference" / reference.name)
    monkeypatch.setenv("PRINTRON_SHARED", str(tmp_path))
    assert find_reference(folder) == tmp_path / "reference" / reference.name
