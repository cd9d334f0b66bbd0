import { describe, expect, it } from "vitest";
import { contrast } from "../src/design/contrast";
import { LEVELS } from "../src/design/levels";
import { palettes, type ThemeName } from "../src/design/tokens";

const THEMES: ThemeName[] = ["day", "night"];

describe.each(THEMES)("tokens by %s", (theme) => {
  const p = palettes[theme];

  it("keep every text at 4.5 : 1 on every panel", () => {
    for (const text of [p.text1, p.text2]) {
      for (const ground of [p.surface, p.surface2, p.surface3, p.accentSoft]) {
        expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(contrast(p.text3, p.surface)).toBeGreaterThanOrEqual(4.5);
  });

  it("keep words on filled grounds readable", () => {
    expect(contrast(p.onAccent, p.accent)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(p.onInk, p.ink)).toBeGreaterThanOrEqual(4.5);
    for (const { level } of LEVELS) expect(contrast(p.onRisk[level], p.risk[level]), `level ${level}`).toBeGreaterThanOrEqual(4.5);
  });

  it("keep symbols and routes at 3 : 1 on the land", () => {
    for (const colour of [p.map.symbols.open.ink, p.map.symbols.open_capacity.ink, p.analysis, p.map.selection]) {
      expect(contrast(colour, p.map.land), colour).toBeGreaterThanOrEqual(3);
    }
  });

  it("give red a hatch and orange dots, and mark yellow by night with a ring", () => {
    expect(p.cell[4].pattern).toBe("hatch");
    expect(p.cell[3].pattern).toBe("dots");
    expect(p.cell[2].ring !== null).toBe(theme === "night");
  });

  it("keep the accent, the analysis colour and the ink apart from the four levels", () => {
    const levels = LEVELS.map(({ level }) => p.risk[level]);
    for (const colour of [p.accent, p.analysis, p.ink]) expect(levels).not.toContain(colour);
  });
});

describe("contrast", () => {
  it("is 21 between black and white and 1 between equals", () => {
    expect(contrast("#000000", "#FFFFFF")).toBeCloseTo(21, 5);
    expect(contrast("#0B6B60", "#0B6B60")).toBe(1);
  });
});
