"""The log's own words on the pages: nothing when all is well, a banner when not, and text that stays text."""

from streamlit.testing.v1 import AppTest


def page(state, messages, repairs):
    from pages.log_notes import repair_notes, trouble_banner

    class Log:
        def trouble(self):
            return state, messages

    Log.repairs = repairs
    trouble_banner(Log())
    repair_notes(Log())


def shown(state: str, messages: tuple[str, ...] = (), repairs: tuple[str, ...] = ()) -> AppTest:
    return AppTest.from_function(page, args=(state, messages, repairs)).run()


def test_a_healthy_log_says_nothing():
    app = shown("ok", ("The log's upkeep is put off: later",))
    assert [*app.warning, *app.error, *app.info, *app.exception] == []


def test_records_kept_in_memory_are_a_warning_and_refused_calls_an_error():
    app = shown("degraded", ("12 records are kept in memory, 128 MB at most.", "More."))
    assert [note.value for note in app.warning] == [r"12 records are kept in memory, 128 MB at most\. More\."]
    assert not app.error
    assert len(shown("refusing", ("New calls are refused.",)).error) == 1


def test_what_a_start_mended_is_told_as_plain_text():
    app = shown("ok", (), ("The file was made again from <b>backup</b> [x](y).",))
    assert [note.value for note in app.info] == [r"The file was made again from \<b\>backup\<\/b\> \[x\]\(y\)\."]
