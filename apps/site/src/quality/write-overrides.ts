/** The site's thresholds as the YAML that a person reads and a program adds to. */

import type { QualityOverrides } from "@dure/clinical/quality";

const HEAD = `# This hospital's own thresholds of quality checks. The last entry that fits a check holds; none is ever removed.
# 이 병원의 품질 점검 기준값입니다. 점검에 맞는 마지막 항목이 적용되며, 항목은 지우지 않습니다.
`;

/** Texts are written as JSON, which YAML reads as they are. */
export function formatOverrides({ overrides }: QualityOverrides): string {
  const entries = overrides.map((entry) =>
    Object.entries(entry)
      .map(([key, value], i) => `${i === 0 ? "  - " : "    "}${key}: ${typeof value === "number" ? value : JSON.stringify(value)}\n`)
      .join(""),
  );
  return `${HEAD}dureQuality: 1\noverrides:${entries.length === 0 ? " []\n" : `\n${entries.join("")}`}`;
}
