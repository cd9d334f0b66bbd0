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
  return run.kind === "dynamic" ? "动态" : "常态";
}

export function runName(run: RunSummary, now: Date): string {
  return run.kind === "dynamic" ? `动态 ${formatInstant(instantOf(run), now)}` : `常态，${formatInstant(run.computed_at, now)} 算`;
}

export function shortId(id: string): string {
  return id.slice(0, 8);
}
