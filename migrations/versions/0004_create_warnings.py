"""Create warnings as append-only revisions, and the keys that make a write happen once."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REFUSE_CHANGES = """
CREATE FUNCTION core.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
END
$$
"""


def upgrade() -> None:
    """Create `core.warnings`, `core.idempotency_keys`."""
    op.create_table(
        "warnings",
        sa.Column("warning_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("hazard", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("zone", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=False),
        sa.Column("areas", JSONB, nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("is_exercise", sa.Boolean, nullable=False),
        sa.Column("issuer", JSONB, nullable=False),
        sa.Column("audience", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revised_via", sa.Text, nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_warnings_revision_counts_from_one"),
        sa.CheckConstraint(
            "warning_id ~ '^[0-9A-Za-z_.-]+$'", name="ck_warnings_warning_id_suits_cap"
        ),
        sa.CheckConstraint(
            "level IN ('red', 'orange', 'yellow', 'blue')", name="ck_warnings_level_is_known"
        ),
        sa.CheckConstraint("expires_at > effective_at", name="ck_warnings_ends_after_it_begins"),
        sa.CheckConstraint(
            "ST_IsValid(zone) AND NOT ST_IsEmpty(zone)", name="ck_warnings_zone_is_valid"
        ),
        schema="core",
    )
    op.create_index(
        "ix_warnings_zone", "warnings", ["zone"], schema="core", postgresql_using="gist"
    )
    op.execute(_REFUSE_CHANGES)
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON core.warnings "
        "FOR EACH ROW EXECUTE FUNCTION core.refuse_change()"
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("operation", sa.Text, primary_key=True),
        sa.Column("idempotency_key", sa.Text, primary_key=True),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("result_id", sa.Text, nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        schema="core",
    )


def downgrade() -> None:
    """Drop both tables and the trigger's function."""
    op.drop_table("idempotency_keys", schema="core")
    op.drop_table("warnings", schema="core")
    op.execute("DROP FUNCTION core.refuse_change()")
