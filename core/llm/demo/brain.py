"""What a simulated model says: a pure function of what it has in front of it and of its manners."""

from dataclasses import dataclass

from core.llm.demo import forms, hands, prose, shelf
from core.llm.demo.cast import Actor
from core.llm.demo.judge import judged
from core.llm.demo.scene import Scene
from core.llm.demo.sums import solve
from core.messages import ToolCall


@dataclass(frozen=True, slots=True)
class Reply:
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


def reply(actor: Actor, scene: Scene) -> Reply:
    if scene.case is not None:
        return Reply(judged(scene.case, hasty=actor.verbosity == 0), _thought(actor, scene, "I am asked to judge."))
    calls = hands.reach(scene)
    if calls:
        thought = prose.thought(scene, f"A tool can settle this, so I call {calls[0].name}.")
        return Reply("", thought if actor.reasons else "", calls)
    if scene.schema is not None:
        return Reply(forms.fill(scene.schema, scene.question), _thought(actor, scene, "The answer must fit a schema."))
    text, plan = _answer(actor, scene)
    if actor.doubts:
        text += prose.doubts(scene)
    return Reply(text, _thought(actor, scene, plan))


def _thought(actor: Actor, scene: Scene, plan: str) -> str:
    return prose.thought(scene, plan) if actor.reasons else ""


def _answer(actor: Actor, scene: Scene) -> tuple[str, str]:
    """The text, and the plan behind it in a sentence."""
    if scene.results:
        return prose.from_tools(scene, actor.verbosity), "The tools have answered; I only need to say it plainly."
    if scene.pictures or scene.papers:
        return prose.seen(scene, actor.verbosity), "Something is attached; I describe what I can make out."
    solved = [(sum_, result) for sum_ in hands.expressions(scene.question) if (result := solve(sum_)) is not None]
    if solved:
        return prose.sums(solved, actor.verbosity), "This is arithmetic, which even a simulated model can do."
    if prose.is_greeting(scene.question):
        return prose.greeting(actor), "A greeting; I say who I am and what can be tried here."
    passages = shelf.find(scene.question)
    if passages:
        return prose.from_docs(
            passages, actor.verbosity
        ), f"The docs say something about this: “{passages[0].heading}”."
    wish = prose.wish(scene.question)
    if wish:
        return wish, "A wish with a known shape; I give an example of it."
    return prose.anything(actor, scene), "I have no real knowledge of this, so I show how an answer would be built."
