// How money and dates are shown.

export function euros(cents: number): string {
  return `${Math.floor(cents / 100)},${String(cents % 100).padStart(2, "0")} €`;
}

export function isoDate(day: Date): string {
  return day.toISOString().slice(0, 10);
}
