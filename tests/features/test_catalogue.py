"""One ruler: every rule that spans entries, each broken in turn, and then all at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from features.catalogue import SHIPPED, Catalogue, load_catalogue, parse_catalogue
from features.errors import CatalogueError
from features.field import Role
from tests.rulers import Raw, catalogue_of, head, indicator, label, named, ruler, text_of


def _derived(name: str, operation: str, *of: str, kind: str = "number", **more: Any) -> Raw:
    options = more.pop("options", {})
    derive = {"operation": operation, "of": list(of), "options": options}
    return indicator(name, kind, source="derived", derive=derive, **more)


def _add(*entries: Raw) -> Callable[[Raw], None]:
    return lambda raw: raw["indicators"].extend(entries)


def _set(section: str, name: str, **changes: Any) -> Callable[[Raw], None]:
    return lambda raw: named(raw, section, name).update(changes)


def _field(part: str, number: int, **changes: Any) -> Callable[[Raw], None]:
    return lambda raw: named(raw, "parts", part)["fields"][number].update(changes)


def _top(section: str, **changes: Any) -> Callable[[Raw], None]:
    return lambda raw: raw[section].update(changes)


BROKEN: dict[str, tuple[Callable[[Raw], None], str]] = {
    "indicator twice": (_add(indicator("area")), r"indicators: .*each name once; got 'area' 2"),
    "indicator named as a part": (_add(indicator("lines")), r"each name once; got 'lines' 2 times"),
    "column of two": (
        _add(indicator("other", column="area")),
        r"column: expected each name once; got 'area' 2 times",
    ),
    "field twice": (
        _field("lines", 1, name="task"),
        r"parts\[lines\]\.fields: .*got 'task' 2 times",
    ),
    "head twice": (lambda raw: raw["heads"].append(head("risk")), r"heads: .*'risk' 2 times"),
    "dimension twice": (
        lambda raw: raw["dimensions"].append({"name": "facts", "label": label("x")}),
        r"dimensions: .*'facts' 2 times",
    ),
    "unknown dimension": (
        _set("indicators", "area", dimension="fact"),
        r"indicators\[area\]\.dimension: expected one of the dimensions facts, money; got fact",
    ),
    "codes of a number": (
        _set("indicators", "area", codes={"a": label("a")}),
        r"indicators\[area\]\.codes: expected codes only for kind category; got kind number",
    ),
    "order without codes": (
        _set("indicators", "area", ordered=True),
        r"indicators\[area\]\.ordered: expected a category with codes in rising order",
    ),
    "falling range": (
        _set("indicators", "area", range=[5, 1]),
        r"indicators\[area\]\.range: .*low < high; got \[5.0, 1.0\]",
    ),
    "falling range of a field": (
        _field("history", 0, range=[5, 1]),
        r"parts\[history\]\.fields\[rate\]\.range: .*low < high",
    ),
    "codes of a number field": (
        _field("history", 0, codes={"a": label("a")}),
        r"parts\[history\]\.fields\[rate\]\.codes: .*kind category",
    ),
    "derived without operation": (
        _add(indicator("bare", source="derived")),
        r"indicators\[bare\]\.derive: expected an operation for a derived indicator; got none",
    ),
    "operation on a given one": (
        _set("indicators", "area", derive={"operation": "sum", "of": ["people"]}),
        r"indicators\[area\]\.source: expected derived, where derive is given; got verified",
    ),
    "derived and required": (
        _set("indicators", "wordy", required=True),
        r"indicators\[wordy\]: expected no required",
    ),
    "derived key evidence": (
        _set("indicators", "wordy", key_evidence=True),
        r"indicators\[wordy\]: expected no required, column or key_evidence on a derived",
    ),
    "unknown operation": (
        _add(_derived("odd", "divide", "area", "people")),
        r"indicators\[odd\]\.derive\.operation: expected one of .*ratio.*; got divide",
    ),
    "unknown argument": (
        _add(_derived("odd", "ratio", "area", "nobody")),
        r"indicators\[odd\]\.derive\.of: expected an indicator or part.field.*; got nobody",
    ),
    "too many arguments": (
        _add(_derived("odd", "ratio", "area", "people", "asked")),
        r"indicators\[odd\]\.derive\.of: expected 2 arguments; got 3",
    ),
    "a number called a category": (
        _add(_derived("odd", "ratio", "area", "people", kind="category")),
        r"indicators\[odd\]\.kind: expected what ratio gives, a number; got kind category",
    ),
    "no words to look for": (
        _add(_derived("odd", "contains_any", "words", kind="flag", options={"words": []})),
        r"indicators\[odd\]\.derive\.options\.words: expected .*at least 1 item",
    ),
    "a personal fact for a head": (
        _set("indicators", "area", sensitivity="personal"),
        r"heads\[\w+\]: expected nothing personal: .*; got area, which rests on area",
    ),
    "text for a number": (
        _add(_derived("odd", "ratio", "area", "words")),
        r"indicators\[odd\]\.derive\.of: expected numbers; got words of kind text",
    ),
    "part.field for a column": (
        _add(_derived("odd", "ratio", "area", "lines.amount")),
        r"\.of: expected indicators \(an item operation reads part.field\); got lines.amount",
    ),
    "option missing": (
        _add(_derived("odd", "at_least", "area", kind="flag")),
        r"indicators\[odd\]\.derive\.options: expected the option value; got none",
    ),
    "option unknown": (
        _add(_derived("odd", "ratio", "area", "people", options={"value": 3})),
        r"indicators\[odd\]\.derive\.options: expected no options; got value",
    ),
    "option of another type": (
        _add(_derived("odd", "at_least", "area", kind="flag", options={"value": "6"})),
        r"indicators\[odd\]\.derive\.options\.value: expected .*number; got '6'",
    ),
    "words as one text": (
        _add(_derived("odd", "contains_any", "words", kind="flag", options={"words": "ab"})),
        r"indicators\[odd\]\.derive\.options\.words: ",
    ),
    "band of too few codes": (
        _add(
            _derived(
                "odd", "band", "area", kind="category", options={"edges": [1, 2], "codes": ["a"]}
            )
        ),
        r"indicators\[odd\]\.derive\.options: expected one code more than edges",
    ),
    "item operation on a derived one": (
        _add(_derived("odd", "count_items", "wordy")),
        r"indicators\[odd\]\.derive",
    ),
    "derived from itself": (
        _add(_derived("hen", "sum", "egg"), _derived("egg", "sum", "hen")),
        r"derivations without a cycle; got (hen → egg → hen|egg → hen → egg)",
    ),
    "use of an unknown head": (
        _set("indicators", "area", use={"axes": "free"}),
        r"indicators\[area\]\.use: expected one of the heads axis, cost, risk, second; got axes",
    ),
    "use of a text": (
        _set("indicators", "words", use={"axis": "free"}),
        r"indicators\[words\]\.use: expected a number, flag or category",
    ),
    "direction of an unordered category": (
        _set("indicators", "type", use={"axis": "+"}),
        r"indicators\[type\]\.use: expected free, for an unordered category; got axis: \+",
    ),
    "head that nothing feeds": (
        lambda raw: raw["heads"].append(head("idle")),
        r"heads\[idle\]: expected at least one indicator that uses it; got none",
    ),
    "score relative to something": (
        _set("heads", "axis", relative_to=["area"]),
        r"heads\[axis\]\.relative_to: expected an amount head; got kind score",
    ),
    "amount relative to a text": (
        _set("heads", "cost", relative_to=["words"]),
        r"heads\[cost\]\.relative_to: expected a numeric indicator; got words",
    ),
    "score below": (
        _set("heads", "axis", outcome={"column": "x", "below": 3}),
        r"heads\[axis\]\.outcome: expected below or at_least only for a probability",
    ),
    "check of nothing": (
        lambda raw: raw.update(
            checks=[{"name": "c", "operation": "before", "of": ["began", "year"]}]
        ),
        r"checks\[c\]\.of: expected an indicator or part.field of this catalogue; got began",
    ),
    "unknown id column": (
        _top("columns", id=["number"]),
        r"columns\.id: expected a given indicator of this catalogue; got number",
    ),
    "derived group column": (
        _top("columns", group="wordy"),
        r"columns\.group: expected a given indicator of this catalogue; got wordy",
    ),
    "year that may be absent": (
        _set("indicators", "year", required=False),
        r"columns\.time: expected a required number or count",
    ),
    "year as a date": (
        _set("indicators", "year", kind="date", range=None),
        r"columns\.time: expected a required number or count",
    ),
    "peers by a number": (
        lambda raw: raw.update(peers=["area"]),
        r"peers: expected a category indicator; got area",
    ),
    "peers by who declares": (
        _set("indicators", "type", role="declarer", use={}),
        r"peers: expected a category not derived from declarer.*; got type",
    ),
    "peers by size of request": (
        lambda raw: (
            raw.update(peers=["size"]),
            raw["indicators"].append(
                _derived(
                    "size",
                    "band",
                    "asked",
                    kind="category",
                    options={"edges": [9], "codes": ["s", "l"]},
                )
            ),
        ),
        r"peers: expected a category not derived from .*requested_amount; got size",
    ),
    "axis that is no score": (
        _top("priority", necessity="risk"),
        r"priority: expected a head of kind score; got risk",
    ),
    "axis that is no head": (
        _top("priority", importance="other"),
        r"priority: expected a head of kind score; got other",
    ),
    "thresholds of other axes": (
        _top("priority", thresholds={"axis": 60, "second": 60}),
        r"priority\.thresholds: expected necessity and importance",
    ),
    "weights of nothing": (
        _top("priority", weights={"necessity": 0, "importance": 0}),
        r"priority\.weights: expected weights ≥ 0, not all 0",
    ),
    "cost that is no amount": (
        _top("cost", head="axis"),
        r"cost\.head: expected a head of kind amount; got axis",
    ),
    "request that is no money": (
        _top("cost", requested="area"),
        r"cost\.requested: expected a given indicator of kind money; got area",
    ),
    "request that is derived": (
        lambda raw: (
            raw["indicators"].append(_derived("half", "sum", "asked", kind="money")),
            raw["cost"].update(requested="half"),
        ),
        r"cost\.requested: expected a given indicator of kind money; got half",
    ),
}


def test_control_the_unchanged_ruler_is_accepted() -> None:
    assert catalogue_of(ruler()).identity == "small@1"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named_with_its_place(name: str) -> None:
    change, fault = BROKEN[name]
    raw = ruler()
    change(raw)
    with pytest.raises(CatalogueError, match=fault):
        catalogue_of(raw)


def test_faults_of_form_and_of_meaning_are_named_at_once() -> None:
    raw = ruler()
    named(raw, "indicators", "people")["kind"] = "numbr"  # form
    named(raw, "indicators", "area")["colour"] = "red"  # form: unknown key
    named(raw, "indicators", "words")["dimension"] = "verbal"  # meaning
    named(raw, "indicators", "last")["range"] = [3, 1]  # meaning
    raw["columns"]["id"] = ["number"]  # meaning
    with pytest.raises(CatalogueError, match="catalogue") as caught:
        catalogue_of(raw)
    assert {fault.field for fault in caught.value.faults} == {
        "indicators[people].kind",
        "indicators[area].colour",
        "indicators[words].dimension",
        "indicators[last].range",
        "columns.id",
    }


def test_a_key_given_twice_is_refused_with_its_line() -> None:
    text = text_of(ruler()).replace("version: '1'\n", "version: '1'\nversion: '2'\n")
    with pytest.raises(CatalogueError, match="line 3: expected each key once; got 'version' a sec"):
        parse_catalogue(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "expected YAML"),
        ("just words", "expected a mapping with catalogue, columns, indicators, heads"),
        ("", "expected a mapping with catalogue"),
        ("a: !!python/object/apply:os.getcwd []", "expected YAML"),
        ("? [a]\n: 1", "line 1: expected a word as key; got a list"),
    ],
)
def test_what_is_no_catalogue_is_refused(text: str, fault: str) -> None:
    with pytest.raises(CatalogueError, match=fault):
        parse_catalogue(text)


def test_an_unknown_name_lists_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"expected one of zero_base, japan_review.*FileNot"):
        load_catalogue("zero_bass")
    (tmp_path / "a.yaml").write_bytes("小".encode("utf-16"))
    with pytest.raises(CatalogueError, match=r"UTF-8 YAML file.*UnicodeDecodeError"):
        load_catalogue(tmp_path / "a.yaml")


# Roles: what a head must not see, at any depth.


def _chain(first: str, length: int) -> list[Raw]:
    """`length` indicators, each the sum of the one before, the first of `first`."""
    names = [first, *(f"step{n}" for n in range(1, length + 1))]
    return [_derived(own, "sum", source) for source, own in pairwise(names)]


@pytest.mark.parametrize("role_bearer", ["asked", "last"])
@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("head_name", ["axis", "cost"])
def test_an_amount_reaches_no_zero_based_head(role_bearer: str, depth: int, head_name: str) -> None:
    raw = ruler()
    raw["indicators"] += _chain(role_bearer, depth)
    last = f"step{depth}" if depth else role_bearer
    named(raw, "indicators", last).setdefault("use", {})["risk"] = "free"
    catalogue_of(raw)  # control: a head that is not zero-based may see it
    named(raw, "indicators", last)["use"][head_name] = "free"
    told = rf"heads\[{head_name}\]: expected nothing derived from .*got {last}"
    with pytest.raises(CatalogueError, match=told):
        catalogue_of(raw)


def test_an_amount_in_a_part_reaches_no_zero_based_head() -> None:
    raw = ruler()
    raw["indicators"] += [
        _derived("lines_total", "total_of", "lines.amount", use={"axis": "free"}),
    ]
    named(raw, "indicators", "lines_total")["derive"]["operation"] = _any_sum()
    with pytest.raises(
        CatalogueError, match=r"heads\[axis\]: .*lines_total, derived from lines.amount"
    ):
        catalogue_of(raw)
    named(raw, "indicators", "lines_total")["use"] = {"risk": "free"}
    catalogue_of(raw)  # control


def _any_sum() -> str:
    """The name of an item operation that takes one `part.field` and no required option."""
    from features.item_operations import ITEM_OPERATIONS

    return next(name for name, o in ITEM_OPERATIONS.items() if not o.faults([False], {}))


def test_a_cost_is_not_relative_to_an_amount() -> None:
    raw = ruler()
    raw["indicators"] += _chain("asked", 2)
    named(raw, "heads", "cost")["relative_to"] = ["area", "step2"]
    with pytest.raises(CatalogueError, match=r"heads\[cost\]: .*got step2, derived from asked"):
        catalogue_of(raw)


@pytest.mark.parametrize("head_name", ["axis", "risk"])
def test_who_declares_reaches_no_head_at_all(head_name: str) -> None:
    raw = ruler()
    raw["indicators"].append(
        _derived("office_words", "text_length", "office", use={head_name: "free"})
    )
    told = rf"heads\[{head_name}\]: expected nothing derived from declarer"
    with pytest.raises(CatalogueError, match=told):
        catalogue_of(raw)
    named(raw, "indicators", "office_words")["derive"]["of"] = ["words"]
    catalogue_of(raw)  # control


# The shipped catalogues.


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_catalogue_loads_and_quotes_its_version(name: str) -> None:
    catalogue = load_catalogue(name)
    assert catalogue.identity == f"{name}@{catalogue.version}"
    assert catalogue.digest == load_catalogue(name).digest


def _roles_behind(catalogue: Catalogue, head_name: str) -> set[Role]:
    """An independent walk of the derivation graph: by repeated substitution."""
    roles = {i.name: i.role for i in catalogue.indicators}
    roles |= {f"{p.name}.{f.name}": f.role for p in catalogue.parts for f in p.fields}
    reached = {i.name for i in catalogue.indicators if head_name in i.use}
    reached |= set(catalogue.head(head_name).relative_to)
    while True:
        further = {
            source
            for i in catalogue.indicators
            if i.name in reached and i.derive
            for source in i.derive.of
        }
        if further <= reached:
            return {role for name in reached if (role := roles[name]) is not None}
        reached |= further


@pytest.mark.parametrize("name", SHIPPED)
def test_no_head_of_a_shipped_catalogue_sees_what_it_must_not(name: str) -> None:
    catalogue = load_catalogue(name)
    amounts = {Role.REQUESTED_AMOUNT, Role.LAST_BUDGET}
    for declared in catalogue.heads:
        behind = _roles_behind(catalogue, declared.name)
        assert Role.DECLARER not in behind
        assert not (declared.zero_based and behind & amounts), declared.name
        seen = catalogue.origins(declared.name)
        assert {i.name for i in catalogue.inputs(declared.name)} <= seen


def test_control_the_walk_finds_what_is_there() -> None:
    assert _roles_behind(load_catalogue("zero_base"), "low_execution") >= {Role.REQUESTED_AMOUNT}


# What else a catalogue answers.


def test_derivations_are_ordered_and_inputs_keep_their_place() -> None:
    raw = ruler()
    raw["indicators"] += list(reversed(_chain("area", 3)))
    catalogue = catalogue_of(raw)
    order = [n for n in catalogue.derivation_order if n.startswith("step")]
    assert order == ["step1", "step2", "step3"]
    assert [i.name for i in catalogue.inputs("axis")] == [
        "type",
        "level",
        "people",
        "mandatory",
        "wordy",
    ]
    assert catalogue.direction("risk", "people") == "-"
    assert catalogue.head("cost").relative_to == ("area",)
    with pytest.raises(KeyError, match="nobody"):
        catalogue.head("nobody")


def test_an_ordered_category_keeps_the_order_in_which_its_codes_are_written() -> None:
    assert list(catalogue_of(ruler()).by_name["level"].codes or ()) == ["zoo", "city", "alp"]
