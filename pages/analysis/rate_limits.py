"""Rate limits as people set them: requests and tokens a minute, for a user, a model, or each of them."""

import streamlit as st

from core.errors import InvalidError
from core.guard.limits import SCOPES, RateLimit
from core.platform import Platform
from pages.frame import plain, told

KIND = "rate_limit"


def rate_limits(platform: Platform) -> None:
    st.subheader("Rate limits", anchor=False)
    st.caption("Counted over any sixty seconds. Whoever reaches one is told how long to wait; the refusal is logged.")
    store = platform.workspace.documents(KIND)
    for document in store.list():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            try:
                st.markdown(_sentence(RateLimit.of(document.body)), width="stretch")
            except InvalidError as error:
                st.markdown(f":orange[{plain(error)}]", width="stretch")
            if st.button("Remove", key=f"limit_{document.id}", type="tertiary", icon=":material/delete:"):
                store.delete(document.id)
                platform.guard.reload()
                st.rerun()
    with st.expander("Add a rate limit", icon=":material/add:"), st.form("rate_limit", border=False):
        left, right = st.columns(2)
        scope = left.selectbox("For", SCOPES, format_func=lambda each: f"A {each}")
        subject = right.text_input("Which one", placeholder="empty: each of them by itself", max_chars=200)
        left, right = st.columns(2)
        requests = left.number_input("Requests a minute", min_value=1, value=None, step=1, placeholder="no limit")
        tokens = right.number_input("Tokens a minute", min_value=1, value=None, step=1000, placeholder="no limit")
        if st.form_submit_button("Add"):
            with told():
                limit = RateLimit.of({"scope": scope, "subject": subject, "requests": requests, "tokens": tokens})
                store.save(f"{limit.scope} {limit.subject}".strip(), limit.body)
                platform.guard.reload()
                st.rerun()


def _sentence(limit: RateLimit) -> str:
    pairs = ((limit.requests, "requests"), (limit.tokens, "tokens"))
    most = [f"{count:,} {what}" for count, what in pairs if count]
    whose = f"{limit.scope} **{plain(limit.subject)}**" if limit.subject else f"each {limit.scope}"
    return f"{' and '.join(most)} a minute for {whose}"
