"""The workers of a Dask cluster do the same as this process, and may die."""

import contextlib
import signal
import sys

import jax
import numpy as np
import pandas as pd
import pytest
from quick import QUICK_SCHEDULE

from printron.base.versions import versions
from printron.errors import PrintronError
from printron.experiments import Experiment, Plan, build_problems, run, run_experiment, tasks
from printron.experiments.cluster import (
    LocalCluster,
    RunningCluster,
    SlurmCluster,
    cluster_named,
    pool_of,
    start_cluster,
)
from printron.results import ProblemSpec, load_parameters
from printron.training import Schedule, WeightedPower

pytest.importorskip("distributed")

LOCAL_2 = pool_of(LocalCluster(kind="local", workers=2))
PLAN = Plan(tuple(map(WeightedPower, (0.0, 0.5, 1.0))), (0, 1, 2), Schedule(epochs=400, starts=1))


@pytest.fixture
def small_tasks(monkeypatch):
    """Tasks of 2 runs."""
    monkeypatch.setattr(run, "runs_per_task", lambda problem, plan: 2)


def kill_a_worker():
    """Kill a process that works for this one, as the system does that runs out of memory."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # one that has just ended, or was killed before
            if "spawn_main" in " ".join(child.cmdline()):
                child.send_signal(signal.SIGKILL)
                return True
    return False


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of packages that Dask brings
@pytest.mark.usefixtures("small_tasks")
def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path):
    experiment = Experiment("two", ("iris", "balance_scale"), ProblemSpec("", hidden=()), PLAN)
    problems = build_problems(experiment)
    # First here: workers read what this compiles, and none is killed writing it.
    here = run_experiment(experiment, tmp_path / "here", problems=problems)
    killed = []

    def progress(share):
        if len(killed) < 2 and kill_a_worker():
            killed.append(share)

    there = run_experiment(
        experiment, tmp_path / "there", problems=problems, cluster=LOCAL_2, progress=progress
    )
    assert len(killed) == 2
    assert there.failures == ()
    pd.testing.assert_frame_equal(
        there.table.drop(columns="wall_s"), here.table.drop(columns="wall_s")
    )
    for dataset in experiment.datasets:
        one, two = (load_parameters(tmp_path / it, dataset) for it in ("here", "there"))
        assert jax.tree.all(jax.tree.map(np.array_equal, one.parameters, two.parameters))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("small_tasks")
def test_a_file_that_workers_lack_is_told_of_by_name_while_the_rest_goes_on(tmp_path):
    table = tmp_path / "mine.csv"
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 2)), columns=["x", "y"])
    content = frame.assign(kind=["a", "b"] * 30).to_csv(index=False)
    table.write_text(content)
    plan = Plan((WeightedPower(0.0),), PLAN.seeds, QUICK_SCHEDULE)
    experiment = Experiment("two", ("iris", str(table)), ProblemSpec(""), plan)
    problems = build_problems(experiment)
    table.unlink()
    outcome = run_experiment(experiment, tmp_path / "out", problems=problems, cluster=LOCAL_2)
    assert set(outcome.table["dataset"]) == {"iris"}
    assert len(outcome.table) == 3
    assert {(it.dataset, it.attempts) for it in outcome.failures} == {("mine", 3)}
    assert "mine.csv" in str(outcome.failures[0].error)
    table.write_text(content)
    stamps = {p: p.stat().st_mtime_ns for p in (tmp_path / "out" / "parts").glob("iris-*")}
    outcome = run_experiment(experiment, tmp_path / "out", problems=problems)
    assert (len(outcome.table), outcome.failures) == (6, ())
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())


def test_a_worker_with_other_code_or_other_files_is_refused(problem):
    task = tasks.Task("iris-00000", problem.spec, (WeightedPower(0.5),), (0,), QUICK_SCHEDULE)
    with pytest.raises(PrintronError, match="another version of code"):
        tasks.do_task_elsewhere(task, problem.identity, {**versions(), "code": "other"})
    with pytest.raises(PrintronError, match="other files for 'iris'"):
        tasks.do_task_elsewhere(task, {**problem.identity, "process": "other"}, versions())


def test_a_scheduler_that_is_not_there_is_one_sentence(problem, monkeypatch):
    from printron.experiments import cluster

    monkeypatch.setattr(cluster, "SECONDS_TO_ANSWER", 0.5)
    pool = pool_of(cluster_named("tcp://127.0.0.1:9"))({"iris": problem})
    with pytest.raises(PrintronError, match="cluster cannot be reached"):
        pool.__enter__()


def test_clusters_by_name(tmp_path):
    assert cluster_named("local:4") == LocalCluster(kind="local", workers=4)
    running = cluster_named("tcp://scheduler:8786")
    assert running == RunningCluster(kind="scheduler", address="tcp://scheduler:8786")
    (tmp_path / "slurm.toml").write_text('kind = "slurm"\njobs = 3\nqueue = "short"\n')
    slurm = cluster_named(str(tmp_path / "slurm.toml"))
    assert slurm == SlurmCluster(kind="slurm", jobs=3, queue="short")


@pytest.mark.parametrize(("head", "key"), [("", "jobs"), ("[cluster]\n", "cluster.jobs")])
def test_a_key_is_named_as_it_stands_in_the_file(tmp_path, head, key):
    path = tmp_path / "slurm.toml"
    path.write_text(f'{head}kind = "slurm"\njobs = 0\n')
    with pytest.raises(PrintronError, match=f"slurm.toml: '{key}': got 0; "):
        cluster_named(str(path))


@pytest.mark.parametrize("text", ["local", "local:0", "local:x", "here", "ftp://x"])
def test_a_cluster_that_is_none_is_one_sentence(text):
    with pytest.raises(PrintronError, match=text):
        cluster_named(text)


@pytest.mark.filterwarnings("default")
def test_slurm_jobs_are_what_the_file_says(tmp_path, monkeypatch):
    jobqueue = pytest.importorskip("dask_jobqueue")
    monkeypatch.setattr(jobqueue.SLURMCluster, "scale", lambda self, jobs: None)
    spec = SlurmCluster(
        kind="slurm",
        jobs=2,
        cores=4,
        memory="8GB",
        walltime="02:00:00",
        queue="short",
        account="me",
        directives=("--constraint=avx2",),
        prologue=("module load python",),
        python=sys.executable,
        local_directory=str(tmp_path),
    )
    cluster = start_cluster(spec)
    script = cluster.job_script()
    cluster.close()
    for words in (
        "#SBATCH -p short",
        "#SBATCH -A me",
        "#SBATCH -t 02:00:00",
        "#SBATCH --constraint=avx2",
        "#SBATCH --cpus-per-task=4",
        "module load python",
        "export OMP_NUM_THREADS='1'",
        "--nthreads 1",
        "--nworkers 4",
    ):
        assert words in script, script


def test_without_dask_a_cluster_is_one_sentence(problem, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    pool = pool_of(cluster_named("local:1"))({"iris": problem})
    with pytest.raises(PrintronError, match=r"pip install 'printron\[cluster\]'"):
        pool.__enter__()
