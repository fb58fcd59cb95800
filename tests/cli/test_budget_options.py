"""Budgets on the command line: what is kept, what is not, and the sentences on both."""

import pytest
from made_up_runs import made_up_table
from quick import PUBLISHED

from printron.cli.advice import loaded_command, no_circuit_sentence
from printron.cli.goals import GoalListOptions, GoalOptions, as_options
from printron.cli.options import TrainingOptions
from printron.errors import PrintronError
from printron.results import ProblemSpec, build_problem
from printron.results.runs import INFEASIBLE, judged_status
from printron.training import DIVERGED, TRAINED, Budget, WeightedPower


def test_options_are_goals():
    assert GoalOptions().goal(0.5) == WeightedPower(0.5)
    assert GoalOptions(alpha=0.1).goal(0.5) == WeightedPower(0.1)
    assert GoalOptions(budget="100uW").goal(0.5) == Budget(1e-4)
    both = GoalListOptions(budgets="10uW, 0.1 mW").goals("5", 10, "20")
    assert both == (Budget(1e-5), Budget(1e-4))
    assert len(GoalListOptions().goals("5", 100, "20")) == 20
    with pytest.raises(PrintronError, match="--budgets: got '200000', which is not a finite"):
        GoalListOptions(budgets="200000").goals("5", 10, "20")


@pytest.mark.parametrize("goal", [WeightedPower(1 / 3), Budget(1 / 30000)])
def test_the_words_of_a_goal_give_the_goal(goal):
    """On one command line, and in the command that trains a circuit again."""
    option, text = as_options(goal)
    given = {option.removeprefix("--"): text if option == "--budget" else float(text)}
    assert GoalOptions(**given).goal(0.5).row() == pytest.approx(goal.row(), rel=1e-11)
    problem = build_problem(ProblemSpec("iris"))
    line = loaded_command(problem, "published", TrainingOptions(), goal, 0, None)
    assert f"{option} {text}" in line


def test_a_status_says_whether_the_power_is_allowed():
    goal = Budget(1e-4)
    assert judged_status(TRAINED, goal, 1e-4) == TRAINED
    assert judged_status(TRAINED, goal, 1.01e-4) == INFEASIBLE
    assert judged_status(TRAINED, goal, 1e-5, feasible=False) == INFEASIBLE
    assert judged_status(DIVERGED, goal, float("nan"), feasible=False) == DIVERGED
    assert judged_status(TRAINED, WeightedPower(0.5), 1.0) == TRAINED


@pytest.fixture(scope="module")
def budgets(tmp_path_factory):
    return tmp_path_factory.mktemp("budgets") / "sweep"


def test_a_kept_budget_ends_well(run_json, budgets):
    """A sweep whose smaller budget no circuit can keep chooses from the larger one."""
    words = ("--budgets", "1nW,1W", "--seeds", 1, *PUBLISHED, "--out", budgets)
    code, record = run_json("sweep", "iris", *words)
    assert code == 0
    assert record["budgets_W"] == [1e-9, 1.0]
    assert [row["budget_W"] for row in record["front"]] == [1.0]
    assert record["chosen"]["status"] == TRAINED
    assert record["chosen"]["power_W"]["total"] <= 1
    assert "--budget 1.0W" in record["train_against_the_loaded_circuit"]


def test_a_budget_that_is_not_kept_is_one_sentence(run, run_json):
    words = ("iris", *PUBLISHED)
    code, record = run_json("train", *words, "--budget", "1nW")
    assert (code, record["status"], record["feasible"]) == (1, INFEASIBLE, False)
    code, out, _ = run("sweep", *words, "--budgets", "1nW", "--seeds", 1)
    assert code == 1
    assert "THE BUDGET IS NOT KEPT: the least power reached is" in " ".join(out.split())
    assert "budget 1 nW; give a larger budget" in " ".join(out.split())


def test_without_a_trained_run_no_power_is_named():
    table = made_up_table([0.5], [0]).assign(status=DIVERGED)
    assert no_circuit_sentence(table).startswith("every run diverged")
