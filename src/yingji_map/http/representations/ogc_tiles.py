"""Tile matrix sets and tilesets of OGC API Tiles as documents (OGC 20-057, 17-083r4)."""

from yingji_map.domain.crs import CRS84, MERCATOR_SRID
from yingji_map.domain.layer import GeometryType
from yingji_map.domain.tile import HALF_WORLD_M
from yingji_map.domain.tile_matrix import (
    TILE_PIXELS,
    WEB_MERCATOR_QUAD,
    TileMatrix,
    tile_limits,
    tile_matrices,
)
from yingji_map.http.links import link
from yingji_map.http.negotiation import HTML, JSON
from yingji_map.http.representations.ogc import Document, Link, spoken
from yingji_map.http.representations.ogc_schemas import field_schema
from yingji_map.http.representations.tiles import VECTOR_TILE
from yingji_map.services.serve_layer_tiles import LayerTileset

_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{WEB_MERCATOR_QUAD}"
_CRS = f"http://www.opengis.net/def/crs/EPSG/0/{MERCATOR_SRID}"
_SCALES = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_DIMENSIONS = {GeometryType.POINT: 0, GeometryType.LINE: 1, GeometryType.POLYGON: 2}


def matrix_sets_document(root: str) -> Document:
    """Return the list of tile matrix sets."""
    here = f"{root}/tileMatrixSets/{WEB_MERCATOR_QUAD}"
    known = {
        "id": WEB_MERCATOR_QUAD,
        "title": "Web 墨卡托四叉瓦片",
        "uri": _URI,
        "crs": _CRS,
        "links": [link("self", here, JSON, "瓦片方案")],
    }
    return {
        "tileMatrixSets": [known],
        "links": [link("self", f"{root}/tileMatrixSets", JSON, "瓦片方案")],
    }


def matrix_set_document() -> Document:
    """Return the definition of WebMercatorQuad."""
    return {
        "id": WEB_MERCATOR_QUAD,
        "title": "Web 墨卡托四叉瓦片",
        "uri": _URI,
        "crs": _CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": _SCALES,
        "tileMatrices": [_matrix_document(matrix) for matrix in tile_matrices()],
    }


def tilesets_document(root: str, tileset: LayerTileset, language: str) -> Document:
    """Return the list of a collection's tilesets."""
    here = f"{root}/collections/{tileset.definition.id}/tiles"
    links = [
        link("self", here, JSON, "瓦片集"),
        link("alternate", f"{here}?f=html", HTML, "瓦片集（网页）"),
    ]
    known = _head(tileset, language) | {"links": _tileset_links(root, tileset)}
    return {"links": links, "tilesets": [known]}


def tileset_document(root: str, tileset: LayerTileset, language: str) -> Document:
    """Return the metadata of a collection's tileset: its limits and its properties."""
    document = _head(tileset, language) | {
        "description": spoken(tileset.definition.description, language),
        "attribution": tileset.definition.source.publisher,
        "links": _tileset_links(root, tileset),
        "layers": [_layer_document(tileset, language)],
    }
    bounds = tileset.bounds
    if bounds is None:
        return document
    west, south, east, north = bounds
    tiles = tileset.definition.tiles
    limits = [tile_limits(bounds, z) for z in range(tiles.minzoom, tiles.maxzoom + 1)]
    return document | {
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri},
        "centerPoint": {
            "coordinates": [(west + east) / 2, (south + north) / 2],
            "crs": CRS84.uri,
            "tileMatrix": str(tiles.minzoom),
        },
        "tileMatrixSetLimits": [
            {
                "tileMatrix": str(limit.z),
                "minTileRow": limit.min_row,
                "maxTileRow": limit.max_row,
                "minTileCol": limit.min_col,
                "maxTileCol": limit.max_col,
            }
            for limit in limits
        ],
    }


def _head(tileset: LayerTileset, language: str) -> Document:
    return {
        "title": spoken(tileset.definition.title, language),
        "dataType": "vector",
        "crs": _CRS,
        "tileMatrixSetURI": _URI,
    }


def _tileset_links(root: str, tileset: LayerTileset) -> list[Link | Document]:
    layer_id = tileset.definition.id
    here = f"{root}/collections/{layer_id}/tiles/{WEB_MERCATOR_QUAD}"
    site = root.removesuffix("/ogc")
    item: Document = {
        **link("item", f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", VECTOR_TILE, "瓦片"),
        "templated": True,
    }
    return [
        link("self", here, JSON, "瓦片集"),
        link(f"{_REL}/tiling-scheme", f"{root}/tileMatrixSets/{WEB_MERCATOR_QUAD}", JSON),
        item,
        link("alternate", f"{site}/tiles/{layer_id}.json", JSON, "TileJSON 3.0"),
        link(f"{_REL}/geodata", f"{root}/collections/{layer_id}", JSON, "图层说明"),
    ]


def _layer_document(tileset: LayerTileset, language: str) -> Document:
    definition = tileset.definition
    assert definition.geometry is not None  # noqa: S101 - vector layers only
    fields = {field.name: field_schema(field, language) for field in definition.public_fields}
    return {
        "id": definition.id,
        "title": spoken(definition.title, language),
        "dataType": "vector",
        "geometryDimension": _DIMENSIONS[definition.geometry],
        "minTileMatrix": str(definition.tiles.minzoom),
        "maxTileMatrix": str(definition.tiles.maxzoom),
        "propertiesSchema": {
            "type": "object",
            "properties": {name: fields[name] for name in tileset.properties},
        },
    }


def _matrix_document(matrix: TileMatrix) -> Document:
    return {
        "id": str(matrix.z),
        "scaleDenominator": matrix.scale_denominator,
        "cellSize": matrix.cell_size_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
        "tileWidth": TILE_PIXELS,
        "tileHeight": TILE_PIXELS,
        "matrixWidth": 1 << matrix.z,
        "matrixHeight": 1 << matrix.z,
    }
