/** Which variables the hospitals' own model of a meta-analysis takes: time and event, or an outcome of its type. */

import type { VariableRole, VariableType } from "./document.ts";
import { missingRole, roleNotTaken, wrongTypeOfRole } from "./rule-findings.ts";
import { type FieldFinding, valueAt } from "./schema-problems.ts";
import type { Path } from "./source.ts";

/** What is known of a variable before the schema has accepted it. */
export interface RuledVariable {
  readonly path: Path;
  readonly role: VariableRole | undefined;
  readonly type: VariableType | undefined;
}

interface ModelRoles {
  readonly needs: readonly VariableRole[];
  /** Beside those that it needs. */
  readonly takes?: readonly VariableRole[];
  readonly outcome?: VariableType;
}

const MODELS: ReadonlyMap<unknown, ModelRoles> = new Map([
  ["cox", { needs: ["time", "event"] }],
  ["logistic", { needs: ["outcome"], outcome: "boolean" }],
  ["linear", { needs: ["outcome"], takes: ["offset"], outcome: "number" }],
  ["poisson", { needs: ["outcome"], takes: ["offset"], outcome: "number" }],
]);

const OF_MODEL: readonly VariableRole[] = ["outcome", "time", "event", "offset"];

export function checkMetaAnalysis(document: unknown, variables: readonly RuledVariable[], report: (finding: FieldFinding) => void): void {
  const model = valueAt(document, ["analysis", "model"]);
  const roles = MODELS.get(model);
  if (valueAt(document, ["analysis", "kind"]) !== "meta-analysis" || roles === undefined) return;
  const kind = `meta-analysis, model: ${model}`;
  const everyRoleKnown = variables.every(({ role }) => role !== undefined);
  for (const role of OF_MODEL) {
    const found = variables.filter((variable) => variable.role === role);
    const isNeeded = roles.needs.includes(role);
    const isTaken = isNeeded || roles.takes?.includes(role) === true;
    if (isNeeded && found.length === 0 && everyRoleKnown) report({ path: ["data", "variables"], ...missingRole(kind, role) });
    for (const { path, type } of found) {
      if (!isTaken) report({ path: [...path, "role"], ...roleNotTaken({ kind, role, most: 0, found: found.length }) });
      else if (role === "outcome" && type !== undefined && type !== roles.outcome) {
        report({
          path: [...path, "type"],
          ...wrongTypeOfRole({ role, type, allowed: roles.outcome === undefined ? [] : [roles.outcome] }),
        });
      }
    }
  }
}
