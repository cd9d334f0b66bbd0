// The four levels in words: shape + word + Roman number go with the colour everywhere.
import type { Level } from "./tokens";

export type LevelName = "red" | "orange" | "yellow" | "blue";

export interface LevelDefinition {
  level: Level;
  name: LevelName;
  word: string;
  colourWord: string;
  roman: string;
  /** SVG path in a 12 × 12 box. */
  shape: string;
}

/** From the most to the least severe: the order of legends, forms and lists. */
export const LEVELS: readonly LevelDefinition[] = [
  { level: 4, name: "red", word: "红", colourWord: "红色", roman: "Ⅰ级", shape: "M6 .5 11.5 11H.5Z" },
  { level: 3, name: "orange", word: "橙", colourWord: "橙色", roman: "Ⅱ级", shape: "M6 .3 11.7 6 6 11.7.3 6Z" },
  { level: 2, name: "yellow", word: "黄", colourWord: "黄色", roman: "Ⅲ级", shape: "M1.5 1.5h9v9h-9Z" },
  { level: 1, name: "blue", word: "蓝", colourWord: "蓝色", roman: "Ⅳ级", shape: "M6 1.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2Z" },
];

/** By number, as tiles have it, or by name, as answers have it; null for cells without a level. */
export function levelOf(level: number | string | null | undefined): LevelDefinition | null {
  return LEVELS.find((item) => item.level === level || item.name === level) ?? null;
}
