"""Road networks that tests make up: a few lines by hand, or a whole bent grid by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition

Place = tuple[float, float]
WEST, SOUTH = 106.2, 32.2
STEP = 0.01  # degrees: about 0.94 km east, 1.11 km north


@dataclass(frozen=True)
class Road:
    """One road feature; places in grid steps from the south-west corner."""

    places: Sequence[Place]
    speed_km_h: float | None = 36.0
    is_oneway: bool | None = False
    width_m: float | None = None


def at(x: float, y: float) -> Place:
    """Return longitude and latitude of a place given in grid steps."""
    return round(WEST + x * STEP, 7), round(SOUTH + y * STEP, 7)


def a_road_table(roads: Mapping[str, Road]) -> FeatureTable:
    """Return roads by code as the store would read them."""
    codes = sorted(roads)
    lines = [shapely.LineString([at(*place) for place in roads[code].places]) for code in codes]
    columns = {
        name: _column([getattr(roads[code], name) for code in codes])
        for name in ("speed_km_h", "is_oneway", "width_m")
    }
    return FeatureTable(
        layer_id="road",
        keys=tuple(codes),
        row_ids=np.arange(1, len(codes) + 1),
        geometry=np.array([shapely.MultiLineString([line]) for line in lines], dtype=object),
        columns=columns,
    )


def a_bent_grid(side: int, seed: int, *, oneway_share: float = 0.15) -> FeatureTable:
    """Return a road network by chance: a grid with gaps, bends, speeds, one-way and narrow roads."""
    rng = np.random.default_rng(seed)
    shift = rng.uniform(-0.3, 0.3, (side, side, 2))
    roads = {}
    for x in range(side):
        for y in range(side):
            for number, (dx, dy) in enumerate(((1, 0), (0, 1))):
                if x + dx >= side or y + dy >= side or rng.random() < 0.25:
                    continue
                start = (x + shift[x, y, 0], y + shift[x, y, 1])
                end = (x + dx + shift[x + dx, y + dy, 0], y + dy + shift[x + dx, y + dy, 1])
                bend = tuple((np.add(start, end) / 2 + rng.uniform(-0.15, 0.15, 2)).tolist())
                roads[f"R{x:03d}{y:03d}{number}"] = Road(
                    places=(start, bend, end),
                    speed_km_h=float(rng.choice([20, 30, 40, 60])),
                    is_oneway=bool(rng.random() < oneway_share),
                    width_m=float(rng.choice([2.5, 3.5, 7.0])),
                )
    return a_road_table(roads)


def random_places(count: int, side: int, seed: int) -> npt.NDArray[np.float64]:
    """Return places all over a bent grid, `(count, 2)` longitude, latitude."""
    steps = np.random.default_rng(seed).uniform(0, side - 1, (count, 2))
    return np.round(np.array([WEST, SOUTH]) + steps * STEP, 7)


def _column(values: list[object]) -> npt.NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def complete(table: FeatureTable, definition: LayerDefinition) -> FeatureTable:
    """Return the table with every field of its layer, empty where it has none."""
    empty = _column([None] * len(table))
    columns = {field.name: table.columns.get(field.name, empty) for field in definition.fields}
    if definition.key is not None:
        columns[definition.key] = _column(list(table.keys))
    return replace(table, layer_id=definition.id, columns=columns)


def a_place_table(places: Mapping[str, Place], **fields: Sequence[object]) -> FeatureTable:
    """Return point features by code, in grid steps; fields in the order of the sorted codes."""
    codes = sorted(places)
    columns = {name: _column(list(values)) for name, values in fields.items()}
    return FeatureTable(
        layer_id="place",
        keys=tuple(codes),
        row_ids=np.zeros(len(codes), dtype=np.int64),
        geometry=np.array([shapely.Point(at(*places[code])) for code in codes], dtype=object),
        columns={"name": _column([f"{code} 处" for code in codes]), **columns},
    )
