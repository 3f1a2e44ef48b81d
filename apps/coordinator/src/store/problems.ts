/** Every problem that the store can report, in one place, in both languages. */

import { DureError, type Problem, type Text, text } from "@dure/kernel";

/** Where a store lies, as a person names it: a directory, or host and database of a URL, never its password. */
export type StorePlace = string;

export function storeInUse(place: StorePlace, cause: unknown): DureError {
  const what = text(
    "The coordinator's store is in use by another process; a store belongs to one process at a time.",
    "코디네이터 저장소를 다른 프로세스가 사용하고 있습니다. 저장소는 한 번에 한 프로세스만 사용할 수 있습니다.",
  );
  const remedy = text(
    "Stop the other coordinator first, or give this one a store of its own.",
    "먼저 실행 중인 코디네이터를 종료하시거나, 다른 저장소를 지정해 주십시오.",
  );
  return new DureError(problem("store/in-use", place, what, remedy), { retry: "transient", cause });
}

export function storeUnreachable(place: StorePlace, cause: unknown): DureError {
  const what = text("The coordinator's database does not answer.", "코디네이터 데이터베이스가 응답하지 않습니다.");
  const remedy = text(
    "Nothing was stored. Check that the database runs and that its address and password are right, then try again.",
    "저장된 내용은 없습니다. 데이터베이스가 실행 중인지, 주소와 비밀번호가 맞는지 확인하신 뒤 다시 시도해 주십시오.",
  );
  return new DureError(problem("store/unreachable", place, what, remedy), { retry: "transient", cause });
}

export function storeOutcomeUnknown(place: StorePlace, transaction: string, cause: unknown): DureError {
  const what = text(
    `The connection broke while "${transaction}" was being committed: it may or may not be stored.`,
    `"${transaction}" 작업을 확정하는 중에 연결이 끊어졌습니다. 저장되었을 수도 있고 아닐 수도 있습니다.`,
  );
  const remedy = text("Send the same request again; it is not stored twice.", "같은 요청을 다시 보내 주십시오. 두 번 저장되지 않습니다.");
  return new DureError(problem("store/outcome-unknown", place, what, remedy), { retry: "ambiguous", cause });
}

export function storeContended(place: StorePlace, transaction: string, cause: unknown): DureError {
  const what = text(
    `"${transaction}" gave way to other transactions too many times; nothing was stored.`,
    `"${transaction}" 작업이 다른 작업과 여러 번 충돌하여 저장되지 않았습니다.`,
  );
  const remedy = text("Try again in a moment.", "잠시 뒤에 다시 시도해 주십시오.");
  return new DureError(problem("store/contended", place, what, remedy), { retry: "transient", cause });
}

export function storeFull(place: StorePlace, transaction: string, cause: unknown): DureError {
  const what = text(
    `The disk of the coordinator's store is full; "${transaction}" was not stored.`,
    `코디네이터 저장소의 디스크가 가득 차서 "${transaction}" 작업을 저장하지 못했습니다.`,
  );
  const remedy = text(
    "Free some space, then try again. Nothing that was stored is lost.",
    "공간을 확보하신 뒤 다시 시도해 주십시오. 이미 저장된 내용은 안전합니다.",
  );
  return new DureError(problem("store/full", place, what, remedy), { retry: "transient", cause });
}

/** A rule of the database that a repository did not foresee: a defect of this program, or a store changed by hand. */
export function storeRefused(place: StorePlace, transaction: string, cause: { readonly code: string; readonly rule: string }): DureError {
  const found = cause.rule === "" ? `SQLSTATE ${cause.code}` : `SQLSTATE ${cause.code}, ${cause.rule}`;
  const what = text(
    `The database refused "${transaction}" (${found}); nothing was stored.`,
    `데이터베이스가 "${transaction}" 작업을 거부했습니다(${found}). 저장된 내용은 없습니다.`,
  );
  const remedy = text("Report this with the coordinator's log.", "코디네이터 로그와 함께 알려 주십시오.");
  return new DureError(problem("store/refused", place, what, remedy));
}

export function storeLockLost(place: StorePlace): DureError {
  const what = text(
    "The coordinator lost its hold on the database, so another coordinator may use it now.",
    "코디네이터가 데이터베이스 사용 권한을 잃었습니다. 다른 코디네이터가 사용하고 있을 수 있습니다.",
  );
  const remedy = text(
    "Nothing more is stored by this process; start it again.",
    "이 프로세스는 더 이상 저장하지 않습니다. 다시 시작해 주십시오.",
  );
  return new DureError(problem("store/lock-lost", place, what, remedy));
}

