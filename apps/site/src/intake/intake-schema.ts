/** The tables of the intake store, and the texts of the two problems that the store itself finds. */

import { type Problem, text } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";

/**
 * `resource` holds one row for each resource ever named, its last state; a deleted one keeps its row, with an empty content, so that an
 * older version that arrives late does not bring it back. `merged` holds one row for each record that was merged into another.
 * The schema does not bear the file's usual name, which the engine takes for the catalogue. No index, which for ten million
 * names would not fit the memory: a batch finds its resources by one join over `key`, a short digest of type and id. `digest` is that of the
 * content, 0 for a deleted one.
 */
export async function createIntakeTables(session: SqlSession): Promise<void> {
  await session.run(sql`CREATE SCHEMA IF NOT EXISTS dure_intake`);
  await session.run(sql`
    CREATE TABLE IF NOT EXISTS dure_intake.delivery (
      number INTEGER NOT NULL, source VARCHAR NOT NULL, name VARCHAR NOT NULL, sha256 VARCHAR, is_done BOOLEAN NOT NULL,
      position BIGINT NOT NULL, added BIGINT NOT NULL, replaced BIGINT NOT NULL, deleted BIGINT NOT NULL, merged BIGINT NOT NULL,
      outdated BIGINT NOT NULL, fault_count BIGINT NOT NULL, faults VARCHAR NOT NULL)`);
  await session.run(sql`
    CREATE TABLE IF NOT EXISTS dure_intake.resource (
      source VARCHAR NOT NULL, resource_type VARCHAR NOT NULL, id VARCHAR NOT NULL, key BIGINT NOT NULL,
      version VARCHAR NOT NULL, delivery BIGINT NOT NULL, digest BIGINT NOT NULL, content VARCHAR NOT NULL)`);
  await session.run(sql`
    CREATE TABLE IF NOT EXISTS dure_intake.merged (
      source VARCHAR NOT NULL, resource_type VARCHAR NOT NULL, id VARCHAR NOT NULL, survivor VARCHAR NOT NULL, version VARCHAR NOT NULL)`);
}

/** Of a row of `resource`: told by its digest, as asking the content itself would unpack all contents of the store. */
export const IS_CURRENT = sql`digest <> 0`;

export const intakeInUse = (): Problem => ({
  code: "store/in-use",
  severity: "error",
  place: {},
  what: text("another intake or load has the intake store open.", "다른 반입 작업이나 적재 작업이 반입 저장소를 사용하고 있습니다."),
  remedy: text("Try again when it has ended; nothing was changed.", "그 작업이 끝난 뒤 다시 시도하십시오. 변경된 내용은 없습니다."),
});

export const mergeCycle = (file: string): Problem => ({
  code: "intake/merge-cycle",
  severity: "error",
  place: { file },
  what: text(
    "a record is merged into another that was itself merged into the first, so neither survives; this merge is left out.",
    "어떤 기록을 병합한 대상이 이미 그 기록으로 병합된 상태라서 남을 기록이 없습니다. 이 병합은 반영하지 않았습니다.",
  ),
  remedy: text(
    "Ask the hospital's master patient index which of the two numbers is valid, and send that merge with a later time.",
    "병원의 환자 마스터 색인에서 유효한 번호를 확인한 뒤, 더 늦은 시각의 병합 내역을 다시 보내십시오.",
  ),
});
