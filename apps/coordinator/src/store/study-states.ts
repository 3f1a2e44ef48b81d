/** The life of a study: which state may follow which. */

export type StudyState =
  | "draft"
  | "proposed"
  | "recruiting"
  | "agreed"
  | "running"
  | "waiting"
  | "completed"
  | "archived"
  | "declined"
  | "withdrawn"
  | "stopped";

/** `running` follows `agreed` again after `stopped` only as a new run of the same approvals; a changed study is a new version. */
const followers: Readonly<Record<StudyState, readonly StudyState[]>> = {
  draft: ["proposed", "withdrawn"],
  proposed: ["recruiting", "declined", "withdrawn"],
  recruiting: ["agreed", "declined", "withdrawn"],
  agreed: ["running", "declined", "withdrawn"],
  running: ["waiting", "completed", "stopped", "withdrawn"],
  waiting: ["running", "completed", "stopped", "withdrawn"],
  stopped: ["running", "withdrawn", "archived"],
  completed: ["archived"],
  declined: ["archived"],
  withdrawn: ["archived"],
  archived: [],
};

export const studyStates: readonly StudyState[] = [
  "draft",
  "proposed",
  "recruiting",
  "agreed",
  "running",
  "waiting",
  "completed",
  "archived",
  "declined",
  "withdrawn",
  "stopped",
];

export const mayFollow = (from: StudyState, to: StudyState): boolean => followers[from].includes(to);
