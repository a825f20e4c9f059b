"""Lists the pages: what each is called, where it stands in the menu, and the frame around them."""

from pathlib import Path

import streamlit as st

from charts import look

HERE = Path(__file__).resolve().parent
MARK = HERE.parent / "static"

MENU: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Work": (
        ("chat", "Chat", ":material/chat_bubble:"),
        ("assistants", "Assistants", ":material/smart_toy:"),
        ("prompts", "Prompts", ":material/edit_note:"),
    ),
    "Understand": (
        ("overview", "Overview", ":material/dashboard:"),
        ("spend", "Spend", ":material/payments:"),
        ("latency", "Latency", ":material/speed:"),
        ("model_report", "Models", ":material/leaderboard:"),
        ("calls", "Calls", ":material/receipt_long:"),
        ("sql", "SQL", ":material/terminal:"),
    ),
    "Run": (
        ("budgets", "Budgets", ":material/account_balance_wallet:"),
        ("models", "Providers", ":material/hub:"),
    ),
}

st.set_page_config(page_title=look.PRODUCT, layout="wide", page_icon=str(MARK / "favicon.png"))

sections = {
    section: [
        st.Page(HERE / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "chat")
        for name, title, icon in pages
        if (HERE / f"{name}.py").is_file()
    ]
    for section, pages in MENU.items()
}
page = st.navigation({section: pages for section, pages in sections.items() if pages})
page.run()
