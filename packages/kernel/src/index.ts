export { assert, type Brand, unreachable } from "./brand.ts";
export { bytesEqual, concatBytes, fromBase64, fromHex, fromUtf8, toBase64, toHex, transcript, utf8 } from "./bytes.ts";
export { canonicalJson, type JsonValue } from "./canonical-json.ts";
export type { Clock } from "./clock.ts";
export { Cp949Error, Cp949ToUtf8, decodeCp949, encodeCp949 } from "./cp949.ts";
export { hashJson, hmacSha256, parseSha256, type Sha256, sha256, sha256Bytes } from "./hash.ts";
export { DureError, formatProblem, type Place, type Problem, type Retry } from "./problem.ts";
export { type SecureRandom, SeededRandom } from "./random.ts";
export { type Language, type Text, text } from "./text.ts";
