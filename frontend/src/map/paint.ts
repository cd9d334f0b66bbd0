// Symbols and patterns on a 2D canvas: the map's images and the legend's rows are the same drawing.
import type { SymbolStyle } from "../api/types";
import { FONT, palettes, PATTERN_PX, type CellPaint, type Palette, type ThemeName } from "../design/tokens";

export type Canvas2D = CanvasRenderingContext2D;
export type SymbolSize = "full" | "small";

/** Edge of a symbol's image in CSS pixels, halo included. */
export const SYMBOL_BOX = { full: 28, small: 18 } as const;
const HALF = { full: 9.5, small: 6 } as const;

function outline(context: Canvas2D, shape: SymbolStyle["shape"], half: number): void {
  context.beginPath();
  if (shape === "diamond") {
    const reach = half * 1.22;
    context.moveTo(0, -reach);
    context.lineTo(reach, 0);
    context.lineTo(0, reach);
    context.lineTo(-reach, 0);
    context.closePath();
  } else if (shape === "rounded_square") {
    context.roundRect(-half, -half, half * 2, half * 2, half * 0.34);
  } else if (shape === "pill") {
    context.roundRect(-half * 1.4, -half * 0.8, half * 2.8, half * 1.6, half * 0.8);
  } else {
    context.arc(0, 0, shape === "dot" ? half * 0.42 : half, 0, Math.PI * 2);
  }
}

/** Draws one symbol centred on (0, 0) in CSS pixels. */
export function drawSymbol(
  context: Canvas2D,
  style: SymbolStyle,
  character: string,
  options: { theme: ThemeName; isCapacity: boolean; size: SymbolSize },
): void {
  const palette = palettes[options.theme];
  const colours = palette.map.symbols[options.isCapacity ? (`${style.fill}_capacity` as const) : style.fill];
  const half = HALF[options.size];
  outline(context, style.shape, half);
  context.lineJoin = "round";
  context.strokeStyle = palette.map.symbolHalo;
  context.lineWidth = 3.4;
  context.stroke();
  context.fillStyle = colours.fill;
  context.fill();
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.4;
  context.stroke();
  if (options.size === "small" || !character) return;
  context.fillStyle = colours.character;
  context.font = `700 ${half * 1.24}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(character, 0, half * 0.07);
}

/** One drop pin with its tip on (0, 0): the place that a question is about. */
export function drawPin(context: Canvas2D, palette: Palette, character: string): void {
  context.beginPath();
  context.arc(0, -24, 14, Math.PI * 0.82, Math.PI * 0.18);
  context.lineTo(0, 0);
  context.closePath();
  context.lineJoin = "round";
  context.strokeStyle = palette.map.selectionCasing;
  context.lineWidth = 4;
  context.stroke();
  context.fillStyle = palette.map.selection;
  context.fill();
  context.fillStyle = palette.map.selectionCasing;
  context.font = `800 14px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(character, 0, -23.5);
}

export type PatternName = keyof typeof PATTERN_PX;

/** One repeat of a pattern; its edge is `PATTERN_PX[name]` CSS pixels. */
export function drawPattern(context: Canvas2D, name: PatternName, ink: string): void {
  const edge = PATTERN_PX[name];
  if (name === "dots") {
    context.fillStyle = ink;
    context.beginPath();
    context.arc(edge / 2, edge / 2, 0.85, 0, Math.PI * 2);
    context.fill();
    return;
  }
  context.strokeStyle = ink;
  context.lineWidth = name === "hatch" ? 1.1 : 0.9;
  context.beginPath();
  for (const shift of [-edge, 0, edge]) {
    context.moveTo(shift - 1, edge + 1);
    context.lineTo(shift + edge + 1, -1);
  }
  context.stroke();
}

/** A legend swatch: the cell of the map in small, on the map's land. */
export function drawSwatch(context: Canvas2D, cell: CellPaint | "no_data", theme: ThemeName, edge: number): void {
  const { map } = palettes[theme];
  context.clearRect(0, 0, edge, edge);
  context.save();
  context.beginPath();
  context.roundRect(0.75, 0.75, edge - 1.5, edge - 1.5, 3);
  context.clip();
  context.fillStyle = map.land;
  context.fillRect(0, 0, edge, edge);
  if (cell === "no_data") tile(context, "no_data", map.noData, edge);
  else {
    context.globalAlpha = cell.fillOpacity;
    context.fillStyle = cell.fill;
    context.fillRect(0, 0, edge, edge);
    context.globalAlpha = 1;
    if (cell.pattern) tile(context, cell.pattern, cell.patternInk, edge);
  }
  context.restore();
  context.beginPath();
  context.roundRect(0.75, 0.75, edge - 1.5, edge - 1.5, 3);
  // The ring takes the outline's place; a faint outline alone would vanish at this size.
  context.strokeStyle = cell === "no_data" ? map.noData : (cell.ring ?? (cell.outlineWidth > 0.5 ? cell.outline : cell.fill));
  context.lineWidth = cell !== "no_data" && cell.ring ? 1.5 : 1.1;
  context.stroke();
}

function tile(context: Canvas2D, name: PatternName, ink: string, edge: number): void {
  const step = PATTERN_PX[name];
  for (let x = 0; x < edge; x += step) {
    for (let y = 0; y < edge; y += step) {
      context.save();
      context.translate(x, y);
      context.beginPath();
      context.rect(0, 0, step, step);
      context.clip();
      drawPattern(context, name, ink);
      context.restore();
    }
  }
}
