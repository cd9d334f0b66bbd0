"""Bodies of the catalogue (`/v1/layers`)."""

from datetime import datetime

from pydantic import BaseModel

from yingji_map.domain.layer import Access, LayerKind, Style, Title
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
    """All layers in catalogue order."""

    layers: list[LayerSummary]


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
