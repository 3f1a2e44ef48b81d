-- Results that only their recipients can read, what was refused to whom, and the hospitals' ledger checkpoints.

CREATE TABLE sealed_result (
  run_id text PRIMARY KEY REFERENCES run (run_id),
  sealed bytea NOT NULL,
  sealed_sha256 text NOT NULL CHECK (sealed_sha256 ~ '^[0-9a-f]{64}$'),
  sealed_at_ms bigint NOT NULL
);
COMMENT ON TABLE sealed_result IS 'The result of a run, sealed to the proposer and to the hospitals that agreed.';
COMMENT ON COLUMN sealed_result.run_id IS 'The run. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN sealed_result.sealed IS 'The sealed result with one wrapped key for each recipient. Unit: bytes. Sensitivity: sealed. Mutability: fixed.';
COMMENT ON COLUMN sealed_result.sealed_sha256 IS 'SHA-256 of the sealed bytes. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN sealed_result.sealed_at_ms IS 'When it was sealed. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE sealed_result_recipient (
  run_id text NOT NULL REFERENCES sealed_result (run_id),
  recipient_id text NOT NULL REFERENCES member (site_id),
  PRIMARY KEY (run_id, recipient_id)
);
COMMENT ON TABLE sealed_result_recipient IS 'The members that may fetch a result and can open it.';
COMMENT ON COLUMN sealed_result_recipient.run_id IS 'The run. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN sealed_result_recipient.recipient_id IS 'The member. Unit: none. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE refusal (
  refusal_id text PRIMARY KEY CHECK (refusal_id <> '' AND length(refusal_id) <= 100),
  asker_id text NOT NULL CHECK (length(asker_id) <= 100),
  asked_for text NOT NULL CHECK (asked_for <> '' AND length(asked_for) <= 100),
  subject text NOT NULL CHECK (length(subject) <= 200),
  code text NOT NULL CHECK (code <> '' AND length(code) <= 100),
  at_ms bigint NOT NULL
);
CREATE INDEX refusal_by_time ON refusal (at_ms);
COMMENT ON TABLE refusal IS 'Requests that were refused. Rows are only ever added.';
COMMENT ON COLUMN refusal.refusal_id IS 'Identifier of the refused request, so that its repetition counts once. Unit: none. Sensitivity: operator. Mutability: fixed.';
COMMENT ON COLUMN refusal.asker_id IS 'Who asked, as the certificate says; empty where there was none. Unit: none. Sensitivity: operator. Mutability: fixed.';
COMMENT ON COLUMN refusal.asked_for IS 'What was asked for, as a code such as result. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN refusal.subject IS 'Which one: a run id or a study hash. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN refusal.code IS 'Code of the problem that was answered. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN refusal.at_ms IS 'When. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE ledger_checkpoint (
  site_id text NOT NULL REFERENCES member (site_id),
  tree_size bigint NOT NULL CHECK (tree_size >= 0),
  root_sha256 text NOT NULL CHECK (root_sha256 ~ '^[0-9a-f]{64}$'),
  checkpoint_json text NOT NULL,
  received_at_ms bigint NOT NULL,
  PRIMARY KEY (site_id, tree_size)
);
COMMENT ON TABLE ledger_checkpoint IS 'Signed heads of the hospitals'' disclosure ledgers. A hospital has one root for each size: two would be a forked ledger.';
COMMENT ON COLUMN ledger_checkpoint.site_id IS 'The hospital. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_checkpoint.tree_size IS 'Entries in the ledger at this checkpoint. Unit: count. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_checkpoint.root_sha256 IS 'Merkle root over those entries. Unit: 64 lower-case hexadecimal digits. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_checkpoint.checkpoint_json IS 'The checkpoint as the hospital signed it. Unit: JSON. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_checkpoint.received_at_ms IS 'When it came. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: alliance. Mutability: fixed.';

CREATE TABLE ledger_cosignature (
  site_id text NOT NULL,
  tree_size bigint NOT NULL,
  cosigner_id text NOT NULL REFERENCES member (site_id),
  signature text NOT NULL,
  received_at_ms bigint NOT NULL,
  PRIMARY KEY (site_id, tree_size, cosigner_id),
  FOREIGN KEY (site_id, tree_size) REFERENCES ledger_checkpoint (site_id, tree_size)
);
COMMENT ON TABLE ledger_cosignature IS 'Other hospitals'' signatures under a checkpoint: the hospital can no longer rewrite what lies before it.';
COMMENT ON COLUMN ledger_cosignature.site_id IS 'The hospital whose ledger it is. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_cosignature.tree_size IS 'Which of its checkpoints. Unit: count. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_cosignature.cosigner_id IS 'The hospital that signed. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_cosignature.signature IS 'Its Ed25519 signature. Unit: base64url of 64 bytes. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN ledger_cosignature.received_at_ms IS 'When it came. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: alliance. Mutability: fixed.';
