export { type CodeCandidate, codeCandidates } from "./code-candidates.ts";
