"""Create the risk runs and their chunks of cells."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create `core.risk_runs` and `core.risk_chunks`."""
    op.create_table(
        "risk_runs",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("valid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolution", sa.SmallInteger, nullable=False),
        sa.Column("cell_count", sa.BigInteger, nullable=False),
        sa.Column("hazards", JSONB, nullable=False),
        sa.Column("inputs", JSONB, nullable=False),
        sa.CheckConstraint("kind IN ('static', 'dynamic')", name="ck_risk_runs_kind_is_known"),
        schema="core",
    )
    op.create_index(
        "ix_risk_runs_valid_at_computed_at",
        "risk_runs",
        ["valid_at", "computed_at"],
        schema="core",
    )
    op.create_table(
        "risk_chunks",
        sa.Column(
            "run_id",
            sa.Text,
            sa.ForeignKey(
                "core.risk_runs.run_id",
                name="fk_risk_chunks_run_id_risk_runs",
                ondelete="CASCADE",
            ),
            primary_key=True,
        ),
        sa.Column("hazard", sa.Text, primary_key=True),
        sa.Column("parent_cell", sa.BigInteger, primary_key=True),
        sa.Column("cell_count", sa.Integer, nullable=False),
        sa.Column("columns", sa.LargeBinary, nullable=False),
        schema="core",
    )


def downgrade() -> None:
    """Drop the runs and their chunks."""
    op.drop_table("risk_chunks", schema="core")
    op.drop_table("risk_runs", schema="core")
