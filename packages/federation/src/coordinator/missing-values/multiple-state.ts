/** Multiple imputation's part of the state. */
export type MultipleState = never;
