"""Prompts in a real browser: every kind of variable, versions and their pin, where they are used, cases from files."""

import json
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.chat.test_assistants import typed
from tests.e2e.chatting import at_rest, menu, press
from tests.e2e.server import Server

TRIP = """
plainsight: prompt
format: 1
name: Trip report
text: |-
  For {{ audience }} in {{ sentences }} sentences, {{ tone }}, by {{ due_day }}.{% if cost %} Cost!{% endif %} So:
  {{ notes }} {{ report }}
variables:
- {name: audience, label: Who reads it}
- {name: sentences, kind: number, default: '3'}
- {name: tone, kind: choice, choices: [dry, warm], default: dry}
- {name: due_day, kind: date}
- {name: cost, kind: yes/no, label: Name the cost}
- {name: notes, kind: long text}
- {name: report, kind: file, required: false}
"""


def brought_in(page: Page, url: str, text: str, name: str) -> None:
    page.goto(f"{url}/prompts")
    page.get_by_role("button", name="Import …").click()
    dialog = page.get_by_role("dialog")
    file = {"name": "prompt.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
    dialog.locator("input[type=file]").set_input_files([file])
    press(dialog, "Import")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    at_rest(page)


def view(page: Page, name: str) -> None:
    at_rest(page)
    page.get_by_test_id("stButtonGroup").first.get_by_text(name, exact=True).click()
    at_rest(page)


def sent(page: Page) -> Locator:
    return page.locator('[class*="-sent"] code')


def set_kind(page: Page, row: int, kind: str) -> None:
    """The grid is a picture: it is worked as a hand would, by place and by keys."""
    grid = page.get_by_test_id("stDataFrame").locator("canvas").first
    grid.scroll_into_view_if_needed()
    place = grid.bounding_box()
    page.mouse.dblclick(place["x"] + place["width"] * 0.28, place["y"] + 18 + 33 * row)
    page.locator("#portal input").first.wait_for()
    page.keyboard.type(kind)
    page.locator("#portal").get_by_text(kind, exact=True).last.wait_for()
    page.keyboard.press("Enter")


def test_every_kind_of_variable_becomes_its_field(chat_server: Server, page: Page) -> None:
    brought_in(page, chat_server.url, TRIP, "Trip report")
    expect(page.get_by_text("Fill in Who reads it.")).to_be_visible()
    typed(page, "Who reads it", "the board")
    expect(page.get_by_text("Fill in Due day.")).to_be_visible()
    number = page.get_by_role("spinbutton", name="Sentences")
    expect(number).to_have_value("3")
    number.fill("4")
    number.press("Tab")
    page.get_by_role("combobox", name="Tone").click()
    page.get_by_role("option", name="warm").click()
    page.get_by_role("spinbutton", name="year, Due day").click()
    page.keyboard.type("20261122")
    page.locator("label").filter(has_text="Name the cost").click()
    typed(page, "Notes", "It rained.\nWe came late.")
    file = {"name": "report.md", "mimeType": "text/markdown", "buffer": b"# Report words"}
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files([file])
    whole = "For the board in 4 sentences, warm, by 2026-11-22. Cost! So:\nIt rained.\nWe came late. # Report words"
    expect(sent(page)).to_have_text(whole)
    press(page, "Try")
    expect(page.locator('[class*="st-key-receipt-"]')).to_contain_text("vllm/echo")
    expect(page.get_by_text("You said: For the board in 4 sentences")).to_be_visible()
    typed(page, "Template", "For {{ audience }}, by {{ due_day }}, {{ amount }} dollars")
    expect(page.get_by_role("textbox", name="Amount")).to_be_visible()
    at_rest(page)
    expect(column(page, 1).nth(2)).to_have_text("amount")
    set_kind(page, 3, "number")
    page.get_by_role("spinbutton", name="Amount").fill("2.5")
    page.get_by_role("spinbutton", name="Amount").press("Tab")
    expect(sent(page)).to_have_text("For the board, by 2026-11-22, 2.5 dollars")
    typed(page, "Template", "For {{ audience }}: {{ amount }} dollars, {{ reason }}")
    typed(page, "Reason", "taxi")
    expect(page.get_by_role("spinbutton", name="Amount")).to_be_visible()


SUMS = """
plainsight: prompt
format: 1
name: Sums
text: What is {{ left }} + {{ right }}?
variables:
- {name: left, kind: number}
- {name: right, kind: number, default: '22'}
"""


def tell(page: Page, left: str) -> None:
    field = page.get_by_role("spinbutton", name="Left")
    field.fill(left)
    field.press("Tab")


def test_versions_are_compared_pinned_rolled_back_and_scored(chat_server: Server, page: Page, tmp_path: Path) -> None:
    brought_in(page, chat_server.url, SUMS, "Sums")
    for left, template in (("1", "What is {{ left }} + {{ right }}?"), ("2", "Say {{ left }} + {{ right }}.")):
        typed(page, "Template", template)
        tell(page, left)
        if left == "2":
            typed(page, "What changed, and why", "Shorter")
            page.get_by_role("button", name="Save a new version").click()
            expect(page.get_by_text("Saved as version 2.")).to_be_visible()
        at_rest(page)
        receipt = page.locator('[class*="st-key-receipt-"]')
        before = receipt.get_attribute("class") if receipt.count() else None
        press(page, "Try")
        if before:
            expect(receipt).not_to_have_class(before)
        expect(receipt).to_be_visible()
        expect(page.get_by_text(f"{left} + 22").last).to_be_visible()
    view(page, "Versions")
    second, first = page.locator(".st-key-version-2"), page.locator(".st-key-version-1")
    expect(second).to_contain_text("Shorter")
    difference = page.locator("code.language-diff")
    expect(difference).to_have_text("- What is {{ left }} + {{ right }}?\n+ Say {{ left }} + {{ right }}.")
    second.get_by_role("button", name="Put into production").click()
    expect(second).to_contain_text("in production")
    page.get_by_role("button", name="Roll back to version 1").click()
    expect(first).to_contain_text("in production")
    view(page, "Scorecard")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(column(page, 1)).to_have_text(["2", "1"])
    expect(column(page, 3)).to_have_text(["1", "1"])
    menu(page, ".st-key-acts-on-this", "Export")
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download as YAML").click()
    download.value.save_as(tmp_path / "sums.yaml")
    assert "text: Say {{ left }} + {{ right }}." in (tmp_path / "sums.yaml").read_text("utf-8")
    page.goto(f"{chat_server.url}/assistants")
    page.get_by_role("button", name="New assistant").click()
    typed(page, "Name", "Adder")
    page.get_by_role("combobox", name="Prompt from the registry").fill("Sums")
    page.get_by_role("option", name="Sums").click()
    expect(page.get_by_role("combobox", name="Version")).to_have_value("In production")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Adder")).to_be_visible()
    page.get_by_role("link", name="Prompts").click()
    card = page.locator('[class*="st-key-card-"]').filter(has=page.get_by_text("Sums", exact=True))
    expect(card).to_contain_text("v1 in production")
    expect(card).to_contain_text("used by 1 assistant")
    at_rest(page)
    card.get_by_role("button", name="Open").click()
    expect(page.get_by_text("Used by Adder")).to_be_visible()
    view(page, "Versions")
    page.locator(".st-key-restore-1 button:visible").click()
    expect(page.locator(".st-key-version-3")).to_contain_text("Version 1 restored")
    expect(first).to_contain_text("in production")


def column(page: Page, number: int) -> Locator:
    """The cells of one column of the newest table, from its top."""
    return page.get_by_test_id("stDataFrame").last.locator(f"td[aria-colindex='{number}']")


def test_cases_come_from_a_form_from_csv_and_from_json_lines(chat_server: Server, page: Page) -> None:
    brought_in(page, chat_server.url, SUMS.replace("Sums", "Counted"), "Counted")
    view(page, "Cases")
    page.get_by_role("button", name="New set").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    at_rest(page)
    typed(page, "What a good answer says", "42")
    press(page, "Add")
    expect(page.get_by_text("Fill in Left.")).to_be_visible()
    expect(page.get_by_role("textbox", name="What a good answer says")).to_have_value("42")
    at_rest(page)
    tell(page, "20")
    press(page, "Add")
    expect(page.get_by_text("1 case.", exact=True)).to_be_visible()
    expect(column(page, 1)).to_have_text(["20"])
    expect(page.get_by_role("textbox", name="What a good answer says")).to_have_value("")
    json_lines = "\n".join(json.dumps({"variables": {"left": n, "right": 1}, "expected": n + 1}) for n in (5, 6))
    for name, text, told in (
        ("cases.csv", "left,right,expected,note\n1,2,3,first\n3,4,,\n", "3 cases."),
        ("cases.jsonl", json_lines, "5 cases."),
        ("wrong.csv", "left,right\n1\n", "Line 2 of the CSV has 1 values, the first line 2 names."),
    ):
        expect(page.get_by_role("button", name="Add its rows")).to_have_count(0)
        file = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
        page.get_by_test_id("stFileUploader").last.locator("input[type=file]").set_input_files([file])
        page.get_by_role("button", name="Add its rows").click()
        expect(page.get_by_text(told, exact=True)).to_be_visible()
        at_rest(page)
    expect(column(page, 1)).to_have_text(["20", "1", "3", "5", "6"])
    expect(column(page, 3)).to_have_text(["42", "3", "", "6", "7"])
