"""What a closure is: the roads that may not be used, why, since when and until when."""

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

# A line drawn across or along a road closes what lies this near to it: half a road and the
# inaccuracy of drawing. An assumption, told in docs/how-to/close-a-road-and-see.md.
LINE_REACH_M = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPlace:
    """Where roads are closed: inside an area, beside a line (degrees), or whole roads by code."""

    shape: BaseGeometry | None = None
    road_codes: tuple[str, ...] = ()
