// The one table of colours: CSS variables, map style and legend are all made from it (design notes: docs, "cartography").
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

export interface MapPalette {
  land: string;
  landHigh: string;
  veil: string;
  shadow: string;
  light: string;
  water: string;
  waterText: string;
  road: [string, string, string];
  roadCasing: [string, string, string];
  township: string;
  county: string;
  countyHalo: string;
  fault: string;
  lithology: string;
  text: string;
  text2: string;
  halo: string;
  paper: string;
  symbolInk: string;
  symbolPaper: string;
  capacityInk: string;
  capacityFill: string;
  capacityPaper: string;
  selection: string;
  selectionCasing: string;
  noData: string;
  shadowOfSymbol: string;
}

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
  risk: { 4: "#B80F2E", 3: "#F08A1D", 2: "#FAD324", 1: "#2F6FC4" },
  onRisk: { 4: "#FFFFFF", 3: "#1A1204", 2: "#1A1600", 1: "#FFFFFF" },
  cell: {
    4: cell("#B80F2E", 0.82, "#5E0014", 1.1, "hatch", "rgba(70,0,14,.5)"),
    3: cell("#F08A1D", 0.7, "rgba(140,66,0,.7)", 0.8, "dots", "rgba(110,48,0,.5)"),
    2: cell("#FAD324", 0.44, "rgba(122,92,0,.62)", 0.6),
    1: cell("#2F6FC4", 0.09, "rgba(47,111,196,.16)", 0.5),
  },
  map: {
    land: "#EEEEE2",
    landHigh: "#F8F7F2",
    veil: "rgba(250,250,247,.62)",
    shadow: "rgba(58,62,48,.6)",
    light: "rgba(255,255,250,.4)",
    water: "#8AA5AF",
    waterText: "#456069",
    road: ["#FFFFFF", "#FFFFFF", "#B9B5A9"],
    roadCasing: ["#8D8674", "#A39D8D", "#B9B5A9"],
    township: "rgba(23,33,29,.55)",
    county: "#17211D",
    countyHalo: "rgba(255,255,255,.85)",
    fault: "#7A6F5C",
    lithology: "#8C8570",
    text: "#17211D",
    text2: "#3D4945",
    halo: "rgba(255,255,255,.92)",
    paper: "#FFFFFF",
    symbolInk: "#24302B",
    symbolPaper: "#FFFFFF",
    capacityInk: "#0B6B60",
    capacityFill: "#0B6B60",
    capacityPaper: "#FFFFFF",
    selection: "#0E1512",
    selectionCasing: "#FFFFFF",
    noData: "rgba(90,99,94,.55)",
    shadowOfSymbol: "rgba(255,255,255,.95)",
  },
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
  risk: { 4: "#DE2F3D", 3: "#F0831A", 2: "#F3D25C", 1: "#5B9BEB" },
  onRisk: { 4: "#FFFFFF", 3: "#140A00", 2: "#141000", 1: "#020A14" },
  cell: {
    4: cell("#F03B38", 0.98, "#FFB0A6", 0.8, "hatch", "rgba(255,224,218,.3)"),
    3: cell("#EC7A18", 0.56, "#FFA24A", 0.8, "dots", "rgba(60,26,0,.65)"),
    2: { ...cell("#F3D25C", 0.14, "rgba(20,16,0,.45)", 0.6), ring: "#F7D558" },
    1: cell("#5B9BEB", 0.04, "rgba(140,170,190,.16)", 0.5),
  },
  map: {
    land: "#1D2223",
    landHigh: "#2D3232",
    veil: "rgba(10,14,16,.62)",
    shadow: "rgba(0,0,0,.66)",
    light: "rgba(206,214,208,.17)",
    water: "#4C6671",
    waterText: "#8FA9B3",
    road: ["#B3AFA2", "#989890", "#757A77"],
    roadCasing: ["rgba(10,13,14,.85)", "rgba(10,13,14,.8)", "rgba(10,13,14,.6)"],
    township: "rgba(200,214,208,.3)",
    county: "#D5E0DB",
    countyHalo: "rgba(0,0,0,.65)",
    fault: "#A39B88",
    lithology: "#6F6C60",
    text: "#EDF3F0",
    text2: "#B7C5BF",
    halo: "rgba(10,14,16,.88)",
    paper: "#F2F6F4",
    symbolInk: "#E8EEEB",
    symbolPaper: "#171F22",
    capacityInk: "#8FE6D8",
    capacityFill: "#BFEFE6",
    capacityPaper: "#12312D",
    selection: "#FFFFFF",
    selectionCasing: "#0B0F11",
    noData: "rgba(160,174,168,.5)",
    shadowOfSymbol: "rgba(8,12,14,.9)",
  },
};

export const palettes: Record<ThemeName, Palette> = { day, night };

export const FONT =
  '"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';
export const MONO = '"Noto Sans Mono CJK SC",ui-monospace,Menlo,Consolas,monospace';

/** Pattern spacing in CSS pixels, the same on the map and in the legend. */
export const PATTERN_PX = { hatch: 4.5, dots: 5, no_data: 6 } as const;

function cell(
  fill: string,
  fillOpacity: number,
  outline: string,
  outlineWidth: number,
  pattern: CellPaint["pattern"] = null,
  patternInk = "transparent",
): CellPaint {
  return { fill, fillOpacity, outline, outlineWidth, pattern, patternInk, ring: null };
}
