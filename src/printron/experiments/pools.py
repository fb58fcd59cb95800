"""Pools that run tasks: threads of this process, or the workers of a Dask cluster."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol

from printron.experiments.tasks import Task, do_task
from printron.results.problem import Problem


class Pool(Protocol):
    """Runs tasks, each as a future with `add_done_callback` and `result`."""

    def __enter__(self) -> "Pool": ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def submit(self, task: Task, progress: Callable[[int], None]) -> Any:
        """Run a task; `progress` may be called with the epochs done since its last call."""

    def check(self) -> None:
        """Raise a PrintronError if the pool is lost."""


# Gives the pool of a cluster for the tasks of some problems, by data set.
Pools = Callable[[Mapping[str, Problem]], AbstractContextManager[Pool]]


class Here:
    """Threads of this process: they share the compiled programs and the memory.

    Parameters
    ----------
    problems : by data set.  workers : parallel tasks; with a single task, its parallel tiles.
    tasks : number of tasks to be submitted.
    """

    def __init__(self, problems: Mapping[str, Problem], workers: int, tasks: int) -> None:
        self._problems = {problem.spec: problem for problem in problems.values()}
        side_by_side = max(1, min(workers, tasks))
        self._tiles = max(1, workers // side_by_side)
        self._threads = ThreadPoolExecutor(side_by_side)

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def submit(self, task: Task, progress: Callable[[int], None]) -> Any:
        return self._threads.submit(do_task, task, self._problems[task.spec], self._tiles, progress)

    def check(self) -> None:
        """Threads of the process are never lost."""
