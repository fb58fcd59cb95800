"""Tasks on a Dask cluster: local workers, a running scheduler, or SLURM jobs."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from printron.base.models import AsTuple, StrictModel, one_sentence, read_toml
from printron.base.sentence import shown
from printron.base.versions import versions
from printron.errors import PrintronError
from printron.experiments.pools import Pools
from printron.experiments.tasks import Task, do_task_elsewhere
from printron.results.problem import Problem

SECONDS_TO_ANSWER = 30
DEATHS = 3  # worker deaths that a task may survive; one more, and the task counts as their cause
# A worker has one task at a time, and one core. XLA needs no such limit, since it starts no threads
# for blocks of so few rows: XLA_FLAGS against threads change nothing measurable, but programs would
# be recompiled, since the cache of compiled programs is kept for one set of flags.
WORKER_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _address(text: str) -> str:
    if not re.match(r"(tcp|tls|ws|wss|ucx)://.", text):
        raise PrintronError(
            f"got {shown(text)}; give the address of a Dask scheduler: tcp://host:8786"
        )
    return text


def _walltime(text: str) -> str:
    if not re.fullmatch(r"(\d+-)?\d+:\d\d:\d\d", text):
        raise PrintronError(f"got {shown(text)}; write hours, minutes and seconds: 04:00:00")
    return text


_Words = Annotated[tuple[str, ...], AsTuple]


class LocalCluster(StrictModel, strict=True):
    """Worker processes on this machine."""

    kind: Literal["local"]
    workers: int = Field(ge=1, le=1000)


class RunningCluster(StrictModel, strict=True):
    """A running scheduler with its own workers."""

    kind: Literal["scheduler"]
    address: Annotated[str, AfterValidator(_address)]


class SlurmCluster(StrictModel, strict=True):
    """Jobs of a SLURM cluster; each job runs `cores` workers with one core each.

    Attributes
    ----------
    jobs : number of jobs.  cores, memory, walltime : of one job.
    queue, account : as sbatch takes them.
    directives : further #SBATCH lines.  prologue : shell lines before the workers start.
    interface : network interface by which workers reach this machine, such as ib0.
    python, log_directory, local_directory : paths on the nodes.
    """

    kind: Literal["slurm"]
    jobs: int = Field(ge=1, le=10_000)
    cores: int = Field(default=1, ge=1, le=1000)
    memory: str = "4GB"
    walltime: Annotated[str, AfterValidator(_walltime)] = "04:00:00"
    queue: str | None = None
    account: str | None = None
    directives: _Words = ()
    prologue: _Words = ()
    interface: str | None = None
    python: str | None = None
    log_directory: str | None = None
    local_directory: str | None = None


ClusterSpec = LocalCluster | RunningCluster | SlurmCluster
CLUSTER_KINDS: dict[str, type[LocalCluster] | type[RunningCluster] | type[SlurmCluster]] = {
    "local": LocalCluster,
    "scheduler": RunningCluster,
    "slurm": SlurmCluster,
}


def cluster_named(text: str) -> ClusterSpec:
    """The cluster of a command line: local:4, tcp://host:8786, or a TOML file.

    Raises
    ------
    PrintronError : one sentence: what was got, what is allowed.
    """
    kind, _, rest = text.partition(":")
    if kind == "local" and rest.isdecimal() and 1 <= int(rest) <= 1000:
        return LocalCluster(kind="local", workers=int(rest))
    if "://" in text:
        return _checked({"kind": "scheduler", "address": text}, f"--cluster {text}")
    if text.endswith(".toml"):
        table = read_toml(text)
        # The keys may also stand alone, without [cluster].
        return cluster_of(table["cluster"], text) if "cluster" in table else _checked(table, text)
    raise PrintronError(
        f"got --cluster {text}; give local:N with N worker processes, the address of a Dask "
        "scheduler (tcp://host:8786), or a file FILE.toml for SLURM"
    )


def cluster_of(table: dict[str, Any], source: str) -> ClusterSpec:
    """The cluster of a table [cluster]; `source` names the file in error messages."""
    return _checked(table, source, "cluster")


def _checked(table: dict[str, Any], source: str, name: str = "") -> ClusterSpec:
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in CLUSTER_KINDS:
        key = f"{name}.kind" if name else "kind"
        raise PrintronError(
            f"{source}: '{key}' is {shown(kind) if kind else 'missing'}; allowed are "
            f"{', '.join(CLUSTER_KINDS)}"
        )
    try:
        return CLUSTER_KINDS[kind].model_validate(table)
    except ValidationError as error:
        raise PrintronError(one_sentence(source, error, name)) from None


def pool_of(spec: ClusterSpec) -> Pools:
    """The function that makes the pool, as `run_experiment` takes its cluster."""
    return lambda problems: DaskPool(spec, problems)


class DaskPool:
    """The workers of a Dask cluster."""

    def __init__(self, spec: ClusterSpec, problems: Mapping[str, Problem]) -> None:
        self._spec = spec
        self._identities = {problem.spec: problem.identity for problem in problems.values()}
        self._versions = versions()
        self._cluster: Any = None
        self._client: Any = None
        self._sent = 0

    def __enter__(self) -> "DaskPool":
        distributed = _package("distributed")
        for name in [*logging.root.manager.loggerDict]:
            if name.startswith("distributed"):  # errors are raised as one sentence
                logging.getLogger(name).setLevel(logging.CRITICAL)
        import dask

        dask.config.set({"distributed.scheduler.allowed-failures": DEATHS})
        try:
            if isinstance(self._spec, RunningCluster):
                where = self._spec.address
            else:
                self._cluster = where = start_cluster(self._spec)
            self._client = distributed.Client(
                where, timeout=SECONDS_TO_ANSWER, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError) as error:
            self.__exit__()
            why = " ".join(str(error).split()) or type(error).__name__
            raise PrintronError(
                f"the cluster cannot be reached ({why}); check that its scheduler runs and that "
                "its address is right"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        for connection in (self._client, self._cluster):
            if connection is not None:
                connection.close()

    def submit(self, task: Task, progress: Callable[[int], None]) -> Any:
        self._sent += 1
        return _Future(
            self._client.submit(
                do_task_elsewhere,
                task,
                self._identities[task.spec],
                self._versions,
                key=f"{task.name}-{self._sent}",
                priority=-self._sent,
                pure=False,
            )
        )

    def check(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise PrintronError(
                "the connection to the cluster's scheduler is lost; finished parts are stored: "
                "repeat the command to continue"
            )


class DeadWorkersError(PrintronError):
    """A task whose workers died, one after the other."""

    final = True  # Dask has already tried the task on other workers


class _Future:
    """A Dask future that reports the deaths of its workers in one sentence."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        self._future.add_done_callback(lambda _: call(self))

    def result(self) -> Any:
        from distributed.scheduler import KilledWorker

        try:
            return self._future.result()
        except KilledWorker as error:
            raise DeadWorkersError(
                "several workers with this task died, one after the other; they may lack memory: "
                "start fewer workers, or give each more memory"
            ) from error


def start_cluster(spec: LocalCluster | SlurmCluster) -> Any:
    """Start workers, each with one thread and one task at a time.

    Raises
    ------
    PrintronError : a package is missing.
    """
    if isinstance(spec, LocalCluster):
        return _package("distributed").LocalCluster(
            n_workers=spec.workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            env=WORKER_ENVIRONMENT,
        )
    lines = [f"export {name}='{value}'" for name, value in WORKER_ENVIRONMENT.items()]
    cluster = _package("dask_jobqueue").SLURMCluster(
        cores=spec.cores,
        processes=spec.cores,
        memory=spec.memory,
        walltime=spec.walltime,
        queue=spec.queue,
        account=spec.account,
        interface=spec.interface,
        python=spec.python,
        log_directory=spec.log_directory,
        local_directory=spec.local_directory,
        job_extra_directives=list(spec.directives),
        job_script_prologue=[*lines, *spec.prologue],
    )
    cluster.scale(jobs=spec.jobs)
    return cluster


def _package(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PrintronError(
            f"a cluster needs the package '{name.replace('_', '-')}', which is not installed; "
            "install it with: pip install 'printron[cluster]'"
        ) from error
