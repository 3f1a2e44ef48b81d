-- Who belongs to the alliance: its certificate authority, its members, their certificates, and the tokens that let a member in.
--
-- Every column carries a comment of four parts, which together are the data dictionary:
-- meaning. Unit. Sensitivity (who may read it outside this store). Mutability.
--   Sensitivity: public = may be printed anywhere; alliance = every member; participants = the study's proposer and its hospitals;
--   operator = whoever runs the coordinator; sealed = nobody here, only the recipients' keys open it.
--   Mutability: fixed = never changes once written; once = empty first, then written once; changes = overwritten by named writes.
-- No table of this store holds a patient's row, identifier or free text.

CREATE TABLE alliance (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  name text NOT NULL CHECK (name <> ''),
  root_fingerprint text NOT NULL CHECK (root_fingerprint ~ '^[0-9a-f]{64}$'),
  root_certificate text NOT NULL,
  issuing_certificate text NOT NULL,
  established_at_ms bigint NOT NULL
);
COMMENT ON TABLE alliance IS 'The one alliance that this coordinator serves: at most one row.';
COMMENT ON COLUMN alliance.singleton IS 'Always true, so that a second row is refused. Unit: none. Sensitivity: public. Mutability: fixed.';
COMMENT ON COLUMN alliance.name IS 'Name of the alliance, as members read it. Unit: none. Sensitivity: public. Mutability: fixed.';
COMMENT ON COLUMN alliance.root_fingerprint IS 'SHA-256 of the DER form of the offline root certificate; enrolment tokens carry it. Unit: 64 lower-case hexadecimal digits. Sensitivity: public. Mutability: fixed.';
COMMENT ON COLUMN alliance.root_certificate IS 'Certificate of the offline root. Unit: PEM. Sensitivity: public. Mutability: fixed.';
COMMENT ON COLUMN alliance.issuing_certificate IS 'Certificate of the online issuing key, signed by the root; the private key is not in this store. Unit: PEM. Sensitivity: public. Mutability: changes.';
COMMENT ON COLUMN alliance.established_at_ms IS 'When the alliance was made. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: public. Mutability: fixed.';

CREATE TABLE member (
  site_id text PRIMARY KEY CHECK (site_id <> '' AND length(site_id) <= 100),
  organisation text NOT NULL CHECK (organisation <> ''),
  role text NOT NULL CHECK (role IN ('site', 'researcher', 'coordinator')),
  identity_key text NOT NULL UNIQUE,
  seal_key text,
  steward_key text,
  certificate_serial text NOT NULL UNIQUE,
  certificate_fingerprint text NOT NULL UNIQUE CHECK (certificate_fingerprint ~ '^[0-9a-f]{64}$'),
  status text NOT NULL CHECK (status IN ('active', 'revoked')),
  enrolled_at_ms bigint NOT NULL,
  version integer NOT NULL DEFAULT 1 CHECK (version >= 1)
);
COMMENT ON TABLE member IS 'Hospitals, researchers and the coordinator itself: everybody with a certificate of the alliance.';
COMMENT ON COLUMN member.site_id IS 'Identifier of the member within the alliance. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN member.organisation IS 'Name of the organisation, as other members read it. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN member.role IS 'What its certificate allows: site, researcher or coordinator. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN member.identity_key IS 'Ed25519 public key that signs keys of rounds and survivor lists; approvals pin it. Unit: base64url of 32 bytes. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN member.seal_key IS 'X25519 public key to which results are sealed; null where nothing is ever sealed to the member. Unit: base64url of 32 bytes. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN member.steward_key IS 'Ed25519 public key of the data steward, who signs the hospital''s decisions; null for a member that is no hospital. Unit: base64url of 32 bytes. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN member.certificate_serial IS 'Serial number of the certificate in force. Unit: hexadecimal. Sensitivity: alliance. Mutability: changes.';
COMMENT ON COLUMN member.certificate_fingerprint IS 'SHA-256 of the DER form of the certificate in force. Unit: 64 lower-case hexadecimal digits. Sensitivity: alliance. Mutability: changes.';
COMMENT ON COLUMN member.status IS 'active, or revoked for good. Unit: none. Sensitivity: alliance. Mutability: changes.';
COMMENT ON COLUMN member.enrolled_at_ms IS 'When the member was enrolled. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN member.version IS 'Counts the writes to this row; a writer names the version that it read. Unit: count. Sensitivity: operator. Mutability: changes.';

