/** A load plan from its text, with every problem of the file reported at once. */

import { text } from "@dure/kernel";
import { type DocumentSource, type Finding, readDocument } from "../document/read-document.ts";
import { type LoadPlan, type LoadSource, loadPlanSchema } from "./schema.ts";

/** @throws DureError `load/*` with every problem, each with line and path. */
export function parseLoadPlan(source: DocumentSource): LoadPlan {
  return readDocument(source, { component: "load", schema: loadPlanSchema, check });
}

/** How a source is told from the others in the report. */
const nameOf = (source: LoadSource): string =>
  "mapping" in source
    ? `mapping ${source.mapping} of ${source.directory}`
    : "omop" in source
      ? `omop ${source.omop}`
      : "images" in source
        ? "images"
        : `fhir ${source.fhir}`;

function check(plan: LoadPlan): readonly Finding[] {
  const names = plan.sources.map(nameOf);
  const doubled = names.flatMap((name, i): readonly Finding[] =>
    names.indexOf(name) === i
      ? []
      : [
          {
            path: ["sources", i],
            code: "load/source-twice",
            what: text("this source stands in the plan twice.", "같은 원천이 계획 문서에 두 번 적혀 있습니다."),
            remedy: text("Remove it, or give it another name.", "하나를 지우거나 다른 이름을 붙이십시오."),
          },
        ],
  );
  const hasOwnEras = plan.sources.length === 1 && plan.sources.every((source) => "omop" in source);
  if (plan.eras === "rebuilt" || hasOwnEras) return doubled;
  return [
    ...doubled,
    {
      path: ["eras"],
      code: "load/eras-of-one-source",
      what: text(
        "only a load from one OMOP database can take over its eras.",
        "era를 그대로 가져오는 것은 OMOP 데이터베이스 하나만 적재할 때 가능합니다.",
      ),
      remedy: text("Write eras: rebuilt.", "eras: rebuilt 로 적으십시오."),
    },
  ];
}
