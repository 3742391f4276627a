"""The auditor's pages as HTML, and the file that a record is exported to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from features.catalogue import Catalogue
from serving.access.caller import Caller
from serving.access.own_projects import without_others
from serving.audit.auditing import Compared, Dossier, Found
from serving.audit.difference_view import difference_view
from serving.audit.filters import FILTERS, Filters
from serving.audit.inclusion_check import InclusionCheck
from serving.audit.machine import changed_fields
from serving.audit.said_record import KINDS, said_field, said_kind, said_record, said_time
from serving.page.frame import Frame
from serving.page.legible import object_in, texts_in
from serving.page.pages import explained_fragment, page_style
from serving.page.steps import BAR_WIDTH
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.recording.act_record import READ
from serving.recording.replay import REPLAYED, Replayed
from serving.records.log_reading import StoredRecord
from serving.records.receipt import in_base64
from serving.wording.envelope import Json

_MOST_SHOWN = 50
_MODEL = (
    *("version", "digest", "catalogue", "catalogue_digest", "policy", "policy_digest"),
    *("simulated", "reviewed"),
)
_SOFTWARE = ("lingji", "python", "numpy", "kernel", "machine")


@dataclass(frozen=True)
class Line:
    """A record as one line of a list or of a time line."""

    record_id: str
    leaf_index: int
    time: str
    kind: str
    kind_word: str
    actor: str
    project_id: str
    department: str
    version: str
    said: str
    own: bool = False
    linked: bool = False


def search_page(frame: Frame, catalogue: Catalogue, filters: Filters, found: Found) -> str:
    """The search: its filters, and a page of what it finds."""
    lines = [_line(each, catalogue, frame.lang) for each in found.records]
    further = None
    if found.next_before is not None:
        further = frame.to("/audit", {**filters.given, "before": str(found.next_before)})
    return rendered(
        "audit/search.html",
        frame.lang,
        frame=frame,
        given=dict.fromkeys(FILTERS, "") | filters.given,
        kinds=[(kind, said_kind(kind, frame.lang)) for kind in KINDS],
        lines=lines,
        further=further,
        first=None if filters.before is None else frame.to("/audit", filters.given),
    )


def record_page(
    frame: Frame,
    catalogue: Catalogue,
    dossier: Dossier,
    caller: Caller,
    *,
    replayed: Replayed | None = None,
    checked: InclusionCheck | None = None,
) -> str:
    """Everything about a record, with the outcome of what was just done with it."""
    return rendered(
        "audit/record.html",
        frame.lang,
        frame=frame,
        replayed=replayed,
        differences=[] if replayed is None else replayed.differences[:_MOST_SHOWN],
        checked=checked,
        may_replay=frame.visitor is not None
        and frame.visitor.may("POST", "/audit/records/{id}/replay")
        and dossier.stored.kind in REPLAYED,
        **_dossier(dossier, catalogue, caller, frame.lang),
    )


def exported_page(
    lang: str, catalogue: Catalogue, dossier: Dossier, evidence: Json, caller: Caller
) -> str:
    """A record as one file that needs nothing else: to read, to print, and to verify."""
    return rendered(
        "audit/exported.html",
        lang,
        frame=None,
        style=Markup(page_style()),  # noqa: S704 - ours
        evidence=json.dumps(evidence, ensure_ascii=False, separators=(",", ":")),
        **_dossier(dossier, catalogue, caller, lang),
    )


def difference_page(frame: Frame, compared: Compared) -> str:
    """What leads from one score to another."""
    lang = frame.lang
    catalogue = compared.difference.last.model.catalogue
    return rendered(
        "audit/difference.html",
        lang,
        frame=frame,
        ends=[_line(each, catalogue, lang) for each in (compared.first, compared.second)],
        view=difference_view(compared.difference, lang),
        fields=[
            (
                said_field(catalogue, each["field"], lang),
                _json(each["before"]),
                _json(each["after"]),
            )
            for each in changed_fields(compared)
        ],
        bar_width=BAR_WIDTH,
    )


def _dossier(dossier: Dossier, catalogue: Catalogue, caller: Caller, lang: str) -> dict[str, Any]:
    """What the templates show of a record."""
    leaf, stored, told = dossier.leaf, dossier.stored, dossier.retold
    content = object_in(leaf, "content")
    report = ""
    if told is not None:
        answer = without_others(caller, told.answer)
        report = explained_fragment(answer, told.catalogue, lang)
    return {
        "record": _line(stored, catalogue, lang),
        "on_behalf_of": leaf.get("on_behalf_of"),
        "asked": object_in(content, "asked", "role", "way"),
        "model": object_in(content, "model", *_MODEL),
        "software": object_in(content, "software", *_SOFTWARE),
        "said": object_in(content, "said", "sha256", "form"),
        "receipt": None if dossier.receipt is None else _receipt(dossier),
        "check": dossier.check,
        "personal": _personal(dossier, catalogue, lang),
        "report": Markup(report),  # noqa: S704 - rendered by our own template
        "as_said": told is not None and told.as_said,
        "why_not": page_words(lang)["audit_not_retold"] if dossier.why_not else "",
        "history": [_line(each, catalogue, lang, stored) for each in dossier.history],
        "more": dossier.more,
        "leaf_text": stored.leaf.decode(errors="replace"),
        "content_text": json.dumps(content, ensure_ascii=False, indent=1),
    }


def _receipt(dossier: Dossier) -> Mapping[str, Any]:
    """The receipt as the page tells it."""
    receipt = dossier.receipt
    assert receipt is not None  # noqa: S101 - asked for where there is one
    return {
        "number": f"{receipt.leaf_index + 1:,}",
        "size": f"{receipt.tree_size:,}",
        "leaf_hash": in_base64(receipt.leaf_hash),
        "root": in_base64(receipt.root),
        "root_then": in_base64(receipt.root_then),
        "proof": [in_base64(found) for found in receipt.proof],
    }


def _personal(dossier: Dossier, catalogue: Catalogue, lang: str) -> Sequence[tuple[str, str]]:
    """Each personal value under its label, or what is said in its place."""
    words = page_words(lang)
    shown = []
    for name in dossier.stored.sealed:
        label = said_field(catalogue, name, lang)
        if name in dossier.stored.damaged:
            shown.append((label, words["audit_damaged"]))
        elif name in dossier.stored.erased:
            shown.append((label, words["audit_erased"]))
        elif dossier.personal is None:
            shown.append((label, words["audit_withheld"]))
        else:
            shown.append((label, _json(dossier.personal[name])))
    return shown


def _line(
    stored: StoredRecord, catalogue: Catalogue, lang: str, centre: StoredRecord | None = None
) -> Line:
    """A record as a line; in the time line of another one, the centre, with how it belongs."""
    leaf = stored.legible()
    about = texts_in(leaf, "about")
    model = object_in(object_in(leaf, "content"), "model", "version")
    own = centre is not None and stored.leaf_index == centre.leaf_index
    return Line(
        record_id=stored.record_id,
        leaf_index=stored.leaf_index,
        time=said_time(leaf),
        kind=stored.kind,
        kind_word=said_kind(stored.kind, lang),
        actor=str(leaf.get("actor") or ""),
        project_id=stored.project_id or "",
        department=stored.department or "",
        version=str(model["version"] or ""),
        said=said_record(stored, catalogue, lang),
        own=own,
        linked=centre is not None and not own and centre.record_id in about and stored.kind != READ,
    )


def _json(value: Any) -> str:
    """A recorded value as it is written in the record; "—" for none."""
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
