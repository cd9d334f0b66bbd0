// What changed between two runs. Up is filled, down is an outline: neither looks like one of the four levels.
import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import { palettes } from "../../design/tokens";
import { patternImage } from "../images";
import type { MapState } from "./state";

export const DIFF_SOURCE = "risk-diff";
const MAXZOOM = 12;
const UP = ["in", ["get", "change"], ["literal", ["up", "became_scored"]]];
const DOWN = ["==", ["get", "change"], "down"];
const LOST = ["in", ["get", "change"], ["literal", ["became_no_data", "gone"]]];

export function diffSource(state: MapState): Record<string, SourceSpecification> {
  if (!state.compare || !state.hazard) return {};
  const query = `from=${encodeURIComponent(state.compare.from)}&to=${encodeURIComponent(state.compare.to)}`;
  const tiles = [`${state.origin}/tiles/risk-diff/${state.hazard}/{z}/{x}/{y}.pbf?${query}`];
  return { [DIFF_SOURCE]: { type: "vector", tiles, minzoom: 0, maxzoom: MAXZOOM, promoteId: { [DIFF_SOURCE]: "cell" } } };
}

export function diffMarks(state: MapState): LayerSpecification[] {
  if (!state.compare || !state.hazard) return [];
  const palette = palettes[state.theme];
  const visibility = state.hidden.includes("risk") ? "none" : "visible";
  const base = { source: DIFF_SOURCE, "source-layer": "risk-diff" } as const;
  return [
    {
      ...base,
      id: "risk-diff-up",
      type: "fill",
      filter: UP,
      layout: { visibility },
      paint: { "fill-color": palette.analysis, "fill-opacity": 0.62 * state.riskOpacity },
    },
    {
      ...base,
      id: "risk-diff-lost",
      type: "fill",
      filter: LOST,
      layout: { visibility },
      paint: { "fill-pattern": patternImage("no_data"), "fill-opacity": 0.8 * state.riskOpacity },
    },
    {
      ...base,
      id: "risk-diff-down",
      type: "line",
      filter: DOWN,
      layout: { visibility, "line-join": "round" },
      paint: { "line-color": palette.analysis, "line-width": 1.6, "line-offset": 1.2, "line-dasharray": [2, 1.2] },
    },
  ] as LayerSpecification[];
}
