"""Read-only questions to this platform's own log, answered by whatever the platform hands in."""

from collections.abc import Callable

from core.errors import InvalidError
from core.tools.function import FunctionTool

Report = Callable[[int], str]
"""Days -> a report in Markdown."""


def usage_tool(report: Report) -> FunctionTool:
    def platform_usage(days: int = 7) -> str:
        """Report this platform's own usage: calls, tokens, cost and failures by model, provider, user and day.

        days: how many days back from now, 1 to 366
        """
        if not 1 <= days <= 366:
            raise InvalidError("Ask for 1 to 366 days.")
        return report(days)

    return FunctionTool(platform_usage)
