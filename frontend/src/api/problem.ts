// What can go wrong with a request, in words a duty officer can act on.
export class ProblemError extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
    readonly status: number,
    readonly requestId: string | null = null,
  ) {
    super(`${title}：${detail}`);
  }

  /** True when the machine could not be reached at all, as against answering with a problem. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

interface ProblemDocument {
  title?: string;
  detail?: string;
  request_id?: string;
}

export async function problemOf(response: Response): Promise<ProblemError> {
  let document: ProblemDocument = {};
  if (response.headers.get("content-type")?.includes("json")) {
    document = (await response.json().catch(() => ({}))) as ProblemDocument;
  }
  return new ProblemError(
    document.title ?? "服务没有给出结果",
    document.detail ?? `状态码 ${response.status}。`,
    response.status,
    document.request_id ?? response.headers.get("x-request-id"),
  );
}

export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError("页面出错", error instanceof Error ? error.message : String(error), -1);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
