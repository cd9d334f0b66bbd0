"""Create evacuation plans, append-only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create `core.evacuation_plans`."""
    op.create_table(
        "evacuation_plans",
        sa.Column("plan_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_via", sa.Text, nullable=False),
        sa.Column("people_persons", sa.BigInteger, nullable=False),
        sa.Column("unplaced_persons", sa.BigInteger, nullable=False),
        sa.Column("plan", JSONB, nullable=False),
        sa.CheckConstraint(
            "unplaced_persons BETWEEN 0 AND people_persons",
            name="ck_evacuation_plans_unplaced_are_people",
        ),
        schema="core",
    )
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON core.evacuation_plans "
        "FOR EACH ROW EXECUTE FUNCTION core.refuse_change()"
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("evacuation_plans", schema="core")
