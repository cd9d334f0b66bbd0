"""Alembic wiring: runs on the connection that `store/schema.py` hands over."""

from alembic import context

from yingji_map.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    version_table_schema="public",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
