// Keys of the page, in the order of the help list.
import { useDraft } from "../stores/draft";
import { useRisk } from "../stores/risk";
import type { MapHandle, Tasks } from "../stores/useTasks";
import { useView } from "../stores/view";
import type { Shortcut } from "./useKeyboard";

export function pageShortcuts(tasks: Tasks, map: () => MapHandle): Shortcut[] {
  const view = useView();
  const risk = useRisk();
  const draft = useDraft();
  return [
    { key: "3", words: "分析", run: () => tasks.setMode("analysis") },
    { key: "4", words: "调度", run: () => tasks.setMode("dispatch") },
    { key: "6", words: "预警台", run: () => tasks.setMode("warning") },
    { key: "Escape", words: "关闭，放下工具", run: tasks.escape },
    { key: "ArrowLeft", words: "前一轮", run: () => risk.step(-1) },
    { key: "ArrowRight", words: "后一轮", run: () => risk.step(1) },
    { key: "End", words: "最新一轮", run: () => (risk.runId = null) },
    { key: "=", words: "放大", run: () => map()?.zoomBy(1) },
    { key: "+", words: "", run: () => map()?.zoomBy(1) },
    { key: "-", words: "缩小", run: () => map()?.zoomBy(-1) },
    { key: "0", words: "全县", run: () => map()?.home() },
    { key: "n", words: "正北", run: () => map()?.north() },
    { key: "d", words: "画范围", run: tasks.startDrawing },
    { key: "z", shift: false, words: "撤销", run: () => map()?.undo() },
    { key: "z", shift: true, words: "重做", run: () => map()?.redo() },
    { key: "Enter", words: "收笔", run: () => draft.isDrawing && map()?.finish() },
    { key: "Delete", words: "删折点", run: () => map()?.deleteVertex() },
    { key: "w", words: "从选中处起草", run: tasks.draftFromSelection },
    { key: "p", words: "图案开关", run: () => (view.hasPatterns = !view.hasPatterns) },
    { key: "k", words: "日夜", run: () => view.toggleTheme() },
    { key: "f", words: "全屏", run: toggleFullScreen },
    { key: "?", words: "这张表", run: () => (view.isHelpOpen = true) },
  ];
}

function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen();
}
