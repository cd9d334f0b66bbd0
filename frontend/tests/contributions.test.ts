import { describe, expect, it } from "vitest";
import type { CellExplanation, Factor, RiskModel } from "../src/api/types";
import { contributionsOf, missingFactors, sourceText, thresholdsOf } from "../src/panels/contributions";

const title = (zh: string) => ({ zh, en: zh });
const factor = (id: string, state = "scored"): Factor => ({
  id,
  title: title(id),
  layer: "dem",
  raw: state === "no_data" ? null : 1,
  unit: "m",
  normalised: 0.5,
  weight: 0.5,
  contribution: 0.2,
  state,
  source: [],
  citation: "",
  verified: true,
});

function explanation(values: Record<string, number>, score: number): CellExplanation {
  return {
    cell: "8940f0625dbffff",
    hazard: "landslide",
    title: title("滑坡"),
    run: { id: "r", kind: "static", valid_at: null, computed_at: "2026-07-13T19:00:00Z" },
    state: "scored",
    level: "red",
    score,
    confidence: 0.8,
    center: [106, 32],
    township: null,
    blocks: [{ block: "hazard", score: 0.5, factors: [...Object.keys(values).map((id) => factor(id)), factor("ndvi", "no_data")] }],
    members: [],
    conditions: [],
    trigger: null,
    contributions: Object.entries(values).map(([id, value]) => ({ id, title: title(id), value })),
    recomputed_score: score,
    turns: [],
    recomputes_exactly: true,
    formula: "",
  };
}

describe("contributions", () => {
  it("add up to the score, with signs on their own sides and the largest first", () => {
    const result = contributionsOf(explanation({ slope: 0.2, rain: 0.5, shelter: -0.1, fault: 0 }, 0.6));
    expect(result.sum).toBeCloseTo(0.6, 12);
    expect(result.addsUp).toBe(true);
    expect(result.up.map((row) => row.id)).toEqual(["rain", "slope"]);
    expect(result.down.map((row) => row.id)).toEqual(["shelter"]);
    expect(result.silent.map((row) => row.id)).toEqual(["fault"]);
    expect(result.scale).toBe(0.5);
  });

  it("tell when they do not", () => {
    expect(contributionsOf(explanation({ slope: 0.2 }, 0.6)).addsUp).toBe(false);
  });

  it("name what is missing", () => {
    expect(missingFactors(explanation({ slope: 0.6 }, 0.6)).map((item) => item.id)).toEqual(["ndvi"]);
  });
});

describe("sources", () => {
  it("name the layer, its version, the first rows and how many there are", () => {
    const rows = ["甲", "乙", "丙"].map((name) => ({ key: name, name }));
    const source = { layer: "road", version: 3, sha256: null, valid_at: null, row_count: 7, rows };
    expect(sourceText([source], () => "道路", new Date())).toBe("道路 v3 · 甲、乙 等 7 处");
  });
});

describe("thresholds", () => {
  const model = (thresholds: RiskModel["thresholds"]): RiskModel[] => [
    { hazard: "flood", version: 1, follows_weather: true, title: title("洪涝"), thresholds, min_confidence: 0.6 },
  ];

  it("are shown only when all three rise between 0 and 1", () => {
    expect(thresholdsOf(model({ yellow: 0.3, orange: 0.45, red: 0.6 }), "flood")).toEqual({ yellow: 0.3, orange: 0.45, red: 0.6 });
    expect(thresholdsOf(model({ yellow: 0.3, orange: 0.2, red: 0.6 }), "flood")).toBeNull();
    expect(thresholdsOf(model({ yellow: 0.3 }), "flood")).toBeNull();
    expect(thresholdsOf([], "flood")).toBeNull();
  });
});
