"""Create closures and their liftings, both append-only."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("closures", "closure_liftings")


def upgrade() -> None:
    """Create `core.closures`, `core.closure_liftings`."""
    op.create_table(
        "closures",
        sa.Column("closure_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("geom", Geometry("GEOMETRY", srid=4490, spatial_index=False)),
        sa.Column("road_codes", ARRAY(sa.Text), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("valid_during", TSTZRANGE, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_via", sa.Text, nullable=False),
        sa.CheckConstraint("NOT isempty(valid_during)", name="ck_closures_lasts_some_time"),
        sa.CheckConstraint(
            "geom IS NOT NULL OR cardinality(road_codes) > 0", name="ck_closures_closes_something"
        ),
        sa.CheckConstraint(
            "geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom))",
            name="ck_closures_geom_is_valid",
        ),
        schema="core",
    )
    op.create_table(
        "closure_liftings",
        sa.Column(
            "closure_id", sa.BigInteger, sa.ForeignKey("core.closures.closure_id"), primary_key=True
        ),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_via", sa.Text, nullable=False),
        schema="core",
    )
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON core.{table} "
            "FOR EACH ROW EXECUTE FUNCTION core.refuse_change()"
        )


def downgrade() -> None:
    """Drop both tables."""
    for table in reversed(_TABLES):
        op.drop_table(table, schema="core")
