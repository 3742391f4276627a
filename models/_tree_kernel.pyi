from typing import Any

def layouts() -> list[str]: ...
def program(*arrays: Any) -> object:
    """A program for walks, of arrays and sizes as `models.compiled_kernel` names them."""

def run(layout: str, *call: Any) -> None:
    """Walk. call: a program, then matrix, rows, width, and the arrays for values and
    contributions."""

def begin(programs: tuple[tuple[str, object, int], ...], *call: Any) -> object:
    """Walks of several programs, begun; their arrays are held until they are finished or forgotten.

    programs: each a layout, a program, and where in a row of the contributions its own begin, less
    than 0 where they are not wanted. call: matrix, rows, width, the arrays for values (programs,
    rows) and contributions (rows, stride), and the stride."""

def finish(walks: object) -> None: ...
