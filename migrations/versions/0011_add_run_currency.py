"""Keep when a run was last confirmed, allow scenarios, and name the run behind a warning."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add `confirmed_at` and the kind `scenario`; create `core.warning_origins`."""
    op.add_column("risk_runs", sa.Column("confirmed_at", sa.DateTime(timezone=True)), schema="core")
    op.execute("UPDATE core.risk_runs SET confirmed_at = computed_at")
    op.alter_column("risk_runs", "confirmed_at", nullable=False, schema="core")
    _allow_kinds("'static', 'dynamic', 'scenario'")
    op.create_table(
        "warning_origins",
        sa.Column("warning_id", sa.Text, primary_key=True),
        sa.Column(
            "run_id",
            sa.Text,
            sa.ForeignKey("core.risk_runs.run_id", name="fk_warning_origins_run_id_risk_runs"),
            nullable=False,
        ),
        sa.Column("hazard", sa.Text, nullable=False),
        sa.Column("zone_key", sa.Text, nullable=False),
        sa.UniqueConstraint(
            "run_id", "hazard", "zone_key", name="uq_warning_origins_run_id_hazard_zone_key"
        ),
        schema="core",
    )


def downgrade() -> None:
    """Forget scenarios, confirmations and origins."""
    op.drop_table("warning_origins", schema="core")
    op.execute("DELETE FROM core.risk_runs WHERE kind = 'scenario'")
    _allow_kinds("'static', 'dynamic'")
    op.drop_column("risk_runs", "confirmed_at", schema="core")


def _allow_kinds(kinds: str) -> None:
    # The naming convention put its prefix before the full name of migration 0003.
    for name in ("ck_risk_runs_ck_risk_runs_kind_is_known", "ck_risk_runs_kind_is_known"):
        op.execute(f"ALTER TABLE core.risk_runs DROP CONSTRAINT IF EXISTS {name}")
    op.create_check_constraint("kind_is_known", "risk_runs", f"kind IN ({kinds})", schema="core")
