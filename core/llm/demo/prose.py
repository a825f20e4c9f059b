"""The words of the simulated models: honest about being simulated, useful where they can be, in clean Markdown."""

import re
from collections.abc import Sequence

from core.llm.demo import samples
from core.llm.demo.cast import CAST, Actor
from core.llm.demo.scene import Paper, Picture, Scene
from core.llm.demo.shelf import Passage, excerpt, terms

GREETING = re.compile(
    r"^\W*(hi|hello|hey|hallo|good (morning|afternoon|evening)|who are you|what can you do|help|test|ping)\b"
)


def is_greeting(question: str) -> bool:
    return bool(GREETING.match(question.lower())) and len(question.split()) <= 8


def greeting(actor: Actor) -> str:
    text = f"Hello! I am **{actor.label}**, a simulated model: I run inside this app and need no key. {actor.note}"
    if actor.verbosity == 0:
        return text + " Ask me about this platform, give me a sum, attach a file, or ask for a table or some code."
    others = "\n".join(f"| {other.label} | {other.note} |" for other in CAST if not other.fault)
    return (
        f"{text}\n\nThings worth trying:\n\n"
        "- **Ask about this platform**: “How do I connect Ollama?” I look it up in its own docs.\n"
        "- **Attach an image or a document**: I say what I can see.\n"
        "- **Give an assistant tools** and ask for `17 * 23`: I call them.\n"
        "- **Press Stop** while I write: what I have said so far is kept, and so is its cost.\n"
        "- **Open the Playground** and ask several of us at once.\n\n"
        f"| Simulated model | Manner |\n|---|---|\n{others}\n\n"
        "When you add a provider's key or address, real models appear beside us."
    )


def from_docs(passages: Sequence[Passage], verbosity: int) -> str:
    first = passages[0]
    text = f"From `{first.source}`, **{first.heading}**:\n\n{excerpt(first, 500 if verbosity == 0 else 1_400)}"
    if verbosity > 0 and len(passages) > 1:
        second = passages[1]
        text += f"\n\n### See also: {second.heading}\n\n{excerpt(second, 500 * verbosity)}\n\n(`{second.source}`)"
    return text


def from_tools(scene: Scene, verbosity: int) -> str:
    failed = [(name, text) for name, text in scene.results if text.startswith("Error:")]
    if len(scene.results) == 1:
        name, text = scene.results[0]
        if failed:
            return f"I tried the tool `{name}`, but it could not help: {text.removeprefix('Error:').strip()}"
        said = f"**{text.strip()}**" if len(text) < 80 and "\n" not in text.strip() else f"\n\n{_quoted(text)}"
        return f"The tool `{name}` says: {said}" + ("" if verbosity == 0 else "\n\nThat is its result, unchanged.")
    rows = "\n".join(f"| `{name}` | {_cell(text)} |" for name, text in scene.results)
    return f"I asked {len(scene.results)} times:\n\n| Tool | Result |\n|---|---|\n{rows}"


def sums(solved: Sequence[tuple[str, str]], verbosity: int) -> str:
    if len(solved) == 1:
        sum_, result = solved[0]
        steps = "" if verbosity < 2 else f"\n\n```text\n{sum_} = {result}\n```"
        return f"`{sum_}` is **{result}**.{steps}"
    rows = "\n".join(f"| `{sum_}` | {result} |" for sum_, result in solved)
    return f"| Sum | Result |\n|---|---:|\n{rows}"


def seen(scene: Scene, verbosity: int) -> str:
    parts = [_picture(picture) for picture in scene.pictures] + [_paper(paper, verbosity) for paper in scene.papers]
    lead = "Here is what I can make out:" if len(parts) == 1 else f"You attached {len(parts)} things:"
    asked = f"\n\nYou asked: “{scene.question[:200]}”. A real model would answer that from the contents."
    return lead + "\n\n" + "\n".join(parts) + (asked if scene.question else "")


def _picture(picture: Picture) -> str:
    if picture.width is None:
        return f"- An **image** ({picture.kind}, {_size(picture.size)}) that I could not open."
    shape = "square" if picture.width == picture.height else "wide" if picture.width > (picture.height or 0) else "tall"
    colour = f", on average the colour `{picture.colour}`" if picture.colour else ""
    where = f"{picture.width} × {picture.height} pixels"
    return f"- A {shape} **image** of {where} ({picture.kind}, {_size(picture.size)}){colour}."


def _paper(paper: Paper, verbosity: int) -> str:
    lines = [line.strip() for line in paper.text.splitlines() if line.strip()]
    frequent = sorted(
        {word for word in terms(paper.text) if len(word) > 3}, key=lambda w: (-paper.text.lower().count(w), w)
    )
    text = f"- **{paper.name or 'A document'}** with {paper.words:,} words"
    if lines:
        text += f"; it begins “{lines[0][:120]}”"
    if verbosity > 0 and frequent:
        text += ". Words it keeps coming back to: " + ", ".join(f"*{word}*" for word in frequent[:5])
    return text + "."


def _size(size: int) -> str:
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1024:,.0f} KB"


def wish(question: str) -> str:
    """An example for the shapes people ask for first; empty when it is none of them."""
    asked = set(re.findall(r"[a-z]+", question.lower()))
    return next((text for words, text in samples.SAMPLES if asked & words), "")


def anything(actor: Actor, scene: Scene) -> str:
    topic = " ".join(scene.question.split())[:120].rstrip("?.! ") or "this"
    frank = f"I am a simulated model, so I know nothing of my own about **{topic}**."
    if actor.verbosity == 0 or re.search(r"\b(brief|short|one sentence|in a word)\b", scene.question.lower()):
        return f"{frank} A real model would answer here; connect one and ask again, the rest works the same."
    points = samples.outline(terms(scene.question), scene.turn)
    text = f"{frank} This is how I would lay out an answer:\n\n" + "\n".join(
        f"{at}. **{head}**: {body}" for at, (head, body) in enumerate(points, 1)
    )
    if scene.earlier:
        text += f"\n\nEarlier you asked “{' '.join(scene.earlier.split())[:80]}”, so I would build on that."
    if actor.verbosity == 2:
        text += "\n\n### What to weigh\n\n" + samples.WEIGHING
    return text


def thought(scene: Scene, plan: str) -> str:
    system = " ".join(scene.system.split())
    told = (
        f"The system prompt says: “{system[:160]}{'…' if len(system) > 160 else ''}”. I keep to that. "
        if system
        else ""
    )
    size = len(scene.question.split())
    return f"{told}The question has {size} word{'' if size == 1 else 's'}. {plan} Then I check that nothing is made up."


def doubts(scene: Scene) -> str:
    return (
        "\n\n**What could be wrong here**\n\n"
        "- I am simulated: nothing above was reasoned out, however fluent it sounds.\n"
        + ("- I trusted the tool without a second source.\n" if scene.results else "- I checked no source of my own.\n")
        + "- If it matters, ask two real models in the Playground and compare."
    )


def _quoted(text: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}text\n{text.strip()[:4_000]}\n{fence}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:200]
