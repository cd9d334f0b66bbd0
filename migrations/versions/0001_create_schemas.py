"""Create the extensions and the two schemas: `core` for the system, `layer` for the data."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create PostGIS, btree_gist, `core`, `layer`."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE SCHEMA core")
    op.execute("CREATE SCHEMA layer")


def downgrade() -> None:
    """Drop the schemas (`layer` with its tables); extensions stay, others may use them."""
    op.execute("DROP SCHEMA layer CASCADE")
    op.execute("DROP SCHEMA core")
