"""What the project is measured against, where it is installed; named where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec

from benchmarks.timing import Task

NOT_INSTALLED = "not installed"


@dataclass
class Field:
    """The tasks that could be prepared, by name, and why the others could not."""

    tasks: dict[str, Task] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def enter(
        self,
        name: str,
        packages: tuple[str, ...],
        prepare: Callable[[], Task],
        warmed: bool = True,
    ) -> None:
        """Prepare one task and run it once; where that fails, the reason is kept in its place.

        Not `warmed`: it is not run, being too long.
        """
        reason = missing(packages)
        if reason is None:
            try:
                task = prepare()
                if warmed:
                    task()
                self.tasks[name] = task
                return
            except Exception as error:  # a competitor that fails is a result, told on the page
                reason = failure(error)
        self.absent[name] = reason


def missing(packages: tuple[str, ...]) -> str | None:
    """Why something cannot run here: a package that is not installed; None where all are."""
    return None if all(find_spec(name) for name in packages) else NOT_INSTALLED


def failure(error: Exception) -> str:
    """What the page says of a competitor that failed: the first line of its error."""
    said = str(error).strip().splitlines() or [""]
    return f"failed: {type(error).__name__}: {said[0][:120]}"


def cell(found: Mapping[str, object], absent: Mapping[str, str], name: str) -> str:
    """The figure of a name, or why there is none."""
    return str(found[name]) if name in found else absent.get(name, "not measured")


@contextmanager
def threads(count: int) -> Iterator[None]:
    """While inside, libraries that take as many threads as there are cores take `count`."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(count):
        yield
