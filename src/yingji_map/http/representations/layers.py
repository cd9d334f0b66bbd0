"""Bodies of the catalogue (`/v1/layers`)."""

from datetime import datetime

from pydantic import BaseModel

from yingji_map.domain.layer import Access, LayerKind, Style, Title
from yingji_map.domain.layer_version import LayerAct, LayerVersion
from yingji_map.domain.palette import Palette
from yingji_map.services.list_layers import LayerListing


class LayerField(BaseModel):
    """One attribute that may be shown."""

    name: str
    type: str
    title: Title
    unit: str | None


class LayerTiles(BaseModel):
    """Zoom range and label of a layer's tiles."""

    minzoom: int
    maxzoom: int
    label: str | None


class LayerSummary(BaseModel):
    """One layer as a map front end needs it; `bounds` is west, south, east, north in degrees."""

    id: str
    kind: LayerKind
    geometry: str
    title: Title
    description: Title
    access: Access
    count: int
    version: int
    updated_at: datetime | None
    bounds: tuple[float, float, float, float] | None
    fields: list[LayerField]
    tiles: LayerTiles
    style: Style | None


class LayerList(BaseModel):
    """All layers in catalogue order, and the colours that their styles name."""

    layers: list[LayerSummary]
    palette: Palette


def layer_summary(listing: LayerListing) -> LayerSummary:
    """Represent one layer; private fields are left out."""
    definition, state = listing.definition, listing.state
    return LayerSummary(
        id=definition.id,
        kind=definition.kind,
        geometry=definition.geometry.value if definition.geometry else "raster",
        title=definition.title,
        description=definition.description,
        access=definition.access,
        count=state.row_count if state else 0,
        version=state.version if state else 0,
        updated_at=state.updated_at if state else None,
        bounds=state.bounds if state else None,
        fields=[
            LayerField(name=f.name, type=f.type.value, title=f.title, unit=f.unit)
            for f in definition.public_fields
        ],
        tiles=LayerTiles(
            minzoom=definition.tiles.minzoom,
            maxzoom=definition.tiles.maxzoom,
            label=definition.tiles.label,
        ),
        style=definition.style,
    )


class LayerVersionBody(BaseModel):
    """One version of a layer; read at `known_at`, the layer is this version."""

    version: int
    known_at: datetime
    act: LayerAct
    import_id: int | None
    restored_known_at: datetime | None
    count: int
    content_hash: str
    bounds: tuple[float, float, float, float] | None


class LayerVersionList(BaseModel):
    """Versions, newest first; `next` is the address of the older ones."""

    layer: str
    versions: list[LayerVersionBody]
    next: str | None


def layer_version_list(layer: str, versions: list[LayerVersion], limit: int) -> LayerVersionList:
    """Represent a page of versions."""
    last = versions[-1].version if len(versions) == limit else 1
    path = f"/v1/layers/{layer}/versions?limit={limit}&before={last}"
    bodies = [
        LayerVersionBody(
            version=each.version,
            known_at=each.known_at,
            act=each.cause.act,
            import_id=each.cause.import_id,
            restored_known_at=each.cause.restored_known_at,
            count=each.row_count,
            content_hash=each.content_hash,
            bounds=each.bounds,
        )
        for each in versions
    ]
    return LayerVersionList(layer=layer, versions=bodies, next=path if last > 1 else None)
