"""The auditor's pages for machines: the same as JSON."""

from __future__ import annotations

from serving.access.caller import Caller
from serving.access.own_projects import without_others
from serving.audit.auditing import Compared, Dossier, Found
from serving.projects.record_view import record_line
from serving.wording.envelope import Json


def found(page: Found) -> Json:
    """A page of a search."""
    return {
        "records": [record_line(each) for each in page.records],
        "next_before": page.next_before,
    }


def dossier(shown: Dossier, caller: Caller) -> Json:
    """Everything about a record, as the caller may see it."""
    told = shown.retold
    answer = None if told is None else without_others(caller, told.answer)
    whole: Json = {"record": shown.leaf}
    if shown.personal is not None:
        gone = {name: None for name, kept in shown.stored.private.items() if kept is None}
        whole["private"] = shown.personal | gone
    return whole | {
        "receipt": None if shown.receipt is None else shown.receipt.as_json(),
        "verification": shown.check.as_json(),
        "answer": answer,
        "answer_as_said": told is not None and told.as_said,
        "answer_missing": shown.why_not or None,
        "history": [record_line(each) for each in shown.history],
        "history_complete": not shown.more,
    }


def compared(both: Compared) -> Json:
    """What leads from one record to the other."""
    ends = {"a": both.first.record_id, "b": both.second.record_id}
    return ends | {"documents": changed_fields(both)} | both.difference.as_json()


def changed_fields(both: Compared) -> list[Json]:
    """The fields of the documents that differ, personal ones apart, as they were recorded."""
    documents = [each.content()["content"]["document"] for each in (both.first, both.second)]
    names = dict.fromkeys(name for document in documents for name in document)
    return [
        {"field": name, "before": documents[0].get(name), "after": documents[1].get(name)}
        for name in names
        if documents[0].get(name) != documents[1].get(name)
    ]
