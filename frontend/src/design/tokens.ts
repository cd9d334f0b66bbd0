// Colours of panels here; those of the map and of the levels come from `layers/palette.yaml`, the server's one declaration.
import declared from "./palette.json";

export type ThemeName = "day" | "night";
export type Level = 1 | 2 | 3 | 4;

export interface CellPaint {
  fill: string;
  fillOpacity: number;
  outline: string;
  outlineWidth: number;
  pattern: "hatch" | "dots" | null;
  patternInk: string;
  ring: string | null;
}

export interface Palette {
  bg: string;
  surface: string;
  surface2: string;
  surface3: string;
  line: string;
  line2: string;
  text1: string;
  text2: string;
  text3: string;
  accent: string;
  onAccent: string;
  accentSoft: string;
  analysis: string;
  ink: string;
  onInk: string;
  risk: Record<Level, string>;
  onRisk: Record<Level, string>;
  cell: Record<Level, CellPaint>;
  map: MapPalette;
}

export interface SymbolColours {
  fill: string;
  ink: string;
  character: string;
}

export interface MapPalette {
  land: string;
  landHigh: string;
  veil: string;
  shadow: string;
  light: string;
  waterText: string;
  text: string;
  text2: string;
  halo: string;
  selection: string;
  selectionCasing: string;
  noData: string;
  symbolHalo: string;
  symbols: Record<"open" | "solid" | "open_capacity" | "solid_capacity", SymbolColours>;
  /** Colours that the styles of layers name. */
  tokens: Record<string, string>;
}

/** `layers/palette.yaml` as the server tells it. */
export interface DeclaredLevel {
  badge: string;
  on_badge: string;
  fill: string;
  opacity: number;
  outline: string;
  outline_px: number;
  pattern: string | null;
  pattern_ink: string;
  ring: string | null;
}

export interface DeclaredTheme {
  land: string;
  land_high: string;
  veil: string;
  shadow: string;
  light: string;
  text: string;
  text_2: string;
  water_text: string;
  halo: string;
  selection: string;
  selection_casing: string;
  no_data: string;
  symbol_halo: string;
  symbols: MapPalette["symbols"];
  tokens: Record<string, string>;
  risk: Record<"red" | "orange" | "yellow" | "blue", DeclaredLevel>;
}

export type DeclaredPalette = Record<ThemeName, DeclaredTheme>;

const day: Palette = {
  bg: "#EDEFEA",
  surface: "#FFFFFF",
  surface2: "#F6F7F4",
  surface3: "#ECEFEA",
  line: "#DCE1DB",
  line2: "#C3CBC4",
  text1: "#15201C",
  text2: "#46544E",
  text3: "#66736D",
  accent: "#0B6B60",
  onAccent: "#FFFFFF",
  accentSoft: "#E1F0ED",
  analysis: "#6B3FA0",
  ink: "#17211D",
  onInk: "#FFFFFF",
  ...fromDeclared(declared.day),
};

const night: Palette = {
  bg: "#0C1113",
  surface: "#151C1F",
  surface2: "#1C2529",
  surface3: "#243035",
  line: "#2A353A",
  line2: "#3C4A50",
  text1: "#E9F0ED",
  text2: "#AEBCB7",
  text3: "#84948E",
  accent: "#5AD1BF",
  onAccent: "#06201C",
  accentSoft: "#16332F",
  analysis: "#C39BF5",
  ink: "#F2F6F4",
  onInk: "#10171A",
  ...fromDeclared(declared.night),
};

export const palettes: Record<ThemeName, Palette> = { day, night };

export const FONT =
  '"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';
export const MONO = '"Noto Sans Mono CJK SC",ui-monospace,Menlo,Consolas,monospace';

/** Pattern spacing in CSS pixels, the same on the map and in the legend. */
export const PATTERN_PX = { hatch: 4.5, dots: 5, no_data: 6 } as const;

function fromDeclared(theme: DeclaredTheme): Pick<Palette, "risk" | "onRisk" | "cell" | "map"> {
  const levels = { 4: theme.risk.red, 3: theme.risk.orange, 2: theme.risk.yellow, 1: theme.risk.blue };
  const each = <T>(pick: (level: DeclaredLevel) => T): Record<Level, T> => ({
    4: pick(levels[4]),
    3: pick(levels[3]),
    2: pick(levels[2]),
    1: pick(levels[1]),
  });
  return {
    risk: each((level) => level.badge),
    onRisk: each((level) => level.on_badge),
    cell: each((level) => ({
      fill: level.fill,
      fillOpacity: level.opacity,
      outline: level.outline,
      outlineWidth: level.outline_px,
      pattern: level.pattern as CellPaint["pattern"],
      patternInk: level.pattern_ink,
      ring: level.ring,
    })),
    map: {
      land: theme.land,
      landHigh: theme.land_high,
      veil: theme.veil,
      shadow: theme.shadow,
      light: theme.light,
      waterText: theme.water_text,
      text: theme.text,
      text2: theme.text_2,
      halo: theme.halo,
      selection: theme.selection,
      selectionCasing: theme.selection_casing,
      noData: theme.no_data,
      symbolHalo: theme.symbol_halo,
      symbols: theme.symbols,
      tokens: theme.tokens,
    },
  };
}

/** The colours of this installation; until they arrive, those that were built in. */
export function adoptPalette(found: DeclaredPalette): void {
  Object.assign(palettes.day, fromDeclared(found.day));
  Object.assign(palettes.night, fromDeclared(found.night));
}
