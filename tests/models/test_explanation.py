"""Reasons that add up exactly as shown, and that never deny a declared direction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.field import Kind
from features.head_declaration import HeadKind
from models.explanation import ExplainedHead, explain_head, explain_heads
from models.model import Prediction
from models.reasons import Reason
from models.rounding import round_significant
from tests.small_model import Trained, province, small

MODELS = {"small": small, "province": province}


@cache
def _predicted(name: str) -> tuple[Trained, Prediction]:
    trained = MODELS[name]()
    return trained, trained.model.predict(trained.newest[:250])


@cache
def _explained(name: str) -> tuple[tuple[str, int, ExplainedHead], ...]:
    trained, prediction = _predicted(name)
    found = [
        (head, row, explain_head(trained.model, prediction, head, row))
        for head in trained.model.heads
        for row in range(len(prediction.projects))
    ]
    return tuple((head, row, shown) for head, row, shown in found if shown is not None)


def _of_kind(name: str, kind: HeadKind) -> Iterator[tuple[str, int, ExplainedHead]]:
    found = [one for one in _explained(name) if one[2].declaration.kind is kind]
    assert len(found) > 100
    yield from found


def _is_exact(head: ExplainedHead, reasons: Sequence[Reason] | None = None) -> bool:
    """Whether base and reasons, and base and dimensions, make the value exactly as shown."""
    told = [reason.contribution for reason in (head.reasons if reasons is None else reasons)]
    if head.declaration.kind is HeadKind.AMOUNT:
        return all(
            round_significant(math.prod(parts, start=head.base)) == head.value
            for parts in (told, list(head.dimensions.values()))
        )
    return all(
        head.base + sum(parts, Decimal(0)) == head.value
        for parts in (told, list(head.dimensions.values()))
    )


@pytest.mark.parametrize("name", MODELS)
def test_every_answer_adds_up_exactly_as_shown(name: str) -> None:
    for head, row, shown in _explained(name):
        assert _is_exact(shown), (head, row)


@pytest.mark.parametrize("name", MODELS)
def test_a_head_says_the_same_alone_and_among_others(name: str) -> None:
    trained, prediction = _predicted(name)
    alone = {(head, row): shown for head, row, shown in _explained(name)}
    for row in range(len(prediction.projects)):
        together = explain_heads(trained.model, prediction, row)
        assert together == {head: alone[head, row] for head in together}
        assert len(together) == sum((head, row) in alone for head in trained.model.heads)


def test_control_a_reason_left_out_does_not_add_up() -> None:
    long = next(shown for _, _, shown in _explained("province") if len(shown.reasons) > 3)
    assert _is_exact(long, long.reasons[:])
    assert not _is_exact(long, long.reasons[1:])


@pytest.mark.parametrize("name", MODELS)
def test_what_is_shown_is_the_prediction_rounded(name: str) -> None:
    _, prediction = _predicted(name)
    for head, row, shown in _explained(name):
        value = float(prediction.heads[head].value[row])
        if shown.declaration.kind is HeadKind.AMOUNT:
            # the mid amount is rounded once, from the parts: the last digit may be a neighbour's
            assert float(shown.value) == pytest.approx(math.exp(value), rel=0.0051)
        elif shown.declaration.kind is HeadKind.PROBABILITY:
            assert float(shown.value) == pytest.approx(1 / (1 + math.exp(-value)), abs=0.00051)
        else:
            low, high = shown.declaration.outcome.clip or (-math.inf, math.inf)
            assert float(shown.value) == pytest.approx(min(max(value, low), high), abs=0.051)


@pytest.mark.parametrize("name", MODELS)
def test_reasons_come_in_the_order_of_their_shown_size(name: str) -> None:
    for _, _, head in _explained(name):
        factors = head.declaration.kind is HeadKind.AMOUNT
        shown = [reason.contribution for reason in head.reasons]
        sizes = [abs(math.log(part)) if factors else abs(float(part)) for part in shown]
        assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("name", MODELS)
def test_shown_units_are_those_of_the_kind(name: str) -> None:
    for _, _, shown in _of_kind(name, HeadKind.SCORE):
        assert shown.value % Decimal("0.1") == 0
    for _, _, shown in _of_kind(name, HeadKind.PROBABILITY):
        assert shown.value % Decimal("0.001") == 0
        assert 0 <= shown.value <= 1
    for _, _, shown in _of_kind(name, HeadKind.AMOUNT):
        assert shown.value == round_significant(shown.value)
        assert shown.value > 0


@pytest.mark.parametrize("name", MODELS)
def test_percentage_points_and_log_odds_share_their_sign(name: str) -> None:
    for _, _, shown in _of_kind(name, HeadKind.PROBABILITY):
        assert shown.log_odds is not None
        base, value = shown.log_odds
        assert base + sum((r.log_odds or Decimal(0) for r in shown.reasons), Decimal(0)) == value
        for reason in shown.reasons:
            assert reason.log_odds is not None
            assert reason.indicator is None or reason.contribution * reason.log_odds >= 0
            assert reason.contribution != 0 or reason.log_odds != 0


@pytest.mark.parametrize("name", MODELS)
def test_a_range_holds_what_it_is_a_range_of(name: str) -> None:
    given = 0
    for _, _, shown in _explained(name):
        assert (shown.low is None) == (shown.high is None) == (shown.range_peers is None)
        if shown.low is not None and shown.high is not None:
            given += 1
            assert shown.low <= shown.value <= shown.high
    assert given > 100


def test_reasons_have_the_sign_of_their_movement() -> None:
    _, prediction = _predicted("province")
    for head, row, shown in _explained("province"):
        found = prediction.heads[head]
        nothing = 1 if shown.declaration.kind is HeadKind.AMOUNT else 0
        moves = dict(zip(found.terms, found.contributions[row], strict=True))
        for reason in shown.reasons:
            if reason.indicator is not None:
                told = float(reason.contribution) - nothing
                assert told * moves[reason.indicator] >= 0


def test_joint_reasons_name_their_members_and_every_dimension_at_most_once() -> None:
    for _, _, shown in _explained("province"):
        joint = [reason for reason in shown.reasons if reason.indicator is None]
        assert len({reason.dimension for reason in joint}) == len(joint)
        named = [r.indicator for r in shown.reasons if r.indicator]
        named += [name for reason in joint for name in reason.joint]
        assert len(set(named)) == len(named)
        assert all(reason.joint and reason.value is None for reason in joint)


# No reason denies a direction.


def _denies(reason: Reason, head: str, catalogue: Catalogue) -> bool:
    """Whether a reason told alone says the opposite of what the catalogue declares.

    A better value than the comparison must not lower the head, a worse one must not raise it; a
    flag that is set is better than peers of whom only some have it.
    """
    if reason.indicator is None or reason.compared is None or reason.value is None:
        return False
    indicator = catalogue.by_name[reason.indicator]
    sign = {"+": 1, "-": -1}.get(indicator.use.get(head, "free"), 0)
    typical = reason.compared.typical
    if not sign or typical is None:
        return False
    if indicator.kind is Kind.FLAG:
        better = 1 if reason.value else -1
    elif indicator.ordered:
        codes = list(indicator.codes or ())
        better = np.sign(codes.index(str(reason.value)) - codes.index(str(typical)))
    else:
        better = np.sign(float(reason.value) - float(typical))
    factor = catalogue.head(head).kind is HeadKind.AMOUNT
    moved = reason.contribution - 1 if factor else reason.contribution
    return float(moved) * sign * better < 0


def _denials(name: str, catalogue: Catalogue) -> int:
    return sum(
        _denies(reason, head, catalogue)
        for head, _, shown in _explained(name)
        for reason in shown.reasons
    )


@pytest.mark.parametrize("name", MODELS)
def test_no_reason_denies_a_declared_direction(name: str) -> None:
    assert _denials(name, MODELS[name]().model.catalogue) == 0


def test_control_a_flipped_direction_is_denied() -> None:
    declared = small().model.catalogue.model_dump(mode="json")
    level = next(i for i in declared["indicators"] if i["name"] == "level")
    level["use"]["axis"] = "-"
    assert _denials("small", Catalogue.model_validate(declared)) > 100


@pytest.mark.parametrize(("flag", "move"), [(False, 3.0), (True, -3.0)])
def test_a_flag_shared_by_many_is_not_told_against_its_direction(flag: bool, move: float) -> None:
    """Most peers lack the flag, so that its absence is typical, yet tells nothing good."""
    trained = small()
    catalogue = trained.model.catalogue
    document = {"code": "P", "year": 2024, "type": "road", "mandatory": flag}
    prediction = trained.model.predict([parse_project(document, catalogue)])
    found = prediction.heads["axis"]
    place = found.terms.index("mandatory")

    def told(moved: float) -> list[str | None]:
        contributions = found.contributions.copy()
        contributions[0, place] = moved
        heads = {"axis": found._replace(contributions=contributions)}
        shown = explain_head(trained.model, replace(prediction, begun=lambda: heads), "axis", 0)
        assert shown is not None
        return [reason.indicator for reason in shown.reasons]

    assert "mandatory" not in told(move)
    assert "mandatory" in told(-move)  # control


@pytest.mark.parametrize("name", MODELS)
def test_a_value_like_that_of_nearly_all_peers_is_not_told_alone(name: str) -> None:
    for _, _, shown in _explained(name):
        for reason in shown.reasons:
            if reason.indicator is not None and reason.compared is not None:
                same = reason.value == reason.compared.typical
                assert not (same and reason.compared.share >= 0.8)


# Where the scale ends, and where a head cannot say.


def _small_row() -> tuple[Trained, Prediction]:
    trained = small()
    return trained, trained.model.predict(trained.newest[:1])


@pytest.mark.parametrize(("shift", "end"), [(500.0, "100.0"), (-500.0, "0.0")])
def test_at_the_end_of_the_scale_reasons_keep_their_size(shift: float, end: str) -> None:
    trained, prediction = _small_row()
    found = prediction.heads["axis"]
    moved = found._replace(
        value=found.value + shift,
        base=found.base + shift,
        low=found.low + shift,
        high=found.high + shift,
    )
    before = explain_head(trained.model, prediction, "axis", 0)
    after = explain_head(
        trained.model,
        replace(prediction, begun=lambda: {**prediction.heads, "axis": moved}),
        "axis",
        0,
    )
    assert before is not None
    assert after is not None
    assert after.value == Decimal(end)
    assert _is_exact(after)
    assert after.low is not None
    assert after.high is not None
    assert 0 <= after.low <= after.high <= 100
    told = {r.indicator: r.contribution for r in before.reasons}
    for reason in after.reasons:
        if reason.indicator in told:
            assert abs(reason.contribution - told[reason.indicator]) <= Decimal("0.1")


def test_a_head_that_cannot_say_says_nothing() -> None:
    trained, _ = _small_row()
    project = parse_project({"code": "P", "year": 2024, "type": "road"}, trained.model.catalogue)
    prediction = trained.model.predict([project])
    assert explain_head(trained.model, prediction, "cost", 0) is None  # relative to no area
    assert explain_head(trained.model, prediction, "axis", 0) is not None  # control


def test_a_project_of_an_unknown_sort_is_compared_with_all() -> None:
    trained, _ = _small_row()
    catalogue = trained.model.catalogue
    project = parse_project({"code": "P", "year": 2024, "area": 50}, catalogue)
    shown = explain_head(trained.model, trained.model.predict([project]), "cost", 0)
    assert shown is not None
    assert shown.range_peers == "all"
    typical = [r.compared for r in shown.reasons if r.compared is not None]
    assert all(c.projects == trained.model.facts.rows for c in typical)
