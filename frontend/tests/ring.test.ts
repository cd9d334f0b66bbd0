import type { Polygon, Position } from "geojson";
import { describe, expect, it } from "vitest";
import { containsPoint, crossingEdges, labelPoint, openRing, outsideOf, segmentsMeet } from "../src/map/ring";

const square: Position[] = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
];

describe("self-crossing", () => {
  it("is not found in a square, a triangle or a concave ring", () => {
    expect(crossingEdges(square)).toEqual([]);
    expect(crossingEdges(square.slice(0, 3))).toEqual([]);
    expect(crossingEdges([...square, [1, 1]])).toEqual([]);
  });

  it("names both edges of a bow tie", () => {
    expect(crossingEdges([square[0]!, square[2]!, square[1]!, square[3]!])).toEqual([0, 2]);
  });

  it("counts a vertex that lies on another edge", () => {
    expect(crossingEdges([[0, 0], [4, 0], [4, 2], [2, 0], [0, 2]])).toEqual([0, 2, 3]);
  });

  it("counts a spike that runs back along its own edge", () => {
    expect(crossingEdges([[0, 0], [4, 0], [2, 0], [2, 3]])).toEqual([0, 1, 2]);
  });

  it("sees segments that only touch", () => {
    expect(segmentsMeet([0, 0], [2, 0], [1, 0], [1, 5])).toBe(true);
    expect(segmentsMeet([0, 0], [2, 0], [3, 0], [5, 0])).toBe(false);
  });
});

describe("rings", () => {
  it("lose the closing vertex and repeats", () => {
    expect(openRing([[0, 0], [1, 0], [1, 0], [1, 1], [0, 0]])).toEqual([[0, 0], [1, 0], [1, 1]]);
    expect(openRing([])).toEqual([]);
  });

  it("label a horseshoe inside itself", () => {
    const horseshoe: Polygon = {
      type: "Polygon",
      coordinates: [[[0, 0], [9, 0], [9, 9], [7, 9], [7, 2], [2, 2], [2, 9], [0, 9], [0, 0]]],
    };
    const [x, y] = labelPoint(horseshoe);
    expect(containsPoint({ type: "Feature", properties: {}, geometry: horseshoe }, x!, y!)).toBe(true);
  });

  it("veil the world but for the county", () => {
    const county = { type: "Feature" as const, properties: {}, geometry: { type: "Polygon" as const, coordinates: [[...square, square[0]!]] } };
    const veil = outsideOf([county]);
    expect(containsPoint(veil, 1, 1)).toBe(false);
    expect(containsPoint(veil, 5, 5)).toBe(true);
  });
});
