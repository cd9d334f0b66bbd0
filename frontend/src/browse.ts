// The map on the feature service's pages: the layer in its own colours on the county's ground, the page's features on top.
import { LngLatBounds, Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { GeoJSONSource, LayerSpecification, StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { BOLD } from "./map/style/text";
import { FONT } from "./design/tokens";

const PAGE = "page-features";
const EXTENT = "page-extent";
const GROUND = new Set(["county", "township", "river", "road", "dem"]);
const EMPTY: StyleSpecification = {
  version: 8,
  sources: {},
  layers: [{ id: "ground", type: "background", paint: { "background-color": "#f3f5f2" } }],
};
const ACCENT = "#0b5cad";
const CHOSEN = "#d9480f";

interface Feature extends GeoJSON.Feature {
  properties: GeoJSON.GeoJsonProperties;
}

async function read<T>(address: string): Promise<T | null> {
  const answer = await fetch(address, { headers: { Accept: "application/geo+json, application/json" } });
  return answer.ok ? ((await answer.json()) as T) : null;
}

/** The whole map's style without its symbols: relief, boundaries, rivers and roads. */
function groundOf(style: StyleSpecification | null): StyleSpecification {
  if (!style) return EMPTY;
  const layers = style.layers.filter(
    (layer) => layer.type === "background" || (layer.type !== "symbol" && GROUND.has(layer.source as string)),
  );
  const sources = Object.fromEntries(Object.entries(style.sources).filter(([name]) => GROUND.has(name)));
  return { ...style, layers, sources };
}

/** The layer's own style after the ground; where both draw a source, the layer's way wins. */
function joined(ground: StyleSpecification, own: StyleSpecification | null): StyleSpecification {
  if (!own) return ground;
  const names = new Set(own.layers.map((layer) => layer.id));
  const layers = [...ground.layers.filter((layer) => !names.has(layer.id)), ...own.layers];
  return { ...ground, ...(own.sprite ? { sprite: own.sprite } : {}), sources: { ...ground.sources, ...own.sources }, layers };
}

function overlay(): LayerSpecification[] {
  const isChosen = ["boolean", ["feature-state", "chosen"], false];
  const colour = ["case", isChosen, CHOSEN, ACCENT] as unknown as string;
  return [
    { id: "page-fill", type: "fill", source: PAGE, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.12 } },
    {
      id: "page-line",
      type: "line",
      source: PAGE,
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": colour, "line-width": ["case", isChosen, 4, 2] as unknown as number },
    },
    {
      id: "page-point",
      type: "circle",
      source: PAGE,
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": ["case", isChosen, 9, 5] as unknown as number,
        "circle-color": colour,
        "circle-opacity": 0.35,
        "circle-stroke-color": colour,
        "circle-stroke-width": ["case", isChosen, 3, 1.5] as unknown as number,
      },
    },
    {
      id: "page-name",
      type: "symbol",
      source: PAGE,
      layout: { "text-field": ["coalesce", ["get", "name"], ""], "text-font": BOLD, "text-size": 12, "text-offset": [0, 1.2], "text-anchor": "top" },
      paint: { "text-color": "#1d2733", "text-halo-color": "#fff", "text-halo-width": 1.6 },
    },
  ];
}

type Corners = [number, number, number, number];

/** The layer's extent as a dashed box. */
function addExtent(style: StyleSpecification, [west, south, east, north]: Corners): void {
  const ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
  style.sources[EXTENT] = { type: "geojson", data: { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: ring } } };
  style.layers.push({ id: EXTENT, type: "line", source: EXTENT, paint: { "line-color": ACCENT, "line-width": 1.2, "line-dasharray": [4, 3] } });
}

function cornersOf(features: Feature[]): LngLatBounds | null {
  const bounds = new LngLatBounds();
  const visit = (node: unknown): void => {
    if (!Array.isArray(node)) return;
    if (typeof node[0] === "number") bounds.extend([node[0] as number, node[1] as number]);
    else node.forEach(visit);
  };
  for (const feature of features) if (feature.geometry && "coordinates" in feature.geometry) visit(feature.geometry.coordinates);
  return bounds.isEmpty() ? null : bounds;
}

async function featuresOf(address: string | undefined): Promise<Feature[]> {
  if (!address) return [];
  const found = await read<Feature & { features?: Feature[] }>(address);
  const features = found?.features ?? (found ? [found] : []);
  // MapLibre keeps the state of features by whole numbers only, unless a property holds their names.
  return features.map((feature) => ({ ...feature, properties: { ...feature.properties, __id: String(feature.id) } }));
}

function follow(map: MapLibreMap, here: string): void {
  const rows = new Map<string, HTMLElement>();
  for (const row of document.querySelectorAll<HTMLElement>("tr[data-id]")) rows.set(row.dataset["id"]!, row);
  let chosen: string | null = null;
  const choose = (id: string | null): void => {
    if (id === chosen) return;
    if (chosen !== null) map.setFeatureState({ source: PAGE, id: chosen }, { chosen: false });
    rows.get(chosen ?? "")?.classList.remove("chosen");
    chosen = id;
    if (id === null) return;
    map.setFeatureState({ source: PAGE, id }, { chosen: true });
    rows.get(id)?.classList.add("chosen");
  };
  for (const [id, row] of rows) {
    row.addEventListener("mouseenter", () => choose(id));
    row.addEventListener("mouseleave", () => choose(null));
  }
  for (const layer of ["page-point", "page-line", "page-fill"]) {
    map.on("mousemove", layer, (event) => {
      map.getCanvas().style.cursor = "pointer";
      choose(String(event.features?.[0]?.properties["__id"]));
    });
    map.on("mouseleave", layer, () => {
      map.getCanvas().style.cursor = "";
      choose(null);
    });
    map.on("click", layer, (event) => {
      const id = event.features?.[0]?.properties["__id"];
      if (rows.size && id !== undefined) location.href = `${here}/${encodeURIComponent(String(id))}?f=html`;
    });
  }
}

async function show(container: HTMLElement): Promise<void> {
  const { base, layer, items, page, bounds } = container.dataset as Record<string, string | undefined>;
  setWorkerUrl(new URL(workerUrl, import.meta.url).href);
  const [whole, own, features] = await Promise.all([
    read<StyleSpecification>(`${base}/styles/yingji.json`),
    layer ? read<StyleSpecification>(`${base}/styles/${layer}.json`) : null,
    featuresOf(page),
  ]);
  const style = joined(groundOf(whole), own);
  style.sources[PAGE] = { type: "geojson", data: { type: "FeatureCollection", features }, promoteId: "__id" };
  const extent = bounds ? (bounds.split(",").map(Number) as Corners) : null;
  if (extent) addExtent(style, extent);
  style.layers.push(...overlay());
  const seen = extent ? new LngLatBounds(extent) : cornersOf(features);
  const map = new MapLibreMap({
    container,
    style,
    ...(seen ? { bounds: seen, fitBoundsOptions: { padding: 40, maxZoom: 15 } } : { center: [105, 35], zoom: 3 }),
    maxPitch: 0,
    pitchWithRotate: false,
    attributionControl: false,
    localIdeographFontFamily: FONT,
    locale: { "Map.Title": "图层地图", "NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小" },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  map.on("error", (event) => console.warn(event.error.message));
  map.once("idle", () => {
    container.dataset["ready"] = String((map.getSource<GeoJSONSource>(PAGE) && features.length) ?? 0);
    follow(map, items ?? "");
  });
}

const container = document.getElementById("map");
if (container) void show(container);
