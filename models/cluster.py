"""A Dask cluster: work mapped over it in order, rows spread over it; the one door to Dask.

Dask sends functions and data between its processes by pickle, so whoever can reach a scheduler or
a worker can run code in it: docs/cluster.md says where such a cluster may stand. What is stored
never passes through pickle.
"""

from __future__ import annotations

import gc
import os
import platform
import re
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Generic, TypeVar

import numpy as np

from features.operations import Numbers
from models.cluster_error import ClusterError

LOCAL = "local"
LOCAL_WORKERS = 2
PATIENCE_SECONDS = 30
WAITING_PER_THREAD = 2
"""Pieces of work under way per thread of the cluster, so that none waits for the next piece."""
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d+")
_MUST_AGREE = ("lingji", "lightgbm", "numpy")

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Cluster:
    """The workers behind a scheduler."""

    client: Any

    @property
    def threads(self) -> Mapping[str, int]:
        """The address of every worker, in order, with how many threads it has."""
        return dict(sorted(self.client.nthreads().items()))

    def map(self, function: Callable[[S, T], R], shared: S, items: Iterable[T]) -> Iterator[R]:
        """`function(shared, item)` of each item, in order, worked out by the workers.

        `shared` is sent to each worker once. Few items are under way at a time, however many
        there are.

        Raises:
            ClusterError: when the cluster loses a piece of work for good.
        """
        kept = self.client.scatter(_Sealed(shared), broadcast=True, hash=False)
        most = WAITING_PER_THREAD * sum(self.threads.values())
        waiting: deque[Any] = deque()
        for item in items:
            waiting.append(self.client.submit(_called, function, kept, _Sealed(item), pure=False))
            if len(waiting) >= most:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())

    def spread(self, *columns: Numbers) -> list[Any]:
        """Each array as a Dask array, of which every worker holds every n-th row.

        Rows are dealt out like cards, so that each worker's share looks like the whole: LightGBM
        learns the thresholds of a feature from the rows of one worker only.

        Args:
            columns: arrays of the same length.
        """
        import dask.array
        from dask.delayed import delayed

        array: Any = dask.array  # it has no types
        workers = list(self.threads)[: len(columns[0])]
        found = []
        for column in columns:
            parts = [np.ascontiguousarray(column[n :: len(workers)]) for n in range(len(workers))]
            sent = [
                self.client.scatter(part, workers=[worker], hash=False)
                for part, worker in zip(parts, workers, strict=True)
            ]
            blocks = [
                array.from_delayed(delayed(future), part.shape, part.dtype)
                for future, part in zip(sent, parts, strict=True)
            ]
            found.append(array.concatenate(blocks))
        return found

    def over_parts(self, function: Callable[[S, Any], R], shared: S, spread: Any) -> list[R]:
        """`function(shared, part)` of each worker's part of a spread array, where the part lies."""
        parts = self.client.compute(spread.to_delayed().flatten().tolist())
        done = [self.client.submit(function, shared, part, pure=False) for part in parts]
        return [_result(future) for future in done]


@contextmanager
def opened(address: str) -> Iterator[Cluster]:
    """The cluster of that address; `local` starts one on this machine and ends it afterwards.

    Raises:
        ClusterError: when it cannot be reached, has no worker, or runs other software.
    """
    with ExitStack() as stack:
        own = stack.enter_context(_local()) if address == LOCAL else None
        client = stack.enter_context(_connected(own.scheduler_address if own else address))
        if own:
            client.run(_silence)
        yield Cluster(client)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    import distributed  # costs half a second, so only where a cluster was asked for

    expected = f"a Dask scheduler with workers at {address}"
    hint = "start `dask scheduler` and `dask worker` there, both with Lingji installed"
    if not _ADDRESS.fullmatch(address):
        raise ClusterError(f"expected {LOCAL}, tcp://HOST:PORT or tls://HOST:PORT; got {address!r}")
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=PATIENCE_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        _let_go(error)
        raise ClusterError(f"expected {expected}; got no answer; {hint}") from error
    except TypeError as error:  # what Dask says of a certificate that is not configured
        _let_go(error)
        raise ClusterError(
            f"expected certificates for {address} in Dask's configuration; got {error}"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except TimeoutError as error:
            raise ClusterError(f"expected {expected}; got no worker; {hint}") from error
        _check_software(client)
        yield client


def _let_go(error: BaseException) -> None:
    """Free the client that could not connect while nothing else is going on.

    It stops its own loop when it is freed; in the middle of another client's start, which is where
    Python might free it, each would wait for the other.
    """
    traceback.clear_frames(error.__traceback__)
    gc.collect()


def _local() -> Any:
    """Two worker processes on the loopback address, without a dashboard or any other page."""
    import dask
    import distributed

    started: Any = distributed.LocalCluster
    no_pages: dict[str, list[str]] = {
        f"distributed.{kind}.http.routes": [] for kind in ("scheduler", "worker")
    }
    with dask.config.set(no_pages):
        return started(
            n_workers=LOCAL_WORKERS,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # None would take the port 8787
            scheduler_kwargs={"dashboard": False},
        )


def _silence() -> None:
    """LightGBM greets its neighbours on standard output, where the command's answer goes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def software() -> dict[str, str]:
    """The versions in this process on which results depend."""
    found = {name: version(name) for name in _MUST_AGREE}
    return found | {"python": ".".join(platform.python_version_tuple()[:2])}


def dask_version() -> str:
    """The version of Dask."""
    return version("dask")


def _check_software(client: Any) -> None:
    here = software()
    try:
        there = client.run(software)
    except Exception as error:  # Dask passes on what a worker could not import as no more than that
        raise ClusterError(
            f"expected workers with {here}; got one without Lingji ({error}); install it there"
        ) from error
    for worker, found in there.items():
        if found != here:
            raise ClusterError(
                f"expected workers with {here}; got {found} at {worker}; "
                "install the same requirements.lock there"
            )


@dataclass(frozen=True)
class _Sealed(Generic[T]):
    """Something sent to workers that Dask neither searches for tasks nor shows in a log."""

    content: T = field(repr=False)


def _called(function: Callable[[S, T], R], shared: _Sealed[S], item: _Sealed[T]) -> R:
    return function(shared.content, item.content)


def _result(future: Any) -> Any:
    with losses_named():
        return future.result()


@contextmanager
def losses_named() -> Iterator[None]:
    """Turns what Dask raises about lost workers and lost work into a refusal.

    Raises:
        ClusterError: when work that was waited for is lost for good.
    """
    from distributed import CancelledError, KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        yield
    except (CancelledError, KilledWorker, CommClosedError) as error:
        raise ClusterError(
            f"expected the cluster to finish its work; got {type(error).__name__}: {error}; "
            "see the logs of its workers, and whether they have memory enough"
        ) from error
