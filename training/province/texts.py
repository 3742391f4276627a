"""Names and texts of declared projects."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from training.province import sentences
from training.province.departments import departments
from training.province.nested import joined, pick
from training.province.phrases import ACTIONS, OBJECTS, POLICY_SUBJECTS, PROBLEMS, TITLES
from training.province.project_types import TYPES, type_values
from training.province.randomness import stream
from training.province.regions import regions
from training.province.rows import Rows
from training.province.target_names import NAMES

# In a province the competent authorities are 厅, except these.
_PROVINCIAL_BUREAUS = ("统计局", "市场监督管理局", "体育局", "林业局")
_DRAWS = 24  # wording choices of a project
_SUBJECTS = 3
_VAGUE_AT = 0.75  # of the vague wordings where nothing is quantified


class Wording:
    """Chosen wordings of the projects in `rows`; every call takes the next choice."""

    def __init__(self, rows: Rows) -> None:
        rng = stream(rows.block.seed, rows.block.number, "wording")
        series = rows.block.series
        size = len(series.number)
        self.rows, self.kind = rows, rows.of_series(series.kind)
        self._object = rows.of_series(rng.integers(0, len(OBJECTS[0]), size))
        self._subject = rows.of_series(rng.integers(0, _SUBJECTS, size))
        # Some rewrite their texts every other year.
        rewritten = rows.of_series(rng.random(size) < 0.4) * (rows.years // 2 % 3)
        department = rows.of_series(series.department)
        copied = rows.of_series(rows.block.texts.copied)
        own = rows.of_series(rng.integers(0, 60, (size, _DRAWS)))
        own[:, 1:] += rewritten[:, None]  # the first choice is the name, which stays
        copies = np.where(copied[:, None], department[:, None] + np.arange(_DRAWS), own)
        self._choice = copies
        vague = rng.random((size, _DRAWS))
        bound = _VAGUE_AT * (1 - rows.block.series.quantifying)[:, None]
        self._vague = rows.of_series(vague < bound) | (
            copied[:, None] & (np.arange(_DRAWS) % 2 == 0)
        )
        self._next = 0

    def pick(self, templates: tuple[str, ...], *, vague_last: bool = True) -> pa.Array:
        """One of the templates per project, its words filled in; the last is the vague one."""
        draw, count = self._next, len(templates)
        self._next += 1
        chosen = self._choice[:, draw] % (count - vague_last)
        if vague_last:
            chosen = np.where(self._vague[:, draw], count - 1, chosen)
        filled = _filled(templates)
        index = ((self.kind * len(OBJECTS[0]) + self._object) * _SUBJECTS + self._subject) * count
        return pick(filled, index + chosen)


@cache
def _filled(templates: tuple[str, ...]) -> tuple[str, ...]:
    """The templates with the words of every type, object and policy subject."""
    return tuple(
        template.format(s=subject, **_words(kind, thing))
        for kind in range(len(TYPES))
        for thing in OBJECTS[kind]
        for subject in POLICY_SUBJECTS[kind]
        for template in templates
    )


def _words(kind: int, thing: str) -> dict[str, str]:
    (p1, p2), (a1, a2), names = PROBLEMS[kind], ACTIONS[kind], NAMES[kind]
    t1, t2 = (title.format(o=thing) for title in TITLES[kind])
    return {
        "o": thing, "p1": p1, "p2": p2, "a1": a1, "a2": a2, "q": names[0], "b": names[2],
        "l": names[7], "u": TYPES[kind].unit, "t1": t1, "t2": t2,
    }  # fmt: skip


def agency_names(rows: Rows) -> pa.Array:
    """Name of each declaring unit, such as 岚州市江左区教育局."""
    place = rows.of_series(rows.block.series.region)
    department = rows.of_series(rows.block.series.department)
    return pa.array(unit_names(place, department), type=pa.string())


def unit_names(place: np.ndarray, department: np.ndarray) -> np.ndarray:
    """Name of each department (index) in each region (index)."""
    name = departments().name
    provincial = np.array(
        [n[:-1] + "厅" if n.endswith("局") and n not in _PROVINCIAL_BUREAUS else n for n in name]
    )
    own = np.where(regions().level[place] == 0, provincial[department], name[department])
    return np.char.add(regions().name[place], own)


def text_columns(rows: Rows) -> dict[str, pa.Array]:
    """All text fields of each project; null where a department left them out."""
    word, agency, habits = Wording(rows), agency_names(rows), rows.block.texts
    title = word.pick(("{t1}", "{t2}"), vague_last=False)
    summary = _summary(word, agency)
    copied = pa.array(rows.of_series(habits.copied))
    necessity = pc.if_else(copied, joined(summary, sentences.COPIED_TAIL), _necessity(word, agency))
    goal = word.pick(sentences.GOAL)
    return {
        "pro_name": joined(agency, title),
        "pro_desc": summary,
        "pro_necessary": _where(rows.of_series(habits.sentences > 0), necessity),
        "pro_feasibility": _where(
            rows.of_series(habits.feasibility), word.pick(sentences.FEASIBILITY, vague_last=False)
        ),
        "pro_plan": _where(rows.of_series(habits.plan_sentences > 0), _plan(word)),
        "money_measure": _where(rows.of_series(habits.measure), word.pick(sentences.MEASURE)),
        "kpi_goal_total": pc.if_else(copied, summary, goal),
    }


def _necessity(word: Wording, agency: pa.Array) -> pa.Array:
    count = word.rows.of_series(word.rows.block.texts.sentences)
    parts = [word.pick(templates) for templates in sentences.NECESSITY]
    return joined(agency, *_some(parts, count))


def _plan(word: Wording) -> pa.Array:
    count = word.rows.of_series(word.rows.block.texts.plan_sentences)
    work, before, after = _some([word.pick(templates) for templates in sentences.PLAN], count)
    return joined(before, work, after)


def _summary(word: Wording, agency: pa.Array) -> pa.Array:
    count = word.rows.of_series(word.rows.block.texts.summary_sentences)
    lead = word.pick(sentences.SUMMARY_LEAD, vague_last=False)
    quantity = word.rows.of_round(lambda r: r.situation.quantity)
    unit = pa.array(type_values("unit")[word.kind], type=pa.string())
    rest = _some([word.pick(templates) for templates in sentences.SUMMARY], count - 1)
    return joined(agency, lead, _number(quantity), unit, "。", *rest)


def _number(values: np.ndarray) -> pa.Array:
    whole = values % 1 == 0
    return pa.array(np.where(whole, values.astype(np.int64).astype(str), values.astype(str)),
                    type=pa.string())  # fmt: skip


def _some(parts: list[pa.Array], count: np.ndarray) -> list[pa.Array]:
    """The first `count` sentences of each project, absent after them."""
    return [_where(count > place, part) for place, part in enumerate(parts)]


def _where(given: np.ndarray, values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(given), values, pa.scalar(None, pa.string()))
