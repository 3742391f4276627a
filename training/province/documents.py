"""Tables of declared projects, outcomes and truth of the rows of a block."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from training.province.axes import Terms
from training.province.cost_lines import (
    cost_line_column,
    last_year,
    plan_amounts,
    year_plan_column,
)
from training.province.costs import oracle_range
from training.province.departments import departments
from training.province.functions import CLASS_NAMES
from training.province.history import findings_column, history_column
from training.province.nested import (
    integers,
    joined,
    list_of_records,
    numbers,
    pick,
    texts,
)
from training.province.outcomes import grade
from training.province.policy_column import policy_column
from training.province.project_types import CATEGORIES, TYPES, type_values
from training.province.randomness import stream
from training.province.regions import LEVELS, regions
from training.province.rounds import Round
from training.province.rows import Rows
from training.province.target_column import target_column
from training.province.texts import text_columns

_DUTIES = ("行政管理", "公共服务", "监督检查", "基础建设", "综合保障")
_ATTACHMENTS = ("政策依据", "项目文本", "项目评审报告", "其他")
_LARGE = 2_000_000.0  # yuan; above it a project usually has an appraisal report of its own


def projects_table(rows: Rows) -> pa.Table:
    """The declared projects, one row each, with nested parts."""
    columns = {
        **_identity(rows),
        **text_columns(rows),
        **_amounts(rows),
        **_facts(rows),
        "policy_basis": policy_column(rows),
        "kpi": target_column(rows),
        "cost_lines": cost_line_column(rows),
        "year_plan": year_plan_column(rows),
        "history": history_column(rows),
        "findings": findings_column(rows),
        "attachments": _attachments(rows),
    }
    return pa.table(columns)


def outcomes_table(rows: Rows) -> pa.Table:
    """What became of the projects; null where not appraised, not funded or not evaluated."""
    score = rows.of_round(lambda r: r.funding.evaluation)
    return pa.table(
        {
            **_key(rows),
            "expert_necessity": numbers(rows.of_round(lambda r: r.merit.expert_necessity)),
            "expert_importance": numbers(rows.of_round(lambda r: r.merit.expert_importance)),
            "approved_amt": numbers(rows.of_round(lambda r: r.funding.approved)),
            "budget_amt": numbers(rows.of_round(lambda r: r.funding.budget)),
            "adjusted_amt": numbers(rows.of_round(lambda r: r.funding.adjusted)),
            "executed_amt": numbers(rows.of_round(lambda r: r.funding.executed)),
            "eval_score": numbers(score),
            "eval_grade": texts(grade(np.nan_to_num(score)), np.isnan(score)),
        }
    )


def truth_table(rows: Rows) -> pa.Table:
    """What the outcomes were made from."""
    kind = rows.of_series(rows.block.series.kind)
    cost = rows.of_round(lambda r: r.request.cost)
    low, high = oracle_range(cost, kind)
    return pa.table(
        {
            **_key(rows),
            "necessity_true": numbers(rows.of_round(lambda r: r.merit.necessity_true)),
            "necessity_explainable": numbers(
                rows.of_round(lambda r: r.merit.necessity_explainable)
            ),
            "importance_true": numbers(rows.of_round(lambda r: r.merit.importance_true)),
            "importance_explainable": numbers(
                rows.of_round(lambda r: r.merit.importance_explainable)
            ),
            "cost_true": numbers(cost),
            "cost_noise_sd": numbers(type_values("noise")[kind]),
            "cost_q10": numbers(low),
            "cost_q90": numbers(high),
            "padding": numbers(np.exp(rows.of_round(lambda r: r.request.padding))),
            "p_poor_performance": numbers(rows.of_round(lambda r: r.risk.poor_performance)),
            "p_low_execution": numbers(rows.of_round(lambda r: r.risk.low_execution)),
            "necessity_terms": _terms(rows, "necessity_terms"),
            "importance_terms": _terms(rows, "importance_terms"),
        }
    )


def _terms(rows: Rows, axis: str) -> pa.Array:
    def of(name: str) -> Callable[[Round], np.ndarray]:
        def term(one: Round) -> np.ndarray:
            terms: Terms = getattr(one.merit, axis)
            return terms[name]

        return term

    names = list(getattr(rows.block.rounds[0].merit, axis))
    values = [numbers(rows.of_round(of(name))) for name in names]
    return pa.StructArray.from_arrays(values, names=names)


def _key(rows: Rows) -> dict[str, pa.Array]:
    return {"pro_code": _codes(rows), "fiscal_year": integers(rows.years)}


def _codes(rows: Rows) -> pa.Array:
    """Codes that stay with a project while it continues, such as SIM990102-2021-205001-0000123."""
    series = rows.block.series
    first = rows.block.span.year(0) + rows.of_series(series.start)
    number = np.char.zfill(rows.of_series(series.number).astype(str), 7)
    return joined(
        "SIM", pick(regions().code, rows.of_series(series.region)), "-", texts(first.astype(str)),
        "-", pick(departments().code, rows.of_series(series.department)), "-", texts(number),
    )  # fmt: skip


def _identity(rows: Rows) -> dict[str, pa.Array]:
    series = rows.block.series
    department, kind = rows.of_series(series.department), rows.of_series(series.kind)
    code = pick(departments().code, department)
    unit = texts(np.char.zfill(rows.of_series(series.unit).astype(str), 3))
    function = rows.of_series(series.function)
    new = rows.of_round(lambda r: r.situation.new)
    return {
        **_key(rows),
        "mof_div_code": pick(regions().code, rows.of_series(series.region)),
        "dept_code": code,
        "agency_code": joined(code, unit),
        "pro_cat_code": pick(CATEGORIES, rows.of_series(series.category)),
        "project_type": pick(tuple(t.name for t in TYPES), kind),
        "topic": pick(tuple(t.topic for t in TYPES), kind),
        "exp_func_code": pick(series.function_code, rows.series),
        "exist_status": pick(("001", "002"), rows.of_series(series.recurring).astype(int)),
        "pro_attr": pick(("CONTINUE", "NEW"), new.astype(int)),
        "pro_start_year": integers(rows.block.span.year(0) + rows.of_series(series.start)),
        "end_year": integers(last_year(rows)),
        "duty_code": joined(pick(CLASS_NAMES, function), pick(_DUTIES, kind % len(_DUTIES))),
    }


def _amounts(rows: Rows) -> dict[str, pa.Array]:
    return {
        "apply_amt": numbers(rows.of_round(lambda r: r.request.amount)),
        "pro_total_amt": numbers(np.nansum(plan_amounts(rows), axis=1)),
        "last_budget_amt": numbers(rows.of_round(lambda r: r.request.last_budget)),
    }


def _facts(rows: Rows) -> dict[str, pa.Array]:
    series = rows.block.series
    deadline = rows.of_series(series.deadline) + rows.block.span.year(0)
    unknown = ~rows.of_round(lambda r: r.situation.beneficiaries_known)
    level = regions().level[rows.of_series(series.region)]
    return {
        "driver_quantity": numbers(rows.of_round(lambda r: r.situation.quantity)),
        "driver_unit": texts(type_values("unit")[rows.of_series(series.kind)]),
        "region_level": pick(LEVELS, level),
        "price_index": numbers(rows.of_round(lambda r: r.situation.price_index)),
        "beneficiaries": integers(rows.of_round(lambda r: r.situation.beneficiaries), unknown),
        "statutory_duty": pa.array(rows.of_series(series.statutory)),
        "strategic_match": integers(rows.of_round(lambda r: r.situation.strategic)),
        "deadline_year": integers(deadline, np.isnan(deadline)),
        "is_gov": pa.array(rows.of_series(series.procured)),
        "is_govbuy": pa.array(rows.of_series(series.bought)),
        "is_asset": pa.array(rows.of_series(series.asset)),
    }


def _drawn(rows: Rows, name: str, count: int) -> np.ndarray:
    rng = stream(rows.block.seed, rows.block.number, name)
    return rows.of_series(rng.random((len(rows.block.series.number), count)))


def _attachments(rows: Rows) -> pa.Array:
    drawn = _drawn(rows, "attachments", len(_ATTACHMENTS))
    cited = rows.of_series(np.any(rows.block.citations.present, axis=1))
    large = rows.of_round(lambda r: r.request.amount) > _LARGE
    shown = drawn < np.stack(
        [0.85 * cited, np.full(len(cited), 0.8), np.where(large, 0.6, 0.1),
         np.full(len(cited), 0.2)], axis=1,
    )  # fmt: skip
    place = np.broadcast_to(np.arange(len(_ATTACHMENTS)), shown.shape)[shown]
    return list_of_records(shown.sum(axis=1), {"doctype": pick(_ATTACHMENTS, place)})
