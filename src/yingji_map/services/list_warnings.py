"""Warnings as they stand, one or many, and who is inside their zone now."""

from dataclasses import dataclass

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.warning import Audience, HazardWarning, WarningState
from yingji_map.store.database import Store
from yingji_map.store.warning_zone import survey_zone
from yingji_map.store.warnings import find_warning, find_warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningPage:
    """Some warnings, newest first; `next_before` asks for the ones after them."""

    warnings: tuple[HazardWarning, ...]
    next_before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWarnings:
    """Answer which warnings there are."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(
        self, *, limit: int, before: str | None = None, state: WarningState | None = None
    ) -> WarningPage:
        """Return the newest revision of up to `limit` warnings older than the warning `before`.

        Candidates are returned only when their state is asked for.

        Raises
        ------
        WarningNotFound
            `before` is no warning.
        """
        with self.store.read() as tx:
            cursor = None
            if before is not None:
                cursor = (find_warning(tx, before).created_at, before)
            found = find_warnings(tx, limit=limit + 1, before=cursor, state=state)
        shown = tuple(found[:limit])
        return WarningPage(
            warnings=shown, next_before=shown[-1].warning_id if len(found) > limit else None
        )

    def one(self, warning_id: str, revision: int | None = None) -> HazardWarning:
        """Return the newest revision of a warning, or the one asked for.

        Raises
        ------
        WarningNotFound
            There is none.
        """
        with self.store.read() as tx:
            return find_warning(tx, warning_id, revision)

    def audience(self, warning_id: str) -> Audience:
        """Count again who is inside the zone, on the data of now."""
        with self.store.read() as tx:
            warning = find_warning(tx, warning_id)
            return survey_zone(tx, self.catalogue, warning.zone).audience
