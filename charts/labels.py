"""Names beside the dots of a chart: each where it hides no other name and no dot, farther off where it is crowded."""

import math
from collections.abc import Sequence

from charts.look import BASE_PX

LETTER, LINE = 0.46 * BASE_PX, 1.2 * BASE_PX
AWAY = (0.0, 16.0, 34.0, 54.0, 76.0)
ANGLES = tuple(math.radians(angle) for angle in (90, 270, 0, 180, 45, 135, 315, 225, 68, 112, 23, 157))
Box = tuple[float, float, float, float]


def places(
    points: Sequence[tuple[float, float]], names: Sequence[str], sizes: Sequence[float], *, width: float, height: float
) -> list[tuple[float, float] | None]:
    """For each name how far from its dot its middle stands, in pixels right and up; None where there is no room.

    Points are shares of the plot from the lower left; its `width` and `height` and the dots' `sizes` are in pixels. The
    first named wins: give the most important first.
    """
    dots = [_around(x * width, y * height, size, size) for (x, y), size in zip(points, sizes, strict=True)]
    taken = list(dots)
    found: list[tuple[float, float] | None] = []
    for (x, y), name, size in zip(points, names, sizes, strict=True):
        free = None
        for right, up in _steps(len(name) * LETTER, size):
            box = _around(x * width + right, y * height + up, len(name) * LETTER, LINE)
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height + LINE
            if inside and not any(_meet(box, other) for other in taken):
                free = (right, up)
                taken.append(box)
                break
        found.append(free)
    return found


def _steps(width: float, size: float) -> list[tuple[float, float]]:
    """Where a name may stand around its dot, the nearest first."""
    return [
        (
            math.cos(angle) * (size / 2 + 3 + away + width / 2),
            math.sin(angle) * (size / 2 + 3 + away + LINE / 2),
        )
        for away in AWAY
        for angle in ANGLES
    ]


def _around(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
