"""The report of an experiment: figures with units, tables, words; whatever the table holds."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest
from made_up_experiment import NUMBERS, diverged, made_up_experiment, published_table

from printron.analysis import analyse
from printron.report import write_experiment_report
from printron.report.experiment import experiment_figures

HOSTILE = "<script>alert(1)</script>|`x`$\\frac{"


def few_alphas():
    return made_up_experiment(alphas=(0,), seeds=1)


def without_power():
    table = made_up_experiment()
    names = [name for name in NUMBERS if name.startswith("power")]
    table.loc[table["alpha"] == 1, names] = 0.0
    return table


def with_diverged():
    table = made_up_experiment()
    for at in (4, 20):
        table.loc[at] = pd.Series(diverged(table.loc[at].to_dict()))
    return table


CASES = {
    "plain": made_up_experiment(),
    "benchmarks": made_up_experiment(("iris", "seeds")),
    "thirteen": made_up_experiment([f"set_{k}" for k in range(13)], np.linspace(0, 1, 11), 2),
    "one data set": made_up_experiment(("iris",)),
    "baseline alone": few_alphas(),
    "no power": without_power(),
    "diverged": with_diverged(),
    "hostile": made_up_experiment(("iris", HOSTILE)),
    "same cells": made_up_experiment().assign(negation_cell="negation_divider"),
}


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "published.csv"
    published_table().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def figures_of(tmp_path_factory):
    """The figures of a case, the published runs beside; each case is drawn once."""
    path = tmp_path_factory.mktemp("reference") / "published.csv"
    published_table().to_csv(path, index=False)
    drawn = {}

    def figures(case):
        if case not in drawn:
            drawn[case] = experiment_figures(analyse(CASES[case], reference=path))
        return drawn[case]

    return figures


@pytest.mark.parametrize(
    ("case", "compared"),
    [("benchmarks", False), ("diverged", True), ("hostile", True), ("one data set", False)],
)
def test_every_table_of_runs_gives_a_whole_report(case, compared, tmp_path, reference):
    analysis = analyse(CASES[case], {"seeds": [0, 1]}, reference if compared else None)
    names = write_experiment_report(analysis, tmp_path / "report", command="printron x")
    files = [tmp_path / "report" / name for name in names]
    assert {path.name for path in files} == {p.name for p in (tmp_path / "report").iterdir()}
    assert files[-1].name == "report.md"
    page = files[-1].read_text("utf-8")
    for path in files:
        assert path.stat().st_size > 0
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
            assert f"({path.name})" in page
        if path.suffix == ".csv":
            assert path.name in page
    assert "printron x" in page
    assert ("--reference FILE" in page) == (not compared)


@pytest.mark.parametrize("case", CASES)
def test_every_axis_has_a_label_with_its_unit(case, figures_of):
    for name, figure in figures_of(case).items():
        labels = [axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes]
        labels += [figure.get_supxlabel(), figure.get_supylabel()]
        text = " ".join(labels)
        assert "%" in text, name
        if name == "fronts":
            assert "W)" in figure.get_supxlabel()
        assert figure.legends
        width = figure.get_figwidth()
        assert width in (3.4, 7.0)


@pytest.mark.parametrize("case", CASES)
def test_all_text_is_large_enough_and_inside_the_figure(case, figures_of):
    from matplotlib.text import Text

    for name, figure in figures_of(case).items():
        figure.canvas.draw()
        box = figure.bbox
        for text in figure.findobj(Text):
            if not (text.get_text() and text.get_visible()):
                continue
            assert text.get_fontsize() >= 7, (name, text.get_text())
        outer = [*figure.legends, figure._supxlabel, figure._supylabel]
        outer += [label for axes in figure.axes for label in (axes.xaxis.label, axes.yaxis.label)]
        outer += [axes.title for axes in figure.axes]
        for thing in outer:
            if thing is None or (hasattr(thing, "get_text") and not thing.get_text()):
                continue
            extent = thing.get_window_extent()
            assert extent.x0 >= box.x0 - 1, (name, thing)
            assert extent.x1 <= box.x1 + 1, (name, thing)
            assert extent.y0 >= box.y0 - 1, (name, thing)
            assert extent.y1 <= box.y1 + 1, (name, thing)


@pytest.mark.parametrize("alphas", [(0, 0.5, 1), (0,)])
def test_a_report_on_tables_of_ones_own_speaks_of_them_alone(alphas, tmp_path):
    analysis = analyse(made_up_experiment(("mine",), alphas, seeds=2))
    names = write_experiment_report(analysis, tmp_path / "report", command="printron x")
    files = [tmp_path / "report" / name for name in names]
    pages = [path for path in files if path.suffix in (".md", ".csv")]
    for text in [path.read_text("utf-8").lower() for path in pages]:
        for word in ("slides", "published", "ours", "1 data sets", "--reference"):
            assert word not in text
    assert "1 data set, " in files[-1].read_text("utf-8")
    for figure in experiment_figures(analysis).values():
        labels = [label for axes in figure.axes for label in axes.get_legend_handles_labels()[1]]
        assert not [label for label in labels if "ours" in label or "slides" in label]


def test_watts_of_other_cells_are_not_drawn_beside(figures_of):
    def labels(case, name):
        return " ".join(figures_of(case)[name].axes[0].get_legend_handles_labels()[1])

    assert "published" not in labels("plain", "fronts")
    assert "published (power of V_DD)" in labels("same cells", "fronts")
    assert "published" in labels("plain", "fronts_normalised")


def test_watts_of_other_cells_stand_in_one_table_only_with_a_word(tmp_path, reference):
    analysis = analyse(CASES["plain"], reference=reference)
    write_experiment_report(analysis, tmp_path / "r")
    page = (tmp_path / "r" / "report.md").read_text("utf-8")
    assert "of different cells" in page
    assert "must not be compared" in page
    by_dataset = pd.read_csv(tmp_path / "r" / "averages_by_dataset.csv")
    assert not by_dataset["rule"].str.contains("published").any()


def test_a_hostile_name_stays_text(tmp_path, reference):
    published_table(("iris", HOSTILE)).to_csv(reference, index=False)
    table = CASES["hostile"].copy()
    table.loc[len(table)] = diverged({**table.iloc[-1].to_dict(), "seed": 8})
    analysis = analyse(table, {"name": "```\n# x"}, reference)
    write_experiment_report(analysis, tmp_path / "r", command="a ``` b")
    page = (tmp_path / "r" / "report.md").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for svg in (tmp_path / "r").glob("*.svg"):
        ElementTree.parse(svg)
        assert "<script" not in svg.read_text("utf-8")


def test_what_was_left_out_is_said_by_name(tmp_path):
    analysis = analyse(CASES["diverged"])
    write_experiment_report(analysis, tmp_path)
    page = (tmp_path / "report.md").read_text("utf-8")
    assert "2 of 36 runs left out: iris 1 (diverged), seeds 1 (diverged)" in page
    assert len(pd.read_csv(tmp_path / "left_out.csv")) == 2


def test_two_reports_of_the_same_runs_are_the_same(tmp_path, reference):
    table = CASES["plain"]
    for name, rows in (("a", table), ("b", table.sample(frac=1, random_state=1))):
        write_experiment_report(analyse(rows, reference=reference), tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        if path.suffix != ".svg":  # the ids of clip paths are random
            assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
