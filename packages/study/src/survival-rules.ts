/** What survival analyses ask of their variables together. */

import { text } from "@dure/kernel";
import type { VariableRole, VariableType } from "./document.ts";
import type { Finding } from "./problem-report.ts";
import { type FieldFinding, valueAt } from "./schema-problems.ts";
import type { Path } from "./source.ts";

interface RuledVariable {
  readonly path: Path;
  readonly role: VariableRole | undefined;
  readonly type: VariableType | undefined;
  readonly levels: readonly unknown[];
}

/** Combinations of the groups' levels: each has its own curves, and its own bins in the sum. */
const GROUPS_MAX = 32;

export function checkSurvival(document: unknown, variables: readonly RuledVariable[], report: (finding: FieldFinding) => void): void {
  const kind = valueAt(document, ["analysis", "kind"]);
  const withRole = (role: VariableRole) => variables.filter((variable) => variable.role === role);
  const [person] = withRole("person");
  if (kind === "cox" && person !== undefined && withRole("entry").length === 0)
    report({ path: [...person.path, "role"], ...PERSON_WITHOUT_ENTRY });
  if (kind !== "cumulative-incidence" && kind !== "kaplan-meier") return;
  const groups = withRole("group").reduce((count, { type, levels }) => count * (type === "boolean" ? 2 : Math.max(1, levels.length)), 1);
  if (groups > GROUPS_MAX) report({ path: ["data", "variables"], ...tooManyGroups(groups) });
}

const PERSON_WITHOUT_ENTRY: Finding = {
  code: "study/person-without-entry",
  what: text(
    "where a person has several rows, each must say from when on it holds; no variable has the role entry.",
    "한 사람이 여러 행을 가지면 행마다 시작 시점이 있어야 하지만 역할이 관찰 시작(entry)인 변수가 없습니다.",
  ),
  remedy: text(
    "Give the start of a row the role entry, or remove this variable where every person has one row.",
    "행의 시작 시점 변수의 role 항목을 entry로 정하거나, 한 사람이 한 행씩이면 이 변수를 지우십시오.",
  ),
};

const tooManyGroups = (count: number): Finding => ({
  code: "study/too-many-groups",
  what: text(
    `the levels of the groups make ${count} combinations; ${GROUPS_MAX} are allowed.`,
    `집단 변수의 수준 조합이 ${count}개입니다. 최대 ${GROUPS_MAX}개까지 쓸 수 있습니다.`,
  ),
  remedy: text("Leave a group out, or join levels.", "집단 변수를 줄이거나 수준을 합치십시오."),
});
