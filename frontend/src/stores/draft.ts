// A warning being drafted: zone, form, who is inside, the draft that came back. Nothing here sends anything out.
import type { Polygon, Position } from "geojson";
import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import { draftWarning, fetchWarning, fetchWarnings, findWithin } from "../api/endpoints";
import { toProblem, type ProblemError } from "../api/problem";
import type { Warning } from "../api/types";
import { levelOf, type LevelName } from "../design/levels";
import { fromBeijingInput, toBeijingInput } from "../design/format";
import { crossingEdges, openRing } from "../map/ring";
import { question } from "./loading";
import { useRisk, warnedAs } from "./risk";

export const INSIDE_LAYERS = ["settlement", "shelter"];
/** Drawing asks for the audience at most this often. */
const ASK_DELAY_MS = 250;
const DEFAULT_HOURS = 6;

export const useDraft = defineStore("draft", () => {
  const risk = useRisk();
  const zone = shallowRef<Polygon | null>(null);
  const isDrawing = ref(false);
  const hazard = ref<string>("");
  const level = ref<LevelName | null>(null);
  const startsAt = ref("");
  const endsAt = ref("");
  const text = ref("");
  const instruction = ref("");
  const isExercise = ref(false);
  const saved = shallowRef<Warning | null>(null);
  const saveProblem = ref<ProblemError | null>(null);
  const isSaving = ref(false);
  const list = shallowRef<Warning[]>([]);
  const listProblem = ref<ProblemError | null>(null);
  const inside = question((signal, geometry: Polygon) => findWithin(geometry, INSIDE_LAYERS, signal));
  let key = crypto.randomUUID();

  const ring = computed<Position[]>(() => openRing(zone.value?.coordinates[0] ?? []));
  const crossings = computed(() => crossingEdges(ring.value));
  const isCrossing = computed(() => crossings.value.length > 0);
  const levelNumber = computed(() => (level.value ? (levelOf(level.value)?.level ?? null) : null));

  /** What still stands between the form and a draft, in the order of the form; empty when nothing does. */
  const missing = computed<string[]>(() => {
    const reasons: string[] = [];
    if (!level.value) reasons.push("没选级别");
    if (ring.value.length < 3 || isDrawing.value) reasons.push("范围没画完");
    else if (isCrossing.value) reasons.push("边界自交");
    if (!hazard.value) reasons.push("没选灾种");
    if (!startsAt.value || !endsAt.value || startsAt.value >= endsAt.value) reasons.push("时效不对");
    return reasons;
  });

  function begin(): void {
    const now = new Date();
    hazard.value = warnableHazard();
    level.value = null;
    startsAt.value = toBeijingInput(now);
    endsAt.value = toBeijingInput(new Date(+now + DEFAULT_HOURS * 36e5));
    text.value = "";
    instruction.value = "";
    saved.value = null;
    saveProblem.value = null;
    zone.value = null;
    inside.clear();
    key = crypto.randomUUID();
  }

  function warnableHazard(): string {
    const events = risk.hazards.map((item) => warnedAs(item.hazard)).filter((event) => event !== null);
    const chosen = risk.hazard && warnedAs(risk.hazard);
    return chosen && events.includes(chosen) ? chosen : (events.find((id) => id === "landslide") ?? events[0] ?? "landslide");
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(zone, (polygon) => {
    clearTimeout(timer);
    if (!polygon || ring.value.length < 3 || isCrossing.value) {
      // The count of an earlier shape must not stand beside this one.
      inside.clear();
      return;
    }
    timer = setTimeout(() => void inside.ask(polygon), ASK_DELAY_MS);
  });
  // A changed form is another draft.
  watch([zone, hazard, level, startsAt, endsAt, text, instruction, isExercise], () => (key = crypto.randomUUID()));

  async function save(): Promise<void> {
    if (missing.value.length || !zone.value || !level.value) return;
    isSaving.value = true;
    saveProblem.value = null;
    try {
      saved.value = await draftWarning(
        {
          hazard: hazard.value,
          level: level.value,
          zone: zone.value,
          effective_at: fromBeijingInput(startsAt.value),
          expires_at: fromBeijingInput(endsAt.value),
          ...(text.value.trim() ? { text: text.value.trim() } : {}),
          ...(instruction.value.trim() ? { instruction: instruction.value.trim() } : {}),
          is_exercise: isExercise.value,
        },
        key,
      );
      void loadList();
    } catch (error) {
      saveProblem.value = toProblem(error);
    } finally {
      isSaving.value = false;
    }
  }

  async function loadList(): Promise<void> {
    try {
      list.value = await fetchWarnings();
      listProblem.value = null;
    } catch (error) {
      listProblem.value = toProblem(error);
    }
  }

  async function open(id: string): Promise<void> {
    try {
      const warning = await fetchWarning(id);
      saved.value = warning;
      zone.value = warning.zone.type === "Polygon" ? warning.zone : null;
      level.value = levelOf(warning.level)?.name ?? null;
      isExercise.value = warning.is_exercise;
    } catch (error) {
      listProblem.value = toProblem(error);
    }
  }

  return {
    zone,
    isDrawing,
    hazard,
    level,
    startsAt,
    endsAt,
    text,
    instruction,
    isExercise,
    saved,
    saveProblem,
    isSaving,
    list,
    listProblem,
    inside: inside.answer,
    insideProblem: inside.problem,
    isCounting: inside.isLoading,
    ring,
    crossings,
    isCrossing,
    levelNumber,
    missing,
    begin,
    save,
    loadList,
    open,
  };
});
