"""The pieces of finding duplicates: wording, points, places, groups, marks."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import load_catalogue
from features.duplicates.compared_fields import compared_in, compared_of
from features.duplicates.groups import groups_of
from features.duplicates.marked_text import marked, shared_passages
from features.duplicates.neighbours import place_prefix
from features.duplicates.ngrams import counted, hashed_groups
from features.duplicates.points import STEPS, Points, step_of
from features.duplicates.wording import GAP, letters_compared, names_part, unit_names, without_part
from tests.features.duplicates.projects import project
from tests.serving.conftest import CATALOGUE as TINY

TEXTS = st.text(st.sampled_from("采购设备三台，。 a1"), max_size=40)


def test_generic_words_punctuation_and_the_unit_are_left_out() -> None:
    compared = letters_compared("青屿市教育局学校食堂设备购置项目（Ａ）", "青屿市教育局")
    assert compared == f"{GAP}学校食堂设备{GAP}a{GAP}"
    assert "教育局" in letters_compared("青屿市教育局学校食堂")  # the control


def test_the_units_name_is_what_name_and_texts_begin_with() -> None:
    one = project(1)
    bare = project(2, name="路灯照明节能改造工程")
    elsewhere = project(3, name="无名项目", department="D5", texts=("说明", "", "", "", ""))
    assert unit_names([one, bare, elsewhere]) == ["青屿市城市管理局", "青屿市城市管理局", ""]


@pytest.mark.parametrize(
    "name", ["灯具更换（一期）", "灯具更换二标段", "灯具更换（东片区）", "灯具更换A包"]
)
def test_words_of_parts_are_known(name: str) -> None:
    assert names_part(name)
    assert without_part(name) == "灯具更换"
    assert not names_part("灯具更换")


def test_a_place_is_known_by_what_is_not_zero() -> None:
    assert [place_prefix(code) for code in ("990203", "990200", "990000", "")] == [
        "990203", "9902", "99", "",
    ]  # fmt: skip


@given(st.lists(TEXTS, max_size=6), st.integers(2, 4))
def test_groups_of_letters_are_those_of_each_text_alone(texts: list[str], length: int) -> None:
    texts = [text.replace("，", GAP) for text in texts]
    row, key = hashed_groups(texts, length)
    for place, text in enumerate(texts):
        groups = [text[n : n + length] for n in range(len(text) - length + 1)]
        whole = [group for group in groups if GAP not in group]
        assert len(set(key[row == place].tolist())) == len(set(whole))
        assert (row == place).sum() == len(whole)
    assert counted(texts).shape[0] == len(texts)


@given(TEXTS, TEXTS)
def test_marked_pieces_are_the_texts(one: str, other: str) -> None:
    pieces = marked(one, other)
    assert ["".join(piece.text for piece in side) for side in pieces] == [one, other]
    same = ["".join(piece.text for piece in side if piece.same) for side in pieces]
    assert same[0] == same[1]


def test_shared_passages_are_told_in_order() -> None:
    assert shared_passages("甲方负责采购设备三台乙", "丙负责采购设备三台丁", 4) == [
        "负责采购设备三台"
    ]
    assert shared_passages("甲乙丙", "丁戊己", 2) == []


def test_a_chain_of_resemblances_is_not_one_group() -> None:
    chain = [(0, 1, 9.0), (1, 2, 8.0), (2, 3, 7.0), (3, 4, 6.0)]
    assert groups_of(chain) == [(0, 1, 2), (3, 4)]
    whole = [(a, b, 5.0) for a in range(4) for b in range(a + 1, 4)]
    assert groups_of(whole) == [(0, 1, 2, 3)]
    assert groups_of([]) == []


@pytest.mark.parametrize("catalogue", ["zero_base", "japan_review"])
def test_the_closer_never_counts_less(catalogue: str) -> None:
    compared = compared_in(catalogue)
    assert compared is not None
    assert compared.points
    for points in compared.points.values():
        for name, steps in points.steps.items():
            assert list(steps) == sorted(steps)
            assert len(steps) == len(STEPS[name]) + 1
            assert name in points.unknown


def test_points_add_up_and_unknown_has_its_own() -> None:
    points = Points(
        base=-3.0, steps={"amount": (0, 1, 2, 3, 4, 5)}, unknown={"amount": 0.5}, limit=0
    )
    closeness = np.full((4, len(STEPS)), np.nan)
    closeness[:3, list(STEPS).index("amount")] = [0.1, 0.75, 1.0]
    assert points.total(closeness).tolist() == [-3.0, -1.0, 2.0, -2.5]
    assert step_of("amount", np.array([0.92])).tolist() == [4]


def test_everything_that_is_compared_is_in_the_digest() -> None:
    one, seen = project(1), set()
    for field in fields(one):
        value = getattr(one, field.name)
        if isinstance(value, bool):
            other: object = not value
        elif isinstance(value, int | float):
            other = value + 1
        elif isinstance(value, str):
            other = value + "甲"
        else:
            other = type(value)([*value, "甲"])
        seen.add(replace(one, **{field.name: other}).digest)
    assert len(seen) == len(fields(one))
    assert one.digest not in seen
    assert project(1).digest == one.digest


def test_a_catalogue_without_a_file_is_compared_by_what_it_tells() -> None:
    tiny = load_catalogue(TINY)
    compared = compared_of(tiny)
    assert compared.fields.name == "code"
    assert compared.fields.department == "department"
    assert compared.fields.amount == "apply"
    assert "contact" not in compared.fields.texts  # personal
    assert compared.digest != compared_of(load_catalogue("zero_base")).digest


@pytest.mark.parametrize("catalogue", ["zero_base", "japan_review"])
def test_compared_fields_are_fields_of_the_catalogue(catalogue: str) -> None:
    ruler, compared = load_catalogue(catalogue), compared_in(catalogue)
    assert compared is not None
    told = compared.fields.model_dump(exclude_none=True)
    parts = {f"{part.name}.{field.name}" for part in ruler.parts for field in part.fields}
    known = ruler.document_names | parts
    for value in told.values():
        names = value if isinstance(value, list | tuple) else [value]
        names = [one["field"] if isinstance(one, dict) else one for one in names]
        assert set(names) <= known
