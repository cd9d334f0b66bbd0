"""Refusals about tiles."""

from yingji_map.domain.errors.base import NotFound


class TileNotFound(NotFound):
    """The tile matrix set has no such tile: `z`, `row`, `col`."""

    code = "tile-not-found"
    title_zh, title_en = "没有这块瓦片", "Tile not found"
    zh = "第 {z} 级没有第 {row} 行第 {col} 列的瓦片"
    en = "Level {z} has no tile at row {row}, column {col}"


class TilesetNotFound(NotFound):
    """There is no such tile matrix set: `tile_matrix_set`."""

    code = "tileset-not-found"
    title_zh, title_en = "没有这个瓦片方案", "Tile matrix set not found"
    zh = "没有瓦片方案“{tile_matrix_set}”，只有 WebMercatorQuad"
    en = "No tile matrix set “{tile_matrix_set}”; there is WebMercatorQuad"
