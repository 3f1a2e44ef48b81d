export { type Action, type Attribute, KEPT_ATTRIBUTES } from "./attributes.ts";
export { decodeText } from "./character-sets.ts";
export { type DeidentificationKey, deidentify, isBigEndianSet, keyedUid, pseudonymOf, shiftDate, shiftDays } from "./deidentify.ts";
export { type ImageFacts, type Refusal, refusalOf } from "./refusal.ts";
export { type StoredFrame, type TensorSize, toTensor } from "./tensor.ts";
