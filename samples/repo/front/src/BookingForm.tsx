import { useState } from "preact/hooks";

import { book, freeBerths, price } from "./api";
import { euros, isoDate } from "./format";
import type { Berth } from "./types";

// The whole of what a skipper does: choose dates, choose a berth, say who comes.
export function BookingForm() {
  const [stay, setStay] = useState({ from: isoDate(new Date()), to: "" });
  const [berths, setBerths] = useState<Berth[]>([]);
  const [cents, setCents] = useState(0);
  const [said, setSaid] = useState("");

  async function search() {
    try {
      setBerths(await freeBerths(stay));
    } catch (error) {
      setSaid(String(error));
    }
  }

  async function choose(berth: Berth) {
    setCents(await price(berth.id, stay));
    const wish = { ...stay, berth: berth.id, boat: "", skipper: "", email: "", length_cm: 0 };
    try {
      const booked = await book(wish);
      setSaid(`Booked: number ${booked.id}`);
    } catch (error) {
      setSaid(String(error));
    }
  }

  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <input type="date" value={stay.from} onInput={(e) => setStay({ ...stay, from: e.currentTarget.value })} />
      <input type="date" value={stay.to} onInput={(e) => setStay({ ...stay, to: e.currentTarget.value })} />
      <button onClick={search}>What is free?</button>
      <ul>
        {berths.map((berth) => (
          <li onClick={() => choose(berth)}>
            {berth.name}, pier {berth.pier}
          </li>
        ))}
      </ul>
      {cents > 0 && <p>{euros(cents)}</p>}
      <p>{said}</p>
    </form>
  );
}
