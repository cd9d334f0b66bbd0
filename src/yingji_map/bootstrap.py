"""Builds the application once: store, catalogue, services."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from yingji_map.domain.errors import YingjiError
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.warning import IssuerProfile
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.ingest.models import read_models
from yingji_map.ingest.palette import read_palette
from yingji_map.ingest.standards import read_standards
from yingji_map.services.apply_layers import ApplyLayers
from yingji_map.services.assess_risk import AssessRisk
from yingji_map.services.check_editor import CheckEditor
from yingji_map.services.check_readiness import CheckReadiness
from yingji_map.services.close_roads import CloseRoads
from yingji_map.services.collect_risk_inputs import CollectRiskInputs, PreparedRun
from yingji_map.services.compressed import weight_of
from yingji_map.services.compute_run import ComputeRun
from yingji_map.services.diff_layer import DiffLayer
from yingji_map.services.draft_warning import DraftWarning
from yingji_map.services.edit_features import EditFeatures
from yingji_map.services.end_feature import EndFeature
from yingji_map.services.explain_cell import ExplainCell
from yingji_map.services.export_layer import ExportLayer
from yingji_map.services.export_warning import ExportWarning
from yingji_map.services.find_features import FindFeatures
from yingji_map.services.find_isochrone import FindIsochrone
from yingji_map.services.find_isolated import FindIsolated
from yingji_map.services.find_nearest import FindNearest
from yingji_map.services.find_route import FindRoute
from yingji_map.services.find_within import FindWithin
from yingji_map.services.gather_bases import GatherBases
from yingji_map.services.import_folder import ImportFolder
from yingji_map.services.import_layer import ImportLayer
from yingji_map.services.import_raster import ImportRaster
from yingji_map.services.keep_closures import KeepClosures
from yingji_map.services.keep_country import KeepCountry
from yingji_map.services.keep_lattice import KeepLattice
from yingji_map.services.keep_network import KeepNetwork
from yingji_map.services.keep_places import KeepPlaces
from yingji_map.services.list_changes import ListChanges
from yingji_map.services.list_imports import ListImports
from yingji_map.services.list_layers import ListLayers
from yingji_map.services.list_rasters import ListRasters
from yingji_map.services.list_runs import ListRuns
from yingji_map.services.list_versions import ListVersions
from yingji_map.services.list_warnings import ListWarnings
from yingji_map.services.load_sample import LoadSample
from yingji_map.services.measure_coverage import MeasureCoverage
from yingji_map.services.planning import Planning, build_planning
from yingji_map.services.read_history import ReadHistory
from yingji_map.services.recall_run import RecallRun
from yingji_map.services.receive_uploads import ReceiveUploads
from yingji_map.services.render_styles import RenderStyles
from yingji_map.services.resident_surfaces import resident_surfaces
from yingji_map.services.restore_layer import RestoreLayer
from yingji_map.services.run_services import RunOptions, RunServices, run_services
from yingji_map.services.serve_layer_tiles import ServeLayerTiles
from yingji_map.services.serve_risk_tiles import ServeRiskTiles
from yingji_map.services.serve_terrain import ServeTerrain
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.services.synchronise_layer import SynchroniseLayer
from yingji_map.services.tally_divisions import TallyDivisions
from yingji_map.store.database import Store, open_store

_TILE_CACHE_BYTES = 64 * 1024 * 1024
_PICTURE_CACHE_BYTES = 16 * 1024 * 1024
_MAPS_KEPT = 8
_TALLIES_KEPT = 256
_TERRAINS_KEPT = 2
_PREPARED_RUNS = 2
_MEASURED_MODELS = 4
_SURFACE_CACHE_BYTES = 512 * 1024 * 1024
_COUNTY_OFFICE = IssuerProfile()
_NOBODY = CheckEditor()
_MAX_UPLOAD_BYTES = 512 * 1024**2
_KEEP_RUNS = 500
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Everything the doors (cli, http) may call."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    data_dir: Path
    clock: Clock
    apply_layers: ApplyLayers
    list_layers: ListLayers
    serve_layer_tiles: ServeLayerTiles
    serve_risk_tiles: ServeRiskTiles
    serve_terrain: ServeTerrain
    tally_divisions: TallyDivisions
    check_readiness: CheckReadiness
    import_layer: ImportLayer
    import_folder: ImportFolder
    import_raster: ImportRaster
    list_imports: ListImports
    receive_uploads: ReceiveUploads
    load_sample: LoadSample
    list_rasters: ListRasters
    export_layer: ExportLayer
    read_history: ReadHistory
    list_versions: ListVersions
    diff_layer: DiffLayer
    list_changes: ListChanges
    synchronise_layer: SynchroniseLayer
    restore_layer: RestoreLayer
    end_feature: EndFeature
    find_features: FindFeatures
    edit_features: EditFeatures
    editors: CheckEditor
    network: KeepNetwork
    find_nearest: FindNearest
    find_route: FindRoute
    find_isochrone: FindIsochrone
    find_isolated: FindIsolated
    measure_coverage: MeasureCoverage
    close_roads: CloseRoads
    planning: Planning
    find_within: FindWithin
    draft_warning: DraftWarning
    list_warnings: ListWarnings
    export_warning: ExportWarning
    assess_risk: AssessRisk
    explain_cell: ExplainCell
    list_runs: ListRuns
    render_styles: RenderStyles
    runs: RunServices

    def warm_up(self) -> None:
        """Build what the first answers need: the road graph and the latest run's inputs."""
        with suppress(YingjiError):  # an empty store has neither; whoever asks is told what to do
            self.network.rebuilt()
            self.explain_cell.warm_up()

    def close(self) -> None:
        """Give back every connection."""
        self.receive_uploads.close()
        self.network.close()
        self.store.dispose()


