// “Who or what is nearest by road”: the question, the ranked answer, the route that is shown.
import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { findNearest } from "../api/endpoints";
import { question } from "./loading";
import type { Spot } from "./selection";

export const PROFILES = [
  { id: "car", name: "小车" },
  { id: "fire_engine", name: "消防车" },
  { id: "rescue", name: "救援车" },
  { id: "foot", name: "步行" },
] as const;

/** Capacity that can be asked for, in the order of the buttons. */
export const TARGETS = ["shelter", "rescue_team", "supply_depot"] as const;

export const useReach = defineStore("reach", () => {
  const layer = ref<string>("shelter");
  const profile = ref<string>("car");
  const count = ref(3);
  const origin = ref<Spot | null>(null);
  const isPicking = ref(false);
  const chosenRank = ref(1);
  const nearest = question(
    (signal, spot: Spot) => findNearest({ layer: layer.value, lon: spot.lon, lat: spot.lat, k: count.value, profile: profile.value }, signal),
  );
  const chosen = computed(() => nearest.answer.value?.results.find((result) => result.rank === chosenRank.value) ?? null);

  async function ask(): Promise<void> {
    if (!origin.value) return;
    const answer = await nearest.ask(origin.value);
    chosenRank.value = answer?.results[0]?.rank ?? 1;
  }

  async function askFrom(spot: Spot): Promise<void> {
    origin.value = spot;
    isPicking.value = false;
    await ask();
  }

  function clear(): void {
    origin.value = null;
    isPicking.value = false;
    nearest.clear();
  }

  return {
    layer,
    profile,
    count,
    origin,
    isPicking,
    chosenRank,
    chosen,
    answer: nearest.answer,
    problem: nearest.problem,
    isLoading: nearest.isLoading,
    ask,
    askFrom,
    clear,
  };
});
