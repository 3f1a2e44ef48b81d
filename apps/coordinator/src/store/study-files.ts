/** The files that studies name, by content: table documents, ONNX graphs, code lists. */

import { DureError, parseSha256, type Sha256, sha256, text } from "@dure/kernel";
import { assertSize, blobBytesMax, sizeNames, studyFilesCountMax } from "./limits.ts";
import { insertOnce, type WriteOutcome } from "./rows.ts";
import type { StoreTransaction } from "./tables.ts";

export interface StudyFile {
  /** As the study document names it. */
  readonly name: string;
  readonly sha256: Sha256;
}

export interface BlobStore {
  /** Stores content under its own hash. Throws `store/too-large`. */
  put(tx: StoreTransaction, content: Uint8Array, atMs: number): Promise<{ readonly sha256: Sha256; readonly outcome: WriteOutcome }>;
  get(tx: StoreTransaction, hash: Sha256): Promise<Uint8Array | undefined>;
  /** Those of `hashes` whose content is not there yet: what an uploader still has to send. */
  missing(tx: StoreTransaction, hashes: readonly Sha256[]): Promise<readonly Sha256[]>;
}

export interface StudyFileStore {
  /** Says which file of which content a study names. The content and the study must be there. Throws `store/too-many-files`. */
  attach(tx: StoreTransaction, study: Sha256, file: StudyFile): Promise<WriteOutcome>;
  list(tx: StoreTransaction, study: Sha256): Promise<readonly StudyFile[]>;
}

export const sqlBlobStore: BlobStore = {
  async put(tx, content, atMs) {
    assertSize(sizeNames.blob, content, blobBytesMax);
    const hash = sha256(content);
    const known = await tx.selectFrom("blob").select("sha256").where("sha256", "=", hash).executeTakeFirst();
    if (known !== undefined) return { sha256: hash, outcome: { kind: "repeated" } };
    await tx.insertInto("blob").values({ sha256: hash, content, storedAtMs: atMs }).execute();
    return { sha256: hash, outcome: { kind: "stored" } };
  },

  async get(tx, hash) {
    const row = await tx.selectFrom("blob").select("content").where("sha256", "=", hash).executeTakeFirst();
    return row === undefined ? undefined : new Uint8Array(row.content);
  },

  async missing(tx, hashes) {
    if (hashes.length === 0) return [];
    const rows = await tx.selectFrom("blob").select("sha256").where("sha256", "in", hashes).execute();
    const found = new Set(rows.map((row) => row.sha256));
    return hashes.filter((hash) => !found.has(hash));
  },
};

export const sqlStudyFileStore: StudyFileStore = {
  async attach(tx, study, file) {
    const outcome = await insertOnce(tx, { table: "studyFile", row: { studySha256: study, ...file }, key: ["studySha256", "name"] });
    const attached = await tx
      .selectFrom("studyFile")
      .select((eb) => eb.fn.countAll<string>().as("count"))
      .where("studySha256", "=", study)
      .executeTakeFirstOrThrow();
    if (Number(attached.count) > studyFilesCountMax) throw tooManyFiles();
    return outcome;
  },

  async list(tx, study) {
    const rows = await tx.selectFrom("studyFile").select(["name", "sha256"]).where("studySha256", "=", study).orderBy("name").execute();
    return rows.map((row) => ({ name: row.name, sha256: parseSha256(row.sha256) }));
  },
};

function tooManyFiles(): DureError {
  const what = text(
    `A study names more than ${studyFilesCountMax} files.`,
    `연구 하나에 지정할 수 있는 파일은 최대 ${studyFilesCountMax}개입니다.`,
  );
  const remedy = text("Nothing was stored. Put code lists together.", "저장된 내용은 없습니다. 코드 목록을 합쳐 주십시오.");
  return new DureError({ code: "store/too-many-files", severity: "error", place: {}, what, remedy });
}
