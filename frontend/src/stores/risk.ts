// Which hazard and which run is on the map, how many cells of each level it has, and the townships.
import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import { computeScenario, fetchDiff, fetchDivisions, fetchModels, fetchRun, fetchRuns } from "../api/endpoints";
import { toProblem, type ProblemError } from "../api/problem";
import type { LevelCounts, RiskModel, RunSummary } from "../api/types";
import { question } from "./loading";
import { orderRuns } from "./runs";
import { readUrl } from "./url";

/** Shown first when the run has it: it answers “how bad is it here” for all hazards. */
const FIRST_HAZARD = "composite";
/** As they are spoken of, the commonest first; a hazard that is not listed comes last. */
const ORDER = [FIRST_HAZARD, "flood", "debris_flow", "landslide", "earthquake", "forest_fire", "snow_ice"];

function placeOf(hazard: string): number {
  const place = ORDER.indexOf(hazard);
  return place < 0 ? ORDER.length : place;
}

/** What a risk is warned of as; nobody warns of a quake to come, and no event is named for snow and ice. */
const WARNED_AS: Record<string, string | null> = { composite: null, earthquake: null, snow_ice: null, forest_fire: "fire_danger" };

export function warnedAs(hazard: string): string | null {
  return hazard in WARNED_AS ? (WARNED_AS[hazard] ?? null) : hazard;
}

export const useRisk = defineStore("risk", () => {
  const initial = readUrl(location.search);
  const runs = shallowRef<RunSummary[]>([]);
  const models = shallowRef<RiskModel[]>([]);
  const hazard = ref<string | null>(initial.hazard);
  const runId = ref<string | null>(initial.run);
  const problem = ref<ProblemError | null>(null);
  const isLoaded = ref(false);
  const divisions = question((signal, hazardId: string, run: string) => fetchDivisions(hazardId, run, signal));

  const ordered = computed(() => orderRuns(runs.value));
  const latest = computed(() => ordered.value.at(-1) ?? null);
  /** Runs that a link or a question named and the list does not hold. */
  const named = shallowRef<RunSummary[]>([]);
  const run = computed(() => [...runs.value, ...named.value].find((item) => item.id === runId.value) ?? latest.value);
  const compareId = ref<string | null>(null);
  const comparing = computed(() => (compareId.value === run.value?.id ? null : compareId.value));
  const diff = question((signal, from: string, to: string, hazardId: string) => fetchDiff(from, to, hazardId, signal));
  const isLatest = computed(() => !run.value || run.value.id === latest.value?.id);
  const hazards = computed(() =>
    [...(run.value?.hazards ?? [])].sort((a, b) => placeOf(a.hazard) - placeOf(b.hazard)),
  );
  const current = computed(() => hazards.value.find((item) => item.hazard === hazard.value) ?? null);
  const counts = computed<LevelCounts | null>(() => current.value?.counts ?? null);
  const before = computed<LevelCounts | null>(() => {
    const same = ordered.value.filter((item) => item.kind === run.value?.kind);
    const previous = same[same.findIndex((item) => item.id === run.value?.id) - 1];
    return previous?.hazards.find((item) => item.hazard === hazard.value)?.counts ?? null;
  });

  async function load(): Promise<void> {
    problem.value = null;
    try {
      // Without the models there are no thresholds to show; the map does not wait for them.
      void fetchModels().then((found) => (models.value = found), () => {});
      runs.value = await fetchRuns();
      const wanted = runId.value;
      if (wanted && !runs.value.some((item) => item.id === wanted)) {
        // Whoever follows a link to an older run sees that run, or the latest where it is gone.
        await fetchRun(wanted).then((found) => (named.value = [found]), () => (runId.value = null));
      }
      const ids = hazards.value.map((item) => item.hazard);
      if (!hazard.value || (ids.length && !ids.includes(hazard.value))) {
        hazard.value = ids.includes(FIRST_HAZARD) ? FIRST_HAZARD : (ids[0] ?? null);
      }
    } catch (error) {
      problem.value = toProblem(error);
    } finally {
      isLoaded.value = true;
    }
  }

  function choose(id: string): void {
    runId.value = id === latest.value?.id ? null : id;
  }

  function step(by: number): void {
    const index = ordered.value.findIndex((item) => item.id === run.value?.id) + by;
    const next = ordered.value[Math.min(Math.max(index, 0), ordered.value.length - 1)];
    if (next) choose(next.id);
  }

  /** Compute a scenario of the shown run, show it and compare the two. */
  async function ask(layer: string, value: number, division: string | null): Promise<void> {
    const base = run.value?.kind === "scenario" ? run.value.base : run.value?.id;
    if (!base) return;
    const found = await computeScenario({ layer, value, division, base });
    named.value = [...named.value.filter((item) => item.id !== found.id), found];
    runId.value = found.id;
    compareId.value = base;
  }

  watch([() => run.value?.id, hazard], ([id, hazardId]) => {
    if (id && hazardId) void divisions.ask(hazardId, id);
  });
  watch([comparing, () => run.value?.id, hazard], ([from, to, hazardId]) => {
    if (from && to && hazardId) void diff.ask(from, to, hazardId);
    else diff.clear();
  });

  return {
    runs,
    models,
    hazard,
    runId,
    problem,
    isLoaded,
    ordered,
    latest,
    run,
    isLatest,
    hazards,
    current,
    counts,
    before,
    divisions: divisions.answer,
    divisionsProblem: divisions.problem,
    isLoadingDivisions: divisions.isLoading,
    compareId,
    comparing,
    diff: diff.answer,
    diffProblem: diff.problem,
    load,
    choose,
    step,
    ask,
  };
});
