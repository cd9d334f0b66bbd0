"""A dynamic run → candidate warnings: one for each connected red and orange zone, once."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.division import KINDS
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.run import RunKind, RunRecord
from yingji_map.domain.shapes import open_holes
from yingji_map.domain.warning import HazardWarning, IssuerProfile, WarningState, issuer_of
from yingji_map.domain.warning_draft import DraftRecord, DraftRequest, check_request, draft_of
from yingji_map.engine.divisions import kinds_of, people_on_cells
from yingji_map.engine.patches import adjacent_rows, label_patches
from yingji_map.engine.zoning import dissolve
from yingji_map.services.fields_read import COUNTY
from yingji_map.services.tally_divisions import TallyDivisions
from yingji_map.store.database import Transaction
from yingji_map.store.runs import find_runs
from yingji_map.store.warning_origins import find_proposed, save_origin, take_turns
from yingji_map.store.warning_zone import survey_zone
from yingji_map.store.warnings import new_identifier, save_revision

IntArray = npt.NDArray[np.int64]
# What a hazard is warned of as; nobody warns of a quake to come, and the composite is no event.
_EVENTS = {
    "landslide": "landslide",
    "flood": "flood",
    "debris_flow": "debris_flow",
    "forest_fire": "fire_danger",
}
_DANGEROUS = KINDS.index("orange") + 1
# A 24-hour rain sum speaks of the hours around it: an officer sets the real end.
_LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Zone:
    hazard: str
    level: str
    rows: IntArray
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeWarnings:
    """Propose warnings that an officer may take up; a candidate is never sent."""

    tally: TallyDivisions
    catalogue: dict[str, LayerDefinition]
    clock: Callable[[], datetime]
    profile: IssuerProfile

    def run(
        self, run_id: str | None = None, *, min_persons: int = 1, via: str
    ) -> list[HazardWarning]:
        """Save a candidate for every zone that the run has not proposed yet, and return these.

        Parameters
        ----------
        run_id
            None means the latest dynamic run; none yet, nothing proposed.
        min_persons
            Zones with fewer people are left out.

        Raises
        ------
        RunNotFound
            There is no such run.
        InvalidParameter
            The run is no dynamic one.
        """
        run = self._find(run_id)
        if run is None:
            return []
        cells = self.tally.resident.surface(run.run_id, run.hazards[0].hazard).cells
        persons, _ = people_on_cells(cells, run.resolution, self.tally.residents())
        pairs = adjacent_rows(cells)
        county = shapely.union_all(self.tally.read(COUNTY, ("name",)).geometry)
        store = self.tally.resident.store
        proposed: list[HazardWarning] = []
        with store.transaction() as tx:
            take_turns(tx, run.run_id)
            known = find_proposed(tx, run.run_id)
            for summary in run.hazards:
                if summary.hazard not in _EVENTS:
                    continue
                zones, patch = self._zones(run, summary.hazard, pairs)
                wanted = [
                    zone
                    for zone in zones
                    if (zone.hazard, zone.key) not in known
                    and int(persons[zone.rows].sum()) >= min_persons
                ]
                if not wanted:
                    continue
                shapes = dissolve(cells, patch, county)
                proposed += [
                    self._propose(tx, run, (zone, shapes[patch[zone.rows[0]]], via))
                    for zone in wanted
                ]
        return proposed

    def _find(self, run_id: str | None) -> RunRecord | None:
        with self.tally.resident.store.read() as tx:
            if run_id is None:
                found = find_runs(tx, 1, kinds=[RunKind.DYNAMIC])
                return found[0] if found else None
        run = self.tally.resident.find(run_id, "flood")
        if run.kind is not RunKind.DYNAMIC:
            zh, en = "只有实时运行能提出预警", "only a dynamic run proposes warnings"
            raise InvalidParameter(parameter="run", value=run_id, reason_zh=zh, reason_en=en)
        return run

    def _zones(self, run: RunRecord, hazard: str, pairs: IntArray) -> tuple[list[_Zone], IntArray]:
        surface = self.tally.resident.surface(run.run_id, hazard)
        kind = kinds_of(surface)
        is_dangerous = kind < _DANGEROUS
        patch = label_patches(is_dangerous.astype(np.int64), pairs)
        zones = []
        rows = np.flatnonzero(is_dangerous)
        for number in np.unique(patch[rows]):
            own = rows[patch[rows] == number]
            digest = hashlib.sha256(surface.cells[own].tobytes()).hexdigest()[:32]
            level = KINDS[int(kind[own].min())]
            zones.append(_Zone(hazard=hazard, level=level, rows=own, key=digest))
        return zones, patch

    def _propose(
        self,
        tx: Transaction,
        run: RunRecord,
        found: tuple[_Zone, shapely.MultiPolygon, str],
    ) -> HazardWarning:
        zone, shape, via = found
        now = self.clock()
        request = DraftRequest(
            hazard=_EVENTS[zone.hazard],
            level=zone.level,
            # CAP has no inner rings, and filling one would warn people nobody meant.
            zone=json.loads(shapely.to_geojson(open_holes(shape))),
            effective_at=now,
            expires_at=now + _LASTS,
        )
        checked = check_request(request, now)
        survey = survey_zone(tx, self.catalogue, checked.zone)
        county = survey.county()
        issuer = issuer_of(county.code, county.name, self.profile)
        record = DraftRecord(
            warning_id=new_identifier(tx, issuer.code, now),
            revision=1,
            created_at=now,
            revised_at=now,
            revised_via=via,
        )
        drafted = draft_of(checked, survey, issuer, record)
        candidate = replace(drafted, state=WarningState.CANDIDATE)
        save_revision(tx, candidate)
        save_origin(tx, candidate.warning_id, run.run_id, (zone.hazard, zone.key))
        return candidate
