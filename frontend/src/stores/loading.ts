// One question at a time: a newer question aborts the older one, whose answer is dropped.
import { ref, type Ref } from "vue";
import { isAbort, ProblemError, toProblem } from "../api/problem";

export interface Question<A extends unknown[], T> {
  answer: Ref<T | null>;
  problem: Ref<ProblemError | null>;
  isLoading: Ref<boolean>;
  ask: (...args: A) => Promise<T | null>;
  clear: () => void;
}

export function question<A extends unknown[], T>(fetcher: (signal: AbortSignal, ...args: A) => Promise<T>): Question<A, T> {
  const answer = ref(null) as Ref<T | null>;
  const problem = ref<ProblemError | null>(null);
  const isLoading = ref(false);
  let controller: AbortController | null = null;

  function clear(): void {
    controller?.abort();
    controller = null;
    answer.value = null;
    problem.value = null;
    isLoading.value = false;
  }

  async function ask(...args: A): Promise<T | null> {
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    isLoading.value = true;
    try {
      const result = await fetcher(mine.signal, ...args);
      if (controller !== mine) return null;
      answer.value = result;
      problem.value = null;
      return result;
    } catch (error) {
      if (isAbort(error) || controller !== mine) return null;
      answer.value = null;
      problem.value = toProblem(error);
      return null;
    } finally {
      if (controller === mine) isLoading.value = false;
    }
  }

  return { answer, problem, isLoading, ask, clear };
}
