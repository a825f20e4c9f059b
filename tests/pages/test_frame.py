"""The frame around every page: leaving it from a part that is drawn beside the others."""

import pytest
from streamlit.testing.v1 import AppTest


def page(picked: str) -> None:
    import streamlit as st

    from pages.frame import leave

    def here() -> None:
        @st.fragment(parallel=True)
        def part() -> None:
            st.write("drawn")
            if picked == "beside":
                leave(there, "Open the call", {"call": "7"})

        part()
        if picked == "alone":
            leave(there, "Open the call", {"call": "7"})

    there = st.Page(lambda: st.write(f"call {st.query_params['call']}"), title="There", url_path="there")
    st.navigation([st.Page(here, title="Here", default=True), there]).run()


def test_a_page_is_left_at_once() -> None:
    assert [shown.value for shown in AppTest.from_function(page, args=("alone",)).run().markdown] == ["call 7"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_part_that_may_not_leave_while_it_is_drawn_with_the_page_shows_the_way(times: int) -> None:
    drawn = AppTest.from_function(page, args=("beside",)).run()
    for _ in range(times - 1):
        drawn.run()
    assert not drawn.exception
    assert [shown.value for shown in drawn.markdown] == ["drawn"]
    assert [link.proto.label for link in drawn.get("page_link")] == ["Open the call"]
