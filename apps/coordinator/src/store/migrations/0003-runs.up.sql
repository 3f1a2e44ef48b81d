-- Runs of agreed studies: the durable state of the round protocol, the record of what happened, and what hospitals released by name.

CREATE TABLE run (
  run_id text PRIMARY KEY CHECK (run_id <> '' AND length(run_id) <= 100),
  study_sha256 text NOT NULL REFERENCES study (study_sha256),
  restart_of text REFERENCES run (run_id),
  roster_json text NOT NULL,
  roster_sha256 text NOT NULL CHECK (roster_sha256 ~ '^[0-9a-f]{64}$'),
  approvals_sha256 text NOT NULL CHECK (approvals_sha256 ~ '^[0-9a-f]{64}$'),
  status text NOT NULL CHECK (status IN ('running', 'waiting', 'completed', 'stopped')),
  status_reason text CHECK (length(status_reason) <= 100),
  waiting_sites_json text NOT NULL DEFAULT '[]',
  state_json text NOT NULL,
  change_sha256 text NOT NULL CHECK (change_sha256 ~ '^[0-9a-f]{64}$'),
  bytes_up bigint NOT NULL DEFAULT 0 CHECK (bytes_up >= 0),
  bytes_down bigint NOT NULL DEFAULT 0 CHECK (bytes_down >= 0),
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  ended_at_ms bigint,
  version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
  CHECK ((status IN ('completed', 'stopped')) = (ended_at_ms IS NOT NULL))
);
CREATE INDEX run_of_study ON run (study_sha256);
CREATE INDEX run_by_status ON run (status);
COMMENT ON TABLE run IS 'One execution of a study. A restart is a new run with its own id, so that its masks and noise are fresh.';
COMMENT ON COLUMN run.run_id IS 'Identifier of the run; enters every key of its rounds. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run.study_sha256 IS 'The study. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run.restart_of IS 'The run that this one starts anew; null for a first run. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run.roster_json IS 'The hospitals of this run: a subset of the invited roster. Unit: JSON. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run.roster_sha256 IS 'SHA-256 of the canonical roster of this run. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run.approvals_sha256 IS 'SHA-256 over the approvals under which it runs. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run.status IS 'running, waiting for hospitals, completed, or stopped. Unit: none. Sensitivity: participants. Mutability: changes.';
COMMENT ON COLUMN run.status_reason IS 'Why it waits or stopped, as a code; null while it runs. Unit: none. Sensitivity: participants. Mutability: changes.';
COMMENT ON COLUMN run.waiting_sites_json IS 'The hospitals it waits for. Unit: JSON list of site ids. Sensitivity: participants. Mutability: changes.';
COMMENT ON COLUMN run.state_json IS 'State of the coordinator''s reducer: public state of the analysis and of the open round, sums only. Unit: canonical JSON. Sensitivity: operator. Mutability: changes.';
COMMENT ON COLUMN run.change_sha256 IS 'SHA-256 of the last write to this row, by which a repeated write is known. Unit: 64 lower-case hexadecimal digits. Sensitivity: operator. Mutability: changes.';
COMMENT ON COLUMN run.bytes_up IS 'Received from the hospitals in this run so far. Unit: bytes. Sensitivity: participants. Mutability: changes.';
COMMENT ON COLUMN run.bytes_down IS 'Sent to the hospitals in this run so far. Unit: bytes. Sensitivity: participants. Mutability: changes.';
COMMENT ON COLUMN run.created_at_ms IS 'When the run began. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run.updated_at_ms IS 'When its state last changed. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: changes.';
COMMENT ON COLUMN run.ended_at_ms IS 'When it completed or stopped; null until then. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: once.';
COMMENT ON COLUMN run.version IS 'Counts the writes to this row; a writer names the version that it read. Unit: count. Sensitivity: operator. Mutability: changes.';

CREATE TABLE run_message (
  run_id text NOT NULL REFERENCES run (run_id),
  sequence integer NOT NULL CHECK (sequence >= 1),
  kind text NOT NULL CHECK (kind <> '' AND length(kind) <= 60),
  round integer CHECK (round >= 0),
  attempt integer CHECK (attempt >= 0),
  site_id text,
  reason text CHECK (length(reason) <= 100),
  detail_json text,
  at_ms bigint NOT NULL,
  PRIMARY KEY (run_id, sequence)
);
COMMENT ON TABLE run_message IS 'The record of a run: rounds opened and absorbed, attempts abandoned, hospitals away and back. Rows are only ever added.';
COMMENT ON COLUMN run_message.run_id IS 'The run. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.sequence IS 'Position in the record, from 1 without gaps. Unit: count. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.kind IS 'What happened, as a code such as round-opened. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.round IS 'Round it concerns; null where it concerns none. Unit: count. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.attempt IS 'Attempt at that round; null where it concerns none. Unit: count. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.site_id IS 'Hospital it concerns; null where it concerns none. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.reason IS 'Why, as a code, never free text; null where there is no reason. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.detail_json IS 'Further codes, hashes and counts; null where there are none. Unit: JSON. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_message.at_ms IS 'When. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE own_release (
  run_id text NOT NULL REFERENCES run (run_id),
  site_id text NOT NULL REFERENCES member (site_id),
  kind text NOT NULL CHECK (kind IN ('headline', 'local-model', 'baseline-hazard')),
  subject text NOT NULL CHECK (length(subject) <= 100),
  release_json text NOT NULL,
  received_at_ms bigint NOT NULL,
  PRIMARY KEY (run_id, site_id, kind, subject)
);
COMMENT ON TABLE own_release IS 'What a hospital gave in its own name, because its steward ticked it. Answered once per frozen model.';
COMMENT ON COLUMN own_release.run_id IS 'The run. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN own_release.site_id IS 'The hospital that gave it. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN own_release.kind IS 'headline, local-model or baseline-hazard. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN own_release.subject IS 'What it is about where a kind is given more than once, such as the site whose model was scored; else empty. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN own_release.release_json IS 'The release; a local model is sealed to the external hospital''s key. Unit: JSON. Sensitivity: participants, and a local model sealed. Mutability: fixed.';
COMMENT ON COLUMN own_release.received_at_ms IS 'When it came. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE run_summary (
  run_id text PRIMARY KEY REFERENCES run (run_id),
  summary bytea NOT NULL,
  summary_sha256 text NOT NULL CHECK (summary_sha256 ~ '^[0-9a-f]{64}$'),
  stored_at_ms bigint NOT NULL
);
COMMENT ON TABLE run_summary IS 'How a finished run went: rounds, seconds, hospitals, threshold, bytes, absences. Not part of what is compared byte for byte.';
COMMENT ON COLUMN run_summary.run_id IS 'The run. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_summary.summary IS 'The summary, kept byte for byte. Unit: bytes. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_summary.summary_sha256 IS 'SHA-256 of the summary. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN run_summary.stored_at_ms IS 'When it was stored. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';
