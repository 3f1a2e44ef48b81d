/**
 * The site's own record in SQLite: what the steward decided, what the agent promised, what left.
 *
 * The comments are the data dictionary. Nothing here holds a patient's value: frozen tables lie in files of their own, and row keys
 * are kept as keyed hashes.
 */

/** Raised with every change; an older program refuses a newer file. */
export const siteSchemaVersion = 1;

export const siteSchema = `
CREATE TABLE IF NOT EXISTS study (
  hash TEXT PRIMARY KEY,             -- SHA-256 of the canonical form, which is what the steward signs
  canonical TEXT NOT NULL,           -- RFC 8785
  proposal TEXT NOT NULL,            -- the proposer's signed JSON, with the hash of the invited roster
  roster TEXT NOT NULL,              -- the invited hospitals with their keys, as the steward sees them
  received_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS study_file (
  sha256 TEXT PRIMARY KEY,           -- of the content; the study names files by it
  name TEXT NOT NULL,
  content BLOB NOT NULL              -- a research table or a network: data, never code
) STRICT;
CREATE TABLE IF NOT EXISTS decision (
  study TEXT PRIMARY KEY REFERENCES study(hash),
  kind TEXT NOT NULL CHECK (kind IN ('approved', 'declined')),
  document TEXT NOT NULL,            -- as the steward signed it
  decided_at_ms INTEGER NOT NULL,
  is_delivered INTEGER NOT NULL      -- 1 once the coordinator's record holds a copy
) STRICT;
CREATE TABLE IF NOT EXISTS run (
  run TEXT PRIMARY KEY,
  study TEXT NOT NULL,
  durable TEXT NOT NULL              -- the reducer's durable state
) STRICT;
CREATE TABLE IF NOT EXISTS frozen_table (
  run TEXT PRIMARY KEY,
  study TEXT NOT NULL,
  table_hash TEXT NOT NULL,          -- over keys, columns and split
  snapshot INTEGER NOT NULL,         -- number of the load it was read from; 0 for a flat file
  snapshot_hash TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  row_key_hashes BLOB NOT NULL,      -- sorted 16-byte HMACs under the site secret, those of persons behind 16 zero bytes, those of the rows behind the sums behind 32: compared with later tables, tells nothing else
  has_left INTEGER NOT NULL,         -- 1 once a sum over this table was masked and handed out
  frozen_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
  sequence INTEGER PRIMARY KEY,
  entry TEXT NOT NULL                -- one chained entry as JSON
) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (
  site TEXT NOT NULL,                -- whose ledger
  size INTEGER NOT NULL,
  document TEXT NOT NULL,            -- signed by that site, and by this one where it witnessed
  PRIMARY KEY (site, size)
) STRICT;
CREATE TABLE IF NOT EXISTS refusal (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  run TEXT NOT NULL,
  code TEXT NOT NULL                 -- for the hospital's own console; outside it is always not-taking-part
) STRICT;
CREATE TABLE IF NOT EXISTS count_answer (
  question TEXT PRIMARY KEY,
  asker TEXT NOT NULL,
  day TEXT NOT NULL,                 -- UTC date, for the daily limit
  answer TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL                -- JSON: standing approval, own policy
) STRICT;
`;
