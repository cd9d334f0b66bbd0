"""A risk run by township: cells, area and people of every colour, adding up to the county."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.division import CountyTally, DivisionLevel, DivisionTally
from yingji_map.domain.errors import NotReady
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.run import RunRecord
from yingji_map.engine.divisions import DivisionMap, Residents, map_divisions, tally_divisions
from yingji_map.services.resident_surfaces import ResidentSurfaces
from yingji_map.services.serve_layer_tiles import ServeLayerTiles
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.features import read_features

DIVISION_LAYER = "township"
COUNTY_LAYER = "county"
PEOPLE_LAYER = "settlement"
_METHOD = "divisions-1"  # part of every tag: a change of the counting must reach the clients


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipMap:
    """The townships' codes and names, and which cells are theirs."""

    names: tuple[tuple[str, str], ...]
    cells: DivisionMap


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyDivisions:
    """Count a run's cells by the townships, and its people by the settlements, of today."""

    resident: ResidentSurfaces
    layers: ServeLayerTiles
    maps: SingleFlightCache[tuple[str, str], TownshipMap]
    tallies: SingleFlightCache[str, CountyTally]

    def find(self, run_id: str | None, hazard: str) -> tuple[RunRecord, str]:
        """Return the run that answers, and the tag of its present tally.

        Raises
        ------
        RunNotFound, NotReady, HazardNotFound
            See `ResidentSurfaces.find`.
        """
        run = self.resident.find(run_id, hazard)
        states = (self.layers.tag(DIVISION_LAYER), self.layers.tag(PEOPLE_LAYER))
        facts = repr((_METHOD, run.run_id, hazard, *states))
        return run, hashlib.blake2b(facts.encode(), digest_size=12).hexdigest()

    def run(
        self,
        run: RunRecord,
        hazard: str,
        tag: str,
        level: DivisionLevel = DivisionLevel.TOWNSHIP,
    ) -> CountyTally:
        """Return the tally of what `find` answered, by divisions of a level.

        Raises
        ------
        NotReady
            There are no townships yet.
        """
        return self.tallies.get(f"{tag}-{level}", lambda: self._tally(run, hazard, level))

    def _tally(self, run: RunRecord, hazard: str, level: DivisionLevel) -> CountyTally:
        surface = self.resident.surface(run.run_id, hazard)
        mapped = self.townships(surface.cells)
        names, parent_of = mapped.names, None
        if level is not DivisionLevel.TOWNSHIP:
            names, parent_of = self._parents(mapped, level)
        each, county = tally_divisions(surface, mapped.cells, self.residents(), parent_of)
        return CountyTally(
            run=run,
            hazard=hazard,
            divisions=tuple(
                DivisionTally(code=code, name=name, tally=tally)
                for (code, name), tally in zip(names, each, strict=True)
            ),
            county=county,
        )

    def _parents(
        self, mapped: TownshipMap, level: DivisionLevel
    ) -> tuple[tuple[tuple[str, str], ...], npt.NDArray[np.int64]]:
        """Return the parents' codes and names, and the number of each township's parent.

        Source: GB/T 2260, two digits each for province, city and county.
        """
        codes, parent_of = np.unique(
            [code[: level.digits] for code, _ in mapped.names], return_inverse=True
        )
        counties = self.read(COUNTY_LAYER, ("name",))
        known = dict(zip(counties.keys, counties.columns["name"], strict=True))
        full = [code.ljust(DivisionLevel.COUNTY.digits, "0") for code in codes]
        names = tuple((code, str(known.get(code) or code)) for code in full)
        return names, parent_of.astype(np.int64)

    def townships(self, cells: npt.NDArray[np.uint64]) -> TownshipMap:
        """Return which township holds each cell.

        Raises
        ------
        NotReady
            There are no townships yet.
        """
        digest = hashlib.blake2b(cells.tobytes(), digest_size=16).hexdigest()
        key = (digest, self.layers.tag(DIVISION_LAYER))
        return self.maps.get(key, lambda: self._map(cells))

    def _map(self, cells: npt.NDArray[np.uint64]) -> TownshipMap:
        townships = self.read(DIVISION_LAYER, ("name",))
        if len(townships) == 0:
            raise NotReady(
                what_zh="乡镇边界",
                what_en="township boundaries",
                fix=f"yingji layer import {DIVISION_LAYER} <文件>",
            )
        names = zip(townships.keys, townships.columns["name"], strict=True)
        return TownshipMap(
            names=tuple((code, name or code) for code, name in names),
            cells=map_divisions(cells, townships.geometry),
        )

    def residents(self) -> Residents:
        """Return where how many people live today."""
        table = self.read(PEOPLE_LAYER, ("population_persons",))
        points = [(point.x, point.y) for point in table.geometry]
        return Residents(
            points=np.array(points, dtype=np.float64).reshape(-1, 2),
            persons=np.nan_to_num(table.numbers("population_persons")).astype(np.int64),
        )

    def read(self, layer_id: str, columns: tuple[str, ...]) -> FeatureTable:
        """Return a layer as it is today."""
        with self.layers.store.read() as tx:
            return read_features(tx, self.layers.catalogue[layer_id], columns=columns)
