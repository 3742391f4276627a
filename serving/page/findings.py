"""Findings of checks as pages show them, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serving.page.words import page_words
from serving.wording.envelope import Json


@dataclass(frozen=True)
class FindingShown:
    """One finding in one language. state: "" where nobody looks after findings."""

    code: str
    place: str
    name: str
    severity: str
    severity_word: str
    text: str
    basis: str
    state: str = ""


def counted(answer: Json, lang: str) -> str:
    """How many checks came to what, in words; "" where there are none."""
    counts = answer["counts"]
    return page_words(lang)["check_counts"].format(**counts) if counts else ""


def findings_shown(
    findings: Sequence[Json], lang: str, states: Mapping[str, str] | None = None
) -> list[FindingShown]:
    """Findings in one language, in their order.

    states: what has become of each, by its id, where somebody looks after them.
    """
    words = page_words(lang)
    return [
        FindingShown(
            each["code"],
            each["place"] or "",
            each["name"][lang],
            each["severity"],
            words[f"severity_{each['severity']}"],
            each["text"][lang],
            said_basis(each["basis"], lang),
            words[f"state_{states[each['finding_id']]}"] if states else "",
        )
        for each in findings
    ]


def said_basis(basis: Json, lang: str) -> str:
    """The title, number and clause of a basis, and what sort it is where it is no document."""
    words = page_words(lang)
    title = basis["title"][lang]
    if basis["kind"] == "published":
        title = f"《{title}》" if lang == "zh" else title
    more = [part for part in (basis["document"], basis["clause"]) if part]
    joined = f"{title}{'' if lang == 'zh' else ' '}{' '.join(more)}".strip()
    if basis["kind"] == "arithmetic":  # its title says so
        return joined
    kind = words[f"basis_{basis['kind']}"]
    return f"{joined}（{kind}）" if lang == "zh" else f"{joined} ({kind})"
