"""Names beside dots: none hides another, none leaves the chart."""

from hypothesis import given
from hypothesis import strategies as st

from charts.labels import LETTER, LINE, places

SHARES = st.floats(0, 1)
DOTS = st.lists(st.tuples(SHARES, SHARES, st.text("abc", min_size=1, max_size=20), st.floats(8, 40)), max_size=12)


@given(DOTS)
def test_no_name_hides_another_or_a_dot(dots: list[tuple[float, float, str, float]]) -> None:
    width, height = 290.0, 270.0
    names, sizes = [name for *_, name, _ in dots], [size for *_, size in dots]
    found = places([(x, y) for x, y, *_ in dots], names, sizes, width=width, height=height)
    boxes = [(x * width, y * height, size / 2, size / 2) for x, y, _, size in dots]
    for (x, y, name, _), spot in zip(dots, found, strict=True):
        if spot is None:
            continue
        middle = (x * width + spot[0], y * height + spot[1])
        half = (len(name) * LETTER / 2, LINE / 2)
        assert middle[0] - half[0] + 1e-6 >= 0
        assert middle[0] + half[0] <= width + 1e-6
        for other in boxes:
            apart = [abs(middle[axis] - other[axis]) + 1e-6 >= half[axis] + other[axis + 2] for axis in (0, 1)]
            assert any(apart)
        boxes.append((*middle, *half))


def test_a_crowd_is_named_all_the_same() -> None:
    points = [(0.3, 0.1), (0.32, 0.12), (0.33, 0.08), (0.4, 0.1), (0.31, 0.15)]
    names = ["claude-haiku-4-5", "gpt-5-mini", "qwen2.5-72b", "llama3.1:8b", "swift"]
    assert None not in places(points, names, [20.0] * 5, width=290, height=270)
