// Images of the map, drawn at start-up with system fonts: no sprite, no request.
import type { Map as MapLibreMap } from "maplibre-gl";
import type { LayerSummary } from "../api/types";
import { palettes, PATTERN_PX, type ThemeName } from "../design/tokens";
import { drawPattern, drawPin, drawSymbol, SYMBOL_BOX, type Canvas2D, type PatternName, type SymbolSize } from "./paint";

const RATIO = 2;

export function symbolImage(layer: string, character: string, size: SymbolSize): string {
  return `symbol:${layer}:${size === "small" ? "small" : character}`;
}

export const PIN_IMAGE = "pin:origin";
export const HANDLE_IMAGE = "handle";
export const patternImage = (name: PatternName): string => `pattern:${name}`;

function render(width: number, height: number, draw: (context: Canvas2D) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * RATIO);
  canvas.height = Math.round(height * RATIO);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.scale(RATIO, RATIO);
  draw(context);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function put(map: MapLibreMap, id: string, image: ImageData): void {
  if (map.hasImage(id)) map.updateImage(id, image);
  else map.addImage(id, image, { pixelRatio: RATIO });
}

export function charactersOf(layer: LayerSummary): string[] {
  const symbol = layer.style?.symbol;
  return symbol ? [...new Set([symbol.character, ...Object.values(symbol.characters)])] : [];
}

/** Draws every image for a theme; drawn again when the theme changes. */
export function putImages(map: MapLibreMap, layers: LayerSummary[], theme: ThemeName): void {
  const palette = palettes[theme];
  for (const name of Object.keys(PATTERN_PX) as PatternName[]) {
    const ink =
      name === "hatch" ? palette.cell[4].patternInk : name === "dots" ? palette.cell[3].patternInk : palette.map.noData;
    put(map, patternImage(name), render(PATTERN_PX[name], PATTERN_PX[name], (c) => drawPattern(c, name, ink)));
  }
  put(
    map,
    HANDLE_IMAGE,
    render(16, 16, (context) => {
      context.fillStyle = palette.map.selectionCasing;
      context.strokeStyle = palette.map.selection;
      context.lineWidth = 2;
      context.fillRect(2, 2, 12, 12);
      context.strokeRect(2, 2, 12, 12);
    }),
  );
  put(
    map,
    PIN_IMAGE,
    render(36, 44, (context) => {
      context.translate(18, 42);
      drawPin(context, palette, "点");
    }),
  );
  for (const layer of layers) {
    const symbol = layer.style?.symbol;
    if (!symbol || symbol.shape === "none") continue;
    const isCapacity = layer.style?.group === "capacity";
    const sizes: [SymbolSize, string][] = [["small", ""], ...charactersOf(layer).map((c): [SymbolSize, string] => ["full", c])];
    for (const [size, character] of sizes) {
      const box = SYMBOL_BOX[size];
      const image = render(box, box, (context) => {
        context.translate(box / 2, box / 2);
        drawSymbol(context, symbol, character, { theme, isCapacity, size });
      });
      put(map, symbolImage(layer.id, character, size), image);
    }
  }
}
