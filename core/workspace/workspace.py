"""What people make, behind one object: assistants, prompts, conversations, files, datasets, budgets, documents."""

from pathlib import Path

from core.workspace.answers import Answers
from core.workspace.assistants import Assistants
from core.workspace.conversations import Conversations
from core.workspace.database import Database
from core.workspace.files import Files


class Workspace:
    """Every store takes `user_id` ("local" on a one-person installation) and knows nothing of other people's ids."""

    def __init__(self, database: Database, files_folder: Path) -> None:
        self.database = database
        self.files = Files(database, files_folder)
        self.assistants = Assistants(database)
        self.answers = Answers(database)
        self.conversations = Conversations(database, self.files)

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
            path.parent.mkdir(parents=True, exist_ok=True)
            url, home = f"sqlite:///{path}", path.parent
        database = Database(url)
        try:
            database.migrate()
        except BaseException:
            database.close()  # whatever stopped the opening, no connection stays behind
            raise
        return cls(database, files_folder or home / "files")

    def close(self) -> None:
        self.database.close()
