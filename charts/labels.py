"""Names beside the dots of a chart: each where it hides no other, none where there is no room."""

from collections.abc import Sequence

from charts.look import BASE_PX

LETTER, LINE = 0.5 * BASE_PX, 1.2 * BASE_PX
PLACES = (
    "top center",
    "bottom center",
    "middle right",
    "middle left",
    "top right",
    "top left",
    "bottom right",
    "bottom left",
)
Box = tuple[float, float, float, float]


def places(
    points: Sequence[tuple[float, float]], names: Sequence[str], sizes: Sequence[float], *, width: float, height: float
) -> list[str | None]:
    """Plotly's textposition for each name, None for one that finds no room. Points are shares of the plot's size.

    The first named wins: give the most important first. Dots count as taken, so a name does not lie on a dot either.
    """
    dots = [_around(x * width, y * height, size, size) for (x, y), size in zip(points, sizes, strict=True)]
    taken = list(dots)
    found: list[str | None] = []
    for (x, y), name, size, dot in zip(points, names, sizes, dots, strict=True):
        boxes = {place: _label(x * width, y * height, len(name) * LETTER, size, place) for place in PLACES}
        free = next(
            (
                place
                for place, box in boxes.items()
                if box[0] >= 0 and box[2] <= width and not any(_meet(box, other) for other in taken if other is not dot)
            ),
            None,
        )
        if free:
            taken.append(boxes[free])
        found.append(free)
    return found


def _around(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _label(x: float, y: float, width: float, size: float, place: str) -> Box:
    up, side = place.split()
    away = size / 2 + 3
    down = {"top": away + LINE / 2, "bottom": -away - LINE / 2, "middle": 0.0}[up]
    reach = {"center": 0.0, "right": away + width / 2, "left": -away - width / 2}[side]
    if up != "middle" and side != "center":
        reach = width / 2 if side == "right" else -width / 2
    return _around(x + reach, y + down, width, LINE)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
