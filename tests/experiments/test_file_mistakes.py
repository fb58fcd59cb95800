"""A wrong value in an experiment file is told of in plain words: what was got, what is allowed."""

import pytest
from recipes import followed

from printron.errors import PrintronError
from printron.experiments.file import read_experiment

LINES = {
    "name": 'name = "small"',
    "datasets": 'datasets = ["iris"]',
    "alphas": "alphas = 2",
    "seeds": "seeds = 1",
    "[schedule]": "[schedule]",
    "epochs": "epochs = 200",
}
WHOLE = "give a whole number, without quotes or a decimal point"
NUMBER = "give a number, without quotes"
TEXT = "give a text in quotes"
LIST = "give a list in brackets: [...]"
TABLE = "give a table: lines with key = value"
# Line of the file, and all that is said after the name of the file.
TOP = {
    "name = 3": f"'name': got 3; {TEXT}",
    'name = "a b"': "'name': got 'a b' as the name of the experiment; a name has letters, digits, "
    "'.', '_' and '-', the first a letter or digit, 80 characters at most",
    'datasets = "iris"': f"'datasets': got 'iris'; {LIST}",
    "datasets = []": "'datasets': got 0 entries; give 1 at least",
    "datasets = [3]": "'datasets.0': got 3; a data set is the name of a benchmark in quotes, the "
    'path of a table, or a table {table = "a.csv", label = "kind"}',
    'datasets = [{label = "x"}]': "'datasets.0.table' is missing; add it",
    'datasets = [{table = "a.csv", labels = "x"}]': "'datasets.0.labels' is not a known key; "
    "remove it or correct its spelling",
    'datasets = [{table = "a.csv", label = 3}]': f"'datasets.0.label': got 3; {TEXT}",
    "alphas = true": "'alphas': got true; give the number of values, a whole number of 2 or more, "
    "or a list of numbers from 0 to 1: [0.0, 0.5]",
    'alphas = "2"': "'alphas': got '2'; give the number of values, a whole",
    "alphas = 2.0": "'alphas': got 2.0; give the number of values, a whole",
    "alphas = [0.0, true]": "'alphas': got [0.0, true]; give the number of values, a whole",
    'alphas = ["0.5"]': "'alphas': got [\"0.5\"]; give the number of values, a whole",
    "seeds = true": "'seeds': got true; give the number of seeds, a whole number of 1 or more, "
    "or a list of whole numbers: [0, 3, 7]",
    'seeds = "1"': "'seeds': got '1'; give the number of seeds",
    "seeds = []": "'seeds': got 0 entries; give 1 at least",
    "alphas = []": "'alphas': got 0 entries; give 1 at least",
    "seeds = [1.0]": "'seeds': got [1.0]; give the number of seeds",
    "seeds = [false]": "'seeds': got [false]; give the number of seeds",
    f"seeds = 0x{'f' * 5000}": "'seeds': got a whole number of 20000 binary digits; give the ",
    "split_seed = true": f"'split_seed': got true; {WHOLE}",
    "split_seed = 1.0": f"'split_seed': got 1.0; {WHOLE}",
    "split_seed = -1": "'split_seed': got -1; it must be 0 or above",
    "hidden = 3": f"'hidden': got 3; {LIST}",
    "hidden = [true]": f"'hidden.0': got true; {WHOLE}",
    "hidden = [3, 1001]": "'hidden.1': got 1001; it must be 1000 or below",
    'protocol = "cleaner"': "'protocol': got 'cleaner'; write 'clean' or 'published'",
    "sharing = 1": "'sharing': got 1; write 'network', 'layer' or 'neuron'",
    'selection = "test"': "'selection': got 'test'; write 'validation objective'",
    'cells = "c.toml"': f"'cells': got 'c.toml'; {LIST}",
    "label = true": f"'label': got true; {TEXT}",
    'label = ""': "'label': got ''; name the label column, or leave the key out for the last",
    'datasets = [{table = "a.csv", label = " "}]': "'datasets.0.label': got ' '; name the label",
    "schedule = 3": f"'schedule': got 3; {TABLE}",
    "cluster = 3": f"'cluster': got 3; {TABLE}",
}
SCHEDULE = {
    'epochs = "20"': f"'schedule.epochs': got '20'; {WHOLE}",
    "epochs = 20.0": f"'schedule.epochs': got 20.0; {WHOLE}",
    "epochs = true": f"'schedule.epochs': got true; {WHOLE}",
    "noise = true": f"'schedule.noise': got true; {NUMBER}",
    'noise = "0.1"': f"'schedule.noise': got '0.1'; {NUMBER}",
    "noise = inf": "[schedule]: got noise = inf; it must be 0 or above, and finite",
    'count_temperature = "no"': f"'schedule.count_temperature': got 'no'; {NUMBER}",
    'sources = "real"': "'schedule.sources': got 'real'; write 'ideal' or 'loaded'",
    "prune_below = 0.1": f"'schedule.prune_below': got 0.1; {LIST}",
    'prune_below = ["0.1"]': f"'schedule.prune_below.0': got '0.1'; {NUMBER}",
}
SLURM = 'kind = "slurm"\njobs = 2\n'
CLUSTER = {
    "workers = 2": "'cluster.kind' is missing; allowed are local, scheduler, slurm",
    "kind = [1]": "'cluster.kind' is [1]; allowed are",
    'kind = "local"\nworkers = true': f"'cluster.workers': got true; {WHOLE}",
    'kind = "local"\nworkers = 0': "'cluster.workers': got 0; it must be 1 or above",
    'kind = "scheduler"\naddress = "host"': "'cluster.address': got 'host'; give the address of a "
    "Dask scheduler: tcp://host:8786",
    SLURM
    + 'walltime = "4h"': "'cluster.walltime': got '4h'; write hours, minutes and seconds: 04:00:00",
    SLURM
    + 'prologue = "module load python"': f"'cluster.prologue': got 'module load python'; {LIST}",
    SLURM + 'cores = "4"': f"'cluster.cores': got '4'; {WHOLE}",
}


