/**
 * The steward's signing key at rest, encrypted by a passphrase.
 *
 * The site agent runs unattended and must not be able to approve a study: it holds this file, from which it reads the public half
 * alone. Only a person who types the passphrase signs a decision.
 */

import { createCipheriv, createDecipheriv } from "node:crypto";
import {
  canonicalJson,
  concatBytes,
  DureError,
  fromBase64,
  type JsonValue,
  type Problem,
  type SecureRandom,
  text,
  toBase64,
  utf8,
} from "@dure/kernel";
import { readShape, type ShapeOf } from "../shape.ts";
import { ARGON2_COST, ARGON2_MEMORY_KIB_MAX, ARGON2_PASSES_MAX, keyFromPassphrase } from "./passphrase.ts";
import { createSigningKey, type SigningPrivateKey, signingKeyFlaw, signingKeyPair } from "./signing.ts";

/** A JSON document. Every field but the last is authenticated with the encrypted key. */
export type StewardKeyFile = ShapeOf<typeof shape>;

const VERSION = "dure steward key 1";
const shape = {
  version: "string",
  publicKey: "string",
  memoryKiB: "number",
  passes: "number",
  lanes: "number",
  salt: "string",
  nonce: "string",
  encryptedKey: "string",
} as const;

const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** NIST SP 800-63B asks for 8 at least; the file can be attacked offline, so this asks for more. */
export const PASSPHRASE_CHARACTERS_MIN = 12;
const PASSPHRASE_CHARACTERS_MAX = 1000;

/**
 * Makes a steward's key and encrypts it.
 *
 * Fails: DureError `identity/passphrase-short` below 12 characters, `identity/passphrase-long` above 1000.
 */
export async function createStewardKey(passphrase: string, random: SecureRandom): Promise<StewardKeyFile> {
  assertPassphrase(passphrase);
  const { publicKey, privateKey } = createSigningKey(random);
  const salt = random.bytes(SALT_BYTES);
  const nonce = random.bytes(NONCE_BYTES);
  const header = { version: VERSION, publicKey, ...ARGON2_COST, salt: toBase64(salt), nonce: toBase64(nonce) };
  const cipher = createCipheriv("aes-256-gcm", await keyFromPassphrase(passphrase, salt, ARGON2_COST), nonce);
  cipher.setAAD(headerBytes(header));
  return { ...header, encryptedKey: toBase64(concatBytes(cipher.update(privateKey), cipher.final(), cipher.getAuthTag())) };
}

/** A file as read from disk. Fails: DureError `identity/steward-key-file` when it is no such file, or asks for costs beyond bounds. */
export function parseStewardKeyFile(value: JsonValue): StewardKeyFile {
  const file = readShape(value, shape);
  if (file === undefined || file.version !== VERSION || signingKeyFlaw(file.publicKey) !== undefined || !costIsBounded(file)) {
    throw new DureError(fileProblem);
  }
  return file;
}

/**
 * The steward's private key, for as long as one decision takes.
 *
 * Fails: DureError `identity/passphrase-wrong`, the same for a wrong passphrase and for an altered file.
 */
export async function openStewardKey(file: StewardKeyFile, passphrase: string): Promise<SigningPrivateKey> {
  const { encryptedKey, ...header } = parseStewardKeyFile({ ...file });
  const key = await keyFromPassphrase(passphrase, fromBase64(header.salt), header);
  const box = fromBase64(encryptedKey);
  const decipher = createDecipheriv("aes-256-gcm", key, fromBase64(header.nonce), { authTagLength: TAG_BYTES });
  decipher.setAAD(headerBytes(header));
  decipher.setAuthTag(box.subarray(box.byteLength - TAG_BYTES));
  try {
    const seed = concatBytes(decipher.update(box.subarray(0, box.byteLength - TAG_BYTES)), decipher.final());
    const pair = signingKeyPair(seed);
    if (pair.publicKey === header.publicKey) return pair.privateKey;
  } catch {
    // One answer for every cause: a reason would tell an attacker which part of a guess was right.
  }
  throw new DureError(wrongPassphrase);
}

const headerBytes = (header: Omit<StewardKeyFile, "encryptedKey">): Uint8Array => utf8(canonicalJson({ ...header }));

function costIsBounded(file: StewardKeyFile): boolean {
  const { memoryKiB, passes, lanes } = file;
  if (![memoryKiB, passes, lanes].every(Number.isSafeInteger)) return false;
  if (memoryKiB < ARGON2_COST.memoryKiB || memoryKiB > ARGON2_MEMORY_KIB_MAX) return false;
  if (passes < ARGON2_COST.passes || passes > ARGON2_PASSES_MAX || lanes !== ARGON2_COST.lanes) return false;
  return isBase64Of(file.salt, SALT_BYTES) && isBase64Of(file.nonce, NONCE_BYTES) && isBase64Of(file.encryptedKey, 32 + TAG_BYTES);
}

const isBase64Of = (value: string, byteLength: number): boolean =>
  /^[A-Za-z0-9_-]*$/.test(value) && fromBase64(value).byteLength === byteLength;

function assertPassphrase(passphrase: string): void {
  const length = [...passphrase.normalize("NFKC")].length;
  if (length < PASSPHRASE_CHARACTERS_MIN) throw new DureError(passphraseProblem("short", length));
  if (length > PASSPHRASE_CHARACTERS_MAX) throw new DureError(passphraseProblem("long", length));
}

function passphraseProblem(flaw: "short" | "long", length: number): Problem {
  const [min, max] = [PASSPHRASE_CHARACTERS_MIN, PASSPHRASE_CHARACTERS_MAX];
  return {
    code: `identity/passphrase-${flaw}`,
    severity: "error",
    place: {},
    what: text(
      `The passphrase has ${length} characters; ${min} to ${max} are allowed.`,
      `암호 문구가 ${length}자입니다. ${min}자 이상 ${max}자 이하여야 합니다.`,
    ),
    remedy: text("Choose several words that only you would put together.", "본인만 떠올릴 수 있는 여러 단어를 이어서 정해 주십시오."),
  };
}

const wrongPassphrase: Problem = {
  code: "identity/passphrase-wrong",
  severity: "error",
  place: {},
  what: text("The passphrase does not open the steward's key.", "암호 문구로 자료 관리자의 키를 열 수 없습니다."),
  remedy: text(
    "Type it again. If it is lost, make a new steward key and have it entered in the alliance's roster.",
    "다시 입력해 주십시오. 잊으셨다면 자료 관리자 키를 새로 만들어 연합 명부에 등록해 주십시오.",
  ),
};

const fileProblem: Problem = {
  code: "identity/steward-key-file",
  severity: "error",
  place: {},
  what: text("This is not a steward key file of this version.", "이 버전의 자료 관리자 키 파일이 아닙니다."),
  remedy: text(
    "Restore the file from its backup, or make a new steward key.",
    "백업에서 파일을 복원하거나 자료 관리자 키를 새로 만들어 주십시오.",
  ),
};
