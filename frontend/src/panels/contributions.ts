// From an explanation to the rows of the why-panel. The bars add up to the score; a gap is told, not hidden.
import type { CellExplanation, Factor, FactorSource, RiskModel, Thresholds } from "../api/types";
import { formatInstant } from "../design/format";

export interface Row {
  id: string;
  title: string;
  value: number;
  factor: Factor | null;
}

export interface Contributions {
  up: Row[];
  down: Row[];
  /** Rows with data that neither push nor press. */
  silent: Row[];
  /** Largest absolute value, the full length of a bar. */
  scale: number;
  sum: number;
  /** True when the shown bars explain the score to the last shown digit. */
  addsUp: boolean;
}

/** Half of the last digit that the panel shows. */
const TOLERANCE = 0.0005;

export function contributionsOf(explanation: CellExplanation): Contributions {
  const factors = new Map(explanation.blocks.flatMap((block) => block.factors.map((factor) => [factor.id, factor] as const)));
  const rows = explanation.contributions
    .map((item): Row => ({ id: item.id, title: item.title.zh, value: item.value, factor: factors.get(item.id) ?? null }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const sum = rows.reduce((total, row) => total + row.value, 0);
  const shown = rows.filter((row) => Math.abs(row.value) >= TOLERANCE);
  return {
    up: shown.filter((row) => row.value > 0),
    down: shown.filter((row) => row.value < 0),
    silent: rows.filter((row) => Math.abs(row.value) < TOLERANCE && row.factor?.state !== "no_data"),
    scale: Math.max(1e-9, ...rows.map((row) => Math.abs(row.value))),
    sum,
    addsUp: explanation.score !== null && Math.abs(sum - explanation.score) < TOLERANCE,
  };
}

export function missingFactors(explanation: CellExplanation): Factor[] {
  return explanation.blocks.flatMap((block) => block.factors).filter((factor) => factor.state === "no_data");
}

/** “数字高程 v3 · 张家坪滑坡、李家沟 等 5 处，7月14日 03:00”. */
export function sourceText(sources: FactorSource[], titleOf: (layer: string) => string, now: Date): string {
  return sources
    .map((source) => {
      const version = source.version === null ? "" : ` v${source.version}`;
      const names = source.rows.slice(0, 2).map((row) => row.name ?? row.key);
      const more = source.row_count > names.length ? ` 等 ${source.row_count} 处` : "";
      const rows = names.length ? ` · ${names.join("、")}${more}` : "";
      return `${titleOf(source.layer)}${version}${rows}${source.valid_at ? `，${formatInstant(source.valid_at, now)}` : ""}`;
    })
    .join("；");
}

/** Breaks of the ruler, only when the model states all three in rising order. */
export function thresholdsOf(models: RiskModel[], hazard: string): Thresholds | null {
  const { yellow, orange, red } = models.find((model) => model.hazard === hazard)?.thresholds ?? {};
  if (yellow === undefined || orange === undefined || red === undefined) return null;
  return 0 < yellow && yellow < orange && orange < red && red < 1 ? { yellow, orange, red } : null;
}
