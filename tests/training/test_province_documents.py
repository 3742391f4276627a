"""Declared projects of the invented province: valid, consistent with their own past, plausible."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pyarrow.parquet as pq
import pytest

from features.catalogue import load_catalogue
from features.declared_project import parse_project
from features.errors import ProjectError
from features.policy_basis import is_document_number
from training.province import simulate_province

Document = dict[str, Any]

# An amount of money in a text: a figure followed by a unit of currency.
_AMOUNT = re.compile(r"\d\s*(?:万|亿)?元|[¥￥]")
_LAST_REAL_NUMBER = 900  # documents of central authorities are never numbered so high in a year


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Document, Document]]:
    """Projects with their outcomes."""
    files = simulate_province(tmp_path_factory.mktemp("province"), projects=2_600)
    projects, outcomes = (pq.read_table(p).to_pylist() for p in (files.projects, files.outcomes))
    return list(zip(projects, outcomes, strict=True))


@pytest.fixture(scope="module")
def documents(rounds: list[tuple[Document, Document]]) -> list[Document]:
    return [project for project, _ in rounds]


def _texts(document: Document) -> list[str]:
    return [value for name, value in document.items() if name.startswith(("pro_", "kpi_", "money"))
            and isinstance(value, str)]  # fmt: skip


def _contradictions(rounds: list[tuple[Document, Document]]) -> list[str]:
    """Projects whose history is not what became of their own earlier rounds."""
    past: dict[str, dict[int, Document]] = defaultdict(dict)
    for project, outcome in rounds:
        past[project["pro_code"]][project["fiscal_year"]] = outcome
    wrong = []
    for project, _ in rounds:
        told = {one["year"]: one for one in project["history"]}
        for year, outcome in past[project["pro_code"]].items():
            if year < project["fiscal_year"] and not _agree(told.get(year), outcome):
                wrong.append(project["pro_code"])
    return wrong


def _agree(told: Document | None, outcome: Document) -> bool:
    fields = ("budget_amt", "adjusted_amt", "executed_amt", "eval_score")
    if told is None:
        return outcome["budget_amt"] is None
    return all(told[name] == outcome[name] for name in fields)


def test_every_project_meets_the_catalogue(documents: list[Document]) -> None:
    catalogue = load_catalogue("zero_base")
    for document in documents[:400]:
        parse_project(document, catalogue)
    wrong = documents[0] | {"project_type": "space_travel"}
    with pytest.raises(ProjectError, match="project_type"):
        parse_project(wrong, catalogue)


def test_history_is_what_became_of_earlier_rounds(
    rounds: list[tuple[Document, Document]],
) -> None:
    assert any(project["history"] for project, _ in rounds)
    assert _contradictions(rounds) == []
    swapped = [(a, b) for (a, _), (_, b) in zip(rounds, rounds[1:] + rounds[:1], strict=True)]
    assert _contradictions(swapped) != []


def test_a_project_keeps_its_identity(documents: list[Document]) -> None:
    first: dict[str, Document] = {}
    for document in documents:
        other = first.setdefault(document["pro_code"], document)
        for name in ("pro_name", "project_type", "dept_code", "mof_div_code", "pro_start_year"):
            assert document[name] == other[name]
        assert document["pro_attr"] == ("CONTINUE" if document["history"] else "NEW")


def test_findings_and_history_lie_in_the_past(documents: list[Document]) -> None:
    assert any(document["findings"] for document in documents)
    for document in documents:
        year = document["fiscal_year"]
        assert all(int(one["date"][:4]) < year for one in document["findings"])
        assert all(one["year"] < year for one in document["history"])


def test_document_numbers_are_well_formed_and_name_no_real_document(
    documents: list[Document],
) -> None:
    cited = [one for document in documents for one in document["policy_basis"]]
    assert all(is_document_number(one["doc_no"]) for one in cited)
    assert not is_document_number("岚政发2023第12")
    central = [one["doc_no"] for one in cited if one["issuer_level"] == "central"]
    assert central
    assert all(int(no.split("〕")[1][:-1]) > _LAST_REAL_NUMBER for no in central)


def test_no_text_mentions_an_amount(documents: list[Document]) -> None:
    assert not [text for document in documents for text in _texts(document) if _AMOUNT.search(text)]
    assert _AMOUNT.search("需资金320万元")


def test_texts_vary(documents: list[Document]) -> None:
    arguments = [document["pro_necessary"] for document in documents]
    given = [text for text in arguments if text]
    assert 0.03 < 1 - len(given) / len(arguments) < 0.25  # some are left out
    assert len(set(given)) > 0.4 * len(given)
    lengths = sorted(map(len, given))
    assert lengths[len(lengths) // 10] < 60 < 120 < lengths[-len(lengths) // 10]


def test_most_calculations_add_up_and_some_do_not(documents: list[Document]) -> None:
    def adds_up(document: Document) -> bool:
        total = sum(line["est_amt"] for line in document["cost_lines"])
        return abs(total - document["apply_amt"]) < 0.01

    share = sum(map(adds_up, documents)) / len(documents)
    assert 0.85 < share < 0.97
    assert any(line["dep_bgt_eco_code"] == "30217" for d in documents for line in d["cost_lines"])


def test_targets_are_quantified_vague_copied_or_sandbagged(documents: list[Document]) -> None:
    targets = [one for document in documents for one in document["kpi"]]
    figures = [one for one in targets if one["nature"] != 3]
    assert 0.6 < len(figures) / len(targets) < 0.85
    assert {one["level1"] for one in targets} == {"产出指标", "效益指标", "满意度指标"}
    assert any(one["name"] == "工作任务完成情况" for one in targets)
    compared = [one for one in figures if one["last_actual"] and one["direction"] == 2]
    lower = [one for one in compared if int(one["target"]) < int(one["last_actual"])]
    assert 0.05 < len(lower) / len(compared) < 0.35
    assert all(int(one["target"]) <= 100 for one in figures if one["unit"] == "%")


def test_only_what_was_funded_is_executed_and_evaluated(
    rounds: list[tuple[Document, Document]],
) -> None:
    for _, outcome in rounds:
        funded = outcome["budget_amt"] is not None
        assert (outcome["adjusted_amt"] is not None) == funded
        assert (outcome["executed_amt"] is not None) == funded
        assert funded or outcome["eval_score"] is None
        assert (outcome["eval_score"] is None) == (outcome["eval_grade"] is None)
        assert not funded or outcome["budget_amt"] <= outcome["approved_amt"]


def test_the_better_scored_are_funded_more_often(rounds: list[tuple[Document, Document]]) -> None:
    mean = [(o["expert_necessity"] + o["expert_importance"], o["budget_amt"]) for _, o in rounds]
    mean.sort(key=lambda pair: pair[0])
    third = len(mean) // 3
    worst, best = mean[:third], mean[-third:]

    def funded(part: list[tuple[float, float | None]]) -> float:
        return sum(budget is not None for _, budget in part) / len(part)

    assert funded(worst) < 0.6
    assert funded(best) > 0.9
