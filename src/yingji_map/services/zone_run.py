"""A hazard of a run → zoning polygons (区划图): patches of one colour that cover the county."""

from dataclasses import dataclass

import numpy as np
import shapely

from yingji_map.domain.division import KINDS
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.run import RunRecord
from yingji_map.domain.shapes import geodesic_area_km2
from yingji_map.domain.zoning import ZONING_COLOURS, Zoning, ZoningPatch
from yingji_map.engine.divisions import kinds_of, people_on_cells
from yingji_map.engine.patches import adjacent_rows, label_patches, sieve
from yingji_map.engine.zoning import dissolve
from yingji_map.services.fields_read import COUNTY
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.services.tally_divisions import TallyDivisions

_MAX_SIEVE_KM2 = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRun:
    """Dissolve the cells of a run within the county as it is today."""

    tally: TallyDivisions
    kept: SingleFlightCache[tuple[str, str, float, str], Zoning]

    def run(self, run: RunRecord, hazard: str, sieve_km2: float = 0.0) -> Zoning:
        """Return the patches of a run that `TallyDivisions.find` answered, most dangerous first.

        Parameters
        ----------
        sieve_km2
            Coloured patches below this area take the colour of a more dangerous neighbour.

        Raises
        ------
        InvalidParameter
            The area is out of domain.
        """
        if not 0 <= sieve_km2 <= _MAX_SIEVE_KM2:
            reason = f"0–{_MAX_SIEVE_KM2:g} km²"
            raise InvalidParameter(
                parameter="sieve_km2", value=sieve_km2, reason_zh=reason, reason_en=reason
            )
        _, tag = self.tally.find(run.run_id, hazard)
        key = (run.run_id, hazard, sieve_km2, tag + self.tally.layers.tag(COUNTY))
        return self.kept.get(key, lambda: self._zone(run, hazard, sieve_km2))

    def _zone(self, run: RunRecord, hazard: str, sieve_km2: float) -> Zoning:
        surface = self.tally.resident.surface(run.run_id, hazard)
        mapped = self.tally.townships(surface.cells)
        persons, _ = people_on_cells(surface.cells, surface.resolution, self.tally.residents())
        pairs = adjacent_rows(surface.cells)
        area_m2 = mapped.cells.area_m2
        kind = sieve(kinds_of(surface), pairs, area_m2, (sieve_km2 * 1e6, ZONING_COLOURS))
        patch = label_patches(kind, pairs)
        county = shapely.union_all(self.tally.read(COUNTY, ("name",)).geometry)
        shapes = dissolve(surface.cells, patch, county)
        of_patch = np.zeros(len(shapes), dtype=np.int64)
        of_patch[patch] = kind
        cells = np.bincount(patch, minlength=len(shapes))
        people = np.zeros(len(shapes), dtype=np.int64)
        np.add.at(people, patch, persons)
        patches = [
            ZoningPatch(
                kind=KINDS[of_patch[number]],
                shape=shape,
                area_km2=geodesic_area_km2(shape) if shape.area else 0.0,
                cells=int(cells[number]),
                population_persons=int(people[number]),
                townships=_names(mapped.names, mapped.cells.division[patch == number]),
            )
            for number, shape in enumerate(shapes)
        ]
        patches.sort(key=lambda each: (KINDS.index(each.kind), -each.area_km2))
        return Zoning(run=run, hazard=hazard, sieve_km2=sieve_km2, patches=tuple(patches))


def _names(
    names: tuple[tuple[str, str], ...], division: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[str, ...]:
    return tuple(names[row][1] for row in np.unique(division))
