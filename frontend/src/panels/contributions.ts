// From an explanation to the rows of the why-panel. The bars add up to the score; a gap is told, not hidden.
import type { CellExplanation, Factor, FactorSource, RiskModel, Thresholds } from "../api/types";

export interface Row {
  id: string;
  title: string;
  value: number;
  factor: Factor | null;
}

export interface Contributions {
  up: Row[];
  down: Row[];
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
  return {
    up: rows.filter((row) => row.value >= 0),
    down: rows.filter((row) => row.value < 0),
    scale: Math.max(1e-9, ...rows.map((row) => Math.abs(row.value))),
    sum,
    addsUp: explanation.score !== null && Math.abs(sum - explanation.score) < TOLERANCE,
  };
}

export function missingFactors(explanation: CellExplanation): Factor[] {
  return explanation.blocks.flatMap((block) => block.factors).filter((factor) => factor.state === "no_data");
}

export function sourceText(sources: FactorSource[], titleOf: (layer: string) => string): string {
  return sources
    .map((source) => {
      if (source.layer) {
        const rows = source.rows?.length ? ` · ${source.rows.slice(0, 2).join("、")}${source.rows.length > 2 ? ` 等 ${source.rows.length} 条` : ""}` : "";
        return `${titleOf(source.layer)}${source.version ? ` v${source.version}` : ""}${rows}`;
      }
      return source.sha256 ? `栅格 ${source.sha256.slice(0, 8)}` : "";
    })
    .filter(Boolean)
    .join("；");
}

/** Breaks of the ruler, only when the model states all three in rising order. */
export function thresholdsOf(models: RiskModel[], hazard: string): Thresholds | null {
  const classify = models.find((model) => model.id === hazard)?.classify;
  const { yellow, orange, red } = classify ?? {};
  if (yellow === undefined || orange === undefined || red === undefined) return null;
  return 0 < yellow && yellow < orange && orange < red && red < 1 ? { yellow, orange, red } : null;
}
