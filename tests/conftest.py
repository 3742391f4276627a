"""What holds for every test: no telemetry, no outgoing connection, and where real data are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from models.cluster import LOCAL, Cluster, opened
from tests import network_guard

# Before any test module imports MLflow or BentoML: both read these when they are imported.
for _name in ("MLFLOW_DISABLE_TELEMETRY", "BENTOML_DO_NOT_TRACK", "DO_NOT_TRACK"):
    os.environ[_name] = "true"  # the word: "1" is ignored
os.environ["MLFLOW_UV_AUTO_DETECT"] = "false"
os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"

JAPAN_REVIEW_DEFAULT = Path("../shared/data/japan_review/sheets_2015_2019.parquet")

LONGEST = {
    name: place
    for place, name in enumerate(
        (
            "tests/training/test_mlflow_run.py",
            "tests/test_journey.py",
            "tests/benchmarks/test_benchmarks.py",
            "tests/serving/test_command_line_demo.py",
            "tests/benchmarks/test_model_comparison.py",
            "tests/test_notebooks.py",
            "tests/serving/test_swaps_under_load.py",
            "tests/serving/access/test_random_requests.py",
        )
    )
}
"""Files whose tests take half a minute or more, the longest first."""

# `--hypothesis-profile thorough`, for a night: where a test does not say how many cases.
settings.register_profile("thorough", max_examples=1_000, deadline=None)
# No test has a time limit: a busy machine is no fault of the code.
settings.register_profile("usual", deadline=None)
settings.load_profile("usual")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--japan-review",
        metavar="FILE",
        default=os.environ.get("LINGJI_JAPAN_REVIEW"),
        help="the Japanese programme reviews as parquet; tests of real data skip without it",
    )


def pytest_configure(config: pytest.Config) -> None:
    network_guard.arm()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest begin, so that what is left at the end is short."""
    items.sort(key=lambda item: LONGEST.get(_file(item), len(LONGEST)))


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.fixture(autouse=True)
def nothing_leaves() -> Iterator[None]:
    """Fails a test that tried to reach another host, even where the library hid the refusal."""
    network_guard.attempts.clear()
    yield
    assert not network_guard.attempts, f"tried to leave this machine: {network_guard.attempts}"


@pytest.fixture(scope="session")
def japan_review_file(request: pytest.FixtureRequest) -> Path:
    """The path of the Japanese programme reviews; skips where the file is absent."""
    given = request.config.getoption("--japan-review")
    path = Path(given) if given else request.config.rootpath / JAPAN_REVIEW_DEFAULT
    if not path.is_file():
        pytest.skip(f"no Japanese programme reviews at {path}: give --japan-review FILE")
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Two worker processes on this machine, which may not leave it either."""
    with opened(LOCAL) as cluster:
        cluster.client.run(network_guard.arm)
        yield cluster
        assert list(cluster.client.run(_attempts).values()) == [[], []]


def _attempts() -> list[str]:
    return network_guard.attempts
