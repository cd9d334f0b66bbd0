// Risk cells: fill under the relief; pattern, ring and outline above roads, so that level is never colour alone.
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import { LEVELS } from "../../design/levels";
import { palettes, type CellPaint, type Level } from "../../design/tokens";
import { patternImage } from "../images";
import { RISK_DIM, type MapState } from "./state";

export const RISK_SOURCE = "risk";
/** Tiles above this zoom hold the same cells. */
const RISK_MAXZOOM = 12;

export function riskTiles(state: Pick<MapState, "origin" | "hazard" | "run">): string[] {
  const query = state.run ? `?run=${encodeURIComponent(state.run)}` : "";
  return [`${state.origin}/tiles/risk/${state.hazard}/{z}/{x}/{y}.pbf${query}`];
}

export function riskSource(state: MapState): SourceSpecification {
  return { type: "vector", tiles: riskTiles(state), minzoom: 0, maxzoom: RISK_MAXZOOM, promoteId: { risk: "cell" } };
}

function byLevel<T>(pick: (cell: CellPaint, level: Level) => T, state: MapState, fallback: T): ExpressionSpecification {
  const palette = palettes[state.theme];
  const cases = LEVELS.flatMap(({ level }) => [level, pick(palette.cell[level], level)]);
  return ["match", ["get", "level"], ...cases, fallback] as unknown as ExpressionSpecification;
}

function scored(state: MapState, extra?: ExpressionSpecification): FilterSpecification {
  const filters: unknown[] = ["all", ["==", ["get", "state"], "scored"]];
  if (state.onlyLevel) filters.push(["==", ["get", "level"], state.onlyLevel]);
  if (extra) filters.push(extra);
  return filters as unknown as FilterSpecification;
}

function strength(state: MapState): number {
  return state.riskOpacity * (state.isRiskDimmed ? RISK_DIM : 1);
}

function visibility(state: MapState, isWanted = true): "visible" | "none" {
  return isWanted && !state.hidden.includes("risk") ? "visible" : "none";
}

const base = { source: RISK_SOURCE, "source-layer": "risk" } as const;

/** Below the hillshade. */
export function riskFill(state: MapState): LayerSpecification[] {
  const by = strength(state);
  return [
    {
      ...base,
      id: "risk-fill",
      type: "fill",
      filter: scored(state),
      layout: { visibility: visibility(state, state.compare === null) },
      paint: {
        "fill-color": byLevel((cell) => cell.fill, state, "rgba(0,0,0,0)"),
        "fill-opacity": byLevel((cell) => round(cell.fillOpacity * by), state, 0),
        "fill-antialias": false,
      },
    },
  ];
}

/** Above roads and borders. */
export function riskMarks(state: MapState): LayerSpecification[] {
  const by = strength(state);
  const palette = palettes[state.theme];
  const ring = palette.cell[2].ring;
  const outlineStep = state.isRiskDimmed ? RISK_DIM : 1;
  return [
    // Drawn with no colour: every cell can be asked, those without a fill too.
    {
      ...base,
      id: "risk-hit",
      type: "fill",
      layout: { visibility: visibility(state) },
      paint: { "fill-opacity": 0 },
    },
    {
      ...base,
      id: "risk-no-data",
      type: "fill",
      filter: ["==", ["get", "state"], "no_data"],
      layout: { visibility: visibility(state, state.onlyLevel === null && state.compare === null) },
      paint: { "fill-pattern": patternImage("no_data"), "fill-opacity": round(0.8 * by) },
    },
    {
      ...base,
      id: "risk-pattern",
      type: "fill",
      minzoom: 7,
      filter: scored(state, [">=", ["get", "level"], 3]),
      layout: { visibility: visibility(state, state.hasPatterns && state.compare === null) },
      paint: {
        "fill-pattern": ["match", ["get", "level"], 4, patternImage("hatch"), patternImage("dots")],
        "fill-opacity": outlineStep,
      },
    },
    {
      ...base,
      id: "risk-outline",
      type: "line",
      filter: scored(state),
      layout: { visibility: visibility(state, state.compare === null), "line-join": "round", "line-sort-key": ["get", "level"] },
      paint: {
        "line-color": byLevel((cell) => cell.outline, state, "rgba(0,0,0,0)"),
        "line-width": byLevel((cell) => cell.outlineWidth, state, 0),
        "line-opacity": outlineStep,
      },
    },
    {
      ...base,
      id: "risk-ring",
      type: "line",
      filter: scored(state, ["==", ["get", "level"], 2]),
      layout: { visibility: visibility(state, ring !== null && state.compare === null), "line-join": "round" },
      paint: {
        "line-color": ring ?? "rgba(0,0,0,0)",
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.9, 11, 1.5],
        "line-offset": 1.5,
        "line-opacity": round(0.86 * outlineStep),
      },
    },
    {
      ...base,
      id: "risk-hover",
      type: "line",
      layout: { visibility: visibility(state), "line-join": "round" },
      paint: {
        "line-color": palette.map.selection,
        "line-width": 2,
        "line-opacity": ["case", ["boolean", ["feature-state", "hover"], false], 1, 0],
      },
    },
  ];
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
