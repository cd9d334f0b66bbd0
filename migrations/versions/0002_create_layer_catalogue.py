"""Create the catalogue of layers, their imports and their rasters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create `core.layers`, `core.imports`, `core.rasters`."""
    op.create_table(
        "layers",
        sa.Column("layer_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("definition", JSONB, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("content_hash", sa.Text, nullable=False, server_default=""),
        sa.Column("row_count", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("bounds", ARRAY(DOUBLE_PRECISION)),
        _moment("updated_at"),
        schema="core",
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _layer_reference("imports"),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
        sa.Column("is_accepted", sa.Boolean, nullable=False),
        sa.Column("report", JSONB, nullable=False),
        _moment("imported_at"),
        schema="core",
    )
    op.create_index("ix_imports_layer_id", "imports", ["layer_id"], schema="core")
    op.create_table(
        "rasters",
        sa.Column("raster_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _layer_reference("rasters"),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("valid_at", sa.DateTime(timezone=True)),
        sa.Column("bounds", ARRAY(DOUBLE_PRECISION), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        _moment("registered_at"),
        schema="core",
    )
    op.create_index("ix_rasters_layer_id", "rasters", ["layer_id"], schema="core")


def downgrade() -> None:
    """Drop the catalogue tables."""
    for table in ("rasters", "imports", "layers"):
        op.drop_table(table, schema="core")


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def _layer_reference(table: str) -> sa.Column[object]:
    return sa.Column(
        "layer_id",
        sa.Text,
        sa.ForeignKey("core.layers.layer_id", name=f"fk_{table}_layer_id_layers"),
        nullable=False,
    )
