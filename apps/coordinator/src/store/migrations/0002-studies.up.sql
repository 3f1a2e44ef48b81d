-- Studies, the files they name, the hospitals' decisions on them, and the feasibility questions that come before.

CREATE TABLE study (
  study_sha256 text PRIMARY KEY CHECK (study_sha256 ~ '^[0-9a-f]{64}$'),
  study_id text NOT NULL CHECK (study_id <> '' AND length(study_id) <= 200),
  study_version integer NOT NULL CHECK (study_version >= 1),
  canonical_json text NOT NULL,
  proposer_id text NOT NULL REFERENCES member (site_id),
  proposal_json text,
  invited_roster_json text,
  invited_roster_sha256 text CHECK (invited_roster_sha256 ~ '^[0-9a-f]{64}$'),
  state text NOT NULL CHECK (state IN ('draft', 'proposed', 'recruiting', 'agreed', 'running', 'waiting', 'completed', 'archived', 'declined', 'withdrawn', 'stopped')),
  created_at_ms bigint NOT NULL,
  version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
  UNIQUE (study_id, study_version),
  CHECK ((proposal_json IS NULL) = (invited_roster_json IS NULL)),
  CHECK ((invited_roster_json IS NULL) = (invited_roster_sha256 IS NULL)),
  CHECK (state IN ('draft', 'withdrawn') OR proposal_json IS NOT NULL)
);
CREATE INDEX study_by_state ON study (state);
COMMENT ON TABLE study IS 'Each version of each study. A changed document is a new row with a new hash, and needs new approvals.';
COMMENT ON COLUMN study.study_sha256 IS 'SHA-256 of the canonical document: what approvals are about. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study.study_id IS 'Identifier that all versions of the study share. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study.study_version IS 'Which version of the study, from 1. Unit: count. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study.canonical_json IS 'The study document in canonical form (RFC 8785), its files replaced by name, bytes and hash. Unit: JSON. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study.proposer_id IS 'The member that wrote it. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study.proposal_json IS 'The proposal as its proposer signed it; null while the study is a draft. Unit: JSON. Sensitivity: participants. Mutability: once.';
COMMENT ON COLUMN study.invited_roster_json IS 'The invited organisations with roles and keys; null while the study is a draft. Unit: JSON. Sensitivity: participants. Mutability: once.';
COMMENT ON COLUMN study.invited_roster_sha256 IS 'SHA-256 of the canonical invited roster, which every approval names; null while the study is a draft. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: once.';
COMMENT ON COLUMN study.state IS 'Where the study stands in its life. Unit: none. Sensitivity: participants. Mutability: changes.';
COMMENT ON COLUMN study.created_at_ms IS 'When this version was first stored. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study.version IS 'Counts the changes of state; a writer names the version that it read. Unit: count. Sensitivity: operator. Mutability: changes.';

CREATE TABLE study_transition (
  study_sha256 text NOT NULL REFERENCES study (study_sha256),
  sequence integer NOT NULL CHECK (sequence >= 1),
  from_state text,
  to_state text NOT NULL,
  by_member text NOT NULL,
  reason text NOT NULL CHECK (length(reason) <= 200),
  at_ms bigint NOT NULL,
  PRIMARY KEY (study_sha256, sequence)
);
COMMENT ON TABLE study_transition IS 'Every change of a study''s state: who, when, why. Rows are only ever added.';
COMMENT ON COLUMN study_transition.study_sha256 IS 'The study. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_transition.sequence IS 'Position in the study''s history, from 1; equals the study''s version after the change. Unit: count. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_transition.from_state IS 'State before; null for the first. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_transition.to_state IS 'State after. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_transition.by_member IS 'The member that caused it; the coordinator''s own id for what the machine did. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_transition.reason IS 'Why, as a code, never free text. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_transition.at_ms IS 'When. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE blob (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  content bytea NOT NULL,
  stored_at_ms bigint NOT NULL
);
COMMENT ON TABLE blob IS 'Content of the files that studies name (table documents, ONNX graphs, code lists), by hash.';
COMMENT ON COLUMN blob.sha256 IS 'SHA-256 of the content. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN blob.content IS 'The content. Unit: bytes. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN blob.stored_at_ms IS 'When it was first stored. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: operator. Mutability: fixed.';

