/** What a site keeps of its quality runs. No value of a patient but ids of rows, of the last run only, which no export holds. */

export const qualitySchemaVersion = 1;

export const qualitySchema = `
CREATE TABLE IF NOT EXISTS definition (
  hash TEXT PRIMARY KEY,          -- SHA-256 of the canonical checks
  checks TEXT NOT NULL            -- the checks with thresholds and whose they are, JSON
) STRICT;

CREATE TABLE IF NOT EXISTS run (
  number INTEGER PRIMARY KEY,     -- counts from 1
  snapshot INTEGER NOT NULL,
  snapshot_hash TEXT NOT NULL,
  definition_hash TEXT NOT NULL REFERENCES definition,
  requirements TEXT NOT NULL,     -- what the load said of the FHIR-to-OMOP guide, JSON
  today TEXT NOT NULL,            -- YYYY-MM-DD, from which moving bounds are reckoned
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER             -- empty: stopped, cancelled or still running
) STRICT;

CREATE TABLE IF NOT EXISTS result (
  run INTEGER NOT NULL REFERENCES run,
  check_id TEXT NOT NULL,
  status TEXT NOT NULL,           -- passed, failed, not-applicable, error
  violated_count INTEGER,         -- with passed and failed
  denominator_count INTEGER,
  reason TEXT,                    -- with not-applicable
  error_code TEXT,                -- with error: a kind of fault, never a message
  concept_name TEXT,              -- from the vocabulary
  duration_ms REAL NOT NULL,
  PRIMARY KEY (run, check_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS failing_row (
  run INTEGER NOT NULL REFERENCES run,
  check_id TEXT NOT NULL,
  place INTEGER NOT NULL,         -- from 0, in the order of ids
  field TEXT NOT NULL,            -- whose id it is
  id TEXT NOT NULL,               -- sensitive: names a row of a patient; stays in this file
  PRIMARY KEY (run, check_id, place)
) STRICT, WITHOUT ROWID;
`;
