/** Forms of words in a study document. They tell the schema's issues of one form from another's; `schema-problems.ts` says each in words. */

export const FORMS = {
  slug: /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
  identifier: /^[A-Za-z][A-Za-z0-9_]*$/,
  words: /\S/,
  onnxFile: /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.onnx$/,
} as const;

export const NAME_LENGTH_MAX = 64;
