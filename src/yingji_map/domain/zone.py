"""A zone on the ground, and what lies inside it layer by layer."""

from collections.abc import Mapping
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from yingji_map.domain.layer import LayerDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """All places at most `radius_m` metres from a shape; with 0, the shape itself.

    Attributes
    ----------
    shape
        Valid geometry in degrees, longitude first.
    outline
        The zone as a polygon in degrees; equal to `shape` when the radius is 0.
    """

    shape: BaseGeometry
    outline: BaseGeometry
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInside:
    """A feature inside a zone; of a line or an area, some point on it."""

    key: str
    name: str
    lon: float
    lat: float
    properties: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInside:
    """What a zone holds of one layer.

    Attributes
    ----------
    count
        Features that touch the zone.
    partly_inside
        Those of them that also reach beyond it; their values are not in `sums`, because nobody
        knows which part of their people is inside.
    sums
        Sum of each additive field over the features wholly inside.
    missing
        How many of those have no value, by field; fields without gaps are left out.
    places
        The first features by key.
    """

    definition: LayerDefinition
    count: int
    partly_inside: int
    sums: Mapping[str, int | float]
    missing: Mapping[str, int]
    places: tuple[PlaceInside, ...]

    @property
    def is_truncated(self) -> bool:
        """True when there are more features than `places` lists."""
        return self.count > len(self.places)
