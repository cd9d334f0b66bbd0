// Tokens as CSS variables on <html>, so that panels and map change in the same frame.
import { LEVELS } from "./levels";
import { FONT, MONO, palettes, type ThemeName } from "./tokens";

export function cssVariables(theme: ThemeName): Record<string, string> {
  const p = palettes[theme];
  const variables: Record<string, string> = {
    "--bg": p.bg,
    "--surface": p.surface,
    "--surface-2": p.surface2,
    "--surface-3": p.surface3,
    "--line": p.line,
    "--line-2": p.line2,
    "--text-1": p.text1,
    "--text-2": p.text2,
    "--text-3": p.text3,
    "--accent": p.accent,
    "--on-accent": p.onAccent,
    "--accent-soft": p.accentSoft,
    "--analysis": p.analysis,
    "--ink": p.ink,
    "--on-ink": p.onInk,
    "--font": FONT,
    "--mono": MONO,
  };
  for (const { level } of LEVELS) {
    variables[`--risk-${level}`] = p.risk[level];
    variables[`--on-risk-${level}`] = p.onRisk[level];
  }
  return variables;
}

export function applyTheme(theme: ThemeName, root: HTMLElement = document.documentElement): void {
  root.dataset.theme = theme;
  for (const [name, value] of Object.entries(cssVariables(theme))) root.style.setProperty(name, value);
}
