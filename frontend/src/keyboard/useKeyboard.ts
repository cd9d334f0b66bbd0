// Single keys of the page; off while typing. The map keeps its own arrows.
import { onMounted, onUnmounted } from "vue";

export interface Shortcut {
  key: string;
  shift?: boolean;
  words: string;
  run: () => void;
}

/** True when a key belongs to a field or to the map itself. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(target.type);
}

export function useKeyboard(shortcuts: Shortcut[]): void {
  function onKeydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) && event.key !== "Escape") return;
    const isOnMap = event.target instanceof HTMLCanvasElement;
    const isArrow = event.key.startsWith("Arrow");
    if (isArrow && (isOnMap || event.target instanceof HTMLInputElement)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = shortcuts.find((item) => item.key === key && (item.shift === undefined || item.shift === event.shiftKey));
    if (!found) return;
    event.preventDefault();
    found.run();
  }
  onMounted(() => window.addEventListener("keydown", onKeydown));
  onUnmounted(() => window.removeEventListener("keydown", onKeydown));
}
