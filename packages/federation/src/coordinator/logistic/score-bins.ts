/** Score histograms: bins of equal steps of predicted probability. */

import { logistic } from "@dure/numerics";

export const scoreBinCount = 1000;

/** The bin of a linear predictor. */
export const scoreBin = (eta: number): number => Math.min(scoreBinCount - 1, Math.floor(logistic(eta) * scoreBinCount));
