"""A record in a few words: what kind it is, when, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from features.catalogue import Catalogue
from serving.page.handling import said_matter
from serving.page.words import page_words
from serving.projects.record_page import said_in_place
from serving.recording.score_record import BESIDE
from serving.records.log_reading import StoredRecord
from serving.wording.envelope import Json


def said_kind(kind: str, lang: str) -> str:
    """The kind of a record in words; of one that has none, its own name."""
    word = page_words(lang).get(f"kind_{kind}", kind)
    return word[:1].upper() + word[1:]


def said_time(leaf: Mapping[str, Any]) -> str:
    """When a record was made, to the second, in UTC; "" where it does not say."""
    time = leaf.get("time")
    return time[:19].replace("T", " ") if isinstance(time, str) else ""


def said_record(stored: StoredRecord, catalogue: Catalogue, lang: str) -> str:
    """What a record says, in one line; "" where there is nothing to say, or no saying what.

    catalogue: whose words are used for its heads and fields, as far as it has them.
    """
    content, say = stored.legible().get("content"), _SAID.get(stored.kind)
    if say is None or not isinstance(content, dict):
        return ""
    try:
        return say(content, catalogue, lang)
    except (KeyError, TypeError, IndexError):  # a damaged record, or another format
        return ""


def _score(content: Json, _: Catalogue, lang: str) -> str:
    words = page_words(lang)
    if content["grade"] is None:
        return words["not_rated"] if content["status"] == "not_rated" else words["audit_rated"]
    said = f"{words['grade']} {content['grade']}"
    return f"{said} · {words['rank_score']} {content['rank_score']:.2f}"


def _override(content: Json, catalogue: Catalogue, lang: str) -> str:
    reason = content["reason_words"][lang]
    values = content["values"].items()
    put = _listed([said_in_place(name, value, catalogue, lang) for name, value in values], lang)
    return _sentences([f"{reason}{'：' if lang == 'zh' else ': '}{put}", content["comment"]], lang)


def _review(content: Json, _: Catalogue, lang: str) -> str:
    verdict = page_words(lang)[f"verdict_{content['verdict']}"]
    return _sentences([verdict, content["comment"]], lang)


def _replay(content: Json, _: Catalogue, lang: str) -> str:
    words = page_words(lang)
    if content["same"]:
        return words["audit_replay_same"]
    if content.get("outcome") == "cannot":
        return words["audit_replay_cannot"]
    return words["audit_replay_differs"].format(count=len(content["differences"]))


def _verification(content: Json, _: Catalogue, lang: str) -> str:
    words = page_words(lang)
    signed = content["checkpoint"]
    said = words["audit_holds" if content["holds"] else "audit_holds_not"]
    return said if signed is None else f"{said} · {signed['origin']} {signed['size']:,}"


def _read(content: Json, _: Catalogue, lang: str) -> str:
    way = str(content["asked"]["way"])
    return page_words(lang).get(_READ.get(way, ""), way)


def _run(content: Json, _: Catalogue, lang: str) -> str:
    rows = content["rows"]
    return page_words(lang)["audit_run"].format(
        name=content["input"]["name"], rows=f"{rows['rows']:,}", refused=f"{rows['refused']:,}"
    )


def _batch(content: Json, _: Catalogue, lang: str) -> str:
    rows = content["rows"]
    return page_words(lang)["audit_batch"].format(
        rows=f"{rows['rows']:,}", refused=f"{rows['refused']:,}"
    )


def _improvements(content: Json, _: Catalogue, lang: str) -> str:
    words = page_words(lang)
    grade = content["before"]["grade"] or words["none"]
    return words["audit_improvements"].format(grade=grade, count=len(content["suggestions"]))


def _key_change(content: Json, _: Catalogue, lang: str) -> str:
    return page_words(lang)["audit_key_change"].format(count=f"{content['values']:,}")


def _beside(content: Json, catalogue: Catalogue, lang: str) -> str:
    version = content["model"]["version"]
    said = page_words(lang)["audit_beside"].format(version=version)
    return f"{said} · {_score(content, catalogue, lang)}"


def _beside_switch(content: Json, _: Catalogue, lang: str) -> str:
    said = f"{content['catalogue']}: {content['version']['version']}"
    if "approval" not in content:
        return said
    statement = content["approval"]["statement"]
    regions = f"{statement['regions']['indicator']}={','.join(statement['regions']['codes'])}"
    until = page_words(lang)["audit_pilot_until"].format(
        time=statement["until"][:16].replace("T", " ")
    )
    return f"{said} · {regions} · {until}"


def _release(content: Json, _: Catalogue, lang: str) -> str:
    before = content["before"] or {"version": page_words(lang)["none"]}
    moved = f"{content['catalogue']}: {before['version']} → {content['after']['version']}"
    reviewed = "audit_reviewed" if content.get("reviewed") else "audit_not_reviewed"
    return f"{moved} · {page_words(lang)[reviewed]}"


def _switch(content: Json, _: Catalogue, lang: str) -> str:
    """A stop, or its end, with the reason that was given for the stop."""
    version = content["version"] or {"version": page_words(lang)["none"]}
    return page_words(lang)["audit_switch"].format(
        catalogue=content["catalogue"],
        version=version["version"],
        by=content["stop"]["by"],
        reason=content["stop"]["reason"],
    )


def _what_if(content: Json, catalogue: Catalogue, lang: str) -> str:
    old, new = (content[side]["grade"] or "–" for side in ("before", "after"))
    changed = [said_field(catalogue, name, lang) for name in content["changes"]]
    grade = f"{page_words(lang)['grade']} {old} → {new}"
    return _sentences([*([_listed(changed, lang)] if changed else []), grade], lang)


def _duplicates(content: Json, _: Catalogue, lang: str) -> str:
    return page_words(lang)["duplicates_found"].format(
        compared=f"{content['compared']['given'] + content['compared']['recorded']:,}",
        count=f"{len(content['pairs']):,}",
    )


def _dismissal(content: Json, _: Catalogue, lang: str) -> str:
    projects = _listed([f"{name} ({year})" for name, year, _ in content["projects"]], lang)
    return _sentences([projects, content["reason_words"][lang], content["comment"]], lang)


def _erasure(content: Json, _: Catalogue, lang: str) -> str:
    return _sentences([_listed(content["names"], lang), content["ground"]], lang)


def _judgement(content: Json, catalogue: Catalogue, lang: str) -> str:
    said = content["said"]
    labels = {head.name: head.label.of(lang) for head in catalogue.heads}
    scores = [f"{labels.get(name, name)} {points:g}" for name, points in said["scores"].items()]
    parts = [said["case"], _listed(scores, lang), said.get("reason", said["comment"])]
    return _sentences([part for part in parts if part], lang)


def _opinion(content: Json, _: Catalogue, lang: str) -> str:
    said = content["said"]
    return _sentences([part for part in (said["case"], said["comment"]) if part], lang)


def _finding(content: Json, _: Catalogue, lang: str) -> str:
    said, words = content["said"], page_words(lang)
    parts = [words[f"review_finding_step_{said['step']}"], said["text"]]
    if said["step"] == "opened":
        parts.insert(1, f"{words['review_finding_owner']} {said['owner']} {said['due']}")
    return _sentences(parts, lang)


def _review_opened(content: Json, _: Catalogue, lang: str) -> str:
    version = content["version"]["version"]
    return page_words(lang)["audit_review_opened"].format(version=version, cases=content["cases"])


def _review_concluded(content: Json, _: Catalogue, lang: str) -> str:
    words, review = page_words(lang), content["review"]
    return words["audit_review_concluded"].format(
        version=review["version"],
        conclusion=words[f"conclusion_{review['conclusion']}"],
        by=_listed(review["reviewers"], lang),
    )


def _check(content: Json, _: Catalogue, lang: str) -> str:
    words, found = page_words(lang), content["findings"]
    verdict = {True: "check_admitted", False: "check_not_admitted", None: "check_no_rules"}
    said = [words[verdict[content["admitted"]]]]
    return _sentences([*said, *([_listed(found[:5], lang)] if found else [])], lang)


def _handling(content: Json, _: Catalogue, lang: str) -> str:
    said = (
        f"{said_matter(content['finding'], lang)} {page_words(lang)['state_' + content['state']]}"
    )
    return _sentences([said, content["comment"]], lang)


def said_field(catalogue: Catalogue, name: str, lang: str) -> str:
    """A field of a document in the catalogue's words; its own name where that has none."""
    if name in catalogue.by_name:
        return catalogue.by_name[name].label.of(lang)
    part, _, field = name.partition(".")
    for each in catalogue.parts:
        if each.name == part:
            inner = next((f.label.of(lang) for f in each.fields if f.name == field), "")
            return " · ".join(filter(None, (each.label.of(lang), inner)))
    return name


