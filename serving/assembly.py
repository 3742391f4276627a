"""The whole ASGI application, put together around the framework's own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from models.registry import Registry, Release
from models.trial import require_same
from serving.access.access import Access, opened_access
from serving.access.caller import SCOPE_KEY as CALLER_KEY
from serving.access.caller import Caller, Role
from serving.access.gate import Gate
from serving.beside.beside import Beside
from serving.beside.beside_following import BesideFollower
from serving.beside.beside_process import BesideProcess
from serving.beside.beside_queue import BesideQueue
from serving.following import Follower
from serving.front_door import FrontDoor
from serving.guard import Guard
from serving.inquiry import Desk
from serving.metrics import Metrics
from serving.monitoring.monitoring_following import MonitoringFollower
from serving.office import Office
from serving.override_reasons import OverrideReasons, override_reasons, shipped_reasons
from serving.recording.kept_answer import refused
from serving.recording.kept_rules import RulesInForce
from serving.records.errors import RecordsError
from serving.records.record_log import RecordLog
from serving.review.open_rounds import OpenRounds
from serving.routes import require_route
from serving.service_state import ServiceState
from serving.settings import DEFAULT_HOME, Limits, ServiceSettings
from serving.site import site


def registry_of(settings: ServiceSettings) -> Registry:
    """The registry whose releases are served."""
    return Registry(settings.home, settings.catalogue)


def model_in_service(settings: ServiceSettings) -> Release:
    """The model that the registry has in service, verified and loaded; it may be stopped.

    Raises:
        RegistryError: when none is in service, or what is there was not released.
        BundleError: when its files are not what was registered, or it says something else of the
            golden rows than at training.
        RuleError: when the rules that projects are checked by cannot be used.
    """
    registry = registry_of(settings)
    release = registry.champion_release()
    require_same(registry.folder / str(release.version.number), release.model)
    return rules_of(settings).attached(release)


def access_to(settings: ServiceSettings) -> Access:
    """Who may call the service.

    Raises:
        AccessError: when the working folder cannot hold the keys.
        ServiceError: when the settings of tokens are not usable.
    """
    return opened_access(settings.home, settings.tokens, settings.what_ifs_a_day)


def reasons_of(settings: ServiceSettings) -> OverrideReasons:
    """The reasons for which people may overrule a score.

    Raises:
        ServiceError: when the file that is named for them is no such list.
    """
    return shipped_reasons() if settings.reasons is None else override_reasons(settings.reasons)


def rules_of(settings: ServiceSettings) -> RulesInForce:
    """The rules that projects are checked by."""
    return RulesInForce(settings.home, settings.rules)


def records_to(settings: ServiceSettings) -> RecordLog:
    """The log that every answer is recorded in.

    Raises:
        RecordsError: when it cannot be opened, is damaged, or is of another version.
    """
    keep = timedelta(days=settings.answers_days)
    return RecordLog.open(settings.record_address, keep_answers=keep)


def configured(
    questions: ASGIApp,
    settings: ServiceSettings,
    release: Release,
    access: Access,
    records: RecordLog,
) -> ASGIApp:
    """The whole application as the settings want it; it follows the registry's releases.

    Raises:
        ServiceError: when the file that is named for the reasons of overrides is no such list.
    """
    return around(
        questions,
        release,
        settings.limits,
        access,
        records,
        settings.home,
        reasons_of(settings),
        follows=registry_of(settings),
        rules=rules_of(settings),
    )


def around(
    questions: ASGIApp,
    release: Release,
    limits: Limits,
    access: Access,
    records: RecordLog,
    home: Path = DEFAULT_HOME,
    reasons: OverrideReasons | None = None,
    *,
    follows: Registry | None = None,
    rules: RulesInForce | None = None,
) -> ASGIApp:
    """The application that answers everything: `questions` behind the guard, and the pages, all
    behind the gate.

    Args:
        questions: answers the sound questions that the guard lets through; it also gets the
            lifespan messages.
        home: the working folder whose registry has the versions that records name.
        reasons: for which people may overrule; by default those that are shipped.
        follows: the registry whose releases it follows while its life lasts; None for none.
        rules: what a release that comes meanwhile checks projects by; None for nothing.
    """
    metrics, beside = Metrics(), Beside()
    desk = Desk(
        release,
        limits,
        metrics,
        access,
        records,
        home,
        reasons or shipped_reasons(),
        state=ServiceState(follows),
        beside=beside,
        rules=rules,
    )
    office = Office(desk, site)
    followers: list[Following] = []
    if follows is not None:
        beside.queue = BesideQueue(
            partial(BesideProcess, follows), records, metrics.answered_beside
        )
        catalogue = release.model.catalogue.catalogue
        followers = [
            Follower(follows, office),
            BesideFollower(follows, beside, metrics.beside),
            MonitoringFollower(home, catalogue, metrics),
        ]
    inside = _Junction(Guard(questions, office), office, followers)
    return FrontDoor(Gate(inside, access), desk.metrics)


class Following(Protocol):
    """Looks again and again at what others change, until cancelled."""

    async def follow(self, seconds: float) -> None: ...


class _Junction:
    """Sends questions one way and pages the other; anything else ends here.

    While the service lives it follows the releases, and what is to run beside them. When it ends,
    so does the record log: after the last answer.
    """

    def __init__(self, questions: ASGIApp, office: Office, followers: Sequence[Following]) -> None:
        self._questions = questions
        self._office = office
        self._followers = followers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            with contextlib.closing(self._office.desk.records):
                try:
                    async with self._following():
                        await self._questions(scope, receive, send)
                finally:  # no waiting here: when the server ends, it cancels what waits
                    if self._office.desk.beside.queue is not None:
                        self._office.desk.beside.queue.close()
            return
        asked = scope["type"] != "http" or require_route(scope["path"], scope["method"]).question
        if CALLER_KEY in scope:
            scope = {**scope, CALLER_KEY: await self._blinded(scope[CALLER_KEY])}
        await (self._questions if asked else self._office.pages)(scope, receive, send)

    async def _blinded(self, caller: Caller) -> Caller:
        """The caller; an expert is shown nothing recorded of what is to be judged unseen."""
        if caller.role is not Role.EXPERT:
            return caller
        desk = self._office.desk
        rounds = OpenRounds.of(desk)
        try:
            return await to_thread.run_sync(rounds.blinded, caller, desk.records)
        except RecordsError as error:
            raise refused(error) from error

    @contextlib.asynccontextmanager
    async def _following(self) -> AsyncIterator[None]:
        seconds = self._office.desk.limits.follow_seconds
        tasks = [asyncio.create_task(each.follow(seconds)) for each in self._followers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
