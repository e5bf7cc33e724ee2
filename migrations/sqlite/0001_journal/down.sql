DROP TABLE idempotency_keys;
DROP TABLE write_turns;
DROP TABLE changes;
