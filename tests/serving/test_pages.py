"""Pages for people: complete, escaped, in both languages, with nothing from elsewhere."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import serving
from features.catalogue import load_catalogue
from features.declared_project import parse_project
from features.head_declaration import HeadKind
from models.registry import Release
from serving.appraisal import appraise
from serving.example import example_text, least_project
from serving.page import pages
from serving.page.heads import head_view
from serving.page.steps import Bar
from serving.page.words import page_words
from tests.serving.conftest import CATALOGUE, Caller, tiny_project, unrecorded

STATIC = Path(pages.__file__).parent / "static"
VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "line", "circle", "path"}


class Outline(HTMLParser):
    """The addresses, texts and ids of a page, and whether its elements close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("href", "src", "action", "srcset", "data", "poster"):
                self.addresses.append(value or "")
            if name.startswith("on") or name == "style":
                self.handlers.append(name)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag


def foreign(page: str) -> list[str]:
    """Every address in a page that leads to another place."""
    named = Outline(page).addresses
    written = re.findall(r"""(?:https?:)?//[\w.-]+|@import|url\([^)]*\)""", page)
    return [a for a in named if ":" in a or a.startswith("/")] + written


def test_control_an_address_elsewhere_is_found() -> None:
    assert foreign('<script src="https://cdn.example/x.js"></script>')
    assert foreign("<style>@import 'x.css'</style>")
    assert foreign('<img src="//cdn.example/x.png">')
    assert not foreign('<a href="schema">x</a><link rel="icon" href="static/icon.svg">')


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_front_page_names_the_model_and_leads_nowhere_else(
    service: Caller, release: Release, lang: str
) -> None:
    page = service.get(f"/?lang={lang}").text
    assert foreign(page) == []
    assert not Outline(page).handlers
    assert page_words(lang)["advisory"] in page
    assert release.version.digest in page
    assert "tiny@1" in page
    assert f'<html lang="{page_words(lang)["html_lang"]}">' in page


def test_the_front_page_is_chinese_unless_asked(service: Caller) -> None:
    for query in ("", "?lang=xx", "?lang="):
        assert "试评一个项目" in service.get(f"/{query}").text


def test_static_files_lead_nowhere_else() -> None:
    for file in STATIC.glob("page.*"):
        assert not re.findall(r"https?:|//[\w]+\.|@import|url\(", file.read_text(encoding="utf-8"))


