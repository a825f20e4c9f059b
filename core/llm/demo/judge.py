"""A simulated judge: asked for a score or a winner as JSON, it answers so, by words in common and no more."""

import json
import re
from dataclasses import dataclass

from core.llm.demo.shelf import terms

_WISH = re.compile(r'(?i)reply with json.{0,40}"(score|winner)"', re.DOTALL)
_ENDING = 400
_ANSWER = re.compile(r"<answer[^>]*>\n(.*?)\n</answer>", re.DOTALL)
_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)
_EXPECTED = re.compile(r"<expected>\n(.*?)\n</expected>", re.DOTALL)
_CLOSE = 0.1
"""Merits that differ by less are a tie to a careful judge; a hasty one takes what it read first."""


@dataclass(frozen=True, slots=True)
class Case:
    """`answers`: one to score, or two to choose from. `expected` is "" when nothing was."""

    question: str
    expected: str
    answers: tuple[str, ...]


def read_case(text: str) -> Case | None:
    """None when nobody asks for a judgement."""
    wish = _WISH.search(text[-_ENDING:])
    answers = tuple(_ANSWER.findall(text))
    if wish is None or len(answers) != (1 if wish[1].lower() == "score" else 2):
        return None
    question, expected = _QUESTION.search(text), _EXPECTED.search(text)
    return Case(question[1] if question else "", expected[1] if expected else "", answers)


def judged(case: Case, hasty: bool) -> str:
    """The JSON that was asked for, with a reason that says what it is worth."""
    merits = [_merit(case, answer) for answer in case.answers]
    shares = " and ".join(f"{merit:.0%}" for merit in merits)
    wanted = "the expected words" if case.expected else "the question's words"
    reason = f"Simulated judgement, by words alone: {shares} of {wanted}."
    if len(merits) == 1:
        return json.dumps({"score": 1 + round(4 * merits[0]), "reason": reason})
    gap = merits[0] - merits[1]
    if abs(gap) < _CLOSE:
        return json.dumps({"winner": "first" if hasty else "tie", "reason": reason})
    return json.dumps({"winner": "first" if gap > 0 else "second", "reason": reason})


def _merit(case: Case, answer: str) -> float:
    """The share of the wanted words that the answer holds; of an empty wish, whether it says anything."""
    wanted, said = set(terms(case.expected or case.question)), set(terms(answer))
    if case.expected and case.expected.strip().casefold() in answer.casefold():
        return 1.0
    return len(wanted & said) / len(wanted) if wanted else float(bool(said))
