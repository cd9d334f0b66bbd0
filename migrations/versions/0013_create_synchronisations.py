"""Create synchronisations: what was taken from other bureaus' collections, append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create `core.synchronisations`."""
    op.create_table(
        "synchronisations",
        sa.Column(
            "import_id", sa.BigInteger, sa.ForeignKey("core.imports.import_id"), primary_key=True
        ),
        sa.Column("layer_id", sa.Text, sa.ForeignKey("core.layers.layer_id"), nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("source_version", sa.BigInteger),
        sa.Column("is_whole", sa.Boolean, nullable=False),
        sa.Column(
            "synchronised_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        schema="core",
    )
    op.create_index(
        "ix_synchronisations_source",
        "synchronisations",
        ["layer_id", "source_id", "import_id"],
        schema="core",
    )
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON core.synchronisations "
        "FOR EACH ROW EXECUTE FUNCTION core.refuse_change()"
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("synchronisations", schema="core")
