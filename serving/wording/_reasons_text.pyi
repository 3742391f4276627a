from typing import Any

from models.comparison import ShownValue
from models.indicator_among_peers import IndicatorAmongPeers
from models.reason_order import Joint
from serving.wording.reasons_text import Effect, Fact, FactKey

def reasons_text(
    order: list[int | Joint],
    terms: tuple[IndicatorAmongPeers, ...],
    places: tuple[int, ...],
    values: tuple[ShownValue, ...],
    parts: list[Any],
    log_odds: list[int] | None,
    facts: dict[FactKey, Fact],
    joints: list[Fact],
    effects: dict[Any, Effect],
    odds: dict[int, bytes],
    /,
) -> bytes: ...
