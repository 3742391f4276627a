from features.operations import Numbers

def nearest(
    points: Numbers, members: int, frame: Numbers, row: Numbers, count: int
) -> list[tuple[int, float]]: ...
