"""A goal is a label of runs: goals of another kind are averaged and selected like alphas."""

import pandas as pd
import pytest
from made_up_experiment import made_up_experiment
from made_up_runs import made_up_table
from recipes import followed

from printron.analysis import AnalysisError, analyse, average, select
from printron.report import goal_figure
from printron.report.experiment import experiment_tables
from printron.report.experiment_figures import accuracy_figure, fronts_figure
from printron.report.experiment_page import page

ALPHAS = made_up_experiment(("iris", "seeds"))
LARGEST_W = 1e-3


@pytest.fixture(scope="module", autouse=True)
def capped():
    with followed("Add a goal") as defined:
        yield defined["Capped"]


def as_caps(table, **columns):
    """The same runs, their goals named by caps: the larger alpha, the smaller the cap."""
    caps = LARGEST_W * 2.0 ** (-8 * table["alpha"])
    made = table.drop(columns="alpha").assign(goal="capped power", cap_W=caps, rate=2.0)
    return made.assign(**columns)


def without_goals(table):
    return table.drop(columns=["alpha", "cap_W", "rate", "goal"], errors="ignore")


def test_the_kind_of_goal_changes_no_average(capped):
    alphas, caps = average(ALPHAS), average(as_caps(ALPHAS))
    assert caps.baseline == capped(LARGEST_W, 2.0)
    reversed_caps = caps.by_goal.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        without_goals(alphas.by_goal), without_goals(reversed_caps), rtol=1e-13
    )


def test_the_kind_of_goal_changes_no_selection():
    alphas, caps = analyse(ALPHAS), analyse(as_caps(ALPHAS))
    names = ["accuracy", "power", "power_by_test", "power_hull", "power_best"]
    pd.testing.assert_frame_equal(alphas.pareto[names], caps.pareto[names], rtol=1e-13)
    for name in ("dataset", "seed", "power_normalised"):
        assert caps.fronts[name].tolist() == pytest.approx(alphas.fronts[name].tolist())
    reached = caps.pareto.dropna()
    assert set(reached["cap_W"]) <= set(as_caps(ALPHAS)["cap_W"])


def test_goals_that_differ_in_one_number_stay_apart():
    table = as_caps(ALPHAS)
    two = pd.concat([table, table.assign(rate=3.0)], ignore_index=True)
    averages = average(two)
    assert len(averages.by_goal) == 2 * average(table).by_goal.shape[0]
    assert averages.baseline.row() == {"cap_W": LARGEST_W, "rate": 3.0}


def page_of(analysis):
    return page(analysis, (), command="", machine="", notes={})


def test_runs_that_miss_their_constraints_are_averaged_but_on_no_front():
    missed = (ALPHAS["alpha"] == 1) & (ALPHAS["seed"] == 0)
    analysis = analyse(as_caps(ALPHAS, feasible_valid=~missed))
    assert analysis.mean.by_goal["feasible"].tolist() == pytest.approx([2 / 3, 1, 1, 1])
    assert analysis.fronts["feasible_valid"].all()
    assert "2 trained runs missed the constraints of their goals" in page_of(analysis)


def test_without_a_feasible_run_there_is_a_report_without_fronts():
    analysis = analyse(as_caps(ALPHAS, feasible_valid=False))
    assert analysis.fronts.empty
    assert len(experiment_tables(analysis)["baselines"]) == 2
    assert len(fronts_figure(analysis, normalised=False).axes) == 2
    assert "| iris |" in page_of(analysis)


def test_benchmarks_with_another_goal_are_not_compared():
    text = page_of(analyse(as_caps(ALPHAS)))
    assert "The published runs have the goal 'weighted power'; runs with the goal 'capped" in text
    assert "slides" not in text
    with pytest.raises(AnalysisError, match="leave --reference out"):
        analyse(as_caps(ALPHAS), reference="published.csv")


def test_figures_have_the_axis_of_their_goals():
    def axes_of(table):
        return accuracy_figure(analyse(table)).axes[0]

    assert axes_of(ALPHAS).get_xlabel() == "α, weight of the power in training"
    caps = axes_of(as_caps(ALPHAS))
    assert (caps.get_xlabel(), caps.get_xscale()) == ("cap_W (W)", "log")
    both = as_caps(ALPHAS).assign(rate=ALPHAS["alpha"])
    assert axes_of(both).get_xlabel() == "goals, in rising order of their numbers"
    sweep = select(as_caps(made_up_table([0, 0.5, 1], [0, 0, 0])))
    assert goal_figure(sweep).axes[1].get_xlabel() == "cap_W (W)"
    assert "for each goal the lowest objective" in sweep.rule


def test_kinds_of_goals_are_not_mixed():
    with pytest.raises(AnalysisError, match="mixes runs whose 'goal' is"):
        average(pd.concat([ALPHAS, as_caps(ALPHAS)]))
