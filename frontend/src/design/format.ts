// Numbers and instants as they are written everywhere: thin space, true minus, unit after a space, Beijing time.
const THIN_SPACE = "\u2009";

export function formatNumber(value: number, decimals = 0): string {
  const text = Math.abs(value).toFixed(decimals);
  const [whole, fraction] = text.split(".");
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  const sign = value < 0 && Number(text) !== 0 ? "−" : "";
  return sign + grouped + (fraction ? `.${fraction}` : "");
}

export function formatSigned(value: number, decimals = 2): string {
  const text = formatNumber(value, decimals);
  return Number(value.toFixed(decimals)) > 0 ? `+${text}` : text;
}

/** At most three significant decimals, without trailing zeros: 34.2, 0.38, 142. */
export function formatQuantity(value: number, unit?: string | null): string {
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = formatNumber(Number(value.toFixed(decimals)), decimals).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  return unit ? `${text} ${unit}` : text;
}

export function formatMinutes(seconds: number): string {
  return formatNumber(Math.max(1, Math.round(seconds / 60)));
}

export function formatKilometres(metres: number): string {
  return metres < 1000 ? `${formatNumber(Math.round(metres))} m` : `${formatNumber(metres / 1000, 1)} km`;
}

const beijing = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hourCycle: "h23", ...options });
const clockFormat = beijing({ hour: "2-digit", minute: "2-digit" });
const dayFormat = beijing({ month: "numeric", day: "numeric" });

export function formatClock(instant: Date): string {
  return clockFormat.format(instant);
}

export function formatDay(instant: Date): string {
  const [month, day] = dayFormat.format(instant).split("/");
  return `${month}月${day}日`;
}

/** Today only the clock, else “7月13日 21:00”. */
export function formatInstant(text: string, now: Date): string {
  const instant = new Date(text);
  const clock = formatClock(instant);
  return formatDay(instant) === formatDay(now) && Math.abs(+now - +instant) < 864e5 ? clock : `${formatDay(instant)} ${clock}`;
}

/** `datetime-local` text in Beijing time, whatever zone the machine is in. */
export function toBeijingInput(instant: Date): string {
  return new Date(+instant + 8 * 36e5).toISOString().slice(0, 16);
}

export function fromBeijingInput(text: string): string {
  return `${text}:00+08:00`;
}