export function storeClosed(place: StorePlace): DureError {
  const what = text("The coordinator's store is closed.", "코디네이터 저장소가 닫혀 있습니다.");
  return new DureError(problem("store/closed", place, what, text("Nothing was stored.", "저장된 내용은 없습니다.")));
}

export function storeDirectoryUnusable(place: StorePlace, cause: unknown): DureError {
  const what = text(
    "The directory of the coordinator's store cannot be made, read or written.",
    "코디네이터 저장소 디렉터리를 만들거나 읽거나 쓸 수 없습니다.",
  );
  const remedy = text(
    "Check that it is a directory, that this user owns it, and that its disk is writable.",
    "디렉터리가 맞는지, 현재 사용자가 소유하고 있는지, 디스크에 쓸 수 있는지 확인해 주십시오.",
  );
  return new DureError(problem("store/directory-unusable", place, what, remedy), { cause });
}

export function storeTooNew(place: StorePlace, found: number, known: number): DureError {
  const what = text(
    `The store has schema ${found}, but this program knows schemas up to ${known}.`,
    `저장소의 스키마 버전은 ${found}이지만, 이 프로그램은 ${known} 버전까지만 지원합니다.`,
  );
  const remedy = text(
    "Start a newer Dure, or restore a backup into an empty store.",
    "최신 버전의 Dure를 실행하시거나, 빈 저장소에 백업을 복원해 주십시오.",
  );
  return new DureError(problem("store/too-new", place, what, remedy));
}

export function storeMigrationChanged(place: StorePlace, name: string): DureError {
  const what = text(
    `The store was made with another text of migration ${name} than this program has.`,
    `저장소를 만들 때 사용한 마이그레이션 ${name}의 내용이 이 프로그램의 것과 다릅니다.`,
  );
  const remedy = text(
    "Start the Dure version that made the store, take a backup there, and restore it here.",
    "저장소를 만든 Dure 버전으로 백업하신 뒤, 여기에서 복원해 주십시오.",
  );
  return new DureError(problem("store/migration-changed", place, what, remedy));
}

export function storeTooLarge(what: Text, found: number, allowed: number): DureError {
  const size = text(
    `${what.en} has ${found} bytes; at most ${allowed} bytes are stored.`,
    `${what.ko}의 크기가 ${found}바이트입니다. 최대 ${allowed}바이트까지 저장할 수 있습니다.`,
  );
  return new DureError(
    problem(
      "store/too-large",
      undefined,
      size,
      text("Nothing was stored. Make it smaller.", "저장된 내용은 없습니다. 크기를 줄여 주십시오."),
    ),
  );
}

export function storeNotEmpty(place: StorePlace, table: string): DureError {
  const what = text(
    `The store already holds rows (table ${table}); a backup is restored into an empty store only.`,
    `저장소에 이미 내용이 있습니다(테이블 ${table}). 백업은 빈 저장소에만 복원할 수 있습니다.`,
  );
  const remedy = text("Name a new directory or a new database.", "새 디렉터리나 새 데이터베이스를 지정해 주십시오.");
  return new DureError(problem("store/not-empty", place, what, remedy));
}

export function backupUnreadable(file: string, cause: unknown): DureError {
  const what = text("The backup file cannot be read or written.", "백업 파일을 읽거나 쓸 수 없습니다.");
  const remedy = text("Check its name, its directory and who may use it.", "파일 이름과 디렉터리, 접근 권한을 확인해 주십시오.");
  return new DureError({ code: "store/backup-unreadable", severity: "error", place: { file }, what, remedy }, { cause });
}

export function backupDamaged(file: string, line: number, found: Text): DureError {
  const what = text(`This is not a whole backup: ${found.en}.`, `온전한 백업 파일이 아닙니다: ${found.ko}.`);
  const remedy = text("Nothing was restored. Use another copy of the backup.", "복원된 내용은 없습니다. 다른 백업 사본을 사용해 주십시오.");
  return new DureError({ code: "store/backup-damaged", severity: "error", place: { file, line }, what, remedy });
}

export function backupTooNew(file: string, found: string, known: string): DureError {
  const what = text(
    `The backup has ${found}, but this program reads up to ${known}.`,
    `백업 파일의 버전은 ${found}이지만, 이 프로그램은 ${known}까지만 읽을 수 있습니다.`,
  );
  const remedy = text("Restore it with a newer Dure.", "최신 버전의 Dure로 복원해 주십시오.");
  return new DureError({ code: "store/backup-too-new", severity: "error", place: { file }, what, remedy });
}

function problem(code: string, place: StorePlace | undefined, what: Text, remedy: Text): Problem {
  return { code, severity: "error", place: place === undefined ? {} : { path: place }, what, remedy };
}
