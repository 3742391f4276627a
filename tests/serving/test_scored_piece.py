"""A piece scored: what is counted and ranked of it is what its rows say."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest

from features.errors import FileError
from features.project_files.batch import BadRow, GoodRow, Origin
from features.project_files.piece import ReadRows
from serving.appraisal import appraise
from serving.files.file_ranking import KEPT
from serving.files.scored_piece import PieceScorer, ScoredPiece, ScoringTask
from tests.small_model import small, small_document

RELEASE = small().release


def _documents(count: int = 12) -> list[dict[str, Any]]:
    chance = np.random.default_rng(2)
    documents = [small_document(chance, number, 2025) for number in range(count)]
    documents[3].pop("type")  # key evidence: good, and not rated
    return documents


def _scored(documents: list[dict[str, Any]], ranked: bool) -> ScoredPiece:
    rows = [GoodRow(number, document) for number, document in enumerate(documents, start=41)]
    task = ScoringTask(Origin("jsonl"), ".jsonl", ranked, full=False)
    return PieceScorer(task, RELEASE).score(ReadRows((*rows, BadRow(99, ()))))


def test_counts_are_those_of_the_encoded_rows() -> None:
    piece = _scored(_documents(), ranked=False)
    rows = [json.loads(line) for line in piece.encoded.decode().splitlines()]
    assert piece.rows == len(rows) == 13
    assert piece.statuses == Counter(row["status"] for row in rows)
    assert piece.statuses == {"rated": 11, "not_rated": 1, "error": 1}
    assert piece.grades == Counter(row["grade"] for row in rows if row["grade"])
    assert [row["row"] for row in rows] == [*range(41, 53), 99]
    assert piece.places == []


def test_places_are_what_the_answers_say_of_each_rated_row() -> None:
    documents = _documents()
    expected = []
    for number, document in enumerate(documents, start=41):
        answer = appraise(document, RELEASE)
        if priority := answer["priority"]:
            place = {
                "row": number,
                "project_id": answer["project_id"],
                "year": answer["year"],
                "grade": priority["grade"],
                "rank_score": priority["rank_score"],
                "necessity": priority["necessity"]["score"],
                "importance": priority["importance"]["score"],
            }
            expected.append(tuple(place[name] for name in KEPT))
    assert _scored(documents, ranked=True).places == expected
    assert len(expected) == 11


def test_a_file_without_a_required_column_has_no_scorer() -> None:
    with pytest.raises(FileError, match="year: expected a column"):
        PieceScorer(ScoringTask(Origin("csv", columns=("code",)), ".csv", False, False), RELEASE)
