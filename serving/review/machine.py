"""What programs get of a review, in JSON."""

from __future__ import annotations

from typing import Any

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.review.finding import Finding
from serving.review.answers_view import heads_said
from serving.review.finding_desk import FindingDesk
from serving.review.forms import judged_heads
from serving.review.judging import Queue, SeenCase, Stage
from serving.review.round_records import Said
from serving.wording.envelope import Json


def queues(found: list[Queue]) -> Json:
    """Every round with its cases."""
    return {
        "rounds": [
            {
                "round": queue.kept.round.name,
                "version": queue.kept.round.version,
                "open": queue.open,
                "cases": [
                    {
                        "case": case.entry.id,
                        "project_id": case.entry.project_id,
                        "year": case.entry.year,
                        "stage": case.stage,
                        "judgements": case.judged,
                    }
                    for case in queue.cases
                    if queue.listed
                ],
                "total": len(queue.cases),
                "judged": queue.judged,
                "own": queue.own,
                "experts": queue.experts,
            }
            for queue in found
        ]
    }


def case(seen: SeenCase, catalogue: Catalogue) -> Json:
    """A case; while it is to be judged unseen, the project and what is asked, and nothing else."""
    told: dict[str, Any] = {
        "case": seen.entry.id,
        "stage": seen.stage,
        "open": seen.open,
        "project_id": seen.case.project_id,
        "year": seen.case.year,
        "document": seen.case.document,
        "asked": {
            "scores": [head.name for head in judged_heads(catalogue, HeadKind.SCORE)],
            "amounts": [head.name for head in judged_heads(catalogue, HeadKind.AMOUNT)],
        },
    }
    if seen.answers is None:
        return told
    done = seen.stage is Stage.DONE
    told["own"] = [said(each) for each in seen.own]
    told["answers"] = [
        {
            "side": number,
            "model": side.model if done else None,
            "grade": (side.answer.get("priority") or {}).get("grade"),  # type: ignore[union-attr]
            "heads": heads_said(side, catalogue),
        }
        for number, side in enumerate(seen.answers.sides, start=1)
    ]
    if done:
        told["chosen_for"] = list(seen.answers.strata)
        told["others"] = [said(each) for each in seen.others]
    return told


def said(each: Said) -> Json:
    """What an expert said."""
    form = each.form.model_dump(mode="json")
    return {
        "record_id": each.record_id,
        "time": each.time,
        "expert": each.expert,
        "kind": each.kind,
        "said": form,
    }


def findings(found: list[Finding]) -> Json:
    """Findings, each with its entries."""
    today = FindingDesk.today()
    return {
        "findings": [
            {
                "id": each.id,
                **each.opened.model_dump(mode="json", exclude={"step"}),
                "state": each.state,
                "overdue": each.overdue(today),
                "entries": [
                    {
                        "record_id": noted.record_id,
                        "time": noted.time,
                        "by": noted.by,
                        **noted.entry.model_dump(mode="json"),
                    }
                    for noted in each.entries
                ],
            }
            for each in found
        ],
        "overdue": sum(each.overdue(today) for each in found),
    }
