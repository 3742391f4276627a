from typing import Any

def layouts() -> list[str]: ...
def run(layout: str, *call: Any) -> None:
    """Walk. call: the arrays and sizes of a program as `models.compiled_kernel` names them, then
    matrix, rows, width, and the arrays for values and contributions."""

def begin(layout: str, *call: Any) -> object:
    """The same walk, begun; its arrays are held until it is finished or forgotten."""

def finish(walk: object) -> None: ...
