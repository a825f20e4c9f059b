"""Ready-made pieces for the simulated models: a table, some code, a poem, an outline."""

from collections.abc import Sequence

CODE = '''Here is a small, complete example in Python:

```python
from collections import Counter


def most_common_words(text: str, count: int = 5) -> list[tuple[str, int]]:
    """The most frequent words of a text, most frequent first."""
    words = (word.strip(".,;:!?").lower() for word in text.split())
    return Counter(word for word in words if word).most_common(count)


print(most_common_words("the quick brown fox jumps over the lazy dog the end"))
```

- `Counter` does the counting, so there is no loop to get wrong.
- Punctuation is stripped before counting.
- It answers `[('the', 3), ('quick', 1), …]`.'''

TABLE = """| Question | Small model | Large model |
|---|---|---|
| First token | fast | slower |
| Price per answer | low | ten to fifty times as much |
| Long instructions | sometimes loses one | follows most |
| Good for | sorting, extracting, short answers | planning, code, careful writing |

Figures differ by provider; the **Latency** and **Spend** pages show what you have measured yourself."""

POEM = """*The Receipt*

A question went out with a timestamp and name,
an answer came back in the order it came;
each token was counted, each second was known,
and nothing was billed that had not first been shown.

And when it was over, and all had been said,
a line stayed behind where it all could be read."""

JSON = """```json
{
  "task": "example",
  "steps": ["read the question", "check the facts", "answer briefly"],
  "confidence": 0.0,
  "simulated": true
}
```

For answers that always fit a schema, give the assistant a **response schema**; then I fill that instead."""

TRANSLATION = (
    "I cannot really translate, since I am simulated. A few words I do know: *hello* is **bonjour** in French, "
    "**hallo** in German, **hola** in Spanish, **ciao** in Italian and **こんにちは** in Japanese."
)

SAMPLES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"code", "python", "function", "script", "program", "regex", "sql"}), CODE),
    (frozenset({"json"}), JSON),
    (frozenset({"table", "compare", "comparison", "versus", "vs"}), TABLE),
    (frozenset({"poem", "haiku", "verse", "song", "rhyme"}), POEM),
    (frozenset({"translate", "translation"}), TRANSLATION),
)

WEIGHING = """| | In favour | Against |
|---|---|---|
| Start small | quick to learn from | may not show the hard part |
| Plan it whole | fewer surprises | slow, and plans age |
| Ask somebody | cheap, often decisive | needs a good question |"""

_OUTLINES: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("What is asked", "say in one sentence what {topic} would settle, and for whom."),
        ("What is known", "list the facts, each with where it comes from."),
        ("What follows", "two or three options, with what each costs."),
        ("What I would do", "one recommendation, and what would change my mind."),
    ),
    (
        ("The short answer", "one sentence about {topic} that could stand alone."),
        ("Why", "the two strongest reasons, and one that is often given but weak."),
        ("An example", "something small and concrete."),
        ("Where it breaks", "the case in which the short answer is wrong."),
    ),
)


def outline(topic: Sequence[str], turn: int) -> list[tuple[str, str]]:
    """Four headed points; consecutive turns get different ones."""
    word = topic[0] if topic else "the answer"
    return [(head, body.format(topic=f"“{word}”")) for head, body in _OUTLINES[turn % len(_OUTLINES)]]
