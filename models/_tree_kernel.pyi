from typing import Any

def layouts() -> list[str]: ...
def program(*arrays: Any) -> object:
    """A program for walks, of arrays and sizes as `models.compiled_kernel` names them."""

def run(layout: str, *call: Any) -> None:
    """Walk. call: a program, then matrix, rows, width, and the arrays for values and
    contributions."""

def begin(layout: str, *call: Any) -> object:
    """The same walk, begun; its arrays are held until it is finished or forgotten."""

def finish(walk: object) -> None: ...
