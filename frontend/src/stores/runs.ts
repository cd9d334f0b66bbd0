// Order and names of runs. Static and dynamic are different products and never share a name.
import type { RunSummary } from "../api/types";
import { formatInstant } from "../design/format";

export function instantOf(run: RunSummary): string {
  return run.valid_at ?? run.computed_at;
}

/** Static first, then dynamic by the time they are valid for: the last one is what the server calls latest. */
export function orderRuns(runs: RunSummary[]): RunSummary[] {
  const rank = (run: RunSummary): number => (run.kind === "dynamic" ? 1 : 0);
  return [...runs].sort(
    (a, b) =>
      rank(a) - rank(b) || Date.parse(instantOf(a)) - Date.parse(instantOf(b)) || Date.parse(a.computed_at) - Date.parse(b.computed_at),
  );
}

export function runKindName(run: Pick<RunSummary, "kind">): string {
  return { dynamic: "动态", static: "常态", scenario: "情景" }[run.kind];
}

export function runName(run: RunSummary, now: Date): string {
  if (run.kind === "scenario") return `情景 ${run.assumptions.join("，")}`;
  return run.kind === "dynamic" ? `动态 ${formatInstant(instantOf(run), now)}` : `常态，${formatInstant(run.computed_at, now)} 算`;
}

export function shortId(id: string): string {
  return id.slice(0, 8);
}
