"""Policy citations as they stand in a declared project."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from training.province.departments import departments
from training.province.nested import as_text, date_texts, joined, list_of_records, pick, texts
from training.province.phrases import POLICY_SUBJECTS
from training.province.policies import LEVELS, Citations, issue_year
from training.province.regions import CITIES, PROVINCE_SHORT, regions
from training.province.rows import Rows

# Real central documents never reach such numbers in a year: no citation names a real one.
_CENTRAL_NUMBER_FROM = 900
_NUMBERS_BETWEEN = 7  # a renewed document has another number
_CLAUSES = tuple(f"第{n}条" for n in "三五六七八九") + tuple(
    f"第十{n}条" for n in ("", "一", "二", "四", "六")
)
_WORDS = ("关于进一步加强{}的意见", "关于推进{}的实施方案", "{}管理办法", "关于做好{}工作的通知")
_CENTRAL_SERIES = np.array(["国发", "国办发", "财预"])
_LOCAL_SERIES = np.array(["政发", "政办发", "财预"])


def policy_column(rows: Rows) -> pa.Array:
    """`policy_basis` of each project, in the version of its fiscal year."""
    cited = Citations(**{k: rows.of_series(v) for k, v in vars(rows.block.citations).items()})
    shown = cited.present
    issued, term = issue_year(cited, rows.years)[shown], cited.term[shown]
    last = np.char.add((issued + term).astype(str), "-12-31")
    clause = cited.clause[shown]
    fields = {
        "doc_title": texts(_titles(rows, cited)[shown]),
        "doc_no": joined(
            texts(_signs(rows, cited)[shown]), "〔", as_text(issued), "〕",
            as_text(_numbers(rows, cited)[shown]), "号",
        ),
        "issuer_level": pick(LEVELS, cited.level[shown]),
        "issue_date": date_texts(issued, cited.day[shown]),
        "valid_to": texts(last, term == 0),
        "clause": pick(_CLAUSES, np.where(clause < 0, -1, clause % len(_CLAUSES))),
        "mandatory": pa.array(cited.mandatory[shown]),
    }  # fmt: skip
    return list_of_records(shown.sum(axis=1), fields)


def _titles(rows: Rows, cited: Citations) -> np.ndarray:
    table = np.array([[[w.format(s) for w in _WORDS] for s in row] for row in POLICY_SUBJECTS])
    kind = rows.of_series(rows.block.series.kind)[:, None]
    titles: np.ndarray = table[kind, cited.subject % table.shape[1], cited.wording % table.shape[2]]
    return titles


def _numbers(rows: Rows, cited: Citations) -> np.ndarray:
    renewed = (issue_year(cited, rows.years) - cited.issued) * _NUMBERS_BETWEEN
    central = np.where(cited.level == LEVELS.index("central"), _CENTRAL_NUMBER_FROM, 0)
    number: np.ndarray = cited.number + renewed + central
    return number


def _signs(rows: Rows, cited: Citations) -> np.ndarray:
    """The issuer's part of each document number, such as 岚政发."""
    series = rows.block.series
    place = rows.of_series(series.region)
    cities = np.array([PROVINCE_SHORT, *(city[1] for city in CITIES)])
    city = cities[[int(code[2:4]) for code in regions().code[place]]]
    county = regions().sign[place]
    local = _LOCAL_SERIES[cited.style % len(_LOCAL_SERIES)]
    own = np.char.add(departments().name[rows.of_series(series.department)], "发")
    by_level = {
        "central": _CENTRAL_SERIES[cited.style % len(_CENTRAL_SERIES)],
        "province": np.char.add(PROVINCE_SHORT, local),
        "city": np.char.add(city[:, None], local),
        "county": np.char.add(county[:, None], local),
        "unit": np.broadcast_to(own[:, None], local.shape),
    }
    level = [cited.level == LEVELS.index(name) for name in by_level]
    return np.select(level, list(by_level.values()), "")