def _listed(words: Sequence[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(words)


def _sentences(parts: Sequence[str], lang: str) -> str:
    """Parts of a line, each closed as its language closes a sentence."""
    dot = "。" if lang == "zh" else ". "
    return dot.join(part.rstrip("。. ") for part in parts) + dot.rstrip()


_READ: Mapping[str, str] = {
    "GET /audit": "read_search",
    "GET /audit/records/{id}": "read_record",
    "GET /audit/records/{id}/export": "read_export",
    "GET /audit/difference": "read_difference",
    "GET /record/{id}": "read_record",
    "GET /records": "read_history",
    "GET /duplicates": "read_duplicates",
    "GET /findings": "read_check_findings",
    "GET /findings/export": "read_check_findings",
    "GET /topics": "read_topics",
    "GET /topics/topic": "read_topics",
    "GET /topics/export": "read_topics",
    "GET /projects": "read_projects",
    "GET /projects/tendencies": "read_projects",
    "GET /projects/export": "read_projects",
    "GET /review/cases/{id}": "read_review_case",
    "GET /review/findings": "read_findings",
}
"""The word for each way of reading."""


_SAID: Mapping[str, Callable[[Json, Catalogue, str], str]] = {
    "score": _score,
    "override": _override,
    "review": _review,
    "replay": _replay,
    "verification": _verification,
    "read": _read,
    "run": _run,
    "release": _release,
    "stop": _switch,
    "resume": _switch,
    "what_if": _what_if,
    "batch": _batch,
    "improvements": _improvements,
    "check": _check,
    "handling": _handling,
    "duplicates": _duplicates,
    "dismissal": _dismissal,
    "erasure": _erasure,
    "key_change": _key_change,
    "review_opened": _review_opened,
    "review_concluded": _review_concluded,
    "case_judgement": _judgement,
    "case_opinion": _opinion,
    "case_correction": _judgement,
    "finding": _finding,
    BESIDE: _beside,
    "shadow_start": _beside_switch,
    "shadow_stop": _beside_switch,
    "pilot_start": _beside_switch,
    "pilot_stop": _beside_switch,
}
KINDS = tuple(_SAID)
"""The kinds of record that have words of their own."""
