"""Let rasters tell their content and where it came from, and let an instant be taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what identifies, describes and withdraws a raster; rows of before say nothing of it."""
    op.add_column("rasters", sa.Column("content_sha256", sa.Text), schema="core")
    op.add_column("rasters", sa.Column("description", JSONB), schema="core")
    op.add_column(
        "rasters",
        sa.Column("is_withdrawn", sa.Boolean, nullable=False, server_default=sa.false()),
        schema="core",
    )
    op.create_index(
        "ix_rasters_layer_id_content_sha256",
        "rasters",
        ["layer_id", "content_sha256"],
        schema="core",
    )


def downgrade() -> None:
    """Forget it; withdrawn instants go, for nothing could tell them from others."""
    op.execute("DELETE FROM core.rasters WHERE is_withdrawn")
    op.drop_index("ix_rasters_layer_id_content_sha256", table_name="rasters", schema="core")
    for name in ("content_sha256", "description", "is_withdrawn"):
        op.drop_column("rasters", name, schema="core")
