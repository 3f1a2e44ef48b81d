/** Cross-validation: each fit leaves one fold of the rows out. */

export const foldCount = 5;
