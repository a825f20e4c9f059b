"""Figures in words: counts, money, and what a chart leaves out."""

from charts import look


def dollars(amount: object) -> str:
    """Money for a Markdown line, where a bare dollar sign could begin a formula."""
    return look.money(amount).replace("$", r"\$")  # type: ignore[arg-type]


def count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def gaps(unpriced: int = 0, uncounted: int = 0, cached: int = 0) -> str:
    """What a chart leaves out, in words; empty when nothing is."""
    parts = [
        f"{count(unpriced, 'call')} unpriced" if unpriced else "",
        f"{count(uncounted, 'call')} without token counts" if uncounted else "",
        f"{count(cached, 'cache hit')} apart" if cached else "",
    ]
    return " · ".join(part for part in parts if part)
