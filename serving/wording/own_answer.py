"""An answer as a department may read it: of others' projects nothing but that there is one."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
WITHHELD = ("similar",)
"""The fields that a department finds empty: past projects, which are others' as well."""
_NOT_SHOWN = {
    "zh": "{name}：涉及其他部门的一个项目{probability}，该项目的情况不予显示，由财政部门核实。",
    "en": "{name}: this concerns a project of another department{probability}, which is not shown; "
    "the finance bureau looks into it.",
}
_PROBABILITY = {"zh": "（概率{share}）", "en": " (probability {share})"}


def own_answer(answer: Json) -> Json:
    """An answer without past projects, and without what is declared by other departments."""
    kept = answer | {name: [] for name in WITHHELD}
    return kept | {"findings": own_findings(answer["findings"])}


def own_findings(findings: list[Json]) -> list[Json]:
    """Findings that name no project of another department, nor anything that it declares."""
    return [
        _nameless(each) if each.get("pair", {}).get("other_department") else each
        for each in findings
    ]


def _nameless(finding: Json) -> Json:
    pair = finding["pair"]
    share = pair["probability"]
    text = {
        lang: said.format(
            name=finding["name"][lang],
            probability="" if share is None else _PROBABILITY[lang].format(share=f"{share:.1%}"),
        )
        for lang, said in _NOT_SHOWN.items()
    }
    return finding | {"text": text, "pair": pair | {"project": None, "agrees": []}}
