"""An explained score on a terminal, in Chinese or English."""

from __future__ import annotations

import math

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from features.catalogue import Catalogue
from models.priority import GRADES
from serving.appraisal import answered_heads
from serving.command_line.speech import OUT
from serving.wording.explained_score import Json
from serving.wording.words import said_amount

REASONS_SHOWN = 5
_WIDTH = 12
WORDS = {
    "zh": {
        "advisory": "模型提出建议，由人作出决定。",
        "simulated": "本模型由模拟数据训练，结果不能用于真实项目。",
        "not_reviewed": "本模型未经专家评审和双人批准，结果仅供试用参考。",
        "missing": "不予评分，缺少关键信息：",
        "grade": "等级",
        "rank": "排序分",
        "base": "同类项目",
        "range": "区间",
        "requested": "申报金额",
        "above": "高于合理区间，超出{excess}",
        "within": "在合理区间内",
        "below": "低于合理区间",
        "others": "其余{count}项合计",
        "similar": "相似的往年项目",
        "not_predicted": "未给出预测：",
        "pp": "个百分点",
        "checks": "规则校验：通过{passed}项，发现问题{finding}项，不适用{not_applicable}项",
        "dimensions": "各维度得分",
        "weight": "权重{weight:.0%}",
        "total": "加权得分{total}（{version}）。",
        "improve": "可依法完善的申报内容",
        "nothing": "没有可依法完善且能改变得分的申报内容。",
        "out_of_reach": "仅靠完善申报达不到等级{grade}。",
    },
    "en": {
        "advisory": "The model advises; people decide.",
        "simulated": "This model was trained on simulated data: not for real projects.",
        "not_reviewed": "No experts have reviewed this model and no two people have approved it: "
        "for trial only.",
        "missing": "Not rated, key evidence is missing: ",
        "grade": "Grade",
        "rank": "rank score",
        "base": "similar projects",
        "range": "range",
        "requested": "Requested",
        "above": "above the range, by {excess}",
        "within": "within the range",
        "below": "below the range",
        "others": "{count} others together",
        "similar": "Similar past projects",
        "not_predicted": "Not predicted: ",
        "pp": "pp",
        "checks": "Checks: {passed} passed, {finding} found something, {not_applicable} not apt",
        "dimensions": "Scores of the dimensions",
        "weight": "weight {weight:.0%}",
        "total": "Weighted total {total} ({version}). ",
        "improve": "What the department may lawfully improve",
        "nothing": "Nothing may be improved that would move the score.",
        "out_of_reach": "Grade {grade} is not within reach of the declaration.",
    },
}
_SEVERITIES = {
    "zh": {"block": "不予入库", "warn": "预警", "note": "提示"},
    "en": {"block": "bars admission", "warn": "warning", "note": "note"},
}


def print_improvements(answer: Json, lang: str) -> None:
    """Write what a department may lawfully improve to the terminal."""
    words = WORDS[lang]
    OUT.rule(words["improve"])
    OUT.print(answer["caution"][lang])
    for each in answer["suggestions"]:
        moved = f"{each['from_text'][lang]} → {each['to_text'][lang]}"
        OUT.print(f"{each['label'][lang]} {moved}: {each['text'][lang]}", highlight=False)
    if not answer["suggestions"]:
        OUT.print(words["nothing"])
    for way in answer["ways"]:
        if way["reachable"]:
            named = ("、" if lang == "zh" else ", ").join(c["label"][lang] for c in way["changes"])
            OUT.print(f"{words['grade']} {way['grade']}: {named}; {way['text'][lang]}")
        else:
            OUT.print(words["out_of_reach"].format(grade=way["grade"]))


def print_answer(answer: Json, catalogue: Catalogue, lang: str) -> None:
    """Write an explained score to the terminal."""
    words = WORDS[lang]
    OUT.rule(f"{answer['project_name'] or answer['project_id']} · {answer['year']}")
    if answer["status"] == "not_rated":
        labels = [label[lang] for label in answer["missing_labels"].values()]
        OUT.print(words["missing"] + "、".join(labels))
    if answer["priority"]:
        grade = answer["priority"]["grade"]
        score = answer["priority"]["rank_score"]
        rest = f" {GRADES[grade][lang]} · {words['rank']} {score}"
        OUT.print(Text.assemble((f"{words['grade']} {grade}", "bold"), rest))
    for _, head in answered_heads(answer):
        _print_head(head, catalogue, lang)
    if answer["cost"]:
        _print_request(answer["cost"], catalogue, lang)
        _print_standards(answer["cost"], lang)
    if answer["not_predicted"]:
        OUT.print(words["not_predicted"] + ", ".join(answer["not_predicted"]))
    _print_dimensions(answer, lang)
    print_findings(answer, lang)
    if answer["similar"]:
        told = "; ".join(f"{s['project_id']} ({s['year']})" for s in answer["similar"][:3])
        OUT.print(f"{words['similar']}: {told}")
    if answer["model"]["simulated"]:
        OUT.print(words["simulated"], style="yellow")
    if not answer["model"]["reviewed"]:
        OUT.print(words["not_reviewed"], style="yellow")
    OUT.print(words["advisory"], style="dim")


