/** A union whose member is told by which key is present, so that a mistake is reported for the member that was meant. */

import { z } from "zod";

type Members = Readonly<Record<string, z.ZodType>>;

/** The first key of `members` that the object has picks the schema; its own findings are reported. */
export function keyedUnion<Schemas extends Members>(members: Schemas): z.ZodType<z.output<Schemas[keyof Schemas]>> {
  const keys = Object.keys(members);
  return z.unknown().transform((value, context): z.output<Schemas[keyof Schemas]> => {
    const key = typeof value === "object" && value !== null ? keys.find((candidate) => Object.hasOwn(value, candidate)) : undefined;
    const schema = key === undefined ? undefined : members[key];
    if (schema === undefined) {
      const list = keys.join(", ");
      context.issues.push({
        code: "custom",
        input: value,
        message: `one of these keys is required: ${list}.`,
        params: { ko: `다음 키 중 하나가 필요합니다: ${list}.` },
      });
      return z.NEVER;
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data as z.output<Schemas[keyof Schemas]>; // the schema just above made it
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue); // an issue with its input is a raw issue
    return z.NEVER;
  });
}
