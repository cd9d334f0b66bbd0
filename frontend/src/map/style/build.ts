// State in, MapLibre style out. The order of layers is the order of `ui`: risk under relief, marks over roads, labels on top.
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import { outsideBounds } from "../ring";
import { areas, DEM_SOURCE, land, linework, relief, terrainEdge, veil } from "./base";
import { answers, highlight, routes, selection, zone, zoneHandles } from "./overlays";
import { diffMarks, diffSource } from "./diff";
import { RISK_SOURCE, riskFill, riskMarks, riskSource } from "./risk";
import type { MapState } from "./state";
import { labels, symbols } from "./symbols";
import { hasTiles, tileSource } from "./tiles";

/** No `glyphs`, no `sprite`: text and symbols are drawn on this machine. */
export function buildStyle(given: MapState): StyleSpecification {
  const state = { ...given, layers: given.layers.filter(hasTiles) };
  const sources: Record<string, SourceSpecification> = {};
  for (const layer of state.layers) sources[layer.id] = tileSource(layer, state);
  for (const [id, data] of Object.entries(state.overlays)) {
    sources[id] = id === "veil" ? { type: "geojson", data, tolerance: 0.2 } : { type: "geojson", data };
  }
  if (state.terrainBounds) {
    sources["terrainEdge"] = { type: "geojson", data: outsideBounds(state.terrainBounds) };
    sources[DEM_SOURCE] = {
      bounds: state.terrainBounds,
      type: "raster-dem",
      tiles: [`${state.origin}/tiles/dem/{z}/{x}/{y}.png`],
      encoding: "terrarium",
      tileSize: 256,
      maxzoom: 12,
    };
  }
  const hasRisk = state.hazard !== null;
  if (hasRisk) Object.assign(sources, { [RISK_SOURCE]: riskSource(state) }, diffSource(state));
  const { under, borders } = linework(state);
  const layers: LayerSpecification[] = [
    ...land(state),
    ...areas(state),
    ...(hasRisk ? riskFill(state) : []),
    ...relief(state),
    ...terrainEdge(state),
    ...under,
    ...veil(state),
    ...borders,
    ...(hasRisk ? riskMarks(state) : []),
    ...diffMarks(state),
    ...highlight(state),
    ...routes(state),
    ...zone(state),
    ...selection(state),
    ...symbols(state),
    ...labels(state),
    ...answers(state),
    ...zoneHandles(state),
  ];
  return { version: 8, name: "应急一张图", sources, layers };
}

/** Layers that another library added (terra-draw) survive a change of style. */
export function keepForeign(previous: StyleSpecification | undefined, next: StyleSpecification): StyleSpecification {
  if (!previous) return next;
  const isForeign = (id: string): boolean => id.startsWith("td-");
  const sources = { ...next.sources };
  for (const [id, source] of Object.entries(previous.sources)) if (isForeign(id)) sources[id] = source;
  return { ...next, sources, layers: [...next.layers, ...previous.layers.filter((layer) => isForeign(layer.id))] };
}
