// Calls of the service. Every function throws an Error with the service's own words.

import type { Berth, Booked, Stay, Wish } from "./types";

const BASE = import.meta.env.VITE_API_BASE ?? "/api";

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const reply = await fetch(`${BASE}${path}`, init);
  const said = await reply.json();
  if (!reply.ok) {
    throw new Error(said.error ?? `status ${reply.status}`);
  }
  return said as T;
}

export function freeBerths(stay: Stay): Promise<Berth[]> {
  return call(`/berths?${new URLSearchParams({ ...stay })}`);
}

export async function price(berth: number, stay: Stay): Promise<number> {
  const query = new URLSearchParams({ berth: String(berth), ...stay });
  return (await call<{ price_cents: number }>(`/price?${query}`)).price_cents;
}

export function book(wish: Wish): Promise<Booked> {
  return call("/bookings", { method: "POST", body: JSON.stringify(wish) });
}
