"""Operations describe themselves by their signature, and wrong uses are named."""

from __future__ import annotations

import pytest

from features.item_operation import UNBOUNDED, Items, Result, Value, item_operation
from features.item_operations import ITEM_OPERATIONS


def _sample(years: Items, before: Value = None, *, limit: int, words: list[str] = []) -> Result:  # noqa: B006
    return None


def test_the_signature_is_the_description() -> None:
    operation = item_operation(_sample)
    assert operation.arguments == (1, 2)
    assert operation.options == {"limit", "words"}
    assert operation.required_options == {"limit"}
    assert [operation.takes_list(position) for position in (0, 1)] == [True, False]


def test_any_number_of_arguments_repeats_the_last_kind() -> None:
    operation = ITEM_OPERATIONS["originality"]
    assert operation.arguments == (1, UNBOUNDED)
    assert not operation.takes_list(7)


def test_a_right_use_has_no_faults() -> None:
    assert item_operation(_sample).faults([False, True], {"limit": 3, "words": ["a"]}) == []


@pytest.mark.parametrize(
    ("scalars", "options", "fault"),
    [
        ([], {"limit": 1}, "_sample takes 1 to 2 arguments, not 0"),
        ([True], {"limit": 1}, "_sample: argument 1 must be a part.field"),
        ([False, False], {"limit": 1}, "_sample: argument 2 must be a scalar indicator"),
        ([False], {}, "_sample needs the option 'limit'"),
        ([False], {"limit": 1, "mots": []}, "_sample has no option 'mots'"),
        ([False], {"limit": "1"}, "_sample: option 'limit': Input should be a valid integer"),
        ([False], {"limit": 1, "words": "a"}, "_sample: option 'words': Input should be a valid"),
    ],
)
def test_a_wrong_use_is_named(scalars: list[bool], options: dict[str, object], fault: str) -> None:
    faults = item_operation(_sample).faults(scalars, options)
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_every_fault_is_named_at_once() -> None:
    assert len(item_operation(_sample).faults([True], {"mots": 1})) == 3


def test_a_function_of_another_shape_is_no_operation() -> None:
    def wrong(amount: int) -> Result:
        return amount

    with pytest.raises(TypeError, match="'amount' must be Items or Value"):
        item_operation(wrong)


def test_the_set_is_closed_and_named_after_its_functions() -> None:
    assert all(name == operation.name for name, operation in ITEM_OPERATIONS.items())
    with pytest.raises(TypeError, match="does not support item assignment"):
        ITEM_OPERATIONS["mine"] = item_operation(_sample)  # type: ignore[index]


def test_every_operation_says_in_its_first_line_what_it_returns() -> None:
    documented = [operation.function.__doc__ or "" for operation in ITEM_OPERATIONS.values()]
    assert all(doc.startswith("Return ") for doc in documented)
