"""Create the append-only list of layer versions, so that any of them can be found again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create `core.layer_versions` with the version every layer stands at."""
    op.create_table(
        "layer_versions",
        sa.Column(
            "layer_id",
            sa.Text,
            sa.ForeignKey("core.layers.layer_id", name="fk_layer_versions_layer_id_layers"),
            primary_key=True,
        ),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("bounds", ARRAY(DOUBLE_PRECISION)),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("import_id", sa.BigInteger),
        sa.Column("restored_known_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("version >= 1", name="ck_layer_versions_version_counts_from_one"),
        sa.CheckConstraint(
            "act IN ('import', 'edit', 'end', 'restore')", name="ck_layer_versions_act_is_known"
        ),
        schema="core",
    )
    op.create_index(
        "ix_layer_versions_layer_id_known_at",
        "layer_versions",
        ["layer_id", "known_at"],
        unique=True,
        schema="core",
    )
    # Versions before this one were not kept; their rows still are, and are read by time.
    op.execute(
        "INSERT INTO core.layer_versions "
        "(layer_id, version, content_hash, row_count, bounds, known_at, act) "
        "SELECT layer_id, version, content_hash, row_count, bounds, updated_at, 'import' "
        "FROM core.layers WHERE version > 0"
    )
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON core.layer_versions "
        "FOR EACH ROW EXECUTE FUNCTION core.refuse_change()"
    )


def downgrade() -> None:
    """Drop the list."""
    op.drop_table("layer_versions", schema="core")
