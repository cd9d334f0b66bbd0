"""A zoning (区划图): the county in patches, each of one colour or kind of empty."""

from dataclasses import dataclass

from shapely import MultiPolygon

from yingji_map.domain.run import RunRecord

ZONING_COLOURS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoningPatch:
    """Connected ground of one kind (see `domain.division.KINDS`); `shape` in degrees.

    `population_persons` lives on its cells; `townships` are those that hold some of its cells.
    """

    kind: str
    shape: MultiPolygon
    area_km2: float
    cells: int
    population_persons: int
    townships: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoning:
    """All patches of a hazard of a run: no gaps, no overlaps, together the county."""

    run: RunRecord
    hazard: str
    sieve_km2: float
    patches: tuple[ZoningPatch, ...]
