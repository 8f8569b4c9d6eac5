-- Berths, boats and who lies where. Money is in cents.

CREATE TABLE IF NOT EXISTS berths (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    pier TEXT NOT NULL,
    length_cm INTEGER NOT NULL,
    depth_cm INTEGER NOT NULL,
    has_power INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS boats (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    skipper TEXT NOT NULL,
    email TEXT NOT NULL,
    length_cm INTEGER NOT NULL,
    draught_cm INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS bookings (
    id INTEGER PRIMARY KEY,
    berth_id INTEGER NOT NULL REFERENCES berths(id),
    boat_id INTEGER NOT NULL REFERENCES boats(id),
    arrives TEXT NOT NULL,
    leaves TEXT NOT NULL,
    price_cents INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'booked',
    CHECK (arrives < leaves)
);

CREATE INDEX IF NOT EXISTS bookings_by_berth ON bookings (berth_id, arrives);

CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    sent TEXT NOT NULL,
    subject TEXT NOT NULL
);
