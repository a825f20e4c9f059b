"""The platform's own pages, cut at their headings and found by the words they share with a question."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WORD = re.compile(r"[a-z0-9]+")
COMMON = frozenset(
    WORD.findall(
        "a an and are as at be by can do does for from how i in is it its me my of on or that the this to was what "
        "when where which who why will with you your about tell please should would could there their they we us our "
        "have has explain show give make write list one two use using used get"
    )
)
ENOUGH = 3.0
GUIDE, PROSE_SHARE = "docs/guide.md", 0.5
LONGEST = 1_400


@dataclass(frozen=True, slots=True)
class Passage:
    source: str
    heading: str
    text: str
    words: Counter[str]
    weight: float = 1.0
    """More for pages written for the person who asks, less for tables, trees and code."""


def terms(text: str) -> list[str]:
    """Content words, roughly stemmed."""
    return [_stem(word) for word in WORD.findall(text.lower()) if word not in COMMON]


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


@lru_cache(maxsize=1)
def passages() -> tuple[Passage, ...]:
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return tuple(passage for file in files if file.is_file() for passage in _cut(file))


def _cut(file: Path) -> list[Passage]:
    found: list[Passage] = []
    lines: list[str] = []
    heading, fenced = file.stem, False
    for line in [*file.read_text("utf-8").splitlines(), "# "]:
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if re.match(r"#{1,4} ", line) and not fenced:
            text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", "\n".join(lines)).strip()
            if len(text) > 40:
                words = Counter(terms(text) + terms(heading) * 3)
                source = file.relative_to(ROOT).as_posix()
                found.append(Passage(source, heading, text, words, _weight(source, text)))
            heading, lines = line.lstrip("# ").strip(), []
        else:
            lines.append(line)
    return found


def _weight(source: str, text: str) -> float:
    prose = re.sub(r"^\s*\|.*$", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)
    readable = len(prose.strip()) >= PROSE_SHARE * len(text)
    return (1.5 if source == GUIDE else 1.0) * (1.0 if readable else 0.4)


def find(question: str) -> tuple[Passage, ...]:
    """The best passages, best first; none when nothing fits well enough."""
    asked, shelf = set(terms(question)), passages()
    if not asked or not shelf:
        return ()
    rarity = {
        term: math.log(1 + len(shelf) / holding)
        for term in asked
        if (holding := sum(term in passage.words for passage in shelf))
    }
    scored = [
        (_score(passage, question, rarity) if _covers(passage, asked) else 0.0, at) for at, passage in enumerate(shelf)
    ]
    best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:2]
    return tuple(shelf[at] for score, at in best if score >= ENOUGH and score >= 0.6 * best[0][0])


def _score(passage: Passage, question: str, rarity: Mapping[str, float]) -> float:
    """Rare words that both have; up to twice more for a heading that is the question."""
    fit = sum(rare * (1 + math.log(count)) for term, rare in rarity.items() if (count := passage.words[term]))
    heading, asked = set(WORD.findall(passage.heading.lower())), set(WORD.findall(question.lower()))
    return passage.weight * fit * (1 + 2 * len(heading & asked) / len(heading | asked))


def _covers(passage: Passage, asked: set[str]) -> bool:
    """One shared word out of many says nothing."""
    return 2 * sum(term in passage.words for term in asked) >= len(asked)


def excerpt(passage: Passage, longest: int = LONGEST) -> str:
    """Its beginning: whole paragraphs or points where one fits, else whole lines; fences closed."""
    if len(passage.text) <= longest:
        return passage.text
    pieces = re.split(r"\n(?=\n|- |\d+\. )", passage.text)
    pieces = pieces if len(pieces[0]) <= longest else passage.text.splitlines()
    kept: list[str] = []
    for piece in pieces:
        if sum(map(len, kept)) + len(piece) > longest:
            break
        kept.append(piece)
    text = "\n".join(kept).rstrip()
    return text + ("\n```" if text.count("```") % 2 else "") + "\n\n…"
