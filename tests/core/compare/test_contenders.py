"""Who is ranked: one choice has one key on every board, and another prompt or setting is another contender."""

from dataclasses import replace

import pytest

from core.compare.panes import PaneSpec, Setup, bare
from core.messages import Message, Parameters
from core.platform import Platform, open_platform
from core.settings import Settings

FEW = Parameters(max_tokens=8)
BRIEF = PaneSpec("demo/swift", system_prompt="Be brief.", parameters=FEW)
KIND = replace(BRIEF, system_prompt="Be kind.")


@pytest.mark.parametrize(
    ("spec", "key"),
    [
        (PaneSpec("demo/swift"), "demo/swift"),
        (PaneSpec(assistant_id="a1", assistant_version=3), "assistant:a1@3"),
        (PaneSpec("demo/swift", prompt_id="p1", prompt_version=2), "demo/swift#p1@2"),
        (PaneSpec("demo/swift", parameters=Parameters(temperature=0)), "demo/swift;temperature=0"),
        (
            PaneSpec("demo/swift", prompt_id="p1", parameters=Parameters(0.25, 8, 0.5, 7)),
            "demo/swift#p1@0;temperature=0.25;max_tokens=8;top_p=0.5;seed=7",
        ),
        (PaneSpec("demo/swift", assistant_id="a1"), "assistant:a1@0;model=demo/swift"),
    ],
)
def test_a_key_says_what_was_chosen(spec: PaneSpec, key: str) -> None:
    assert spec.key == key
    assert bare(key) == spec.choice


def test_system_prompts_are_told_apart_and_recognised() -> None:
    key = BRIEF.key
    assert key.startswith("demo/swift;max_tokens=8;system=be-brief~")
    assert key == replace(BRIEF, system_prompt="Be brief. ").key
    longer = [replace(BRIEF, system_prompt=f"{'word ' * 50}{end}") for end in ("one", "two")]
    assert len({key, KIND.key, *(spec.key for spec in longer)}) == 4
    assert max(len(spec.key) for spec in longer) < 80


def voted(platform: Platform, setup: Setup, winner: PaneSpec) -> None:
    board = platform.compare.board(setup)
    board.ask(Message.of("user", "What is a receipt?")).wait()
    platform.compare.vote(board, "AB"[[pane.spec for pane in board.panes].index(winner)])


def test_one_model_with_two_system_prompts_is_two_contenders_on_every_board(platform: Platform) -> None:
    voted(platform, Setup((BRIEF, KIND)), BRIEF)
    voted(platform, Setup((KIND, BRIEF), blind=True), BRIEF)
    platform.ledger.settle()
    found = platform.compare.league()
    assert found.ranking.votes == 2
    table = found.table.set_index("key")
    assert list(table.index) == [BRIEF.key, KIND.key]
    assert table.loc[BRIEF.key, "win_rate"] > table.loc[KIND.key, "win_rate"]
    assert table.loc[KIND.key, "votes"] == 2
    assert "max tokens 8, system prompt “be kind” (" in table.loc[KIND.key, "name"]
    assert list(table["answers"]) == [2, 2]  # its own answers, not those of the whole model
    assert table["p95"].notna().all()


def test_a_vote_names_what_answered_also_when_the_pane_was_changed_since(settings: Settings) -> None:
    with open_platform(settings) as platform:
        board = platform.compare.board(Setup((BRIEF, KIND)))
        board.ask(Message.of("user", "What is a receipt?")).wait()
        board.change(board.panes[0].key, PaneSpec("demo/scholar"))
    with open_platform(settings) as platform:
        kept = platform.compare.find(board.board_id)
        assert platform.compare.vote(kept, "A").panes == (BRIEF.key, KIND.key)
