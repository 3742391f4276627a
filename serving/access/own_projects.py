"""What a department may ask: about its own projects, and not too often what would score better."""

from __future__ import annotations

import unicodedata
from typing import Any

import orjson

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.errors import Fault
from serving.access.caller import Caller, visible
from serving.access.ration import Ration
from serving.wording.envelope import Json, Refusal
from serving.wording.own_answer import WITHHELD, own_answer


def not_own(caller: Caller, document: Any, catalogue: Catalogue) -> Refusal | None:
    """The refusal of a project that another department declares, or that does not say which.

    None where the caller may ask, and for what is no project at all: that is refused as such.
    """
    if caller.department is None or not isinstance(document, dict):
        return None
    field = catalogue.columns.group
    if field is None:
        said = f"The catalogue {catalogue.identity} does not say which department declares."
        return Refusal(403, said)
    declared = document.get(field)
    if isinstance(declared, str) and visible(caller, declared):
        return None
    got = "another code" if declared is not None else "nothing"
    fault = Fault(None, field, f"your department's code, {caller.department}", got)
    return Refusal(403, "A department asks about its own projects only.", [fault])


def require_own(caller: Caller, document: Any, catalogue: Catalogue) -> None:
    """Return when the caller may ask about a project.

    Raises:
        Refusal: 403 when another department declares it.
    """
    refusal = not_own(caller, document, catalogue)
    if refusal is not None:
        raise refusal


def require_trial(
    caller: Caller, document: Any, changes: Any, catalogue: Catalogue, ration: Ration
) -> None:
    """Return when the caller may ask what a change would do, and count a department's question.

    Raises:
        Refusal: 403 when the project is, or would be, another department's; 429 when it has been
            asked about too often today.
        ProjectError: when the project, before or after, does not meet the catalogue; not counted.
    """
    if caller.department is None or not isinstance(document, dict) or not isinstance(changes, dict):
        return
    changed = {**document, **changes}
    require_own(caller, document, catalogue)
    require_own(caller, changed, catalogue)
    project = parse_project(document, catalogue)
    if parse_project(changed, catalogue).project_id != project.project_id:
        wanted = "fields other than those that name the project"
        fault = Fault(None, "changes", wanted, ", ".join(catalogue.columns.id))
        raise Refusal(422, "A change makes no other project of it.", [fault])
    if not ration.take("what_if", caller.department, _plain(project.project_id)):
        raise _used_up(ration, "ask what a change would do")


def require_advice(caller: Caller, document: Any, catalogue: Catalogue, ration: Ration) -> None:
    """Return when the caller may ask what to improve, and count a department's question.

    It counts as a question what a change would do: both search for a better score.

    Raises:
        Refusal: 403 when the project is another department's; 429 when it has been asked about too
            often today.
        ProjectError: when the project does not meet the catalogue; not counted.
    """
    if caller.department is None:
        return
    require_own(caller, document, catalogue)
    project = parse_project(document, catalogue)
    if not ration.take("what_if", caller.department, _plain(project.project_id)):
        raise _used_up(ration, "ask what a change would do")


def told(caller: Caller, document: Any, answer: Json, ration: Ration) -> Json:
    """An answer as the caller may read it.

    A department is not told of others' past projects. Of one project it gets the answers to some
    versions a day, each as often as it likes: it shall not find by trial what scores best.

    Raises:
        Refusal: 429 when it has had as many versions today.
    """
    if caller.department is None:
        return answer
    version = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    subject = ("version", caller.department, _plain(answer["project_id"]))
    if not ration.take_for_new(version, *subject):
        raise _used_up(ration, "have another version scored")
    return without_others(caller, answer)


def without_others(caller: Caller, answer: Json) -> Json:
    """An answer in which a department finds nothing that others declare."""
    return answer if caller.department is None else own_answer(answer)


def withheld_from(caller: Caller) -> tuple[str, ...]:
    """The fields of an answer that a caller finds empty."""
    return () if caller.department is None else WITHHELD


def _plain(project_id: str) -> str:
    """An id without what can be written one way or another: width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", project_id).casefold().split())


def _used_up(ration: Ration, wanted: str) -> Refusal:
    said = f"Of one project a department may {wanted} {ration.a_day} times a day."
    return Refusal(429, said, headers={"Retry-After": str(ration.seconds_to_wait())})
