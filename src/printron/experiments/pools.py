"""Who does the tasks: threads of this process, or the workers of a Dask cluster."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Protocol

from printron.experiments.tasks import Task, do_task
from printron.results.problem import Problem


class Pool(Protocol):
    """What does tasks, each a future with `add_done_callback` and `result`."""

    def __enter__(self) -> "Pool": ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def submit(self, task: Task, told: Callable[[int], None]) -> Any:
        """Have a task done; `told` may be called with epochs that have just been done."""

    def check(self) -> None:
        """Nothing, or a PrintronError where the pool is no more."""


class Here:
    """Threads of this process: they share the compiled programs and the memory.

    Parameters
    ----------
    problems : by data set.  workers : tasks side by side; of a lone task, tiles side by side.
    tasks : number of tasks that will come.
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

    def submit(self, task: Task, told: Callable[[int], None]) -> Any:
        return self._threads.submit(do_task, task, self._problems[task.spec], self._tiles, told)

    def check(self) -> None:
        """Threads do not go away."""
