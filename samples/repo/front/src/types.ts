// What the service answers, as the page needs it.

export interface Berth {
  id: number;
  name: string;
  pier: string;
}

export interface Stay {
  from: string;
  to: string;
}

export interface Wish extends Stay {
  berth: number;
  boat: string;
  skipper: string;
  email: string;
  length_cm: number;
}

export type Booked = { id: number; price_cents: number };
