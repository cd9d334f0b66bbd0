"""The whole map for QGIS: every layer with its source, style and place in the tree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yingji_map.domain.appearance import Appearance
from yingji_map.domain.crs import MERCATOR_SRID, STORAGE_SRID, metric_srid, transformer
from yingji_map.domain.errors import NotReady
from yingji_map.domain.layer import GeometryType
from yingji_map.domain.palette import ThemeName
from yingji_map.engine.risk_tiles import MAX_ZOOM
from yingji_map.publish.qgis_project import (
    Bounds,
    ProjectFrame,
    ProjectLayer,
    layer_definition_document,
    project_document,
)
from yingji_map.services.list_layers import LayerListing, ListLayers
from yingji_map.services.list_runs import ListRuns
from yingji_map.services.render_styles import RenderStyles
from yingji_map.services.serve_terrain import ServeTerrain

TITLE = "应急一张图"
RISK_GROUP, RELIEF_GROUP, GROUND_GROUP = "风险", "地形", "面状背景"
_GROUPS = {
    "monitoring": "监测",
    "capacity": "应急能力",
    "hazard": "危险源",
    "base": "承灾体与基础",
}
_TREE = (*_GROUPS.values(), RELIEF_GROUP, RISK_GROUP, GROUND_GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeProject:
    """Put the layers that hold rows, the latest run and the relief into one project."""

    list_layers: ListLayers
    list_runs: ListRuns
    render_styles: RenderStyles
    serve_terrain: ServeTerrain

    def project(self, base_url: str) -> bytes:
        """Return a .qgs file whose layers are read from this service."""
        return project_document(self.frame(), self.online(base_url))

    def layer_definition(self, base_url: str) -> bytes:
        """Return a .qlr file with the same layers."""
        return layer_definition_document(TITLE, self.online(base_url))

    def frame(self) -> ProjectFrame:
        """Return what a project opens with: the county in its own Gauss-Kruger zone."""
        bounds = self.frame_bounds()
        if bounds is None:
            return ProjectFrame(title=TITLE, srid=STORAGE_SRID, extent=None)
        west, south, east, north = bounds
        srid = metric_srid((west + east) / 2)
        extent = transformer(STORAGE_SRID, srid).transform_bounds(west, south, east, north)
        return ProjectFrame(title=TITLE, srid=srid, extent=extent)

    def online(self, base_url: str) -> list[ProjectLayer]:
        """Return the layers of a project that reads from this service, the highest first."""
        features = [
            self.feature_layer(
                appearance,
                listing,
                provider="OAPIF",
                source=(
                    "pagingEnabled='true' preferCoordinatesForWfsT11='false' "
                    f"restrictToRequestBBOX='1' srsname='EPSG:{STORAGE_SRID}' "
                    f"typename='{appearance.layer_id}' url='{base_url}/ogc' "
                    "version='OGC_API_FEATURES'"
                ),
            )
            for appearance, listing in self.drawn()
        ]
        tiles = f"{base_url}/tiles/risk/{{hazard}}/{{{{z}}}}/{{{{x}}}}/{{{{y}}}}.pbf"
        risk = self.risk_layers(
            "vectortile", lambda hazard: _xyz(tiles.format(hazard=hazard), MAX_ZOOM), MERCATOR_SRID
        )
        return in_order([*features, *self._relief(base_url), *risk])

    def drawn(self) -> list[tuple[Appearance, LayerListing]]:
        """Return the layers that have a style and hold rows, the lowest first."""
        listings = {listing.definition.id: listing for listing in self.list_layers.run()}
        return [
            (appearance, listing)
            for appearance in self.render_styles.appearances(ThemeName.DAY)
            if (listing := listings[appearance.layer_id]).state is not None
            and listing.state.row_count
        ]

    def feature_layer(
        self,
        appearance: Appearance,
        listing: LayerListing,
        *,
        provider: str,
        source: str,
    ) -> ProjectLayer:
        """Return a layer of features in the group that its style names."""
        definition = listing.definition
        style = definition.style
        is_ground = definition.geometry is GeometryType.POLYGON and bool(style and style.fill)
        group = GROUND_GROUP if is_ground else _GROUPS[style.group if style else "base"]
        return ProjectLayer(
            layer_id=project_id(definition.id),
            title=definition.title.zh,
            group=group,
            provider="OAPIF" if provider == "OAPIF" else "ogr",
            source=source,
            srid=STORAGE_SRID,
            appearance=appearance,
            bounds=listing.state.bounds if listing.state else None,
            is_visible=appearance.is_visible,
        )

    def risk_layers(
        self, provider: str, source_of: Callable[[str], str], srid: int
    ) -> list[ProjectLayer]:
        """Return the hazards of the latest run, only the first of them shown."""
        try:
            run = self.list_runs.one()
        except NotReady:
            return []
        held = {summary.hazard for summary in run.hazards}
        hazards = [name for name in self.render_styles.hazards() if name in held]
        return [
            ProjectLayer(
                layer_id=project_id(f"risk_{hazard}"),
                title=f"{self.render_styles.hazards()[hazard].zh}风险",
                group=RISK_GROUP,
                provider="vectortile" if provider == "vectortile" else "ogr",
                source=source_of(hazard),
                srid=srid,
                appearance=self.render_styles.appearance(f"risk_{hazard}", ThemeName.DAY),
                is_visible=position == 0,
            )
            for position, hazard in enumerate(hazards)
        ]

    def _relief(self, base_url: str) -> list[ProjectLayer]:
        try:
            terrain = self.serve_terrain.terrain(self.serve_terrain.in_force())
        except NotReady:
            return []
        return [
            ProjectLayer(
                layer_id=project_id("hillshade"),
                title="地形晕渲",
                group=RELIEF_GROUP,
                provider="wms",
                source=_xyz(f"{base_url}/tiles/hillshade/{{z}}/{{x}}/{{y}}.png", terrain.max_zoom),
                srid=MERCATOR_SRID,
            )
        ]

    def frame_bounds(self) -> Bounds | None:
        """Return the county's extent in degrees; None where there is no county yet."""
        listings = {listing.definition.id: listing.state for listing in self.list_layers.run()}
        state = listings.get("county")
        return None if state is None else state.bounds


def project_id(name: str) -> str:
    """Return the id of a layer within a project."""
    return f"yingji_layer_{name}"


def in_order(layers: Sequence[ProjectLayer]) -> list[ProjectLayer]:
    """Return layers by group from top to bottom; within a group the last one given lies on top."""
    upward = list(reversed(layers))
    risk = [layer for layer in layers if layer.group == RISK_GROUP]
    return [
        layer
        for group in _TREE
        for layer in (risk if group == RISK_GROUP else upward)
        if layer.group == group
    ]


def _xyz(address: str, max_zoom: int) -> str:
    return f"type=xyz&url={address}&zmin=0&zmax={max_zoom}"