CREATE TABLE study_file (
  study_sha256 text NOT NULL REFERENCES study (study_sha256),
  name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
  sha256 text NOT NULL REFERENCES blob (sha256),
  PRIMARY KEY (study_sha256, name)
);
COMMENT ON TABLE study_file IS 'Which file of which content a study names.';
COMMENT ON COLUMN study_file.study_sha256 IS 'The study. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_file.name IS 'Name of the file in the study document. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN study_file.sha256 IS 'SHA-256 of its content. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE decision (
  study_sha256 text NOT NULL REFERENCES study (study_sha256),
  site_id text NOT NULL REFERENCES member (site_id),
  sequence integer NOT NULL CHECK (sequence >= 1),
  kind text NOT NULL CHECK (kind IN ('approved', 'declined', 'withdrawn')),
  decision_json text NOT NULL,
  decision_sha256 text NOT NULL CHECK (decision_sha256 ~ '^[0-9a-f]{64}$'),
  received_at_ms bigint NOT NULL,
  PRIMARY KEY (study_sha256, site_id, sequence),
  UNIQUE (study_sha256, site_id, decision_sha256)
);
COMMENT ON TABLE decision IS 'Copies of the hospitals'' decisions; the hospital''s own store holds the original. The last one of a hospital counts. Rows are only ever added.';
COMMENT ON COLUMN decision.study_sha256 IS 'The study. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN decision.site_id IS 'The hospital. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN decision.sequence IS 'Position among the hospital''s decisions on this study, from 1. Unit: count. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN decision.kind IS 'approved, declined or withdrawn. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN decision.decision_json IS 'The decision as the hospital''s steward signed it: board reference, expiry, limits, own releases, signature. Unit: JSON. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN decision.decision_sha256 IS 'SHA-256 of the decision, by which a repeated copy is known. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN decision.received_at_ms IS 'When the coordinator received it. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE feasibility_question (
  question_id text PRIMARY KEY CHECK (question_id <> '' AND length(question_id) <= 100),
  asker_id text NOT NULL REFERENCES member (site_id),
  study_sha256 text NOT NULL CHECK (study_sha256 ~ '^[0-9a-f]{64}$'),
  question_json text NOT NULL,
  asked_at_ms bigint NOT NULL
);
CREATE INDEX feasibility_question_by_asker ON feasibility_question (asker_id, asked_at_ms);
CREATE INDEX feasibility_question_by_time ON feasibility_question (asked_at_ms);
COMMENT ON TABLE feasibility_question IS 'How many patients could each hospital bring: asked before a study is proposed, under standing approvals.';
COMMENT ON COLUMN feasibility_question.question_id IS 'Chosen by the asker, so that a repeated question counts once. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN feasibility_question.asker_id IS 'The member that asked. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN feasibility_question.study_sha256 IS 'Hash of the draft that it is about; the draft need not be stored. Unit: 64 lower-case hexadecimal digits. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN feasibility_question.question_json IS 'The question as each hospital evaluates it. Unit: JSON. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN feasibility_question.asked_at_ms IS 'When it was asked; the daily limit counts by it. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';

CREATE TABLE feasibility_answer (
  question_id text NOT NULL REFERENCES feasibility_question (question_id),
  site_id text NOT NULL REFERENCES member (site_id),
  answer text NOT NULL CHECK (answer <> '' AND length(answer) <= 40),
  answered_at_ms bigint NOT NULL,
  PRIMARY KEY (question_id, site_id)
);
COMMENT ON TABLE feasibility_answer IS 'Answers as the hospitals gave them: with noise, rounded, small ones hidden.';
COMMENT ON COLUMN feasibility_answer.question_id IS 'The question. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN feasibility_answer.site_id IS 'The hospital. Unit: none. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN feasibility_answer.answer IS 'A noisy count rounded to 5, "<10", or a refusal code. Unit: persons. Sensitivity: participants. Mutability: fixed.';
COMMENT ON COLUMN feasibility_answer.answered_at_ms IS 'When the answer came. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: participants. Mutability: fixed.';
