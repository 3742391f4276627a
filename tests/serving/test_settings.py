"""Settings of the service: from the environment, frozen, and for this machine only."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from serving.errors import ServiceError
from serving.settings import Limits, require_this_machine, service_settings


def test_the_defaults_are_this_machine_and_the_usual_folder() -> None:
    settings = service_settings({})
    assert (settings.home, settings.catalogue) == (Path("var"), "zero_base")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_the_environment_is_read_and_what_is_given_wins() -> None:
    environment = {"LINGJI_HOME": "/srv/a", "LINGJI_CATALOGUE": "tiny", "LINGJI_PORT": "81"}
    settings = service_settings(environment, home=Path("/srv/b"), port=None)
    assert settings.home == Path("/srv/b")
    assert (settings.catalogue, settings.port) == ("tiny", 81)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_control_every_name_of_this_machine_is_taken(host: str) -> None:
    require_this_machine(service_settings({}, host=host).host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.0.0.1", "192.0.2.7", "lingji.example.org", "", "localhost.example.org"],  # noqa: S104
)
def test_another_host_is_refused_while_there_are_no_keys(host: str) -> None:
    with pytest.raises(ServiceError, match="there are no access keys"):
        require_this_machine(service_settings({"LINGJI_HOST": host}).host)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"port": 70_000}, "port: input should be less than or equal to 65535; got 70000"),
        ({"port": "http"}, "port: .*; got 'http'"),
        ({"catalogue": "../other"}, "catalogue: .*; got '../other'"),
        ({"hots": "127.0.0.1"}, "hots: extra inputs are not permitted"),
    ],
)
def test_a_wrong_setting_is_named(given: dict[str, object], said: str) -> None:
    with pytest.raises(ServiceError, match=said):
        service_settings({}, **given)


def test_settings_do_not_change_and_take_no_unknown_limit() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        service_settings({}).port = 1
    with pytest.raises(ValidationError, match="body_size"):
        Limits(body_size=1)  # type: ignore[call-arg]
