"""A record in a few words: what kind it is, when, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from serving.envelope import Json
from serving.page_words import page_words
from serving.records.log_reading import StoredRecord


def said_kind(kind: str, lang: str) -> str:
    """The kind of a record in words; of one that has none, its own name."""
    return page_words(lang).get(f"kind_{kind}", kind)


def said_time(leaf: Mapping[str, Any]) -> str:
    """When a record was made, to the second, in UTC; "" where it does not say."""
    time = leaf.get("time")
    return time[:19].replace("T", " ") if isinstance(time, str) else ""


def said_record(stored: StoredRecord, lang: str) -> str:
    """What a record says, in one line; "" where there is nothing to say, or no saying what."""
    content, say = stored.legible().get("content"), _SAID.get(stored.kind)
    if say is None or not isinstance(content, dict):
        return ""
    try:
        return say(content, lang)
    except (KeyError, TypeError, IndexError):  # a damaged record, or another format
        return ""


def _score(content: Json, lang: str) -> str:
    words = page_words(lang)
    if content["grade"] is None:
        return words["not_rated"] if content["status"] == "not_rated" else words["audit_rated"]
    said = f"{words['grade']} {content['grade']}"
    return f"{said} · {words['rank_score']} {content['rank_score']:.1f}"


def _override(content: Json, lang: str) -> str:
    reason = content["reason_words"][lang]
    values = ", ".join(f"{name} → {value}" for name, value in content["values"].items())
    return f"{reason}: {values}. {content['comment']}"


def _review(content: Json, lang: str) -> str:
    return f"{page_words(lang)['verdict_' + content['verdict']]}. {content['comment']}"


def _replay(content: Json, lang: str) -> str:
    words = page_words(lang)
    if content["same"]:
        return words["audit_replay_same"]
    return words["audit_replay_differs"].format(count=len(content["differences"]))


def _verification(content: Json, lang: str) -> str:
    words = page_words(lang)
    signed = content["checkpoint"]
    said = words["audit_holds" if content["holds"] else "audit_holds_not"]
    return said if signed is None else f"{said} · {signed['origin']} {signed['size']:,}"


def _read(content: Json, _: str) -> str:
    return str(content["asked"]["way"])


def _run(content: Json, lang: str) -> str:
    rows = content["rows"]
    return page_words(lang)["audit_run"].format(
        name=content["input"]["name"], rows=f"{rows['rows']:,}", refused=f"{rows['refused']:,}"
    )


def _release(content: Json, lang: str) -> str:
    before = content["before"] or {"version": page_words(lang)["none"]}
    return f"{content['catalogue']}: {before['version']} → {content['after']['version']}"


def _what_if(content: Json, lang: str) -> str:
    old, new = (content[side]["grade"] or "–" for side in ("before", "after"))
    changed = ("、" if lang == "zh" else ", ").join(content["changes"]) or "–"
    return f"{changed}: {page_words(lang)['grade']} {old} → {new}"


def _erasure(content: Json, lang: str) -> str:
    names = ("、" if lang == "zh" else ", ").join(content["names"])
    return f"{names}. {content['ground']}"


_SAID: Mapping[str, Callable[[Json, str], str]] = {
    "score": _score,
    "override": _override,
    "review": _review,
    "replay": _replay,
    "verification": _verification,
    "read": _read,
    "run": _run,
    "release": _release,
    "what_if": _what_if,
    "erasure": _erasure,
}
KINDS = tuple(_SAID)
"""The kinds of record that have words of their own."""
