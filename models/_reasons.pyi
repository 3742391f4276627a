from collections.abc import Callable
from typing import Any

from models.reason_order import Joint
from models.terms_among_peers import InShort

def round_steps(parts: list[float], unit: float, /) -> list[int]: ...
def in_order(
    parts: list[Any],
    moved: list[float],
    log_odds: list[int] | None,
    moves: list[float],
    sides: tuple[int | None, ...],
    terms: InShort,
    joined: Callable[[list[Any]], tuple[Any, float]],
    joint: type[Joint],
    /,
) -> list[int | Joint]: ...