def test_everything_the_front_page_needs_is_served(service: Caller) -> None:
    for address in Outline(service.get("/").text).addresses:
        if not address.startswith(("#", "?")):
            assert service.get(f"/{address}").status_code == 200, address


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_explained_page_is_one_file(release: Release, lang: str) -> None:
    answer = appraise(tiny_project(), release)
    answer = {**answer, "project_name": "道路 <养护>"}
    page = pages.explained_page(answer, release.model.catalogue, lang)
    assert foreign(page) == []
    outline = Outline(page)
    assert "script" not in outline.tags
    assert not outline.addresses
    assert page_words(lang)["advisory"] in page
    assert "道路 &lt;养护&gt;" in page
    assert answer["priority"]["grade"] in page
    for section in (answer["priority"]["necessity"], answer["risk"]["late"], answer["cost"]):
        assert section["label"][lang] in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_simulated_model_is_said_to_be_one(release: Release, lang: str) -> None:
    answer = appraise(tiny_project(), release)
    said = page_words(lang)["simulated"]
    assert said not in pages.explained_fragment(answer, release.model.catalogue, lang)
    answer["model"]["simulated"] = True
    assert said in pages.explained_fragment(answer, release.model.catalogue, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_project_that_is_not_rated_is_told_what_is_missing(release: Release, lang: str) -> None:
    answer = appraise(tiny_project(type=None, area=None), release)
    page = pages.explained_page(answer, release.model.catalogue, lang)
    assert page_words(lang)["not_rated"] in page
    for name in ("type", "area"):
        assert release.model.catalogue.by_name[name].label.of(lang) in page
    figures = ('<svg class="plane"', '<svg class="range"', '<svg class="risk-bar"')
    assert not [figure for figure in figures if figure in page]
    rated = pages.explained_page(appraise(tiny_project(), release), release.model.catalogue, lang)
    assert all(figure in rated for figure in figures)  # the control


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_catalogue_without_priority_or_request_has_its_page_too(
    release: Release, lang: str
) -> None:
    answer = appraise(tiny_project(), release)
    priority, cost = answer["priority"], answer["cost"]
    plain = {name: part for name, part in cost.items() if name not in ("requested", "position")}
    answer |= {"priority": None, "cost": None, "amounts": {"cost": plain}}
    answer |= {"scores": {"necessity": priority["necessity"]}, "not_predicted": ["importance"]}
    page = pages.explained_page(answer, release.model.catalogue, lang)
    assert cost["label"][lang] in page
    assert f"{priority['necessity']['score']:.1f}" in page
    assert 'class="pin' not in page
    assert 'class="plane"' not in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_there_is_no_range_the_page_says_so(release: Release, lang: str) -> None:
    answer = appraise(tiny_project(), release)
    answer["priority"]["necessity"]["interval"] = None
    answer["cost"] |= {"low": None, "high": None, "position": None, "excess": None}
    page = pages.explained_fragment(answer, release.model.catalogue, lang)
    # In the table of the axes, in the figure for those who do not see it, and under the cost.
    assert page.count(page_words(lang)["no_interval"]) == 3
    assert page_words(lang)["doubt_none"].partition("{")[0] not in page
    assert 'class="spread"' not in page


def without_record(page: str) -> str:
    """A page without the lines on its record, which no two answers share."""
    return re.sub(r"<dt>(Record|Receipt)</dt>.*?</dd>", "", page, flags=re.DOTALL)


def test_score_answers_a_browser_with_the_page_it_shows(service: Caller, release: Release) -> None:
    asked = {"accept": "text/html"}
    answer = service.post("/score?lang=en", {"project": tiny_project()}, asked)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    said = service.post("/score", {"project": tiny_project()}).json()
    catalogue = release.model.catalogue
    expected = pages.explained_fragment(said, catalogue, "en", may_improve=True)
    assert without_record(answer.text) == without_record(expected)
    assert said["record_id"] in expected
    assert unrecorded(said) == appraise(tiny_project(), release)
    assert service.post("/score", {"project": {}}, asked).json()["error"]["code"] == "invalid"


def test_what_is_declared_is_shown_as_text_not_as_markup(service: Caller, release: Release) -> None:
    evil = '"><script>alert(1)'
    page = service.post("/score", {"project": tiny_project(code=evil)}, {"accept": "text/html"})
    assert page.status_code == 200
    assert "script" not in Outline(page.text).tags
    assert "&lt;script&gt;" in page.text


def hand_made_head(parts: list[float], part: str, base: float, value: tuple[str, float]) -> Any:
    """A head whose last reason is of another dimension than those before it."""
    label = {"zh": "甲", "en": "A"}
    places = ["facts"] * (len(parts) - 1) + ["money"]
    reasons = [
        {"indicator": "area", "dimension": place, "label": label, part: number,
         "source": "verified", "value_text": label,
         "text": {"zh": f"理由{number}", "en": f"because {number}"}}
        for number, place in zip(parts, places, strict=True)
    ]  # fmt: skip
    exact = [Decimal(str(number)) for number in parts[:-1]]
    together = math.prod(exact) if part == "factor" else sum(exact)
    dimensions = [
        {"dimension": "facts", "label": {"zh": "事实", "en": "Facts"}, part: float(together)},
        {"dimension": "money", "label": {"zh": "金额", "en": "Money"}, part: parts[-1]},
    ]
    head = {"label": label, "base": base, value[0]: value[1]}
    return head | {"reasons": reasons, "dimensions": dimensions}


def shown_number(text: str) -> Decimal:
    return Decimal(re.sub(r"[ ,%×万元]", "", text).replace("−", "-").replace("±", ""))


def test_dimensions_and_their_indicators_add_up_as_shown() -> None:
    parts = [3.2, -2.1, *([0.3] * 9)]
    shown = hand_made_head(parts, "contribution", 50.0, ("score", 53.8))
    view = head_view(shown, HeadKind.SCORE, load_catalogue(CATALOGUE), "en")
    assert [(each.label, each.effect, each.reached) for each in view.dimensions] == [
        ("Facts", "+3.5", "53.5"),
        ("Money", "+0.3", "53.8"),
    ]
    assert [row.effect for row in view.dimensions[0].rows[:3]] == ["+3.2", "−2.1", "+0.3"]
    assert [row.reached for row in view.dimensions[0].rows[:3]] == ["53.2", "51.1", "51.4"]
    for dimension in view.dimensions:
        inside = sum(shown_number(row.effect) for row in dimension.rows)
        assert inside == shown_number(dimension.effect)
        assert dimension.rows[-1].reached == dimension.reached
    assert view.sum == "50.0 + 3.5 + 0.3 = 53.8"
    assert view.raising == ["because 3.2", "because 0.3", "because 0.3"]
    assert view.lowering == ["because -2.1"]


def test_steps_continue_one_another_from_the_base_to_the_result() -> None:
    shown = hand_made_head([4.0, -1.0], "contribution", 50.0, ("score", 53.0))
    view = head_view(shown, HeadKind.SCORE, load_catalogue(CATALOGUE), "zh")
    first, second = (each.bar for each in view.dimensions)
    assert (view.base_place, first.end, second.end) == (first.start, second.start, view.value_place)
    assert first.end - first.start == pytest.approx(4 * (second.start - second.end), abs=0.5)
    assert (first.tone, second.tone) == ("good", "bad")
    assert view.dimensions[0].rows[0].bar == first


def test_an_arrow_points_where_the_step_goes() -> None:
    right, left = Bar(10.0, 50.0, "good"), Bar(50.0, 10.0, "bad")
    assert right.shape == "10.0,5 45.0,5 50.0,11 45.0,17 10.0,17"
    assert left.shape == "50.0,5 15.0,5 10.0,11 15.0,17 50.0,17"
    assert Bar(10.0, 12.0, "good").shape == "10.0,5 10.0,5 12.0,11 10.0,17 10.0,17"


def test_factors_multiply_and_what_raises_cost_or_risk_is_not_good() -> None:
    shown = hand_made_head([2.0, 0.5, 1.25], "factor", 1_000_000, ("mid", 1_250_000))
    view = head_view(shown, HeadKind.AMOUNT, load_catalogue(CATALOGUE), "zh")
    rows = [row for each in view.dimensions for row in each.rows]
    assert [row.effect for row in rows] == ["× 2", "× 0.5", "× 1.25"]
    assert [row.bar.tone for row in rows] == ["bad", "good", "bad"]
    assert [each.reached for each in view.dimensions] == ["100万元", "125万元"]
    assert (view.base, view.value) == ("100万元", "125万元")
    assert view.sum == "100万元 × 1 × 1.25 ≈ 125万元"
    assert view.tones == ("bad", "good")


def test_probabilities_are_shown_in_percentage_points() -> None:
    shown = hand_made_head([0.083, -0.004], "contribution", 0.141, ("probability", 0.22))
    view = head_view(shown, HeadKind.PROBABILITY, load_catalogue(CATALOGUE), "en")
    assert [each.effect for each in view.dimensions] == ["+8.3", "−0.4"]
    assert [each.reached for each in view.dimensions] == ["22.4%", "22.0%"]
    assert (view.base, view.value) == ("14.1%", "22.0%")
    assert view.unit == "percentage points"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_waterfall_of_a_real_answer_adds_up_as_shown(release: Release, lang: str) -> None:
    answer = appraise(tiny_project(), release)
    heads = [(answer["priority"]["necessity"], HeadKind.SCORE),
             (answer["priority"]["importance"], HeadKind.SCORE),
             (answer["cost"], HeadKind.AMOUNT),
             (answer["risk"]["late"], HeadKind.PROBABILITY)]  # fmt: skip
    for shown, kind in heads:
        view = head_view(shown, kind, release.model.catalogue, lang)
        assert view.dimensions
        assert view.dimensions[-1].reached == view.value
        assert sum(len(each.rows) for each in view.dimensions) == len(shown["reasons"])
        if kind is not HeadKind.AMOUNT:
            steps = [shown_number(each.effect) for each in view.dimensions]
            assert shown_number(view.base) + sum(steps) == shown_number(view.value)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_that_an_answer_is_not_recorded_until_it_is(
    release: Release, lang: str
) -> None:
    answer, catalogue = appraise(tiny_project(), release), release.model.catalogue
    said = page_words(lang)["not_recorded"]
    assert said in pages.explained_fragment(answer, catalogue, lang)
    answer |= {"record_id": "R-17", "receipt": {"root": "abc"}}
    page = pages.explained_fragment(answer, catalogue, lang)
    assert said not in page
    assert "R-17" in page
    assert "root abc" in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_who_may_ask_is_offered_what_to_improve(release: Release, lang: str) -> None:
    answer, catalogue = appraise(tiny_project(), release), release.model.catalogue
    button = page_words(lang)["improve_button"]
    assert button in pages.explained_fragment(answer, catalogue, lang, may_improve=True)
    assert button not in pages.explained_fragment(answer, catalogue, lang)
    assert button not in pages.explained_page(answer, catalogue, lang)


def test_the_example_is_the_documented_one_and_is_good() -> None:
    documented = Path("docs/examples/project.json").read_text(encoding="utf-8")
    assert example_text(load_catalogue("zero_base")) == documented


@pytest.mark.parametrize("name", ["zero_base", "japan_review", str(CATALOGUE)])
def test_the_least_project_of_a_catalogue_is_good_and_rated(name: str) -> None:
    catalogue = load_catalogue(name)
    project = parse_project(least_project(catalogue), catalogue)
    assert project.missing_key_evidence(catalogue) == ()


_BEGUN = re.compile(r"""f"([a-z_]+_)\{|\["([a-z_]+_)" ~""")
"""How a page names a word by what it shows: `f"kind_{kind}"`; a template: `t["kind_" ~ kind]`."""


def test_every_word_is_there_in_both_languages_and_used() -> None:
    zh, en = page_words("zh"), page_words("en")
    assert zh.keys() == en.keys()
    folder = Path(serving.__file__).parent
    sources = [*folder.rglob("*.py"), *folder.glob("templates/**/*.html")]
    text = "".join(file.read_text(encoding="utf-8") for file in sources)
    families = tuple(one or other for one, other in _BEGUN.findall(text))
    built = {name for name in zh if name.startswith(families)}
    unused = {n for n in zh if f"t.{n}" not in text and f'"{n}"' not in text} - built
    assert unused == set()
