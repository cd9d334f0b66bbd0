// Shapes of the answers that the page reads; the contract is the server's OpenAPI document.
import type { LineString, MultiPolygon, Polygon } from "geojson";

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
  size_field?: string | null;
}

export interface LineStyle {
  token: string;
  width_px: number;
  class_field: string | null;
  class_widths_px: Record<string, number>;
  class_tokens?: Record<string, string>;
  casing_px?: number;
  dash: number[];
}

export interface LayerStyle {
  group: LayerGroup;
  visible: boolean;
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

export type RunKind = "static" | "dynamic" | "scenario";

export interface RunSummary {
  id: string;
  kind: RunKind;
  valid_at: string | null;
  computed_at: string;
  resolution: number;
  cells: number;
  /** What a scenario assumes, as text; empty for other runs. */
  assumptions: string[];
  /** The run that a scenario departs from. */
  base: string | null;
  hazards: { hazard: string; title: Title; counts: LevelCounts }[];
}

export interface Moved {
  cells: number;
  area_km2: number;
  population_persons: number;
}

export interface RunDiff {
  hazard: string;
  changes: Record<string, number>;
  up: Moved;
  down: Moved;
  score_change: number;
  causes: { id: string; title: Title; change: number; leads_cells: number }[] | null;
}

export interface ScenarioRequest {
  layer: string;
  value: number;
  division: string | null;
  base: string;
}

export type CellState = "scored" | "no_data" | "not_applicable";

/** A level by name; cells without a score have another word or none. */
export type LevelText = string | null;

export interface SourceRow {
  key: string;
  name: string | null;
}

export interface FactorSource {
  layer: string;
  version: number | null;
  sha256: string | null;
  valid_at: string | null;
  row_count: number;
  rows: SourceRow[];
}

export interface Factor {
  id: string;
  title: Title;
  layer: string;
  raw: number | null;
  unit: string;
  normalised: number | null;
  weight: number;
  contribution: number;
  state: string;
  source: FactorSource[];
  citation: string;
  verified: boolean;
}

/** One hazard of the composite. */
export interface Member {
  hazard: string;
  title: Title;
  state: string;
  level: LevelText;
  score: number | null;
  weight: number;
}

/** One bound of where a model applies. */
export interface Condition {
  source: string;
  operator: string;
  bound: number;
  raw: number | null;
  holds: boolean | null;
}

export interface Trigger {
  rain_mm: number | null;
  effective_mm: number | null;
  missing_days: number;
  multiplier: number | null;
}

/** The smallest change of one input alone that gives the cell another level. */
export interface Turn {
  id: string;
  title: Title;
  unit: string;
  level: LevelText;
  raw_from: number;
  raw_to: number;
  score: number;
}

export interface CellExplanation {
  cell: string;
  hazard: string;
  title: Title;
  run: { id: string; kind: RunKind; valid_at: string | null; computed_at: string };
  state: CellState;
  level: LevelText;
  score: number | null;
  confidence: number;
  center: [number, number];
  township: { code: string; name: string } | null;
  blocks: { block: string; score: number | null; factors: Factor[] }[];
  members: Member[];
  conditions: Condition[];
  trigger: Trigger | null;
  contributions: { id: string; title: Title; value: number }[];
  turns: Turn[];
  recomputed_score: number | null;
  recomputes_exactly: boolean;
  formula: string;
}

export interface Division {
  code: string;
  name: string;
  cells: LevelCounts;
  area_km2: LevelCounts;
  population_persons: LevelCounts;
  worst_level: LevelText;
}

export interface DivisionTable {
  run: string;
  hazard: string;
  divisions: Division[];
  county: Omit<Division, "code" | "name">;
}

export type Properties = Record<string, string | number | boolean | null>;

export interface Place {
  id: string;
  name: string;
  lon: number;
  lat: number;
  properties: Properties;
}

/** A part of a trip: on foot straight across country, or on the road. */
export interface RouteLeg {
  mode: "walk" | "road";
  distance_m: number;
  travel_time_s: number;
}

export interface NearestResult extends Place {
  rank: number;
  legs: RouteLeg[];
  travel_time_s: number;
  distance_m: number;
  snap_distance_m: number;
  route: LineString;
}

export interface NearestAnswer {
  origin: { lon: number; lat: number; snap_distance_m: number };
  layer: string;
  profile: string;
  direction: "from" | "to";
  results: NearestResult[];
  unreachable: number;
  excluded: { id: string; name: string; reason: string }[];
  assumptions: { off_road_walking_km_h: number; snap_limit_m: number; is_road_version_current: boolean };
}

export type Zone = Polygon | MultiPolygon;

export interface WithinLayer {
  layer: string;
  title: Title;
  count: number;
  partly_inside: number;
  sums: Record<string, number>;
  features: Place[];
  is_truncated: boolean;
}

export interface WithinAnswer {
  area_km2: number;
  layers: WithinLayer[];
}

/** null where no data is loaded: not counted is not zero. */
export interface Audience {
  counted_at: string;
  area_km2: number;
  outside_county_km2: number;
  population_persons: number | null;
  households: number | null;
  settlements: number | null;
  shelters: number | null;
  shelter_capacity_persons: number | null;
  places: { id: string; name: string; population_persons: number | null }[];
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
  revision: number;
  state: string;
  hazard: string;
  event: { title: Title };
  level: string;
  is_exercise: boolean;
  zone: Zone;
  areas: { description: string }[];
  headline: string;
  text: string;
  instruction: string;
  issuer: string;
  created_at: string;
  effective_at: string;
  expires_at: string;
  audience: Audience;
  links: { self: string; cap: string };
}

/** Lower bounds of the three upper levels. */
export interface Thresholds {
  yellow: number;
  orange: number;
  red: number;
}

export interface RiskModel {
  hazard: string;
  version: number;
  /** False where nothing in the model changes with the hour. */
  follows_weather: boolean;
  title: Title;
  thresholds: Partial<Thresholds>;
  min_confidence: number;
}
