"""Everything that leaves as a project or a bundle, put together from what is served anyway."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yingji_map.services.bundle_tiles import BundleTiles
from yingji_map.services.compose_project import ComposeProject
from yingji_map.services.list_layers import ListLayers
from yingji_map.services.list_runs import ListRuns
from yingji_map.services.make_bundle import MakeBundle
from yingji_map.services.render_styles import RenderStyles
from yingji_map.services.serve_layer_tiles import ServeLayerTiles
from yingji_map.services.serve_risk_tiles import ServeRiskTiles
from yingji_map.services.serve_terrain import ServeTerrain
from yingji_map.store.database import Store


class Serving(Protocol):
    """The services that outputs are made from."""

    @property
    def store(self) -> Store: ...  # noqa: D102
    @property
    def clock(self) -> Callable[[], datetime]: ...  # noqa: D102
    @property
    def list_layers(self) -> ListLayers: ...  # noqa: D102
    @property
    def list_runs(self) -> ListRuns: ...  # noqa: D102
    @property
    def render_styles(self) -> RenderStyles: ...  # noqa: D102
    @property
    def serve_layer_tiles(self) -> ServeLayerTiles: ...  # noqa: D102
    @property
    def serve_risk_tiles(self) -> ServeRiskTiles: ...  # noqa: D102
    @property
    def serve_terrain(self) -> ServeTerrain: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOutputs:
    """The QGIS project and the offline bundle of one application; they hold no state."""

    project: ComposeProject
    bundle: MakeBundle


def map_outputs(serving: Serving) -> MapOutputs:
    """Put the makers of projects and bundles together."""
    project = ComposeProject(
        list_layers=serving.list_layers,
        list_runs=serving.list_runs,
        render_styles=serving.render_styles,
        serve_terrain=serving.serve_terrain,
    )
    tiles = BundleTiles(
        layer_tiles=serving.serve_layer_tiles,
        risk_tiles=serving.serve_risk_tiles,
        terrain=serving.serve_terrain,
    )
    bundle = MakeBundle(
        store=serving.store,
        compose=project,
        tiles=tiles,
        resident=serving.serve_risk_tiles.resident,
        clock=serving.clock,
    )
    return MapOutputs(project=project, bundle=bundle)
