/** Why a load of FHIR does not begin, or stops: in counts and words of the standard, never in words of the data. */

import type { StateCount } from "@dure/clinical/fhir";
import { type Problem, text } from "@dure/kernel";

const SHOWN_MAX = 40;

export const noPolicy = (source: string, counts: readonly StateCount[]): Problem => ({
  code: "fhir/no-policy",
  severity: "error",
  place: { path: source },
  what: text(
    `nobody has decided which resources of "${source}" count as having happened. It holds:\n${listed(counts)}`,
    `"${source}"의 어떤 자원을 일어난 일로 볼지 아직 정해지지 않았습니다. 현재 자료:\n${listed(counts)}`,
  ),
  remedy: text(
    `Run dure site fhir policy --source ${source}, read the document it writes, correct it and fill in "confirmed".`,
    `dure site fhir policy --source ${source} 를 실행하고, 작성된 문서를 읽고 고친 다음 "confirmed"를 채워 주십시오.`,
  ),
});

export const notConfirmed = (source: string, file: string): Problem => ({
  code: "fhir/policy-not-confirmed",
  severity: "error",
  place: { file, path: "confirmed" },
  what: text(`the policy of "${source}" is a draft: nobody has confirmed it.`, `"${source}"의 정책이 초안이며 아직 확정되지 않았습니다.`),
  remedy: text(
    'Read it and add "confirmed" with who decided, when and why.',
    '문서를 읽고 누가, 언제, 왜 정했는지 "confirmed"에 적어 주십시오.',
  ),
});

export const wrongSource = (source: string, file: string): Problem => ({
  code: "fhir/policy-of-another-source",
  severity: "error",
  place: { file, path: "source" },
  what: text(`the policy was written for another source than "${source}".`, `이 정책은 "${source}"이(가) 아닌 다른 원천을 위한 것입니다.`),
  remedy: text("Name the right document, or draft one for this source.", "맞는 문서를 지정하거나 이 원천의 초안을 새로 만드십시오."),
});

export const undecided = (source: string, counts: readonly StateCount[]): Problem => ({
  code: "fhir/policy-incomplete",
  severity: "error",
  place: { path: source },
  what: text(
    `the policy of "${source}" says nothing of these resources:\n${listed(counts)}`,
    `"${source}"의 정책에 다음 자원에 관한 내용이 없습니다:\n${listed(counts)}`,
  ),
  remedy: text(
    'Decide on them under "admit" and raise the version, or let "otherwise" be exclude.',
    '"admit"에 이를 정하고 버전을 올리거나, "otherwise"를 exclude로 하십시오.',
  ),
});

export const unknownSource = (source: string, known: readonly string[]): Problem => ({
  code: "fhir/unknown-source",
  severity: "error",
  place: { path: source },
  what: text(`nothing has been taken in from "${source}".`, `"${source}"에서 들어온 자료가 없습니다.`),
  remedy: text(
    known.length === 0 ? "Take in a FHIR export first." : `Use one of: ${known.join(", ")}.`,
    known.length === 0 ? "먼저 FHIR 내보내기 자료를 들여오십시오." : `다음 중 하나를 쓰십시오: ${known.join(", ")}.`,
  ),
});

export const fileThere = (file: string): Problem => ({
  code: "fhir/policy-file-there",
  severity: "error",
  place: { file },
  what: text(
    "the document cannot be written: a file is there already, or its folder is not.",
    "문서를 쓸 수 없습니다. 같은 이름의 파일이 이미 있거나 폴더가 없습니다.",
  ),
  remedy: text(
    "Name another file with --out, or move the present one away.",
    "--out 으로 다른 파일을 지정하거나 지금 있는 파일을 옮기십시오.",
  ),
});

/** One line a type, intent and status, the most frequent first. */
function listed(counts: readonly StateCount[]): string {
  const sorted = [...counts].sort((a, b) => b.count - a.count || (a.resourceType < b.resourceType ? -1 : 1));
  const lines = sorted
    .slice(0, SHOWN_MAX)
    .map(({ resourceType, intent, status, count }) => `  ${resourceType} ${intent} ${status}: ${count}`);
  return [...lines, ...(sorted.length > SHOWN_MAX ? [`  … ${sorted.length - SHOWN_MAX}`] : [])].join("\n");
}
