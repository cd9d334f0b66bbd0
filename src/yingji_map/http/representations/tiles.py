"""Bodies that describe tile sets: TileJSON 3.0, and the `metadata.json` that GDAL looks for."""

import json
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, Field

from yingji_map.domain.layer import FieldType
from yingji_map.domain.run import RunRecord
from yingji_map.engine.risk_tiles import MAX_ZOOM, MIN_ZOOM
from yingji_map.engine.terrain import SIDE, Terrain
from yingji_map.services.serve_layer_tiles import LayerTileset
from yingji_map.services.serve_risk_tiles import RiskTileset

VECTOR_TILE = "application/vnd.mapbox-vector-tile"
Bounds = tuple[float, float, float, float]
WORLD: Bounds = (-180.0, -85.05112877980659, 180.0, 85.05112877980659)
_FIELD_TYPES = {
    FieldType.INTEGER: "Number",
    FieldType.NUMBER: "Number",
    FieldType.BOOLEAN: "Boolean",
}
_RISK_FIELDS = {
    "cell": "String",
    "level": "Number",
    "state": "String",
    "confidence": "Number",
    "score": "Number",
}
_DIFF_FIELDS = {
    "cell": "String",
    "change": "String",
    "from": "String",
    "to": "String",
    "delta": "Number",
}


class VectorLayer(BaseModel):
    """One source layer and its properties by type (String, Number, Boolean)."""

    id: str
    description: str
    fields: dict[str, str]
    minzoom: int
    maxzoom: int


class TileJson(BaseModel):
    """TileJSON 3.0; `bounds` is west, south, east, north in degrees."""

    tilejson: Literal["3.0.0"] = "3.0.0"
    name: str
    description: str
    attribution: str
    version: str = "1.0.0"
    scheme: Literal["xyz"] = "xyz"
    tiles: list[str]
    minzoom: int
    maxzoom: int
    bounds: Bounds
    vector_layers: list[VectorLayer]


class TerrainTileJson(BaseModel):
    """TileJSON 3.0 of a `raster-dem` source; `tileSize` in pixels."""

    tilejson: Literal["3.0.0"] = "3.0.0"
    name: str = "地形"
    version: str = "1.0.0"
    scheme: Literal["xyz"] = "xyz"
    tiles: list[str]
    minzoom: int = 0
    maxzoom: int
    bounds: Bounds
    encoding: Literal["terrarium"] = "terrarium"
    tile_size: int = Field(default=SIDE, serialization_alias="tileSize")


class HillshadeTileJson(BaseModel):
    """TileJSON 3.0 of a `raster` source of pictures."""

    tilejson: Literal["3.0.0"] = "3.0.0"
    name: str = "地形晕渲"
    description: str = "多方向晕渲（225°、270°、315°、360°，高度角 45°），无高程处透明"
    version: str = "1.0.0"
    scheme: Literal["xyz"] = "xyz"
    tiles: list[str]
    minzoom: int = 0
    maxzoom: int
    bounds: Bounds
    tile_size: int = Field(default=SIDE, serialization_alias="tileSize")


def layer_tilejson(
    tileset: LayerTileset, base_url: str, query: Mapping[str, str] | None = None
) -> TileJson:
    """Describe the tiles of a layer; every tile address carries the parameters of `query`."""
    definition = tileset.definition
    asked = f"?{urlencode(query)}" if query else ""
    types = {field.name: field.type for field in definition.fields}
    tiles = definition.tiles
    return TileJson(
        name=definition.title.zh,
        description=definition.description.zh,
        attribution=definition.source.publisher,
        tiles=[f"{base_url}/tiles/{definition.id}/{{z}}/{{x}}/{{y}}.pbf{asked}"],
        minzoom=tiles.minzoom,
        maxzoom=tiles.maxzoom,
        bounds=tileset.bounds or WORLD,
        vector_layers=[
            VectorLayer(
                id=definition.id,
                description=definition.description.zh,
                fields={
                    name: _FIELD_TYPES.get(types[name], "String") for name in tileset.properties
                },
                minzoom=tiles.minzoom,
                maxzoom=tiles.maxzoom,
            )
        ],
    )


def risk_tilejson(tileset: RiskTileset, base_url: str, run: str | None) -> TileJson:
    """Describe the tiles of a hazard; `run` is what the client asked for, None for the latest."""
    title = next(s.title_zh for s in tileset.run.hazards if s.hazard == tileset.hazard)
    description = "H3 格网风险；低缩放级别取下级格网的最高等级与最高分"
    query = "" if run is None else f"?run={quote(run, safe='')}"
    return TileJson(
        name=title,
        description=description,
        attribution="",
        tiles=[f"{base_url}/tiles/risk/{tileset.hazard}/{{z}}/{{x}}/{{y}}.pbf{query}"],
        minzoom=MIN_ZOOM,
        maxzoom=MAX_ZOOM,
        bounds=tileset.bounds or WORLD,
        vector_layers=[
            VectorLayer(
                id="risk",
                description=description,
                fields=_RISK_FIELDS,
                minzoom=MIN_ZOOM,
                maxzoom=MAX_ZOOM,
            )
        ],
    )


def diff_tilejson(
    hazard: str, runs: tuple[RunRecord, RunRecord], bounds: Bounds | None, base_url: str
) -> TileJson:
    """Describe the tiles of the cells that changed between two runs."""
    title = next(s.title_zh for s in runs[1].hazards if s.hazard == hazard)
    description = "两次运行之间变化的格网；没有变化的不画"
    query = urlencode({"from": runs[0].run_id, "to": runs[1].run_id})
    return TileJson(
        name=f"{title}变化",
        description=description,
        attribution="",
        tiles=[f"{base_url}/tiles/risk-diff/{hazard}/{{z}}/{{x}}/{{y}}.pbf?{query}"],
        minzoom=MIN_ZOOM,
        maxzoom=MAX_ZOOM,
        bounds=bounds or WORLD,
        vector_layers=[
            VectorLayer(
                id="risk-diff",
                description=description,
                fields=_DIFF_FIELDS,
                minzoom=MIN_ZOOM,
                maxzoom=MAX_ZOOM,
            )
        ],
    )


def terrain_tilejson(terrain: Terrain, base_url: str) -> TerrainTileJson:
    """Describe the terrain tiles."""
    return TerrainTileJson(
        tiles=[f"{base_url}/tiles/dem/{{z}}/{{x}}/{{y}}.png"],
        maxzoom=terrain.max_zoom,
        bounds=terrain.bounds,
    )


def hillshade_tilejson(terrain: Terrain, base_url: str) -> HillshadeTileJson:
    """Describe the shaded relief."""
    return HillshadeTileJson(
        tiles=[f"{base_url}/tiles/hillshade/{{z}}/{{x}}/{{y}}.png"],
        maxzoom=terrain.max_zoom,
        bounds=terrain.bounds,
    )


def tile_metadata(tilejson: TileJson) -> dict[str, str]:
    """Describe the same tiles as GDAL reads them."""
    layers = [layer.model_dump() for layer in tilejson.vector_layers]
    return {
        "name": tilejson.name,
        "description": tilejson.description,
        "version": "1",
        "type": "overlay",
        "format": "pbf",
        "minzoom": str(tilejson.minzoom),
        "maxzoom": str(tilejson.maxzoom),
        "bounds": ",".join(f"{value:.6f}" for value in tilejson.bounds),
        "json": json.dumps({"vector_layers": layers}, ensure_ascii=False),
    }
