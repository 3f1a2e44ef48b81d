/** Resources from NDJSON files as they lie, with every digit of their decimals. */

import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import type { FhirResource } from "@dure/clinical/fhir";
import { readResource } from "@dure/clinical/view-definition";
import { DureError, text } from "@dure/kernel";

/** One line at a time. @throws DureError `view/not-a-resource` with file and line */
export async function* readNdjson(paths: readonly string[]): AsyncGenerator<FhirResource> {
  for (const path of paths) {
    let row = 0;
    for await (const line of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY })) {
      row++;
      const json = line.replace(/^\uFEFF/, "").trim();
      if (json !== "") yield toResource(json, basename(path), row);
    }
  }
}

function toResource(json: string, file: string, row: number): FhirResource {
  const resource = parse(json);
  if (isResource(resource)) return resource;
  throw new DureError({
    code: "view/not-a-resource",
    severity: "error",
    place: { file, row },
    what: text("This line is not a FHIR resource in JSON.", "이 줄은 JSON으로 된 FHIR 리소스가 아닙니다."),
    remedy: text(
      "Export the file again, one resource a line; or take it in first with `dure site intake fhir`, which leaves such lines out and counts them.",
      "한 줄에 리소스 하나씩 다시 내보내거나, 먼저 `dure site intake fhir`로 받아들이십시오. 그러면 이런 줄은 세고 건너뜁니다.",
    ),
  });
}

function parse(json: string): unknown {
  try {
    return readResource(json);
  } catch {
    return undefined; // the parser's message quotes the line
  }
}

const isResource = (value: unknown): value is FhirResource =>
  typeof value === "object" && value !== null && "resourceType" in value && typeof value.resourceType === "string";
