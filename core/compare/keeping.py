"""Boards outlive the process: what was asked of which pane lies in the workspace, the answers are in the ledger."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.compare.board import Board, Pane
from core.compare.match import Lot, Match
from core.compare.panes import Setup, from_json, to_json
from core.compare.recall import recalled
from core.compare.records import Records
from core.errors import InvalidError, NotFoundError, PlatformError
from core.llm.record import said
from core.messages import DocumentPart, ImagePart, Message, Part, TextPart, TurnRequest

log = logging.getLogger(__name__)


class Keeping:
    """`documents` holds one document per board, named by its id; `files` the pictures that were attached."""

    def __init__(self, documents: Any, files: Any, records: Records) -> None:
        self.documents, self.files, self.records = documents, files, records
        self._ids: dict[str, str] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="boards")

    def keep(self, board: Board) -> None:
        """Written in the background, in order; returns at once."""
        body = body_of(board)
        pictures = [
            part for match in board.matches[-1:] for part in match.question.parts if isinstance(part, ImagePart)
        ]
        try:
            self._writer.submit(self._write, board.board_id, board.user_id, body, pictures)
        except RuntimeError:  # the platform is closing: what could be written is written
            log.info("a board was not kept: the platform is closing")

    def _write(self, board_id: str, user_id: str, body: dict[str, Any], pictures: list[ImagePart]) -> None:
        try:
            for picture in pictures:
                self.files.put(picture.data, picture.name, picture.media_type)
            known = self._ids.get(board_id) or self._find(board_id, user_id)
            self._ids[board_id] = self.documents.save(board_id, body, id=known, user_id=user_id).id
        except PlatformError as error:
            log.warning("a board could not be kept: %s", error)

    def _find(self, board_id: str, user_id: str) -> str | None:
        return next((one.id for one in self.documents.list(user_id=user_id) if one.name == board_id), None)

    def restore(self, board: Board, board_id: str, new_match: Callable[[Message, bool, str], Match]) -> Board:
        """Fill an empty board with what was kept under that id. Raises NotFoundError."""
        known = self._find(board_id, board.user_id)
        if known is None:
            raise NotFoundError("This comparison is no longer open; its calls and votes are in the log.")
        self.records.settle()
        body = self.documents.get(known, user_id=board.user_id).body
        try:
            self._fill(board, board_id, body, new_match)
        except (KeyError, TypeError, InvalidError):
            raise NotFoundError("This comparison cannot be read any more; its calls are in the log.") from None
        self._ids[board_id] = known
        return board

    def _fill(
        self, board: Board, board_id: str, body: Mapping[str, Any], new_match: Callable[[Message, bool, str], Match]
    ) -> None:
        setup = from_json(body["setup"])
        board.board_id, board.fair, board.blind, board.synced = board_id, setup.fair, setup.blind, setup.synced
        board.panes = [Pane(key, spec) for key, spec in zip(body["keys"], setup.panes, strict=True)]
        board.made = int(body["made"])
        for kept in body["rounds"]:
            match = new_match(self.question(kept["question"]), bool(kept["fair"]), board.user_id)
            match.match_id = str(kept["match"])
            for key, told in kept["lots"].items():
                request = TurnRequest(str(told["model"]), (match.question,), turn_id=str(told["turn"]))
                view = recalled(self.records, str(told["turn"]), request.model)
                spec = from_json({"panes": [told["pane"]]}).panes[0] if "pane" in told else None
                match.lots[key] = Lot(request, still=view, retried=bool(told["retried"]), spec=spec)
            board.matches.append(match)
        voted = self.records.votes_on([match.match_id for match in board.matches], board.user_id)
        board.votes = {match_id: winner for match_id, (winner, _) in voted.items()}

    def question(self, kept: Mapping[str, Any]) -> Message:
        """Read back from what was written down of it, its pictures from the files."""
        parts: list[Part] = []
        for one in kept["content"]:
            if one["type"] == "text":
                parts.append(TextPart(one["text"]))
            elif one["type"] == "document":
                parts.append(DocumentPart(one["name"], one["media_type"], one["text"], one["sha256"]))
            else:
                try:
                    parts.append(
                        ImagePart(one["media_type"], self.files.read(one["sha256"]), one["sha256"], one["name"])
                    )
                except NotFoundError:
                    parts.append(TextPart(f"[{one['name'] or 'A picture'} is no longer kept]"))
        return Message("user", tuple(parts))

    def close(self) -> None:
        self._writer.shutdown(wait=True)


def body_of(board: Board) -> dict[str, Any]:
    return {
        "setup": to_json(board.setup()),
        "keys": [pane.key for pane in board.panes],
        "made": board.made,
        "rounds": [
            {
                "match": match.match_id,
                "fair": match.fair,
                "question": said([match.question])[0],
                "lots": {
                    key: {"turn": lot.view.turn_id, "model": lot.request.model, "retried": lot.retried}
                    | ({"pane": to_json(Setup((lot.spec,)))["panes"][0]} if lot.spec else {})
                    for key, lot in tuple(match.lots.items())
                },
            }
            for match in board.matches
        ],
    }
