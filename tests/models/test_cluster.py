"""A cluster: results in order, few pieces under way, rows dealt out, and refusals with a reason."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models import cluster as door
from models.cluster import LOCAL_WORKERS, WAITING_PER_THREAD, Cluster, opened
from models.cluster_error import ClusterError


def _with_process(shared: str, item: int) -> tuple[str, int, int]:
    return shared, item, os.getpid()


def test_results_come_in_order_from_several_processes(cluster: Cluster) -> None:
    found = list(cluster.map(_with_process, "all", range(40)))
    assert [(shared, item) for shared, item, _ in found] == [("all", n) for n in range(40)]
    processes = {process for *_, process in found}
    assert len(processes) == LOCAL_WORKERS
    assert os.getpid() not in processes


def test_few_items_are_under_way_however_many_there_are(cluster: Cluster) -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            taken.append(number)
            yield number

    results = cluster.map(_with_process, "all", items())
    assert next(results)[1] == 0
    assert len(taken) == WAITING_PER_THREAD * LOCAL_WORKERS
    assert next(results)[1] == 1
    assert len(taken) == WAITING_PER_THREAD * LOCAL_WORKERS + 1


def _refuse(shared: str, item: str) -> str:
    raise ClusterError(f"no {shared}")


def test_a_refusal_of_a_worker_arrives_as_it_is(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match="no luck"):
        list(cluster.map(_refuse, "luck", ["a"]))


def _die_at_first(folder: Path, item: int) -> int:
    if item == 3 and not (folder / "died").exists():
        (folder / "died").touch()
        os._exit(1)
    return item


def _die(folder: Path, item: int) -> int:
    os._exit(1)


def test_work_of_a_worker_that_dies_is_done_by_another_or_given_up(tmp_path: Path) -> None:
    with opened("local") as own:
        assert list(own.map(_die_at_first, tmp_path, range(10))) == list(range(10))
        assert (tmp_path / "died").exists()
        with pytest.raises(ClusterError, match=r"expected the cluster to finish .* got \w+"):
            list(own.map(_die, tmp_path, [1]))


def test_rows_are_dealt_out_like_cards(cluster: Cluster) -> None:
    (dealt,) = cluster.spread(np.arange(11.0))
    assert dealt.chunks == ((6, 5),)
    parts = cluster.client.gather(cluster.client.compute(dealt.to_delayed().tolist()))
    assert [part.tolist() for part in parts] == [[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9]]
    (one,) = cluster.spread(np.arange(1.0))
    assert one.chunks == ((1,),)  # fewer rows than workers


def test_what_is_sent_does_not_show_in_a_log() -> None:
    assert "110105" not in repr(door._Sealed({"contact": "11010519491231002X"}))


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "http://127.0.0.1:8786", "everywhere", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with (
        pytest.raises(
            ClusterError, match="expected local, tcp://HOST:PORT or tls://HOST:PORT; got '"
        ),
        opened(address),
    ):
        pass


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PATIENCE_SECONDS", 0.5)
    with (
        pytest.raises(ClusterError, match=r"tcp://127.0.0.1:9; got no answer; start `dask"),
        opened("tcp://127.0.0.1:9"),
    ):
        pass


def test_a_tls_address_needs_certificates() -> None:
    with (
        pytest.raises(ClusterError, match=r"expected certificates for tls://127.0.0.1:9 in Dask"),
        opened("tls://127.0.0.1:9"),
    ):
        pass


def test_workers_with_other_software_are_refused(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = cluster.client.scheduler.address
    with opened(address) as again:  # control: the same software is welcome
        assert again.threads == cluster.threads
    monkeypatch.setattr(door, "version", lambda name: "0.0.1")
    with (
        pytest.raises(ClusterError, match=r"'lightgbm': '0.0.1'.*; got .*'lightgbm': '4"),
        opened(address),
    ):
        pass


def test_the_own_cluster_listens_on_this_machine_only_and_shows_no_page(cluster: Cluster) -> None:
    assert all(address.startswith("tcp://127.0.0.1:") for address in cluster.threads)
    told = cluster.client.scheduler_info(n_workers=-1)
    assert told["address"].startswith("tcp://127.0.0.1:")
    pages = cluster.client.run_on_scheduler(_pages)
    assert pages == []


def test_the_own_workers_keep_off_the_output_of_the_command(cluster: Cluster) -> None:
    assert list(cluster.client.run(_says_nothing).values()) == [True, True]


def _says_nothing() -> bool:
    return os.path.samestat(os.fstat(1), os.stat(os.devnull))


def _pages(dask_scheduler: object) -> list[str]:
    application = dask_scheduler.http_application  # type: ignore[attr-defined]
    return [str(rule.matcher) for rule in application.wildcard_router.rules]


def test_dask_is_imported_only_where_a_cluster_is_asked_for() -> None:
    code = (
        "import sys; from serving.command_line.program import PLACES, PROGRAM, command\n"
        "for name in PLACES: command(name)\n"
        "print(sorted({'dask', 'distributed'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
