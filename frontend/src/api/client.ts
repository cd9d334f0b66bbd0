// The one place that talks HTTP: JSON in, JSON or a ProblemError out.
import { isAbort, ProblemError, problemOf } from "./problem";

export type Query = Record<string, string | number | null | undefined>;

export function withQuery(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

/** Called after every request, so that the status line can tell “离线” from “连接正常”. */
let report: (isOnline: boolean) => void = () => {};
export function onConnection(listener: (isOnline: boolean) => void): void {
  report = listener;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    report(false);
    throw new ProblemError("连不上服务", "这一项没有取到，连上后再试。", 0);
  }
  report(true);
  if (!response.ok) throw await problemOf(response);
  return response;
}

const HEADERS = { Accept: "application/json", "Accept-Language": "zh-CN" };

export async function getJson<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(withQuery(path, query), { headers: HEADERS, signal: signal ?? null });
  return (await response.json()) as T;
}

export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<T> {
  const response = await send(path, {
    method: "POST",
    headers: { ...HEADERS, "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  return (await response.json()) as T;
}

/** Fetches a file and hands it to the browser under the name that the server gives it. */
export async function saveFile(path: string, body?: unknown): Promise<void> {
  const init: RequestInit =
    body === undefined
      ? { headers: HEADERS }
      : { method: "POST", headers: { ...HEADERS, "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await send(path, init);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = fileNameOf(response.headers.get("content-disposition") ?? "");
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The name in `Content-Disposition`: the coded one, which may be Chinese, before the plain one. */
export function fileNameOf(disposition: string): string {
  const coded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  if (coded) return decodeURIComponent(coded);
  return /filename="([^"]+)"/i.exec(disposition)?.[1] ?? "download";
}
