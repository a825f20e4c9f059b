"""Lists the pages: what each is called, where it stands in the menu, and the frame around them."""

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from charts import look
from core.platform import first_page_drawn, shared_platform
from pages.log_notes import trouble_banner
from pages.parts.style import house_style

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "static"
PLAYGROUND = "playground"
READ = ("Chat",)
"""Pages that are read like a letter, in a narrow column."""

# section -> (file, title); what stands under "" needs no second click. The playground is the other door.
MENU: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("chat", "Chat"),
        ("assistants", "Assistants"),
        ("prompts", "Prompts"),
        (PLAYGROUND, "Playground"),
        ("overview", "Overview"),
        ("spend", "Spend"),
        ("latency", "Latency"),
        ("calls", "Calls"),
    ),
    "More": (
        ("model_report", "Model report"),
        ("usage", "Usage report"),
        ("models", "Models"),
        ("budgets", "Budgets"),
        ("sql", "SQL"),
    ),
}


def playground_url() -> str:
    here = urlsplit(st.context.url or "http://localhost:8501/")
    return f"{here.scheme}://{here.netloc}/{PLAYGROUND}/"


def entry(name: str, title: str) -> st.Page:
    # Without an icon: Streamlit would have the browser look for it at an outside host.
    if name == PLAYGROUND:
        return st.Page(playground_url(), title=title, url_path=name)
    return st.Page(HERE / f"{name}.py", title=title, url_path=name, default=name == "chat")


st.logo(str(STATIC / "wordmark.svg"), size="large", icon_image=str(STATIC / "mark.svg"))
page = st.navigation(
    {
        section: [entry(*one) for one in pages if one[0] == PLAYGROUND or (HERE / f"{one[0]}.py").is_file()]
        for section, pages in MENU.items()
    },
    position="top",
)
# Set once per run: a page that changes the width afterwards would be seen to jump at every click.
st.set_page_config(
    page_title=f"{page.title} · {look.PRODUCT}",
    page_icon=str(STATIC / "favicon.png"),
    layout="centered" if page.title in READ else "wide",
)
house_style()
trouble_banner(shared_platform().ledger)
page.run()
first_page_drawn()
