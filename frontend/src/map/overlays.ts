// GeoJSON over the tiles, from what the page knows. Pure functions: the map only draws them.
import type { Feature, FeatureCollection, Polygon, Position } from "geojson";
import type { NearestAnswer, NearestResult } from "../api/types";
import { formatMinutes } from "../design/format";
import type { Border } from "../stores/catalogue";
import { labelPoint, outsideOf } from "./ring";
import { collection, EMPTY } from "./style/state";

const point = (coordinates: Position, properties: Record<string, unknown>): Feature => ({
  type: "Feature",
  properties,
  geometry: { type: "Point", coordinates },
});
const line = (coordinates: Position[], properties: Record<string, unknown>): Feature => ({
  type: "Feature",
  properties,
  geometry: { type: "LineString", coordinates },
});

export function veilOverlay(county: Border[]): FeatureCollection {
  return county.length ? collection([outsideOf(county)]) : EMPTY;
}

export function townshipLabelOverlay(townships: Border[]): FeatureCollection {
  return collection(townships.map(({ geometry, properties }) => point(labelPoint(geometry), { ...properties })));
}

export function selectionOverlay(outline: Position[] | null, spot: { lon: number; lat: number } | null): FeatureCollection {
  const features: Feature[] = [];
  if (outline?.length) features.push(line(outline, { kind: "cell" }));
  if (spot) features.push(point([spot.lon, spot.lat], { kind: "point" }));
  return collection(features);
}

export function routeOverlay(
  origin: { lon: number; lat: number } | null,
  answer: NearestAnswer | null,
  chosenRank: number,
  icon: string,
): FeatureCollection {
  const features: Feature[] = [];
  if (origin) features.push(point([origin.lon, origin.lat], { kind: "origin" }));
  for (const result of answer?.results ?? []) {
    const isChosen = result.rank === chosenRank;
    for (const part of splitRoute(result)) {
      // Off the road nothing is known of the way: dots, not a line.
      if (part.mode === "road") features.push(line(part.path, { kind: "route", isChosen }));
      else if (isChosen) features.push(line(part.path, { kind: "snap" }));
    }
    const label = isChosen ? `${result.name} ${formatMinutes(result.travel_time_s)} 分钟` : "";
    features.push(point([result.lon, result.lat], { kind: "answer", icon, label, isChosen, rank: result.rank }));
  }
  return collection(features);
}

/** The way as walked and driven parts; the first and last stretch are walks when the legs say so. */
export function splitRoute(result: Pick<NearestResult, "legs" | "route">): { mode: "walk" | "road"; path: Position[] }[] {
  const path = result.route.coordinates;
  const { legs } = result;
  if (!legs.some((leg) => leg.mode === "road")) return [{ mode: "walk", path }];
  const start = legs[0]?.mode === "walk" && path.length > 2 ? 1 : 0;
  const end = legs.length > 1 && legs.at(-1)?.mode === "walk" && path.length > start + 2 ? path.length - 2 : path.length - 1;
  return [
    { mode: "walk" as const, path: path.slice(0, start + 1) },
    { mode: "road" as const, path: path.slice(start, end + 1) },
    { mode: "walk" as const, path: path.slice(end) },
  ].filter((part) => part.path.length > 1);
}

export interface ZoneInput {
  polygon: Polygon | null;
  ring: Position[];
  crossings: number[];
  hasHandles: boolean;
}

export function zoneOverlay({ polygon, ring, crossings, hasHandles }: ZoneInput): FeatureCollection {
  if (!polygon || ring.length < 2) return EMPTY;
  const edge = (index: number): [Position, Position] => [ring[index]!, ring[(index + 1) % ring.length]!];
  const middle = ([a, b]: [Position, Position]): Position => [(a[0]! + b[0]!) / 2, (a[1]! + b[1]!) / 2];
  const features: Feature[] = [
    { type: "Feature", properties: { kind: "zone" }, geometry: { type: "Polygon", coordinates: [[...ring, ring[0]!]] } },
    ...crossings.map((index) => line(edge(index), { kind: "crossing" })),
  ];
  if (crossings.length) features.push(point(middle(edge(crossings[0]!)), { kind: "crossing-point" }));
  if (hasHandles) {
    if (ring.length > 2) features.push(...ring.map((_, index) => point(middle(edge(index)), { kind: "midpoint" })));
    features.push(...ring.map((vertex) => point(vertex, { kind: "vertex" })));
  }
  return collection(features);
}
