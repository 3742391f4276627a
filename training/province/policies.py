"""Policy citations: which documents a project rests on, and whether they still hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from training.province.departments import departments
from training.province.nested import as_text, joined, list_of_records, pick
from training.province.phrases import POLICY_SUBJECTS
from training.province.randomness import choose, stream
from training.province.regions import CITIES, regions
from training.province.series import BLOCK, Series
from training.province.span import Span

LEVELS = ("none", "unit", "county", "city", "province", "central")
SLOTS = 4
# Level of a cited document by level of government of the project (columns: LEVELS).
_LEVEL_WEIGHT = np.array(
    [[0, 2, 0, 0, 4, 4], [0, 1.8, 0, 3.2, 3, 2.4], [0, 1.6, 2.8, 2.0, 2.2, 1.8]], dtype=float
)
_COUNT_WEIGHT = (0.08, 0.38, 0.30, 0.16, 0.08)
_RENEWED = 0.6
# Shares of terms of validity in years; 0 means open-ended.
_TERMS, _TERM_WEIGHT = (0, 3, 4, 5), (0.28, 0.22, 0.10, 0.40)
# Real central documents never reach such numbers in a year: no citation names a real one.
_CENTRAL_NUMBER_FROM = 900
_CLAUSES = tuple(f"第{n}条" for n in "三五六七八九") + tuple(
    f"第十{n}条" for n in ("", "一", "二", "四", "六")
)
_WORDS = ("关于进一步加强{}的意见", "关于推进{}的实施方案", "{}管理办法", "关于做好{}工作的通知")


@dataclass(frozen=True)
class Citations:
    """Drawn citations, series × SLOTS."""

    present: np.ndarray
    level: np.ndarray  # index into LEVELS
    issued: np.ndarray  # calendar year of the first issue
    term: np.ndarray  # years, 0 = open-ended
    renewed: np.ndarray  # a new document follows when the term ends
    mandatory: np.ndarray
    number: np.ndarray
    day: np.ndarray  # 0–335, day of issue
    clause: np.ndarray  # index, −1 = not given
    subject: np.ndarray
    wording: np.ndarray
    style: np.ndarray  # which series of numbers of the issuer


@dataclass(frozen=True)
class PolicyFacts:
    """What the citations of each project come to in one fiscal year."""

    level: np.ndarray  # highest level cited, index into LEVELS
    valid_level: np.ndarray  # highest level among the documents in force
    mandatory: np.ndarray  # a document in force obliges


def draw_citations(seed: int, block: int, series: Series, span: Span) -> Citations:
    """The citations of the series of one block."""
    rng = stream(seed, block, "policies")
    shape = (BLOCK, SLOTS)
    count = rng.choice(5, p=_COUNT_WEIGHT, size=BLOCK)
    count = np.maximum(count, series.statutory)  # a statutory duty rests on something
    count = np.where(series.sloppy & ~series.statutory, np.maximum(count - 1, 0), count)
    level = _levels(rng, series)
    start = np.array([span.year(r) for r in series.start])
    duty = np.where(series.statutory, 0.55, 0.16)[:, None]
    return Citations(
        present=np.arange(SLOTS) < count[:, None],
        level=level,
        issued=start[:, None] - 1 - rng.integers(0, 6, shape),
        term=rng.choice(_TERMS, p=_TERM_WEIGHT, size=shape),
        renewed=rng.random(shape) < _RENEWED,
        mandatory=(rng.random(shape) < duty) & (level > 1),
        number=rng.integers(1, 90, shape),
        day=rng.integers(0, 336, shape),
        clause=np.where(rng.random(shape) < 0.7, rng.integers(0, len(_CLAUSES), shape), -1),
        subject=rng.integers(0, 3, shape),
        wording=rng.integers(0, len(_WORDS), shape),
        style=rng.integers(0, 3, shape),
    )


def _levels(rng: np.random.Generator, series: Series) -> np.ndarray:
    weight = _LEVEL_WEIGHT[regions().level[series.region]].copy()
    weight[:, 4:] *= np.where(series.statutory, 2.5, 1.0)[:, None]
    return np.stack([choose(rng, weight) for _ in range(SLOTS)], axis=1)


def issue_year(citations: Citations, year: np.ndarray | int) -> np.ndarray:
    """Calendar year of issue of the version cited in a fiscal year."""
    term = np.maximum(citations.term, 1)
    passed = np.maximum(np.asarray(year)[..., None] - citations.issued - 1, 0) // term
    again = citations.renewed & (citations.term > 0)
    return citations.issued + np.where(again, passed * citations.term, 0)


def in_force(citations: Citations, year: np.ndarray | int) -> np.ndarray:
    """Whether each citation holds in the fiscal year (to 31 December of its last year)."""
    last = issue_year(citations, year) + citations.term
    return citations.present & ((citations.term == 0) | (last >= np.asarray(year)[..., None]))


def policy_facts(citations: Citations, year: int) -> PolicyFacts:
    """The facts of one fiscal year, one entry per series."""
    valid = in_force(citations, np.full(len(citations.present), year))
    return PolicyFacts(
        level=np.max(np.where(citations.present, citations.level, 0), axis=1),
        valid_level=np.max(np.where(valid, citations.level, 0), axis=1),
        mandatory=np.any(valid & citations.mandatory, axis=1),
    )


def _titles() -> np.ndarray:
    """Titles by project type, subject and wording."""
    return np.array([[[w.format(s) for w in _WORDS] for s in row] for row in POLICY_SUBJECTS])


def _signs(series: Series, level: np.ndarray, style: np.ndarray) -> np.ndarray:
    """The issuer's part of each document number, such as 岚政发."""
    city = np.array(["岚"] + [c[1] for c in CITIES])
    code = regions().code[series.region]
    own_city = city[np.array([int(c[2:4]) for c in code])][:, None]
    county = regions().sign[series.region][:, None]
    central = np.array(["国发", "国办发", "财预"])[style]
    local = np.array(["政发", "政办发", "财预"])[style]
    unit = np.char.add(departments().name[series.department], "发")[:, None]
    signs = np.select(
        [level == 5, level == 4, level == 3, level == 2],
        [central, np.char.add("岚", local), np.char.add(own_city, local),
         np.char.add(county, local)],
        np.broadcast_to(unit, level.shape),
    )  # fmt: skip
    return signs


