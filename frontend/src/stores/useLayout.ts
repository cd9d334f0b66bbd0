// Which of the layouts fits the window.
import { onUnmounted, ref, type Ref } from "vue";

export type Layout = "phone" | "laptop" | "desk";

const PHONE = "(max-width: 767px)";
const LAPTOP = "(max-width: 1599px)";
const WALL = "(min-width: 3000px)";

export function useLayout(): { layout: Ref<Layout> } {
  const queries = [PHONE, LAPTOP, WALL].map((query) => matchMedia(query));
  const read = (): Layout => (queries[0]!.matches ? "phone" : queries[1]!.matches ? "laptop" : "desk");
  const layout = ref<Layout>(read());
  const update = (): void => {
    layout.value = read();
    // All sizes are in rem: the wall is the same page, twice as large.
    document.documentElement.style.fontSize = queries[2]!.matches ? "32px" : "";
  };
  update();
  for (const query of queries) query.addEventListener("change", update);
  onUnmounted(() => queries.forEach((query) => query.removeEventListener("change", update)));
  return { layout };
}
