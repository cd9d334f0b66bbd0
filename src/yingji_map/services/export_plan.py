"""An evacuation plan as a file: table or sheet."""

from dataclasses import dataclass
from enum import StrEnum

from yingji_map.domain.evacuation import SavedPlan
from yingji_map.publish.evacuation_sheet import evacuation_sheet
from yingji_map.publish.evacuation_table import evacuation_csv, evacuation_workbook
from yingji_map.store.database import Store
from yingji_map.store.evacuation import find_plan


class PlanForm(StrEnum):
    """Forms of a plan; the value is the file name's ending."""

    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


_MEDIA_TYPES = {
    PlanForm.CSV: "text/csv; charset=utf-8",
    PlanForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PlanForm.HTML: "text/html; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """What a file holds and what it is called."""

    body: bytes
    media_type: str
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """Write plans for people."""

    store: Store

    def run(self, plan_id: int, form: PlanForm) -> PlanFile:
        """Return a plan in one of its forms.

        Raises
        ------
        PlanNotFound
            There is none.
        """
        with self.store.read() as tx:
            saved = find_plan(tx, plan_id)
        return PlanFile(
            body=_written(saved, form),
            media_type=_MEDIA_TYPES[form],
            file_name=f"evacuation-plan-{plan_id}.{form.value}",
        )


def _written(saved: SavedPlan, form: PlanForm) -> bytes:
    match form:
        case PlanForm.CSV:
            return evacuation_csv(saved)
        case PlanForm.XLSX:
            return evacuation_workbook(saved)
        case PlanForm.HTML:
            return evacuation_sheet(saved).encode()