def policy_column(citations: Citations, series: Series, rows: np.ndarray, year: np.ndarray):
    """`policy_basis` of the projects in `rows` (indices of series), each in its fiscal year."""
    chosen = Citations(**{k: v[rows] for k, v in vars(citations).items()})
    present = chosen.present
    issued = issue_year(chosen, year)[present]
    level, term = chosen.level[present], chosen.term[present]
    kind = np.broadcast_to(series.kind[rows][:, None], present.shape)[present]
    title = _titles()[kind, chosen.subject[present], chosen.wording[present]]
    sign = _signs(series, citations.level, citations.style)[rows][present]
    version = (issued - chosen.issued[present]) * 7  # a renewed document has another number
    number = chosen.number[present] + version + np.where(level == 5, _CENTRAL_NUMBER_FROM, 0)
    month, day = 1 + chosen.day[present] // 28, 1 + chosen.day[present] % 28
    fields = {
        "doc_title": pa.array(title, type=pa.string()),
        "doc_no": joined(pa.array(sign, type=pa.string()), "〔", as_text(issued), "〕",
                         as_text(number), "号"),
        "issuer_level": pick(LEVELS, level),
        "issue_date": joined(as_text(issued), _TWO_DIGITS.take(pa.array(month)),
                             _TWO_DIGITS.take(pa.array(day))),
        "valid_to": _last_day(issued + term, term == 0),
        "clause": pick(_CLAUSES, chosen.clause[present]),
        "mandatory": pa.array(chosen.mandatory[present]),
    }  # fmt: skip
    return list_of_records(present.sum(axis=1), fields)


_TWO_DIGITS = pa.array([f"-{n:02d}" for n in range(32)])


def _last_day(year: np.ndarray, open_ended: np.ndarray) -> pa.Array:
    return pa.array(np.char.add(year.astype(str), "-12-31"), type=pa.string(), mask=open_ended)
