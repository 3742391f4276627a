"""The answer to a question about duplicates: projects compared with each other and the recorded."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np
from starlette.responses import Response

from features.declared_project import parse_project
from features.duplicates.compared_fields import compared_of
from features.duplicates.finding import found_pairs
from features.duplicates.groups import groups_of
from features.duplicates.kinds import FAULTS
from features.duplicates.neighbours import MOST_YEARS
from features.duplicates.traits import Traits, traits_of
from features.errors import Fault, ProjectError
from serving.access.own_projects import require_own
from serving.asker import Asker
from serving.duplicates.recorded import RecordedProjects, RecordedReader
from serving.duplicates.told_pair import told_pair
from serving.inquiry import Inquiry
from serving.projects.view import ProjectView
from serving.recording.kept_answer import KeptAnswer, core_of, recorded_item
from serving.recording.score_record import kept_name
from serving.records.record import Record
from serving.routes import FIND_DUPLICATES
from serving.wording.envelope import Json, Refusal

DUPLICATES_FORMAT = 1


def find_duplicates(inquiry: Inquiry) -> KeptAnswer:
    """The pairs of the projects asked about, among themselves and with recorded ones.

    Recorded are those of the same rounds and the rounds beside, as far as the caller may see them.

    Raises:
        Refusal: 422 when the body is not `{"projects": […]}` or a project does not meet the
            catalogue, 403 when a department asks about another's, 413 when there are too many.
    """
    given = _given(inquiry)
    desk, catalogue = inquiry.desk, inquiry.desk.release.model.catalogue
    compared = compared_of(catalogue)
    reader = RecordedReader(ProjectView(desk.records, catalogue), catalogue, compared)
    years = sorted({t.year + apart for t in given for apart in range(-MOST_YEARS, MOST_YEARS + 1)})
    recorded = reader.read(inquiry.caller, years[::-1])
    inquiry.require_time()
    everything, beside = _together(given, recorded)
    found = found_pairs(everything, compared, np.arange(len(given)))
    inquiry.require_time()
    pairs = [
        told_pair(pair, catalogue)
        | {"places": [row if row < len(given) else None for row in pair.rows]}
        for pair in found
    ]
    linked = groups_of((*pair.rows, pair.score) for pair in found if pair.kind in FAULTS)
    answer: Json = {
        "pairs": pairs,
        "groups": [[everything[row].project_id for row in group] for group in linked],
        "compared": {
            "given": len(given),
            "recorded": beside,
            "recorded_left_out": recorded.left_out,
            "rules": compared.digest,
        },
        "advisory": True,
        "record_id": None,
        "receipt": None,
    }
    core = core_of(answer)
    record = _record(inquiry, given, answer, core)
    return KeptAnswer([record.sealed()], [recorded_item(core, record.record_id)], _plain)


def _plain(items: list[bytes]) -> Response:
    return Response(items[0], media_type="application/json")


def _given(inquiry: Inquiry) -> list[Traits]:
    document, catalogue = inquiry.document, inquiry.desk.release.model.catalogue
    if not isinstance(document, dict) or document.keys() != {"projects"}:
        raise Refusal(422, faults=[Fault(None, None, 'an object {"projects": […]}', "another")])
    projects = document["projects"]
    if not isinstance(projects, list) or not projects:
        raise Refusal(422, faults=[Fault(None, "projects", "a list of projects", "another")])
    most = inquiry.desk.limits.batch_projects
    if len(projects) > most:
        fault = Fault(None, "projects", f"at most {most:,} projects", f"{len(projects):,}")
        raise Refusal(413, "There are too many projects for one call; send fewer.", [fault])
    fields = compared_of(catalogue).fields
    given: list[Traits] = []
    faults: list[Fault] = []
    for place, project in enumerate(projects):
        require_own(inquiry.caller, project, catalogue)
        try:
            given.append(traits_of(parse_project(project, catalogue), fields))
        except ProjectError as error:
            faults += [_in_list(fault, place) for fault in error.faults]
    if faults:
        raise Refusal(422, faults=faults)
    return given


def _in_list(fault: Fault, place: int) -> Fault:
    return replace(fault, field=f"projects[{place}]{f'.{fault.field}' if fault.field else ''}")


def _together(given: list[Traits], recorded: RecordedProjects) -> tuple[list[Traits], int]:
    """The projects asked about, then the recorded ones that are no versions of them."""
    keys = {project.key for project in given}
    others = [one.traits for one in recorded.projects if one.traits.key not in keys]
    return [*given, *others], len(others)


def _record(inquiry: Inquiry, given: list[Traits], answer: Json, core: bytes) -> Record:
    """That it was asked, about which projects, and which pairs were told."""
    asker = Asker.of(inquiry.caller, f"POST {FIND_DUPLICATES}")
    content: dict[str, Any] = {
        "format": DUPLICATES_FORMAT,
        "compared": answer["compared"],
        "projects": [[project.project_id, project.year, project.digest] for project in given],
        "pairs": [
            [pair["kind"], *(p["project_id"] for p in pair["projects"]), str(pair["score"])]
            for pair in answer["pairs"]
        ],
        "said": {"form": "duplicates", "sha256": sha256(core).hexdigest(), "bytes": len(core)},
        "asked": {"role": asker.role, "way": asker.way},
    }
    return Record(
        "duplicates",
        kept_name(asker.actor) or "unknown",
        content,
        on_behalf_of=kept_name(asker.department),
        department=kept_name(inquiry.caller.department),
    )
