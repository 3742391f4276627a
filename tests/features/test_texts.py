"""Measures of short Chinese texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import texts

VAGUE = ["进一步", "不断"]


def test_substance_counts_different_letter_pairs() -> None:
    assert texts.substance("更换水管") == 3  # 更换 换水 水管
    assert texts.substance("更换水管", limit=2) == 2
    assert texts.substance(None) == 0


def test_repeating_a_text_adds_at_most_the_pair_at_the_seam() -> None:
    once = "更换老化水管并检测水压"
    assert texts.substance(once * 5) == texts.substance(once) + 1
    assert len(once * 5) == 5 * len(once)  # control: a length would have been fooled


def test_no_measure_but_the_count_of_figures_sees_an_amount() -> None:
    one, other = "购置设备35台，合计420000元。", "购置设备7台，合计84000元。"
    assert texts.substance(one) == texts.substance(other)
    assert texts.concreteness(one, words=VAGUE) == texts.concreteness(other, words=VAGUE)
    assert texts.originality(one, other) == 0
    assert texts.count_figures(one) == 2


def test_concreteness_is_per_sentence() -> None:
    assert texts.concreteness("更换水管。不断提升服务；3月完工！", words=VAGUE) == 2 / 3
    assert texts.concreteness("", words=VAGUE) == 0
    assert texts.concreteness("更换水管", words=[]) == 1


def test_originality_against_the_most_similar_text() -> None:
    assert texts.originality("更换水管", "更换水管，更换电线") == 0
    assert texts.originality("更换水管", "种植行道树") == 1
    assert texts.originality("更换水管", "种植行道树", None) == 0  # not shown against all
    assert texts.originality("更换水管", "更换电线") == pytest.approx(2 / 3)
    assert texts.originality(None, "更换水管") == 0


def test_a_name_must_say_more_than_that_it_is_a_project() -> None:
    words = ["项目", "经费", "专项", "综合", "业务", "管理", "年"]
    assert texts.specific_name("2025年综合业务管理专项经费", words=words) == 0
    assert texts.specific_name("湾头区行政中心物业服务项目", words=words) == 1
    assert texts.specific_name(None, words=words) == 0


def test_a_number_is_not_a_text() -> None:
    with pytest.raises(TypeError, match="a text is needed, not a float"):
        texts.substance(3.0)


@given(st.text(max_size=60), st.text(max_size=60))
def test_originality_lies_between_zero_and_one(one: str, other: str) -> None:
    assert 0 <= texts.originality(one, other) <= 1


@given(st.text(max_size=60))
def test_a_copy_is_never_original(text: str) -> None:
    assert texts.originality(text, text) == 0
