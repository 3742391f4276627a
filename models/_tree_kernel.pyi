from features.operations import Numbers
from models.tree_program import Small, Words

def layouts() -> list[str]: ...
def run(
    layout: str,
    steps: Small,
    splits: Small,
    constants: Numbers,
    words: Words,
    trees: Small,
    upward: Small,
    closing: Small,
    sources: Small,
    features: int,
    depth: int,
    nodes: int,
    matrix: Numbers,
    rows: int,
    width: int,
    values: Numbers,
    contributions: Numbers,
) -> None: ...