def _print_dimensions(answer: Json, lang: str) -> None:
    """Write the score of each dimension and what was deducted, where a ruler scored them."""
    if "ruler" not in answer:
        return
    words, comma = WORDS[lang], "、" if lang == "zh" else ", "
    OUT.print(Text(f"\n{words['dimensions']}", "bold"))
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(width=_WIDTH)
    table.add_column(overflow="fold")
    for each in answer["dimensions"]:
        score = each["score"]
        bar = "" if score is None else Bar(100, 0, score, width=_WIDTH, color="blue")
        taken = [
            f"{one['rule'] or one['name'][lang]} −{one['points']:g}"
            for one in each["deductions"]
            if one["points"]
        ]
        said = comma.join(taken) if score is not None else each["why_text"][lang]
        shown = "—" if score is None else f"{score:.1f}"
        weight = words["weight"].format(weight=each["weight"])
        table.add_row(each["label"][lang], shown, weight, bar, said)
    OUT.print(table)
    ruler = answer["ruler"]
    if ruler["total"] is not None:
        total = words["total"].format(**ruler)
        OUT.print(f"{total}{ruler['orientation'][lang]}", highlight=False)


def print_findings(answer: Json, lang: str) -> None:
    """Write what the checks of a project found to the terminal, where it was checked."""
    if "checks" not in answer:
        return
    words = WORDS[lang]
    OUT.print(words["checks"].format(**answer["checks"]["counts"]))
    severities = _SEVERITIES[lang]
    for found in answer["findings"]:
        head = f"[{severities[found['severity']]}] {found['finding_id']} "
        OUT.print(Text.assemble((head, "bold"), found["text"][lang]))


def _print_head(head: Json, catalogue: Catalogue, lang: str) -> None:
    words = WORDS[lang]
    if "score" in head:
        value, base, ends = f"{head['score']}", f"{head['base']}", head["interval"]
        shown = f"{ends[0]}–{ends[1]}" if ends else head["no_range"][lang]
    elif "mid" in head:
        value, base = (said_amount(catalogue, head[name], lang) for name in ("mid", "base"))
        ends = [head["low"], head["high"]]
        shown = (
            "–".join(said_amount(catalogue, end, lang) for end in ends)
            if None not in ends
            else head["no_range"][lang]
        )
    else:
        value, base, shown = f"{head['probability']:.1%}", f"{head['base']:.1%}", ""
    tail = f" · {words['range']} {shown}" if shown else ""
    if lang == "zh":
        title, beside = f"{head['label'][lang]}：{value}", f"（{words['base']}{base}）{tail}"
    else:
        title, beside = f"{head['label'][lang]}: {value}", f" ({words['base']} {base}){tail}"
    OUT.print(Text.assemble((f"\n{title}", "bold"), beside))
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(width=_WIDTH)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    sizes = [abs(_size(reason)) for reason in head["reasons"]] or [1.0]
    for reason in head["reasons"][:REASONS_SHOWN]:
        size = _size(reason)
        bar = Bar(max(sizes), 0, abs(size), width=_WIDTH, color="green" if size > 0 else "red")
        table.add_row(bar, _told(reason, words["pp"]), reason["text"][lang])
    rest = head["reasons"][REASONS_SHOWN:]
    if rest:
        others = words["others"].format(count=len(rest))
        table.add_row("", _told(_together(rest), words["pp"]), others)
    OUT.print(table)


def _together(reasons: list[Json]) -> Json:
    """What several reasons of a head do together: the product of factors, else the sum."""
    if "factor" in reasons[0]:
        return {"factor": math.prod(reason["factor"] for reason in reasons)}
    kept = {"log_odds": 0.0} if "log_odds" in reasons[0] else {}
    return kept | {"contribution": math.fsum(reason["contribution"] for reason in reasons)}


def _told(reason: Json, percentage_points: str) -> str:
    """A contribution in the unit of its sentence: a factor, points, or percentage points."""
    if "factor" in reason:
        return f"× {reason['factor']:.4g}"
    if "log_odds" in reason:
        return f"{reason['contribution'] * 100:+.1f} {percentage_points}"
    return f"{reason['contribution']:+.1f}"


def _size(reason: Json) -> float:
    """How far a reason moves the bar: a factor by its distance from 1."""
    return float(reason["factor"] - 1 if "factor" in reason else reason["contribution"])


def _print_request(cost: Json, catalogue: Catalogue, lang: str) -> None:
    words = WORDS[lang]
    if cost["requested"] is None:
        return
    colon = "：" if lang == "zh" else ": "
    told = f"{words['requested']}{colon}{said_amount(catalogue, cost['requested'], lang)}"
    if cost["position"]:
        excess = said_amount(catalogue, cost["excess"], lang)
        told += " · " + words[cost["position"]].format(excess=excess)
    OUT.print(told)


def _print_standards(cost: Json, lang: str) -> None:
    """Write what lines are beside their standards; each line that is over one by itself."""
    standards = cost.get("standards")
    if standards is None:
        return
    OUT.print(standards["text"][lang])
    for line in standards["lines"]:
        if line["excess"]:
            OUT.print(f"  {line['text'][lang]}", style="red", markup=False)
