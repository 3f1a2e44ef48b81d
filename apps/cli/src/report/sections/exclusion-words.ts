/** Why a row was left out, in words: reasons come as the analysis, the research table, the load or a hospital's mapping wrote them. */

import { type Text, text } from "@dure/kernel";
import type { Edition } from "../edition.ts";

const INCLUDE_REASONS: ReadonlyMap<string, Text> = new Map([
  ["not met", text("Did not meet the study's criteria", "연구 대상 기준에 해당하지 않음")],
  ["missing", text("A value that the study's criteria need is missing", "연구 대상 기준에 필요한 값이 없음")],
]);

const VARIABLE_REASONS: ReadonlyMap<string, Text> = new Map([
  ["missing", text("Missing", "결측")],
  ["not a finite number", text("No finite number", "유한한 수가 아님")],
  ["not 0 or 1", text("Neither yes nor no", "예/아니요 값이 아님")],
  ["not a level", text("None of the levels", "정해진 수준에 없는 값")],
  ["other", text("Not usable", "사용할 수 없는 값")],
]);

const LOAD_REASONS: ReadonlyMap<string, Text> = new Map([
  ["table: row not complete", text("A value that the research table requires is missing", "연구용 표에 필요한 값이 없음")],
  ["opted out", text("Opted out", "정보 제공 거부")],
  ["no follow-up after the day of diagnosis", text("No follow-up after the day of diagnosis", "진단일 이후 추적관찰 없음")],
]);

/** Reasons such as `hormon: missing` and `include: not met` in words; a mapping's own as its steward wrote it. */
export function exclusionWords(edition: Edition, reason: string): string {
  return edition.say(exclusionText(reason, edition.options.words));
}

/** Without `names` a variable is called as the study calls it. */
export function exclusionText(reason: string, names?: Edition["options"]["words"]): Text {
  const load = LOAD_REASONS.get(reason);
  if (load !== undefined) return load;
  if (reason.startsWith("not a person of file ")) return text("Not in the file of patients", "환자 파일에 없음");
  const [name = "", what = ""] = reason.split(": ");
  if (what === "missing, which PERSON requires") return text(`Missing and required: ${name}`, `필수 항목 결측: ${name}`);
  if (name === "include") return INCLUDE_REASONS.get(what) ?? text("Study criteria could not be judged", "연구 대상 기준을 판단할 수 없음");
  if (what === "missing" && names !== undefined && name === names.outcomeVariable) {
    return text(
      `Outcome not known: follow-up ended before ${names.outcome.en} could be told`,
      `결과를 알 수 없음: ${names.outcome.ko} 여부를 알기 전에 추적이 끝남`,
    );
  }
  const variable = names?.variables.get(name) ?? text(name, name);
  const fault = VARIABLE_REASONS.get(what);
  return fault === undefined ? text(reason, reason) : text(`${fault.en}: ${variable.en}`, `${fault.ko}: ${variable.ko}`);
}
