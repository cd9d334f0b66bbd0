"""The database schema at its newest revision, brought there by Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

_LOCK = 5108_2100  # any number that only this program uses


def upgrade_schema(
    engine: Engine, migrations_dir: Path, revision: str = "head"
) -> tuple[str | None, str | None]:
    """Bring the schema to `revision`; programs that start at once take turns.

    Returns
    -------
    tuple
        The revision before and after.
    """
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.commit()
        try:
            before = MigrationContext.configure(connection).get_current_revision()
            connection.commit()
            command.upgrade(_config(migrations_dir, connection), revision)
            connection.commit()
            after = MigrationContext.configure(connection).get_current_revision()
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.commit()
    return before, after


def downgrade_schema(engine: Engine, migrations_dir: Path, revision: str) -> None:
    """Take the schema back to `revision` (`base` for empty)."""
    with engine.connect() as connection:
        command.downgrade(_config(migrations_dir, connection), revision)
        connection.commit()


def newest_revision(migrations_dir: Path) -> str | None:
    """Return the revision that the migration files lead to."""
    return ScriptDirectory(str(migrations_dir)).get_current_head()


def current_revision(engine: Engine) -> str | None:
    """Return the revision the database is at, None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config(migrations_dir: Path, connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