def _text(line, table=""):
    """A whole file, with one line in place of the one of the same key."""
    key = line.partition(" ")[0]
    lines = {
        k: v for k, v in LINES.items() if key != "schedule" or k not in ("[schedule]", "epochs")
    }
    if table == "schedule" or not table:
        lines = {k: v for k, v in lines.items() if k != key}
    kept = list(lines.values())
    if table == "cluster":
        return "\n".join([*kept, "[cluster]", line])
    return "\n".join([*kept, line] if table else [line, *kept])


FILES = {
    **{line: (_text(line), told) for line, told in TOP.items()},
    **{f"[schedule] {line}": (_text(line, "schedule"), told) for line, told in SCHEDULE.items()},
    **{f"[cluster] {line}": (_text(line, "cluster"), told) for line, told in CLUSTER.items()},
}


@pytest.mark.parametrize("mistake", FILES, ids=lambda text: text[:60])
def test_a_wrong_value_is_one_sentence_in_our_own_words(tmp_path, mistake):
    text, told = FILES[mistake]
    path = tmp_path / "small.toml"
    path.write_text(text)
    with pytest.raises(PrintronError) as caught:
        read_experiment(path)
    assert str(caught.value).startswith(f"{path}: {told}")
    assert "\n" not in str(caught.value)


def test_a_whole_number_stands_for_a_number(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(_text("alphas = [0, 1]") + "\ncell_rate = 3\nprune_below = []\n")
    plan = read_experiment(path).experiment.plan
    alphas = [goal.alpha for goal in plan.goals]
    assert (alphas, plan.schedule.cell_rate) == ([0.0, 1.0], 3.0)
    assert all(isinstance(alpha, float) for alpha in alphas)


CAPS = {
    "caps = 3": "'caps': got 3; give a list of tables with cap_W and rate",
    "caps = []": "'caps': got 0 entries; give 1 at least",
    "caps = [0.1]": "'caps': got 0.1; give a number for cap_W and rate of a goal",
    "caps = [{cap_W = 0.1}]": "'caps': got {\"cap_W\": 0.1}; give a number for cap_W and rate",
    f"caps = [{{cap_W = 1{'0' * 400}, rate = 1}}]": "'caps': got {\"cap_W\": 1000",
    "caps = [{cap_W = 1, rate = 1}]\nalphas = 2": "got goals under 'alphas' and 'caps'; the runs "
    "of an experiment have one kind of goal: keep one of these keys",
    "colour = 1": "'colour' is not a known key",
    "": "'alphas' or 'budgets_W' or 'caps' is missing; add it",
}


@pytest.mark.parametrize("lines", CAPS, ids=lambda text: text[:40])
def test_goals_of_another_kind_are_checked_likewise(tmp_path, lines):
    path = tmp_path / "small.toml"
    path.write_text(f'{lines}\ndatasets = ["iris"]\nseeds = 1\n')
    with followed("Add a goal"), pytest.raises(PrintronError) as caught:
        read_experiment(path)
    assert str(caught.value).startswith(f"{path}: {CAPS[lines]}")
    assert "\n" not in str(caught.value)


def test_goals_without_a_list_are_missing(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text('datasets = ["iris"]\nseeds = 1\n')
    with pytest.raises(PrintronError, match="'alphas' or 'budgets_W' is missing; add it"):
        read_experiment(path)
