DROP TABLE certificate_revocation;
DROP TABLE enrolment_token;
DROP TABLE certificate;
DROP TABLE member;
DROP TABLE alliance;
