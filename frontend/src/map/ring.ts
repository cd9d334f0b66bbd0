// Rings of a drawn zone: which edges cross, how long, where a label goes.
import type { Feature, MultiPolygon, Polygon, Position } from "geojson";

/** The ring without its closing vertex and without immediate repeats (terra-draw repeats the cursor while drawing). */
export function openRing(ring: Position[]): Position[] {
  const result: Position[] = [];
  for (const point of ring) {
    const last = result.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) result.push(point);
  }
  const first = result[0];
  const last = result.at(-1);
  if (result.length > 1 && first && last && first[0] === last[0] && first[1] === last[1]) result.pop();
  return result;
}

function side(a: Position, b: Position, c: Position): number {
  return Math.sign((b[0]! - a[0]!) * (c[1]! - a[1]!) - (b[1]! - a[1]!) * (c[0]! - a[0]!));
}

function isBetween(a: Position, b: Position, c: Position): boolean {
  return (
    Math.min(a[0]!, b[0]!) <= c[0]! && c[0]! <= Math.max(a[0]!, b[0]!) && Math.min(a[1]!, b[1]!) <= c[1]! && c[1]! <= Math.max(a[1]!, b[1]!)
  );
}

/** True when the closed segments ab and cd share a point, touching included. */
export function segmentsMeet(a: Position, b: Position, c: Position, d: Position): boolean {
  const [s1, s2, s3, s4] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (s1 !== s2 && s3 !== s4) return true;
  return (
    (s1 === 0 && isBetween(a, b, c)) || (s2 === 0 && isBetween(a, b, d)) || (s3 === 0 && isBetween(c, d, a)) || (s4 === 0 && isBetween(c, d, b))
  );
}

/** Indices of edges (from vertex i to i + 1) that meet an edge they are not joined to; a spike back along an edge counts. */
export function crossingEdges(ring: Position[]): number[] {
  const count = ring.length;
  if (count < 4) return [];
  const bad = new Set<number>();
  for (let i = 0; i < count; i += 1) {
    for (let j = i + 1; j < count; j += 1) {
      const [a, b, c, d] = [ring[i]!, ring[(i + 1) % count]!, ring[j]!, ring[(j + 1) % count]!];
      const areNeighbours = j === i + 1 || (i === 0 && j === count - 1);
      const isBad = areNeighbours ? isSpike(i === 0 && j === count - 1 ? [c, a, b] : [a, b, d]) : segmentsMeet(a, b, c, d);
      if (isBad) bad.add(i).add(j);
    }
  }
  return [...bad].sort((x, y) => x - y);
}

function isSpike([a, b, c]: [Position, Position, Position]): boolean {
  const forward = (b[0]! - a[0]!) * (c[0]! - b[0]!) + (b[1]! - a[1]!) * (c[1]! - b[1]!);
  return side(a, b, c) === 0 && forward < 0;
}

function ringArea(ring: Position[]): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    sum += ring[j]![0]! * ring[i]![1]! - ring[i]![0]! * ring[j]![1]!;
  }
  return Math.abs(sum) / 2;
}

function isInside(ring: Position[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = [ring[i]![0]!, ring[i]![1]!];
    const [xj, yj] = [ring[j]![0]!, ring[j]![1]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The place of a label: on the widest horizontal run through the largest part, so that it lies inside. */
export function labelPoint(geometry: Polygon | MultiPolygon): Position {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const rings = parts.reduce((best, part) => (ringArea(part[0]!) > ringArea(best[0]!) ? part : best));
  const ys = rings[0]!.map((p) => p[1]!);
  const [south, north] = [Math.min(...ys), Math.max(...ys)];
  let best: { width: number; point: Position } = { width: -1, point: rings[0]![0]! };
  for (const share of [0.5, 0.44, 0.56, 0.38, 0.62, 0.3, 0.7]) {
    const y = south + (north - south) * share;
    const xs = rings.flatMap((ring) => meetings(ring, y)).sort((a, b) => a - b);
    for (let i = 0; i + 1 < xs.length; i += 2) {
      // The middle is worth more than a slightly wider run near the edge.
      const width = (xs[i + 1]! - xs[i]!) * (1 - Math.abs(share - 0.5) * 0.8);
      if (width > best.width) best = { width, point: [(xs[i]! + xs[i + 1]!) / 2, y] };
    }
  }
  return best.point;
}

function meetings(ring: Position[], y: number): number[] {
  const result: number[] = [];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [a, b] = [ring[j]!, ring[i]!];
    if (a[1]! > y !== b[1]! > y) result.push(a[0]! + ((y - a[1]!) / (b[1]! - a[1]!)) * (b[0]! - a[0]!));
  }
  return result;
}

export function containsPoint(feature: Feature<Polygon | MultiPolygon>, lon: number, lat: number): boolean {
  const parts = feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates;
  return parts.some(([outer, ...holes]) => isInside(outer!, lon, lat) && !holes.some((hole) => isInside(hole, lon, lat)));
}

export function boundsOf(geometry: Polygon | MultiPolygon): [number, number, number, number] {
  const points = (geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat()).flat();
  const xs = points.map((p) => p[0]!);
  const ys = points.map((p) => p[1]!);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

const WORLD: Position[] = [
  [-180, -85],
  [180, -85],
  [180, 85],
  [-180, 85],
  [-180, -85],
];

/** Everything outside a rectangle given as west, south, east, north. */
export function outsideBounds([west, south, east, north]: [number, number, number, number]): Feature<Polygon> {
  const hole: Position[] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [WORLD, hole] } };
}

/** Everything outside the given borders. */
export function outsideOf(borders: Feature<Polygon | MultiPolygon>[]): Feature<Polygon> {
  const holes = borders.flatMap(({ geometry }) =>
    geometry.type === "Polygon" ? [geometry.coordinates[0]!] : geometry.coordinates.map((part) => part[0]!),
  );
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [WORLD, ...holes] } };
}
