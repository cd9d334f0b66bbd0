"""Evacuation plans, append-only: each is kept whole, as it was made."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select

from yingji_map.domain.errors import PlanNotFound
from yingji_map.domain.evacuation import EvacuationPlan, SavedPlan
from yingji_map.store.tables import evacuation_plans

_PLAN = TypeAdapter(EvacuationPlan)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A plan in a list."""

    plan_id: int
    created_at: datetime
    created_via: str
    people_persons: int
    unplaced_persons: int


def save_plan(tx: Connection, plan: EvacuationPlan, at: datetime, via: str) -> int:
    """Append a plan and return its number."""
    statement = insert(evacuation_plans).values(
        created_at=at,
        created_via=via,
        people_persons=plan.people_persons,
        unplaced_persons=plan.unplaced_persons,
        plan=_PLAN.dump_python(plan, mode="json"),
    )
    saved: int = tx.execute(statement.returning(evacuation_plans.c.plan_id)).scalar_one()
    return saved


def find_plan(tx: Connection, plan_id: int) -> SavedPlan:
    """Return one plan.

    Raises
    ------
    PlanNotFound
        There is none.
    """
    table = evacuation_plans
    statement = select(table.c.created_at, table.c.created_via, table.c.plan)
    row = tx.execute(statement.where(table.c.plan_id == plan_id)).first()
    if row is None:
        raise PlanNotFound(plan=plan_id)
    return SavedPlan(
        plan_id=plan_id,
        created_at=row.created_at,
        created_via=row.created_via,
        plan=_PLAN.validate_python(row.plan, strict=False),
    )


def find_plans(tx: Connection, *, limit: int, before: int | None = None) -> list[PlanRow]:
    """Return plans, the newest first; `before` is the last number already read."""
    table = evacuation_plans
    statement = (
        select(
            table.c.plan_id,
            table.c.created_at,
            table.c.created_via,
            table.c.people_persons,
            table.c.unplaced_persons,
        )
        .order_by(table.c.plan_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(table.c.plan_id < before)
    return [PlanRow(**row) for row in tx.execute(statement).mappings()]
