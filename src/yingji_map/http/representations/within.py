"""Bodies of `/v1/within` and `/v1/buffer`."""

import json
from typing import Annotated

import shapely
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.layer import Title
from yingji_map.domain.zone import LayerInside
from yingji_map.services.find_within import MAX_PLACES, ZoneContents

_CENTIMETRE_DIGITS = 7
_Limit = Annotated[
    int, Field(ge=0, description=f"每个图层列出的要素数，至多 {MAX_PLACES}；计数与合计总是全部")
]
_Layers = Annotated[list[str], Field(min_length=1, max_length=100, description="图层标识")]
_Geometry = Annotated[dict[str, object], Field(description="GeoJSON 几何，经度在前，单位度")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class CircleQuery(_Strict):
    """A radius about a position."""

    lon: float
    lat: float
    radius_m: float
    layers: Annotated[str, Field(min_length=1, description="图层标识，逗号分隔")]
    limit: _Limit = 100

    @property
    def layer_ids(self) -> list[str]:
        """Return the layers named."""
        return [name.strip() for name in self.layers.split(",")]


class ZoneRequest(_Strict):
    """A zone drawn on the map (Polygon or MultiPolygon)."""

    geometry: _Geometry
    layers: _Layers
    limit: _Limit = 100


class BufferRequest(_Strict):
    """A geometry and the radius about it."""

    geometry: _Geometry
    radius_m: float
    layers: _Layers
    limit: _Limit = 100


class Place(BaseModel):
    """A feature inside; of a line or an area, some point on it."""

    id: str
    name: str
    lon: float
    lat: float
    properties: dict[str, object]


class LayerContents(BaseModel):
    """What a zone holds of one layer.

    `sums` are over the features wholly inside; `partly_inside` counts those left out because the
    edge cuts them, `missing` those without a value.
    """

    layer: str
    title: Title
    count: int
    partly_inside: int
    sums: dict[str, int | float]
    missing: dict[str, int]
    features: list[Place]
    is_truncated: bool


class WithinAnswer(BaseModel):
    """What a zone holds."""

    area_km2: float
    layers: list[LayerContents]


class BufferAnswer(WithinAnswer):
    """A zone about a geometry, as a polygon, and what it holds."""

    geometry: dict[str, object]
    radius_m: float


def within_answer(contents: ZoneContents) -> WithinAnswer:
    """Represent what a zone holds."""
    return WithinAnswer(
        area_km2=round(contents.area_km2, 6),
        layers=[_layer_contents(found) for found in contents.layers],
    )


def buffer_answer(contents: ZoneContents) -> BufferAnswer:
    """Represent a buffer and what it holds."""
    answer = within_answer(contents)
    return BufferAnswer(
        area_km2=answer.area_km2,
        layers=answer.layers,
        geometry=_geojson(contents.zone.outline),
        radius_m=contents.zone.radius_m,
    )


def _layer_contents(found: LayerInside) -> LayerContents:
    return LayerContents(
        layer=found.definition.id,
        title=found.definition.title,
        count=found.count,
        partly_inside=found.partly_inside,
        sums=dict(found.sums),
        missing=dict(found.missing),
        features=[
            Place(
                id=place.key,
                name=place.name,
                lon=place.lon,
                lat=place.lat,
                properties=dict(place.properties),
            )
            for place in found.places
        ],
        is_truncated=found.is_truncated,
    )


def _geojson(shape: BaseGeometry) -> dict[str, object]:
    rounded = shapely.transform(shape, lambda pairs: pairs.round(_CENTIMETRE_DIGITS))
    document: dict[str, object] = json.loads(shapely.to_geojson(shapely.orient_polygons(rounded)))
    return document
