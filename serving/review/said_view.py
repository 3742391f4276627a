"""What an expert said of a case, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from features.catalogue import Catalogue
from models.review.judgement import Correction, JudgedAmount, Judgement
from serving.page.words import page_words
from serving.review.round_records import Said
from serving.wording.words import said_amount


@dataclass(frozen=True)
class SaidView:
    """One entry: when, by whom, of which kind, in lines. grade: what the scores make, or ""."""

    time: str
    expert: str
    kind: str
    lines: tuple[str, ...]
    comment: str
    record_id: str


def said_view(said: Said, catalogue: Catalogue, lang: str) -> SaidView:
    """What an expert said, as the page shows it."""
    form = said.form
    comment = form.reason if isinstance(form, Correction) else form.comment
    return SaidView(
        said.time[:19].replace("T", " "),
        said.expert,
        page_words(lang)[f"kind_{said.kind}"],
        tuple(_lines(said, catalogue, lang)),
        comment,
        said.record_id,
    )


def _lines(said: Said, catalogue: Catalogue, lang: str) -> Iterator[str]:
    words, form, colon = page_words(lang), said.form, "：" if lang == "zh" else ": "
    labels = {head.name: head.label.of(lang) for head in catalogue.heads}
    if isinstance(form, Judgement):
        for name in labels:
            if name in form.scores:
                yield f"{labels[name]}{colon}{form.scores[name]:g}"
        grade = form.grade(catalogue.priority)
        if grade:
            yield f"{words['grade']}{colon}{grade}"
        for name, amount in form.amounts.items():
            label = labels.get(name, name)
            yield f"{label}{colon}{said_judged(amount, catalogue, lang)}"
        return
    joint = "，" if lang == "zh" else ", "
    for model, stances in form.stances.items():
        told = joint.join(
            f"{label} {words[f'stance_{stances[name]}']}"
            for name, label in labels.items()
            if name in stances
        )
        yield f"{words[f'model_{model}']}{colon}{told}"


def said_judged(amount: JudgedAmount, catalogue: Catalogue, lang: str) -> str:
    """A judged amount in words: the range, the amount, or both."""
    parts = []
    if amount.mid is not None:
        parts.append(said_amount(catalogue, amount.mid, lang))
    if amount.low is not None and amount.high is not None:
        ends = (said_amount(catalogue, end, lang) for end in (amount.low, amount.high))
        parts.append(" – ".join(ends))
    return (" · ").join(parts)
