"""The migrations build what `store/tables.py` says, and can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from yingji_map.store.database import Store
from yingji_map.store.schema import current_revision, downgrade_schema, upgrade_schema
from yingji_map.store.tables import metadata

pytestmark = pytest.mark.db
_MIGRATIONS = Path(__file__).parents[2] / "migrations"


def _differences(store: Store) -> list[object]:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "compare_type": True,
                "include_name": lambda name, kind, _parents: kind != "schema" or name == "core",
            },
        )
        return list(compare_metadata(context, metadata))


def test_migrations_go_up_down_and_up_and_agree_with_the_tables(store: Store) -> None:
    newest = current_revision(store.engine)
    downgrade_schema(store.engine, _MIGRATIONS, "base")
    emptied = current_revision(store.engine)
    with store.engine.connect() as connection:
        left = connection.scalar(
            text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'core'")
        )
    upgrade_schema(store.engine, _MIGRATIONS)

    assert (emptied, left) == (None, 0)
    assert current_revision(store.engine) == newest
    assert _differences(store) == []
