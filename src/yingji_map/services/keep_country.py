"""The country about the road network, prepared once for each state of roads, terrain and rivers."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from yingji_map.domain.errors import NotReady, UnreadableFile
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.network import UNFORDABLE_ORDER, Direction
from yingji_map.domain.raster import Raster
from yingji_map.engine.country import Country, Links, build_country, link_roads, prepare_links
from yingji_map.engine.places_served import Access
from yingji_map.engine.walking import Ground
from yingji_map.ingest.raster import read_raster
from yingji_map.services.gather_bases import Gathered
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.layers import find_layer_states
from yingji_map.store.raster_files import raster_path
from yingji_map.store.rasters import find_rasters

_HEIGHTS, _COVER, _RIVERS = "dem", "landcover", "river"
_MAX_SIDE = 8192
_KEPT, _ACCESSES_KEPT = 4, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _GroundKey:
    heights: str
    cover: str | None
    rivers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCountry:
    """Hands out the country; some ten thousand cells take a second or two to prepare."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    data_dir: Path
    grounds: SingleFlightCache[_GroundKey, Ground] = field(
        default_factory=lambda: SingleFlightCache(1)
    )
    countries: SingleFlightCache[object, Country] = field(
        default_factory=lambda: SingleFlightCache(_KEPT)
    )
    links: SingleFlightCache[object, Links] = field(
        default_factory=lambda: SingleFlightCache(_KEPT)
    )
    accesses: SingleFlightCache[object, Access] = field(
        default_factory=lambda: SingleFlightCache(_ACCESSES_KEPT)
    )

    def current(
        self, gathered: Gathered, resolution: int, direction: Direction
    ) -> tuple[Country, tuple[Links, Access]]:
        """Return the country and how a profile's roads are left for it under the closures.

        Raises
        ------
        NotReady
            There is no elevation model.
        """
        network, kept, applied = gathered.network, gathered.kept, gathered.applied
        ground_key = self._ground_key()
        place = (kept.version, kept.good_until, ground_key, resolution)
        country = self.countries.get(
            place, lambda: build_country(network, resolution, self._ground(ground_key))
        )
        travel = (*place, network.profile.id)
        links = self.links.get(travel, lambda: link_roads(network, country))
        access = self.accesses.get(
            (*travel, direction, applied.key),
            lambda: prepare_links(network, links, direction, applied.closed),
        )
        return country, (links, access)

    def _ground_key(self) -> _GroundKey:
        with self.store.read() as tx:
            heights, cover = find_rasters(tx, _HEIGHTS), find_rasters(tx, _COVER)
            rivers = find_layer_states(tx).get(_RIVERS)
        if not heights:
            raise _no_heights()
        return _GroundKey(
            heights=heights[-1].sha256,
            cover=cover[-1].sha256 if cover else None,
            rivers=rivers.version if rivers and rivers.row_count else None,
        )

    def _ground(self, key: _GroundKey) -> Ground:
        return self.grounds.get(
            key,
            lambda: Ground(
                heights=self._raster(key.heights),
                cover=None if key.cover is None else self._raster(key.cover),
                rivers=None if key.rivers is None else self._rivers(),
            ),
        )

    def _raster(self, sha256: str) -> Raster:
        try:
            path = raster_path(self.data_dir, sha256)
            return read_raster(path, sha256=sha256, max_side=_MAX_SIDE)
        except UnreadableFile as error:
            raise _no_heights() from error

    def _rivers(self) -> shapely.STRtree:
        with self.store.read() as tx:
            found = read_features(tx, self.catalogue[_RIVERS], columns=("stream_order",))
        is_wide = found.numbers("stream_order") >= UNFORDABLE_ORDER.value
        tree = shapely.STRtree(found.geometry[np.flatnonzero(is_wide)])
        tree.query(shapely.Point(0, 0))  # GEOS builds it on the first question
        return tree


def _no_heights() -> NotReady:
    return NotReady(
        what_zh="可用的高程栅格",
        what_en="usable elevation raster",
        fix=f"yingji raster import --layer {_HEIGHTS} FILE",
    )
