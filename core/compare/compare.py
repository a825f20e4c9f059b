"""Comparing, as one object: boards, votes, rankings, experiments and decisions over one engine and one ledger."""

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from core.compare.agreement import Jury
from core.compare.blind import Mask, balanced
from core.compare.board import Board
from core.compare.casting import Casting
from core.compare.decisions import Decisions
from core.compare.experiments import Experiments
from core.compare.exporting import asked_question
from core.compare.freezing import from_board, from_experiment, from_league, question_of
from core.compare.keeping import Keeping
from core.compare.league import League, Question, league
from core.compare.match import Match
from core.compare.panes import LEAST, SETTINGS, PaneSpec, Setup, from_json, in_words
from core.compare.records import Records
from core.compare.results import Results, results
from core.compare.seams import Asks
from core.compare.shelf import Shelf
from core.compare.votes import cast
from core.errors import NotFoundError, PlatformError
from core.ledger.facts import Vote
from core.ledger.ids import uuid7
from core.messages import Message, Parameters

_KEPT_BOARDS = 500
_WARM_FOR_S = 240.0
_VOTE_WAIT_S = 10.0
_CATALOGUE_S = 5.0


class Compare:
    """`ai` starts turns, `ledger` keeps votes, `workspace` and `tools` furnish assistants and prompts."""

    def __init__(self, ai: Asks, ledger: Any, workspace: Any, tools: Any) -> None:
        self.ai = ai
        self.ledger = ledger
        self.workspace = workspace
        self.casting = Casting(ai, workspace, tools)
        self.records = Records(ledger)
        self.shelf = Shelf(workspace.comparisons)
        self.keeping = Keeping(workspace.documents("board"), workspace.files, self.records)
        self.experiments = Experiments(
            ai, workspace, self.shelf, self.records, self.casting, ledger.submit, self._set_beside
        )
        self.decisions = Decisions(self.shelf)
        self.jury = Jury(ai, self.records, ledger)
        self._boards: OrderedDict[str, Board] = OrderedDict()
        self._warmed: dict[str, float] = {}
        self._models: dict[str, Any] = {}
        self._looked_at = float("-inf")
        self._lock = threading.Lock()

    # boards

    def board(self, setup: Setup | None = None, user_id: str = "local") -> Board:
        """A new board; without a set-up, the first models that are available."""
        board = self._empty(user_id)
        board.use(setup or self.first_setup())
        return self._laid_out(board)

    def _empty(self, user_id: str) -> Board:
        return Board(
            request_of=self.casting.request,
            name_of=self.casting.name,
            new_match=self._match,
            mask=self.mask,
            arrange=self._arrange,
            keep=self.keeping.keep,
            user_id=user_id,
        )

    def _laid_out(self, board: Board) -> Board:
        with self._lock:
            board = self._boards.setdefault(board.board_id, board)
            while len(self._boards) > _KEPT_BOARDS:
                self._boards.popitem(last=False)
        return board

    def replay(self, call_id: str) -> tuple[Setup, str]:
        """A set-up with what this call was asked of beside another model, and its question. Raises NotFoundError."""
        said = self.records.question(call_id)
        told = self.records.asked_of(call_id)
        if told is None:
            raise NotFoundError("There is no such call in the log.")
        own = PaneSpec(
            model=told["requested_model"],
            assistant_id=told["assistant_id"],
            assistant_version=told["assistant_version"],
            prompt_id=told["prompt_id"],
            prompt_version=told["prompt_version"],
            system_prompt="" if told["assistant_id"] or told["prompt_id"] else asked_question(said, "system"),
            parameters=Parameters(temperature=told["temperature"], max_tokens=told["max_tokens"]),
        )
        others = [spec.model for spec in self.first_setup().panes if spec.model != own.model]
        return Setup((own, replace(own, model=others[0] if others else own.model))), asked_question(said)

    def find(self, board_id: str, user_id: str = "local") -> Board:
        """Also one that an earlier process held: its rounds are read back. Raises NotFoundError, also for somebody
        else's board."""
        with self._lock:
            board = self._boards.get(board_id)
            if board is not None and board.user_id == user_id:
                self._boards.move_to_end(board_id)
                return board
        if board is not None:
            raise NotFoundError("This comparison is no longer open; its calls and votes are in the log.")
        return self._laid_out(self.keeping.restore(self._empty(user_id), board_id, self._match))

    def first_setup(self) -> Setup:
        ids = [model.id for model in self.ai.models() if model.available and "embeddings" not in model.supports]
        default = self.ai.default_model()
        chosen = [default, *[name for name in ids if name != default]][:LEAST]
        while len(chosen) < LEAST:
            chosen.append(default)
        return Setup(tuple(PaneSpec(model=name) for name in chosen))

    # votes

    def vote(self, board: Board, winner: str, reason: str = "", tags: Sequence[str] = ()) -> Vote:
        """Kept once this returns. A vote that could not be written is taken back and raises PlatformError."""
        fact = cast(board, winner, reason, tags)
        try:
            self.ledger.submit(fact).result(timeout=_VOTE_WAIT_S)
        except (OSError, TimeoutError, PlatformError) as error:
            board.votes.pop(fact.match_id, None)
            raise PlatformError("The vote could not be written; try again.") from error
        return fact

    def results(self, experiment_id: str) -> Results:
        """The experiment's cells, grades and summary, as far as it has come."""
        self.records.settle()
        experiments = self.experiments
        return results(experiments.get(experiment_id), self.records, experiments.judgements, self.name_of_key)

    def close(self) -> None:
        """Let what runs end; nothing new starts."""
        self.experiments.close()
        self.keeping.close()

    def decide(
        self,
        *,
        title: str,
        choice: str,
        question: str = "",
        reason: str = "",
        experiment_id: str | None = None,
        board_id: str | None = None,
        votes: Question | None = None,
        who: str = "local",
    ) -> str:
        """Freeze today's numbers, of an experiment, a board or the votes, with what was chosen. Returns the record's
        id. A blind board must be voted on first: InvalidError."""
        if experiment_id:
            name = self.experiments.get(experiment_id).plan.name
            frozen = from_experiment(self.results(experiment_id), experiment_id, name)
        elif board_id:
            frozen = self._frozen(self.find(board_id, who))
        else:
            asked = votes or Question()
            frozen = from_league(self.league(asked), asked)
        return self.decisions.save(frozen, title=title, question=question, choice=choice, reason=reason, who=who)

    def run_again(self, decision_id: str, who: str = "local") -> str | None:
        """Measures once more what the record rests on and sets it beside the old numbers; returns when a comparison
        has answered. An experiment only starts, and its figures follow at its end: its new id is returned."""
        known = self.decisions.get(decision_id)
        if known.experiment_id:
            again = self.experiments.rerun(known.experiment_id)
            self.decisions.expect(decision_id, again)
            self.experiments.start(again)
            return again
        if known.board is not None:
            self.decisions.set_beside(decision_id, self._frozen(self._asked_again(known.board, who)))
        elif known.votes is not None:
            asked = question_of(known.votes)
            self.decisions.set_beside(decision_id, from_league(self.league(asked), asked))
        return None

    def _set_beside(self, experiment_id: str) -> None:
        """An experiment has finished: the records that wait for its figures get them."""
        for decision_id in self.decisions.expecting(experiment_id):
            name = self.experiments.get(experiment_id).plan.name
            frozen = from_experiment(self.results(experiment_id), experiment_id, name)
            self.decisions.set_beside(decision_id, frozen)

    def _asked_again(self, kept: Mapping[str, Any], who: str) -> Board:
        """The same questions to the same panes on a new board, and no answer from the cache."""
        board = self.board(from_json(kept["setup"]), who)
        board.request_of = lambda spec, messages: replace(self.casting.request(spec, messages), cache="off")
        for question in kept["questions"]:
            board.ask(self.keeping.question(question)).wait()
        return board

    def _frozen(self, board: Board) -> dict[str, Any]:
        self.records.settle()
        voted = self.records.votes_on([match.match_id for match in board.matches], board.user_id)
        return from_board(board, voted, self.name_of_key)

    def league(self, question: Question | None = None) -> League:
        """The ranking by the votes that `question` selects."""
        return league(self.records, question or Question(), self.name_of_key)

    def name_of_key(self, key: str) -> str:
        """A contender's key, as votes hold it, in words."""
        stands, _, settings = key.partition(SETTINGS)
        choice, _, prompt = stands.partition("#")
        try:
            name = self.casting.name(PaneSpec().chosen(choice))
        except ValueError:
            return key
        told = (name, self.casting.prompt_name(prompt) if prompt else "", in_words(settings))
        return " · ".join(filter(None, told))

    # what a board needs

    def _match(self, question: Message, fair: bool, user_id: str) -> Match:
        return Match(uuid7(), question, self.ai, fair, user_id, warm=self._needs_warming, server_of=self._server_of)

    def _catalogue(self) -> dict[str, Any]:
        """The models by id, as they were at most a few seconds ago: a match asks for each pane, twice."""
        now = time.monotonic()
        with self._lock:
            if now - self._looked_at > _CATALOGUE_S:
                self._looked_at, self._models = now, {model.id: model for model in self.ai.models()}
            return self._models

    def _needs_warming(self, model: str) -> bool:
        now = time.monotonic()
        with self._lock:
            cold = now - self._warmed.get(model, float("-inf")) > _WARM_FOR_S
            self._warmed[model] = now
        return cold

    def _server_of(self, model: str) -> str | None:
        known = self._catalogue().get(model)
        return known.provider if known is not None and known.local and not known.simulated else None

    def mask(self) -> Mask:
        """Hides the names of every model, provider and address there is."""
        models, providers = self.ai.models(), self.ai.providers()
        names = {name for model in models for name in (model.id, model.label, model.provider)}
        names |= {name for provider in providers for name in (provider.name, provider.label)}
        return Mask.of(names, exactly={urlsplit(provider.base_url or "").netloc for provider in providers})

    def _arrange(self, specs: Sequence[PaneSpec]) -> list[int]:
        return balanced([spec.key for spec in specs], self.records.stood(), random.Random())
