"""The service as one ASGI application, and the server that runs it on one socket."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from models.registry import Release
from serving.access.access import Access
from serving.assembly import access_to, configured, model_in_service, records_to
from serving.errors import ServiceError
from serving.http_protocol import HttpProtocol
from serving.records.record_log import RecordLog
from serving.settings import ServiceSettings, require_this_machine
from serving.settling import settle

Report = Callable[[str], None]

_NO_TELEMETRY = ("BENTOML_DO_NOT_TRACK", "DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY")
_WAITING_CONNECTIONS = 256
_OPEN = (
    "There are no access keys: everybody on this machine is an administrator, and nobody else can "
    "reach the service. The first key changes that: lingji keys create"
)


def _print_now(line: str) -> None:
    print(line, flush=True)


def application(settings: ServiceSettings) -> ASGIApp:
    """The ASGI application that answers with the model in service.

    Raises:
        RegistryError: when no model is in service.
        BundleError: when its files are not what was registered.
        AccessError, ServiceError: when it cannot be told who may call.
        RecordsError: when answers cannot be recorded.
    """
    release, access = model_in_service(settings), access_to(settings)
    return _application(settings, release, access, records_to(settings))


def _application(
    settings: ServiceSettings, release: Release, access: Access, records: RecordLog
) -> ASGIApp:
    _keep_quiet(settings.home)
    # Only now: BentoML reads the environment when it is imported.
    from serving.service import bare_questions

    return configured(bare_questions(), settings, release, access, records)


def serve(settings: ServiceSettings, report: Report = _print_now) -> None:
    """Return after the server has been asked to stop and has finished what was under way.

    `report` is called with one line, the address and the model, when the address is taken; and
    with another when no key is asked for.

    Raises:
        ServiceError: when the host is not this machine and there are no keys, when tokens cannot be
            read, or when the port is taken.
        AccessError: when the working folder cannot hold the keys.
        RegistryError: when no model is in service.
        BundleError: when its files are not what was registered.
        RecordsError: when answers cannot be recorded.
    """
    with contextlib.closing(access_to(settings)) as access:
        if not access.closed:
            require_this_machine(settings.host)
        release = model_in_service(settings)
        with contextlib.closing(records_to(settings)) as records:
            app = _application(settings, release, access, records)
            _serve(settings, app, release, access, report)


def _serve(
    settings: ServiceSettings, app: ASGIApp, release: Release, access: Access, report: Report
) -> None:
    with _listening(settings) as listener:
        host, port = listener.getsockname()[:2]
        place = f"[{host}]" if ":" in host else host
        identity, number = release.model.catalogue.identity, release.version.number
        report(f"http://{place}:{port}/ serves {identity}, version {number}")
        if not access.closed:
            report(_OPEN)
        settle()
        with _stopped_by_signals():
            uvicorn.Server(_configured(app, settings)).run(sockets=[listener])


def _keep_quiet(home: Path) -> None:
    """Tell the framework to send nothing home, and to keep its own files in the working folder."""
    for name in _NO_TELEMETRY:
        os.environ[name] = "true"  # the word: "1" is ignored
    os.environ.setdefault("BENTOML_HOME", str((home / "bentoml").absolute()))


def _listening(settings: ServiceSettings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.create_server(
            (settings.host, settings.port), family=family, backlog=_WAITING_CONNECTIONS
        )
    except OSError as error:
        raise ServiceError(
            f"expected to listen on {settings.host}, port {settings.port}; got: {error.strerror}; "
            "stop the other program or choose another --port"
        ) from error
    # Connections take this over: else the end of an answer waits for the caller's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _configured(app: ASGIApp, settings: ServiceSettings) -> uvicorn.Config:
    """The server's settings: nothing but HTTP, no log of raw paths, a stop that waits."""
    return uvicorn.Config(
        app,
        http=HttpProtocol,
        lifespan="on",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=round(settings.limits.shutdown_seconds),
    )


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Make being asked to stop a normal end: uvicorn raises the signal again when it has stopped,
    which would otherwise end the process as if it had been killed."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
