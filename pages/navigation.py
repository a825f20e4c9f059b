"""Lists the pages: what each is called, where it stands in the menu, and the frame around them."""

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from charts import look

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "static"
PLAYGROUND = "playground"
READ = ("Chat",)
"""Pages that are read like a letter, in a narrow column."""

# section -> (file, title, icon); the playground is the other door, in a tab of its own
MENU: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Work": (
        ("chat", "Chat", ":material/chat_bubble:"),
        ("assistants", "Assistants", ":material/smart_toy:"),
        ("prompts", "Prompts", ":material/edit_note:"),
        (PLAYGROUND, "Playground", ":material/compare_arrows:"),
    ),
    "Understand": (
        ("overview", "Overview", ":material/dashboard:"),
        ("spend", "Spend", ":material/payments:"),
        ("latency", "Latency", ":material/speed:"),
        ("model_report", "Model report", ":material/leaderboard:"),
        ("calls", "Calls", ":material/receipt_long:"),
        ("sql", "SQL", ":material/terminal:"),
    ),
    "Run": (
        ("models", "Models", ":material/hub:"),
        ("budgets", "Budgets", ":material/savings:"),
    ),
}


def playground_url() -> str:
    here = urlsplit(st.context.url or "http://localhost:8501/")
    return f"{here.scheme}://{here.netloc}/{PLAYGROUND}/"


def entry(name: str, title: str, icon: str) -> st.Page:
    if name == PLAYGROUND:
        return st.Page(playground_url(), title=title, icon=icon, url_path=name)
    return st.Page(HERE / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "chat")


st.set_page_config(page_title=look.PRODUCT, page_icon=str(STATIC / "favicon.png"))
st.logo(str(STATIC / "wordmark.svg"), size="large", icon_image=str(STATIC / "mark.svg"))
page = st.navigation(
    {
        section: [entry(*one) for one in pages if one[0] == PLAYGROUND or (HERE / f"{one[0]}.py").is_file()]
        for section, pages in MENU.items()
    }
)
# Set once per run: a page that changes the width afterwards would be seen to jump at every click.
st.set_page_config(layout="centered" if page.title in READ else "wide")
page.run()
