from features.operations import Numbers
from models.packed_splits import Packed, Short, Small
from models.tree_program import Words

def layouts() -> list[str]: ...
def run(
    layout: str,
    steps: Small,
    splits: Small,
    constants: Numbers,
    words: Words,
    trees: Small,
    turns: Packed,
    edges: Packed,
    packed_sources: Small,
    bunches: Small,
    repeated: Packed,
    by_set: Short,
    packed_trees: Small,
    adding: Small,
    rules: Numbers,
    leaf_values: Numbers,
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
