"""A zone or a radius → what lies inside: counts, sums and places, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.errors import InvalidGeometry
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.shapes import (
    check_position,
    check_radius,
    geodesic_area_km2,
    geodesic_buffer,
    reach_of_m,
)
from yingji_map.domain.zone import LayerInside, Zone
from yingji_map.services.find_features import ready, served_layer
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states
from yingji_map.store.zones import find_inside

MAX_PLACES = 1_000
MAX_REACH_KM = 1_000  # keeps the outline true to 0.4 % of the radius
_HALF_TURN_DEGREES = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneContents:
    """A zone, its area on the ellipsoid, and what it holds."""

    zone: Zone
    area_km2: float
    layers: tuple[LayerInside, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindWithin:
    """Answer who and what is inside a zone."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self, zone: Zone, layer_ids: Sequence[str], limit: int) -> ZoneContents:
        """Return what a zone holds of each layer, at one instant for all of them.

        Parameters
        ----------
        layer_ids
            Vector layers, in the order of the answer; named twice counts once.
        limit
            Places listed per layer, at most `MAX_PLACES`; counts and sums are always of all.

        Raises
        ------
        LayerNotFound, NotReady
            A layer is not there, or the store is not ready for it.
        """
        definitions = [served_layer(self.catalogue, name) for name in dict.fromkeys(layer_ids)]
        with self.store.read() as tx:
            states = find_layer_states(tx)
            for definition in definitions:
                ready(definition, states.get(definition.id))
            found = [find_inside(tx, d, zone, min(limit, MAX_PLACES)) for d in definitions]
        return ZoneContents(
            zone=zone, area_km2=geodesic_area_km2(zone.outline), layers=tuple(found)
        )


def circle(lon: float, lat: float, radius_m: float) -> Zone:
    """Return everything within a radius of a position, both checked."""
    check_position(lon, lat)
    return widened(shapely.Point(lon, lat), radius_m)


def widened(shape: BaseGeometry, radius_m: float) -> Zone:
    """Return everything within a checked radius of a valid shape.

    Raises
    ------
    InvalidGeometry
        The shape is too large for an exact outline, or the zone would reach over the antimeridian
        or a pole.
    """
    check_radius(radius_m)
    reach_km = reach_of_m(shape) / 1000
    if reach_km > MAX_REACH_KM:
        raise InvalidGeometry(
            reason_zh=f"从中心到边有 {reach_km:,.0f} 千米，超过缓冲区的上限 {MAX_REACH_KM:,.0f}",
            reason_en=f"it reaches {reach_km:,.0f} km from its middle, a buffer allows {MAX_REACH_KM:,.0f}",
        )
    outline = geodesic_buffer(shape, radius_m)
    west, _, east, _ = outline.bounds
    if east - west > _HALF_TURN_DEGREES or not outline.is_valid:
        raise InvalidGeometry(
            reason_zh="缓冲区跨过 180° 经线或极点",
            reason_en="its buffer reaches over the antimeridian or a pole",
        )
    return Zone(shape=shape, outline=outline, radius_m=radius_m)
