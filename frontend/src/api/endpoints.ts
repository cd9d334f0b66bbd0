// One function an address; nothing else in the page knows a path.
import type { Feature, FeatureCollection, Polygon } from "geojson";
import { getJson, postJson, saveFile, withQuery } from "./client";
import type {
  CellExplanation,
  DivisionTable,
  LayerSummary,
  NearestAnswer,
  RiskModel,
  RunDiff,
  RunSummary,
  ScenarioRequest,
  Warning,
  WarningRequest,
  WithinAnswer,
  Zone,
} from "./types";
import type { DeclaredPalette } from "../design/tokens";

export function fetchLayers(): Promise<{ layers: LayerSummary[]; palette: DeclaredPalette }> {
  return getJson<{ layers: LayerSummary[]; palette: DeclaredPalette }>("/v1/layers");
}

export async function fetchRuns(limit = 48): Promise<RunSummary[]> {
  // Runs that a newer one of the same instant has replaced would stand beside it as if both were true.
  return (await getJson<{ runs: RunSummary[] }>("/v1/risk/runs", { limit, superseded: "false" })).runs;
}

export function fetchRun(id: string): Promise<RunSummary> {
  return getJson(`/v1/risk/runs/${encodeURIComponent(id)}`);
}

export function fetchDiff(from: string, to: string, hazard: string, signal: AbortSignal): Promise<RunDiff> {
  return getJson("/v1/risk/diff", { from, to, hazard }, signal);
}

export function computeScenario(request: ScenarioRequest): Promise<RunSummary> {
  return postJson("/v1/risk/scenarios", request);
}

export function fetchDivisions(hazard: string, run: string, signal: AbortSignal): Promise<DivisionTable> {
  return getJson("/v1/risk/divisions", { hazard, run }, signal);
}

export function explainCell(cell: string, hazard: string, run: string | null, signal: AbortSignal): Promise<CellExplanation> {
  return getJson(`/v1/risk/cells/${encodeURIComponent(cell)}`, { hazard, run }, signal);
}

export interface NearestQuery {
  layer: string;
  lon: number;
  lat: number;
  k: number;
  profile: string;
}

export function findNearest(query: NearestQuery, signal: AbortSignal): Promise<NearestAnswer> {
  return getJson("/v1/nearest", { ...query }, signal);
}

export function findWithin(geometry: Zone, layers: string[], signal: AbortSignal): Promise<WithinAnswer> {
  return postJson("/v1/within", { geometry, layers }, signal);
}

export function draftWarning(request: WarningRequest, key: string): Promise<Warning> {
  // The key makes a second press after a lost answer the same draft, not another one.
  return postJson("/v1/warnings", request, undefined, { "Idempotency-Key": key });
}

export async function fetchWarnings(): Promise<Warning[]> {
  return (await getJson<{ warnings: Warning[] }>("/v1/warnings")).warnings;
}

export function fetchWarning(id: string): Promise<Warning> {
  return getJson(`/v1/warnings/${encodeURIComponent(id)}`);
}

export function fetchFeature(layer: string, id: string, signal: AbortSignal): Promise<Feature> {
  return getJson(`/ogc/collections/${layer}/items/${encodeURIComponent(id)}`, { f: "json" }, signal);
}

/** Borders are few; one page of the collection holds them all. */
export function fetchBorders(layer: string): Promise<FeatureCollection> {
  return getJson(`/ogc/collections/${layer}/items`, { f: "json", limit: 500 });
}

/** Extent of the elevation model; null when there is none: the land is flat then and nothing else changes. */
export async function fetchTerrainBounds(): Promise<[number, number, number, number] | null> {
  return getJson<{ bounds: [number, number, number, number] }>("/tiles/dem.json").then(
    (tileJson) => tileJson.bounds,
    () => null,
  );
}

export async function fetchModels(): Promise<RiskModel[]> {
  return (await getJson<{ models: RiskModel[] }>("/v1/risk/models")).models;
}

/** Saves a layer as a file; with a zone only what touches it. */
export function saveLayer(layer: string, format: string, zone: Polygon | null): Promise<void> {
  const path = withQuery(`/v1/layers/${encodeURIComponent(layer)}/download`, { format });
  return zone ? saveFile(path, { geometry: zone }) : saveFile(path);
}
