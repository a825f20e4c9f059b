"""What people make, behind one object: assistants, prompts, conversations, files, datasets, budgets, documents."""

from collections.abc import Sequence
from pathlib import Path

from core.workspace.answers import Answers
from core.workspace.assistants import Assistants
from core.workspace.budgets import Budget, Budgets
from core.workspace.conversations import Conversations
from core.workspace.database import Database
from core.workspace.datasets import Datasets
from core.workspace.documents import Documents
from core.workspace.files import Files
from core.workspace.gallery import seed_gallery
from core.workspace.ids import now
from core.workspace.prompts import Prompts
from core.workspace.purge import UNDO_FOR, purge
from core.workspace.users import Users


class Workspace:
    """Every store takes `user_id` ("local" on a one-person installation) and knows nothing of other people's ids."""

    def __init__(self, database: Database, files_folder: Path) -> None:
        self.database = database
        self.users = Users(database)
        self.files = Files(database, files_folder)
        self.assistants = Assistants(database)
        self.prompts = Prompts(database, self.assistants)
        self.conversations = Conversations(database, self.files)
        self.answers = Answers(database)
        self.datasets = Datasets(database)
        self.budgets = Budgets(database)
        self.comparisons = self.documents("comparison")
        self.experiments = self.documents("experiment")
        self.decisions = self.documents("decision")
        self.views = self.documents("view")
        seed_gallery(database, self.assistants)
        purge(database, now() - UNDO_FOR)

    def documents(self, kind: str) -> Documents:
        """Named JSON documents of any other kind, such as saved SQL queries."""
        return Documents(self.database, kind)

    def budgets_in_force(self) -> Sequence[Budget]:
        """The active budgets, and for each assistant with a budget of its own one that counts by the month."""
        own = [
            Budget(
                id=f"assistant-{assistant.id}",
                name=f"Budget of {assistant.name}",
                scope="assistant",
                subject=assistant.id,
                limit_usd=assistant.budget_usd,
            )
            for assistant in self.assistants.with_budget()
            if assistant.budget_usd is not None
        ]
        return [*self.budgets.list(active_only=True), *own]

    @classmethod
    def open(cls, url_or_path: str | Path, files_folder: Path | None = None) -> "Workspace":
        """Open `folder/workspace.db` (or the database at a URL) and bring its tables up to date.

        `url_or_path`: a folder, the path of a SQLite file, or a database URL. Raises SettingsError.
        """
        text = str(url_or_path)
        if "://" in text:
            url, home = text, Path("data")
        else:
            path = Path(url_or_path)
            path = path if path.suffix == ".db" else path / "workspace.db"
            url, home = f"sqlite:///{path}", path.parent
        database = Database(url)
        try:
            database.migrate()
            return cls(database, files_folder or home / "files")
        except BaseException:  # whatever stopped the opening, Ctrl-C too, no connection stays behind
            database.close()
            raise

    def close(self) -> None:
        self.database.close()
