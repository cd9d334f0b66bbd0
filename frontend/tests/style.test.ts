import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { describe, expect, it } from "vitest";
import type { LayerSummary, LayerStyle } from "../src/api/types";
import { LEVELS } from "../src/design/levels";
import { palettes, type ThemeName } from "../src/design/tokens";
import { buildStyle, keepForeign } from "../src/map/style/build";
import { riskTiles } from "../src/map/style/risk";
import { emptyOverlays, RISK_DIM, type MapState } from "../src/map/style/state";

const symbol = { shape: "diamond", fill: "open", character: "灾", character_field: null, characters: {} } as const;
const line = (token: string) => ({ token, width_px: 1, class_field: null, class_widths_px: {}, dash: [] });

function layer(id: string, geometry: LayerSummary["geometry"], style: Partial<LayerStyle>): LayerSummary {
  return {
    id,
    kind: "x",
    geometry,
    title: { zh: id, en: id },
    count: 3,
    version: 2,
    updated_at: null,
    bounds: [106, 32, 107, 33],
    fields: [],
    tiles: { minzoom: 4, maxzoom: 14, label: "name" },
    style: { group: "base", visible: true, symbol: null, line: null, fill: null, ...style },
  };
}

const layers = [
  layer("county", "polygon", { line: line("county-border") }),
  layer("township", "polygon", { line: { ...line("township-border"), dash: [7, 3] } }),
  layer("lithology", "polygon", { fill: { token: "lithology", opacity: 0.2 } }),
  layer("river", "line", { line: { ...line("water"), class_field: "stream_order", class_widths_px: { "1": 0.6, "4": 2 } } }),
  layer("road", "line", { line: { ...line("road-county"), class_tokens: { 国道: "road-major", 村道: "road-minor" }, casing_px: 1.5, class_field: "road_class", class_widths_px: { 国道: 3.2, 村道: 1 } } }),
  layer("settlement", "point", { symbol: { ...symbol, shape: "dot", character: "" } }),
  layer("geohazard_point", "point", { group: "hazard", symbol: { ...symbol, character_field: "hazard_type", characters: { 滑坡: "滑" } } }),
  layer("rescue_team", "point", { group: "capacity", symbol: { ...symbol, shape: "rounded_square", fill: "solid", character: "队" } }),
  { ...layer("fault_line", "line", { line: line("fault") }), count: 0 },
];

function state(change: Partial<MapState> = {}): MapState {
  return {
    origin: "http://127.0.0.1:8000",
    theme: "day",
    layers,
    hidden: [],
    hazard: "landslide",
    run: null,
    compare: null,
    onlyLevel: null,
    riskOpacity: 1,
    hasPatterns: true,
    terrainBounds: [106, 32, 107, 33],
    isRiskDimmed: false,
    zoneLevel: null,
    overlays: emptyOverlays(),
    ...change,
  };
}

const ids = (change?: Partial<MapState>): string[] => buildStyle(state(change)).layers.map((item) => item.id);
const paintOf = (id: string, change?: Partial<MapState>): Record<string, unknown> =>
  (buildStyle(state(change)).layers.find((item) => item.id === id) as { paint: Record<string, unknown> }).paint;

describe.each<ThemeName>(["day", "night"])("the style by %s", (theme) => {
  it("is valid", () => {
    const problems = validateStyleMin(buildStyle(state({ theme })) as Parameters<typeof validateStyleMin>[0]);
    expect(problems.map((problem) => problem.message).filter((message) => !message.includes("glyphs"))).toEqual([]);
  });

  it("draws what changed instead of the levels when two runs are compared", () => {
    const style = buildStyle(state({ theme, compare: { from: "a", to: "b" } }));
    const shown = style.layers.filter((item) => item.layout?.visibility !== "none").map((item) => item.id);
    expect(validateStyleMin(style as Parameters<typeof validateStyleMin>[0]).filter((p) => !p.message.includes("glyphs"))).toEqual([]);
    expect(shown).toContain("risk-diff-up");
    expect(shown).toContain("risk-hit");
    expect(shown).not.toContain("risk-fill");
    expect(shown).not.toContain("risk-outline");
  });

  it("paints cells with the tokens that the legend draws", () => {
    const colours = paintOf("risk-fill", { theme })["fill-color"] as unknown[];
    const opacities = paintOf("risk-fill", { theme })["fill-opacity"] as unknown[];
    for (const { level } of LEVELS) {
      expect(colours[colours.indexOf(level) + 1]).toBe(palettes[theme].cell[level].fill);
      expect(opacities[opacities.indexOf(level) + 1]).toBe(palettes[theme].cell[level].fillOpacity);
    }
  });
});

describe("the order of layers", () => {
  it("is land, areas, risk, relief, roads, borders, marks, zone, symbols, names", () => {
    const order = ids();
    const wanted = ["land", "lithology-fill", "risk-fill", "hillshade", "river", "road-main", "veil", "county", "risk-pattern", "route", "zone-level", "selection", "settlement", "rescue_team", "township-label", "zone-vertices"];
    expect(wanted.map((id) => order.indexOf(id))).toEqual([...wanted.map((id) => order.indexOf(id))].sort((a, b) => a - b));
    expect(wanted.every((id) => order.includes(id))).toBe(true);
  });
});

describe("the style", () => {
  it("asks no other machine and no glyph or sprite server", () => {
    const style = buildStyle(state());
    expect(style.glyphs).toBeUndefined();
    expect(style.sprite).toBeUndefined();
    for (const url of JSON.stringify(style).match(/https?:\/\/[^"/]+/g) ?? []) expect(url).toBe("http://127.0.0.1:8000");
  });

  it("leaves out layers without rows", () => {
    expect(ids()).not.toContain("fault_line");
  });

  it("steps risk back where another task leads", () => {
    const dimmed = paintOf("risk-fill", { isRiskDimmed: true })["fill-opacity"] as unknown[];
    expect(dimmed[dimmed.indexOf(4) + 1]).toBeCloseTo(palettes.day.cell[4].fillOpacity * RISK_DIM, 3);
  });

  it("shows the ring by night only", () => {
    const ring = (theme: ThemeName): unknown =>
      (buildStyle(state({ theme })).layers.find((item) => item.id === "risk-ring") as { layout: { visibility: string } }).layout.visibility;
    expect([ring("day"), ring("night")]).toEqual(["none", "visible"]);
  });

  it("is flat without an elevation model and bare without a run", () => {
    expect(ids({ terrainBounds: null })).not.toContain("hillshade");
    expect(ids({ hazard: null })).not.toContain("risk-fill");
  });

  it("names the run in the address of the tiles", () => {
    expect(riskTiles(state({ run: "ab 1" }))[0]).toMatch(/landslide\/\{z\}\/\{x\}\/\{y\}\.pbf\?run=ab%201$/);
    expect(riskTiles(state())[0]).not.toContain("?");
  });

  it("keeps what the drawing library added", () => {
    const next = buildStyle(state());
    const source = { type: "geojson" as const, data: { type: "FeatureCollection" as const, features: [] } };
    const foreign = { id: "td-polygon", type: "fill" as const, source: "td-polygon", paint: {} };
    const merged = keepForeign({ ...next, sources: { "td-polygon": source }, layers: [foreign] }, next);
    expect(merged.layers.at(-1)).toEqual(foreign);
    expect(merged.sources["td-polygon"]).toEqual(source);
    expect(merged.layers).toHaveLength(next.layers.length + 1);
  });
});
