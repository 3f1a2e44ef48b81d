export type { Analysis, FrozenStudy, HashedFile, Purpose, StudyDocument, Variable, VariableRole, VariableType } from "./document.ts";