def utc_now() -> datetime:
    """Return the present instant; the one clock of the running program."""
    return datetime.now(UTC)


def build(  # noqa: PLR0913 - keyword-only, one for each thing that an installation decides
    *,
    url: str,
    layers_dir: Path,
    data_dir: Path,
    pool_size: int = 8,
    clock: Clock = utc_now,
    issuer: IssuerProfile = _COUNTY_OFFICE,
    editors: CheckEditor = _NOBODY,
    max_upload_bytes: int = _MAX_UPLOAD_BYTES,
    keep_runs: int = _KEEP_RUNS,
) -> Application:
    """Build the application on a database whose schema is up to date.

    Parameters
    ----------
    url
        `postgresql+psycopg://…`.
    layers_dir
        Folder of the layer definitions.
    data_dir
        Folder of the raster files.
    pool_size
        Connections kept open.
    clock
        What time it is.
    issuer
        Which office warnings name as their sender.
    editors
        Who may change features over HTTP.
    max_upload_bytes
        Greatest size of a file handed in over HTTP.
    keep_runs
        Latest risk runs of each kind that pruning keeps.
    """
    store = open_store(url, pool_size=pool_size)
    catalogue = read_catalogue(layers_dir)
    models = read_models(layers_dir, catalogue)
    collect = CollectRiskInputs(
        catalogue=catalogue, data_dir=data_dir, backgrounds=SingleFlightCache(1)
    )
    prepared: SingleFlightCache[str, PreparedRun] = SingleFlightCache(_PREPARED_RUNS)
    network = KeepNetwork(store=store, catalogue=catalogue, clock=clock)
    closures, places = KeepClosures(clock=clock), KeepPlaces(store=store, clock=clock)
    gather = GatherBases(
        store=store, catalogue=catalogue, network=network, places=places, closures=closures
    )
    lattice = KeepLattice()
    country = KeepCountry(store=store, catalogue=catalogue, data_dir=data_dir)
    import_layer = ImportLayer(store=store, catalogue=catalogue)
    diff_layer = DiffLayer(store=store, catalogue=catalogue)
    import_raster = ImportRaster(store=store, catalogue=catalogue, data_dir=data_dir)
    layer_tiles = ServeLayerTiles(
        store=store, catalogue=catalogue, cache=SingleFlightCache(_TILE_CACHE_BYTES, weight_of)
    )
    resident = resident_surfaces(store, _SURFACE_CACHE_BYTES)
    tally = TallyDivisions(
        resident=resident,
        layers=layer_tiles,
        maps=SingleFlightCache(_MAPS_KEPT),
        tallies=SingleFlightCache(_TALLIES_KEPT),
    )
    compute = ComputeRun(
        collect=collect, prepared=prepared, measured=SingleFlightCache(_MEASURED_MODELS)
    )
    recall = RecallRun(store=store, collect=collect, prepared=prepared)
    return Application(
        store=store,
        catalogue=catalogue,
        data_dir=data_dir,
        clock=clock,
        apply_layers=ApplyLayers(store=store, catalogue=catalogue),
        list_layers=ListLayers(store=store, catalogue=catalogue),
        serve_layer_tiles=layer_tiles,
        serve_risk_tiles=ServeRiskTiles(
            resident=resident, cache=SingleFlightCache(_TILE_CACHE_BYTES, weight_of)
        ),
        tally_divisions=tally,
        serve_terrain=ServeTerrain(
            store=store,
            data_dir=data_dir,
            terrains=SingleFlightCache(_TERRAINS_KEPT),
            cache=SingleFlightCache(_TILE_CACHE_BYTES, len),
            shades=SingleFlightCache(_TILE_CACHE_BYTES, len),
        ),
        check_readiness=CheckReadiness(store=store, catalogue=catalogue, network=network),
        import_layer=import_layer,
        import_folder=ImportFolder(import_layer=import_layer),
        import_raster=import_raster,
        list_imports=ListImports(store=store),
        receive_uploads=ReceiveUploads(
            store=store,
            import_layer=import_layer,
            import_raster=import_raster,
            folder=data_dir / "uploads",
            max_bytes=max_upload_bytes,
        ),
        load_sample=LoadSample(
            catalogue=catalogue, import_layer=import_layer, import_raster=import_raster
        ),
        list_rasters=ListRasters(store=store, catalogue=catalogue),
        export_layer=ExportLayer(store=store, catalogue=catalogue),
        read_history=ReadHistory(store=store, catalogue=catalogue),
        list_versions=ListVersions(store=store, catalogue=catalogue),
        diff_layer=diff_layer,
        list_changes=ListChanges(store=store, diff_layer=diff_layer),
        synchronise_layer=SynchroniseLayer(
            store=store, catalogue=catalogue, import_layer=import_layer
        ),
        restore_layer=RestoreLayer(
            store=store, catalogue=catalogue, derive=import_raster.followers
        ),
        end_feature=EndFeature(store=store, catalogue=catalogue),
        find_features=FindFeatures(store=store, catalogue=catalogue),
        edit_features=EditFeatures(store=store, catalogue=catalogue),
        editors=editors,
        network=network,
        find_nearest=FindNearest(
            store=store, catalogue=catalogue, network=network, places=places, closures=closures
        ),
        find_route=FindRoute(store=store, network=network, closures=closures),
        find_isochrone=FindIsochrone(gather=gather, lattice=lattice, country=country),
        find_isolated=FindIsolated(gather=gather),
        measure_coverage=MeasureCoverage(gather=gather, lattice=lattice, country=country),
        close_roads=CloseRoads(store=store, network=network, clock=clock),
        planning=build_planning(gather, clock, read_standards(layers_dir)),
        find_within=FindWithin(store=store, catalogue=catalogue),
        draft_warning=DraftWarning(store=store, catalogue=catalogue, clock=clock, profile=issuer),
        list_warnings=ListWarnings(store=store, catalogue=catalogue),
        export_warning=ExportWarning(store=store),
        assess_risk=AssessRisk(
            store=store, models=models, collect=collect, compute=compute, clock=clock
        ),
        explain_cell=ExplainCell(store=store, catalogue=catalogue, recall=recall),
        list_runs=ListRuns(store=store, models=models),
        render_styles=RenderStyles(
            catalogue=catalogue,
            models=models,
            palette=read_palette(layers_dir, catalogue),
            images=SingleFlightCache(_PICTURE_CACHE_BYTES, len),
        ),
        runs=run_services(
            tally, recall, compute, RunOptions(keep_runs=keep_runs, clock=clock, issuer=issuer)
        ),
    )