CREATE TABLE certificate (
  serial text PRIMARY KEY,
  site_id text NOT NULL REFERENCES member (site_id),
  fingerprint text NOT NULL UNIQUE CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  pem text NOT NULL,
  issued_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL CHECK (expires_at_ms > issued_at_ms)
);
CREATE INDEX certificate_of_member ON certificate (site_id);
COMMENT ON TABLE certificate IS 'Every certificate ever issued, renewals included.';
COMMENT ON COLUMN certificate.serial IS 'Serial number, unique within the alliance. Unit: hexadecimal. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN certificate.site_id IS 'The member it was issued to. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN certificate.fingerprint IS 'SHA-256 of its DER form. Unit: 64 lower-case hexadecimal digits. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN certificate.pem IS 'The certificate. Unit: PEM. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN certificate.issued_at_ms IS 'Start of its validity. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN certificate.expires_at_ms IS 'End of its validity. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: alliance. Mutability: fixed.';

CREATE TABLE enrolment_token (
  secret_sha256 text PRIMARY KEY CHECK (secret_sha256 ~ '^[0-9a-f]{64}$'),
  site_id text NOT NULL CHECK (site_id <> '' AND length(site_id) <= 100),
  organisation text NOT NULL CHECK (organisation <> ''),
  role text NOT NULL CHECK (role IN ('site', 'researcher', 'coordinator')),
  issued_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL CHECK (expires_at_ms > issued_at_ms),
  used_at_ms bigint,
  used_by_request_sha256 text CHECK (used_by_request_sha256 ~ '^[0-9a-f]{64}$'),
  CHECK ((used_at_ms IS NULL) = (used_by_request_sha256 IS NULL))
);
COMMENT ON TABLE enrolment_token IS 'One-time invitations. The secret itself is printed once and never stored.';
COMMENT ON COLUMN enrolment_token.secret_sha256 IS 'SHA-256 of the secret in the token. Unit: 64 lower-case hexadecimal digits. Sensitivity: operator. Mutability: fixed.';
COMMENT ON COLUMN enrolment_token.site_id IS 'Identifier that the enrolled member will have. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN enrolment_token.organisation IS 'Organisation that the enrolled member will have. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN enrolment_token.role IS 'Role that the enrolled member will have. Unit: none. Sensitivity: alliance. Mutability: fixed.';
COMMENT ON COLUMN enrolment_token.issued_at_ms IS 'When the token was made. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: operator. Mutability: fixed.';
COMMENT ON COLUMN enrolment_token.expires_at_ms IS 'From when the token is refused. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: operator. Mutability: fixed.';
COMMENT ON COLUMN enrolment_token.used_at_ms IS 'When it was redeemed; null until then. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: operator. Mutability: once.';
COMMENT ON COLUMN enrolment_token.used_by_request_sha256 IS 'SHA-256 of the signing request that redeemed it: the same request may come again, another may not. Unit: 64 lower-case hexadecimal digits. Sensitivity: operator. Mutability: once.';

CREATE TABLE certificate_revocation (
  serial text PRIMARY KEY REFERENCES certificate (serial),
  crl_number integer NOT NULL CHECK (crl_number >= 1),
  reason text NOT NULL CHECK (reason <> '' AND length(reason) <= 100),
  revoked_at_ms bigint NOT NULL
);
COMMENT ON TABLE certificate_revocation IS 'Certificates that are no longer accepted, and the number of the first list that names each.';
COMMENT ON COLUMN certificate_revocation.serial IS 'Serial number of the revoked certificate. Unit: hexadecimal. Sensitivity: public. Mutability: fixed.';
COMMENT ON COLUMN certificate_revocation.crl_number IS 'Number of the first revocation list that holds it (RFC 5280, CRL Number). Unit: count. Sensitivity: public. Mutability: fixed.';
COMMENT ON COLUMN certificate_revocation.reason IS 'Why, as a code of RFC 5280 such as keyCompromise or cessationOfOperation. Unit: none. Sensitivity: public. Mutability: fixed.';
COMMENT ON COLUMN certificate_revocation.revoked_at_ms IS 'When it was revoked. Unit: milliseconds since 1970-01-01T00:00:00Z. Sensitivity: public. Mutability: fixed.';
