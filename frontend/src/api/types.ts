// Shapes of the answers that the page reads; the contract is the server's OpenAPI document.
import type { Geometry, LineString, MultiPolygon, Polygon } from "geojson";

export interface Title {
  zh: string;
  en: string;
}

export type LayerGroup = "risk" | "hazard" | "capacity" | "monitoring" | "base";

export interface SymbolStyle {
  shape: "diamond" | "rounded_square" | "circle" | "pill" | "dot" | "none";
  fill: "open" | "solid";
  character: string;
  character_field: string | null;
  characters: Record<string, string>;
}

export interface LineStyle {
  token: string;
  width_px: number;
  class_field: string | null;
  class_widths_px: Record<string, number>;
  dash: number[];
}

export interface LayerStyle {
  group: LayerGroup;
  symbol: SymbolStyle | null;
  line: LineStyle | null;
  fill: { token: string; opacity: number } | null;
}

export interface LayerField {
  name: string;
  type: string;
  title: Title;
  unit: string | null;
}

export interface LayerSummary {
  id: string;
  kind: string;
  geometry: "point" | "line" | "polygon" | "raster";
  title: Title;
  count: number;
  version: number;
  updated_at: string | null;
  bounds: [number, number, number, number] | null;
  fields: LayerField[];
  tiles: { minzoom: number; maxzoom: number; label: string | null };
  style: LayerStyle | null;
}

export interface LevelCounts {
  red: number;
  orange: number;
  yellow: number;
  blue: number;
  no_data: number;
  not_applicable: number;
}

export interface RunSummary {
  id: string;
  kind: "static" | "dynamic";
  valid_at: string | null;
  computed_at: string;
  resolution: number;
  cells: number;
  hazards: { hazard: string; title: Title; counts: LevelCounts }[];
}

export type CellState = "scored" | "no_data" | "not_applicable";

export interface FactorSource {
  layer?: string;
  version?: number | string;
  rows?: (string | number)[];
  sha256?: string;
}

export interface Factor {
  id: string;
  title: Title;
  layer: string | null;
  raw: number | string | null;
  unit: string | null;
  normalised: number | null;
  weight: number | null;
  contribution: number | null;
  state: string;
  source: FactorSource[];
  citation: string | null;
  verified: boolean | null;
}

export interface CellExplanation {
  cell: string;
  hazard: string;
  run: { id: string; kind: "static" | "dynamic"; valid_at: string | null; computed_at: string };
  state: CellState;
  level: number | null;
  score: number | null;
  confidence: number | null;
  center: [number, number];
  township: { code: string; name: string } | null;
  blocks: { block: string; score: number | null; factors: Factor[] }[];
  contributions: { id: string; title: Title; value: number }[];
  recomputed_score: number | null;
  recomputes_exactly: boolean | null;
  formula: string | null;
  thresholds?: number[] | null;
}

export interface Division {
  code: string;
  name: string;
  cells: LevelCounts;
  area_km2: Partial<LevelCounts>;
  population_persons: Partial<LevelCounts>;
  score_mean: number | null;
  worst_level: number | null;
  worst_share_ratio: number | null;
}

export interface DivisionTable {
  run: string;
  hazard: string;
  divisions: Division[];
  county: Division;
}

export type Properties = Record<string, string | number | boolean | null>;

export interface Place {
  id: string;
  name: string;
  lon: number;
  lat: number;
  properties: Properties;
}

export interface NearestResult extends Place {
  rank: number;
  travel_time_s: number;
  distance_m: number;
  snap_distance_m: number;
  route: LineString | null;
}

export interface NearestAnswer {
  origin: { lon: number; lat: number; snap_distance_m: number };
  layer: string;
  profile: string;
  results: NearestResult[];
  unreachable: number;
}

export type Zone = Polygon | MultiPolygon;

export interface WithinLayer {
  layer: string;
  title: Title | string;
  count: number;
  sums: Record<string, number>;
  features: Place[];
  is_truncated: boolean;
}

export interface WithinAnswer {
  area_km2: number;
  layers: WithinLayer[];
}

export interface Audience {
  population_persons: number;
  households: number;
  settlements: number;
  shelters: number;
  shelter_capacity_persons: number;
  places: { id: string; name: string; population_persons: number }[];
}

export interface WarningRequest {
  hazard: string;
  level: string;
  zone: Zone;
  effective_at: string;
  expires_at: string;
  text?: string;
  instruction?: string;
  is_exercise: boolean;
}

export interface Warning {
  id: string;
  state: string;
  hazard: string;
  level: string;
  is_exercise: boolean;
  zone?: Geometry;
  text?: string | null;
  created_at?: string | null;
  effective_at: string;
  expires_at: string;
  audience: Audience | null;
  links: { self: string; cap: string };
}

/** Lower bounds of the three upper levels. */
export interface Thresholds {
  yellow: number;
  orange: number;
  red: number;
}

export interface RiskModel {
  id: string;
  title: Title;
  version?: string | number;
  classify?: Partial<Thresholds> | null;
}
