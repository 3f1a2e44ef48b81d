export type { SitePart } from "../analysis.ts";
export type { SiteFigures } from "./figures.ts";
export { type EvaluationOptions, siteEvaluation } from "./logistic/evaluation.ts";
export { parseFrozenModel, parseFrozenModels } from "./logistic/frozen-models.ts";
export { logisticRegressionSite } from "./logistic/logistic-regression.ts";
export { performWork, type SiteWork, type WorkEffect } from "./perform-work.ts";
export { type AnySitePart, sitePartFor } from "./registry.ts";
export { type AloneEnd, runAlone } from "./run-alone.ts";
