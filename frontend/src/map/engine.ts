// The MapLibre map: style from state, what was clicked, where it stands. Nothing else touches the library.
import type { Position } from "geojson";
import {
  Map as MapLibreMap,
  ScaleControl,
  setWorkerUrl,
  type MapGeoJSONFeature,
  type MapMouseEvent,
  type PointLike,
  type VectorTileSource,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { Properties } from "../api/types";
import { FONT, type ThemeName } from "../design/tokens";
import type { Camera } from "../stores/url";
import { putImages } from "./images";
import { buildStyle, keepForeign } from "./style/build";
import { RISK_SOURCE, riskTiles } from "./style/risk";
import type { MapState } from "./style/state";
import { hasTiles } from "./style/tiles";
import { pointLayers } from "./style/symbols";

export type Hit =
  | { kind: "cell"; cell: string; ring: Position[]; lon: number; lat: number }
  | { kind: "feature"; layer: string; properties: Properties; lon: number; lat: number }
  | { kind: "ground"; lon: number; lat: number };

export interface Handlers {
  onHit: (hit: Hit) => void;
  onMove: (camera: Camera) => void;
  onPointer: (place: { lon: number; lat: number } | null) => void;
  onReady: () => void;
  /** A tile of the risk surface did not come: no colour there does not mean no risk. */
  onRiskMissing: () => void;
}

const COARSE = matchMedia("(pointer: coarse)").matches;
const REACH_PX = COARSE ? 14 : 5;
const CELL_LAYERS = ["risk-hit"];

export class MapEngine {
  readonly map: MapLibreMap;
  private state: MapState | null = null;
  private imagesFor: { theme: ThemeName; layers: unknown } | null = null;
  private hovered: string | null = null;
  private isLoaded = false;
  private isPaused = false;

  constructor(
    container: HTMLElement,
    camera: Camera,
    private readonly handlers: Handlers,
  ) {
    setWorkerUrl(new URL(workerUrl, location.href).href);
    this.map = new MapLibreMap({
      container,
      style: { version: 8, sources: {}, layers: [] },
      center: [camera.lon, camera.lat],
      zoom: camera.zoom,
      minZoom: 6.5,
      maxZoom: 17,
      maxPitch: 0,
      pitchWithRotate: false,
      attributionControl: false,
      localIdeographFontFamily: FONT,
      fadeDuration: 120,
      locale: { "Map.Title": "风险地图，方向键移动，回车选中心的格" },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    this.map.once("style.load", () => {
      this.isLoaded = true;
      if (this.state) this.apply(this.state);
    });
    this.listen();
  }

  /** Makes the map show `state`; cheap when little changed (MapLibre applies the difference). */
  apply(state: MapState): void {
    const previous = this.state;
    this.state = state;
    if (!this.isLoaded) return;
    if (this.imagesFor?.theme !== state.theme || this.imagesFor.layers !== state.layers) {
      putImages(this.map, state.layers, state.theme);
      this.imagesFor = { theme: state.theme, layers: state.layers };
    }
    if (previous && state.hazard && (previous.hazard !== state.hazard || previous.run !== state.run)) {
      // Setting tiles keeps the old cells on the screen until the new ones are there.
      this.map.getSource<VectorTileSource>(RISK_SOURCE)?.setTiles(riskTiles(state));
    }
    this.map.setStyle(buildStyle(state), { diff: true, validate: false, transformStyle: keepForeign });
    if (state.layers.length) this.map.once("idle", () => this.handlers.onReady());
  }

  /** While a zone is drawn, clicks belong to the drawing. */
  pauseClicks(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.setHover(this.hovered, false);
    this.hovered = null;
  }

  setCursor(cursor: string): void {
    this.map.getCanvas().style.cursor = cursor;
  }

  private listen(): void {
    this.map.on("click", (event) => {
      if (!this.isPaused) this.handlers.onHit(this.hitAt(event.point, event.lngLat));
    });
    this.map.on("mousemove", (event) => this.hover(event));
    this.map.on("mouseout", () => this.handlers.onPointer(null));
    this.map.on("moveend", () => {
      const { lng, lat } = this.map.getCenter();
      this.handlers.onMove({ lon: lng, lat, zoom: this.map.getZoom() });
    });
    this.map.on("error", (event) => {
      console.warn(event.error.message);
      if ((event as { sourceId?: string }).sourceId === RISK_SOURCE) this.handlers.onRiskMissing();
    });
    this.map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || this.isPaused) return;
      const center = this.map.getCenter();
      this.handlers.onHit(this.hitAt(this.map.project(center), center));
    });
  }

  private hover(event: MapMouseEvent): void {
    this.handlers.onPointer({ lon: event.lngLat.lng, lat: event.lngLat.lat });
    if (this.isPaused || !this.map.getLayer("risk-hit")) return;
    const [cell] = this.map.queryRenderedFeatures(event.point, { layers: CELL_LAYERS });
    const id = (cell?.properties["cell"] as string | undefined) ?? null;
    if (id === this.hovered) return;
    this.setHover(this.hovered, false);
    this.hovered = id;
    this.setHover(id, true);
  }

  private setHover(cell: string | null, hover: boolean): void {
    if (cell && this.map.getSource(RISK_SOURCE)) {
      this.map.setFeatureState({ source: RISK_SOURCE, sourceLayer: "risk", id: cell }, { hover });
    }
  }

  private hitAt(point: { x: number; y: number }, place: { lng: number; lat: number }): Hit {
    const ground = { lon: place.lng, lat: place.lat };
    const points = pointLayers((this.state?.layers ?? []).filter(hasTiles))
      .map((layer) => layer.id)
      .filter((id) => this.map.getLayer(id));
    const box: [PointLike, PointLike] = [
      [point.x - REACH_PX, point.y - REACH_PX],
      [point.x + REACH_PX, point.y + REACH_PX],
    ];
    const [feature] = points.length ? this.map.queryRenderedFeatures(box, { layers: points }) : [];
    if (feature?.geometry.type === "Point") {
      const [lon, lat] = feature.geometry.coordinates as [number, number];
      return { kind: "feature", layer: feature.layer.id, properties: feature.properties as Properties, lon, lat };
    }
    const [cell] = this.map.getLayer("risk-hit")
      ? this.map.queryRenderedFeatures([point.x, point.y], { layers: CELL_LAYERS })
      : [];
    const id = cell?.properties["cell"] as string | undefined;
    return cell && id ? { kind: "cell", cell: id, ring: ringOf(cell), ...ground } : { kind: "ground", ...ground };
  }

  /** Outline of a cell from the tiles in view; null while they are not there. */
  findCellRing(cell: string): Position[] | null {
    if (!this.map.getSource(RISK_SOURCE)) return null;
    const [feature] = this.map.querySourceFeatures(RISK_SOURCE, { sourceLayer: "risk", filter: ["==", ["get", "cell"], cell] });
    return feature ? ringOf(feature as MapGeoJSONFeature) : null;
  }

  reloadRisk(): void {
    if (this.state?.hazard) this.map.getSource<VectorTileSource>(RISK_SOURCE)?.setTiles(riskTiles(this.state));
  }

  fit(bounds: [number, number, number, number], padding = 40): void {
    this.map.fitBounds(bounds, { padding, duration: motionMs(400), maxZoom: 13 });
  }

  flyTo(lon: number, lat: number, minZoom: number): void {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), minZoom), duration: motionMs(400) });
  }

  zoomBy(delta: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + delta, duration: motionMs(200) });
  }

  north(): void {
    this.map.easeTo({ bearing: 0, duration: motionMs(200) });
  }

  destroy(): void {
    this.map.remove();
  }
}

export function motionMs(duration: number): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : duration;
}

function ringOf(feature: MapGeoJSONFeature): Position[] {
  const { geometry } = feature;
  if (geometry.type === "Polygon") return geometry.coordinates[0] ?? [];
  return geometry.type === "MultiPolygon" ? (geometry.coordinates[0]?.[0] ?? []) : [];
}
