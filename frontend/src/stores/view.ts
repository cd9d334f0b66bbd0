// How the page is looked at: tab, theme, what is hidden, where the map stands.
import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import { applyTheme } from "../design/cssVariables";
import type { Level, ThemeName } from "../design/tokens";
import { readUrl, type Camera, type Mode } from "./url";

export type SheetStop = "low" | "middle" | "full";
export type ThemeChoice = ThemeName | "system";
const THEME_KEY = "yingji.theme";
const THEME_ORDER: ThemeChoice[] = ["system", "day", "night"];

export const useView = defineStore("view", () => {
  const initial = readUrl(location.search);
  const mode = ref<Mode>(initial.mode);
  const off = ref<string[]>(initial.off);
  const on = ref<string[]>(initial.on);
  /** Layers for study, not for duty: their declaration says so. */
  const hiddenAtFirst = ref<string[]>([]);
  const hidden = computed(() => [
    ...hiddenAtFirst.value.filter((id) => !on.value.includes(id)),
    ...off.value.filter((id) => !hiddenAtFirst.value.includes(id)),
  ]);
  const camera = ref<Camera | null>(initial.camera);
  const onlyLevel = ref<Level | null>(null);
  const riskOpacity = ref(1);
  const hasPatterns = ref(true);
  const isLeftOpen = ref(false);
  const sheetStop = ref<SheetStop>("middle");
  const isHelpOpen = ref(false);
  const pointer = ref<{ lon: number; lat: number } | null>(null);
  const isOnline = ref(true);
  const isRiskMissing = ref(false);
  const offlineSince = ref<Date | null>(null);
  const lastAnswerAt = ref<Date | null>(null);

  const system = matchMedia("(prefers-color-scheme: dark)");
  const isSystemDark = ref(system.matches);
  system.addEventListener("change", (event) => (isSystemDark.value = event.matches));
  const stored = localStorage.getItem(THEME_KEY) as ThemeChoice | null;
  const themeChoice = ref<ThemeChoice>(stored && THEME_ORDER.includes(stored) ? stored : "system");
  const theme = computed<ThemeName>(() =>
    themeChoice.value === "system" ? (isSystemDark.value ? "night" : "day") : themeChoice.value,
  );
  watch(theme, (name) => applyTheme(name), { immediate: true, flush: "sync" });

  function chooseTheme(choice: ThemeChoice): void {
    themeChoice.value = choice;
    localStorage.setItem(THEME_KEY, choice);
  }

  /** K: to the other theme than the one on the screen. */
  function toggleTheme(): void {
    chooseTheme(theme.value === "day" ? "night" : "day");
  }

  function toggleLayer(id: string): void {
    const list = hiddenAtFirst.value.includes(id) ? on : off;
    list.value = list.value.includes(id) ? list.value.filter((item) => item !== id) : [...list.value, id];
  }

  function toggleOnlyLevel(level: Level): void {
    onlyLevel.value = onlyLevel.value === level ? null : level;
  }

  function setOnline(value: boolean): void {
    if (value) lastAnswerAt.value = new Date();
    if (value === isOnline.value) return;
    isOnline.value = value;
    offlineSince.value = value ? null : new Date();
  }

  return {
    mode,
    off,
    on,
    hiddenAtFirst,
    hidden,
    camera,
    onlyLevel,
    riskOpacity,
    hasPatterns,
    isLeftOpen,
    sheetStop,
    isHelpOpen,
    pointer,
    isOnline,
    isRiskMissing,
    offlineSince,
    lastAnswerAt,
    themeChoice,
    theme,
    chooseTheme,
    toggleTheme,
    toggleLayer,
    toggleOnlyLevel,
    setOnline,
  };
});
