// Everything the map's style depends on; the style is a pure function of it.
import type { Feature, FeatureCollection } from "geojson";
import type { LayerSummary } from "../../api/types";
import type { Level, ThemeName } from "../../design/tokens";

export interface MapState {
  origin: string;
  theme: ThemeName;
  layers: LayerSummary[];
  hidden: string[];
  hazard: string | null;
  run: string | null;
  /** Two runs whose difference is drawn instead of the levels. */
  compare: { from: string; to: string } | null;
  /** Only this level is shown; null shows all. */
  onlyLevel: Level | null;
  riskOpacity: number;
  hasPatterns: boolean;
  /** Extent of the elevation model (west, south, east, north); null draws flat land. */
  terrainBounds: [number, number, number, number] | null;
  /** Risk steps back where another task leads. */
  isRiskDimmed: boolean;
  zoneLevel: Level | null;
  overlays: Overlays;
}

/** GeoJSON drawn over the tiles, one source each. */
export interface Overlays {
  veil: FeatureCollection;
  townshipLabels: FeatureCollection;
  highlight: FeatureCollection;
  selection: FeatureCollection;
  routes: FeatureCollection;
  zone: FeatureCollection;
}

export const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };

export function collection(features: Feature[]): FeatureCollection {
  return { type: "FeatureCollection", features };
}

export function emptyOverlays(): Overlays {
  return { veil: EMPTY, townshipLabels: EMPTY, highlight: EMPTY, selection: EMPTY, routes: EMPTY, zone: EMPTY };
}

export const RISK_DIM = 0.34;
