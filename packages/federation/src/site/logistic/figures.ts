/** A site's figures under a frozen logistic regression: at a training site beside those of its own models, fitted for it. */

import type { JsonValue } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";
import type { FrozenModel } from "../../result.ts";
import type { FiguresRequest, LocalModels, SiteFigures } from "../figures.ts";
import { siteEvaluation } from "./evaluation.ts";
import { parseFrozenModel, parseFrozenModels } from "./frozen-models.ts";
import { fitLocalModels } from "./local-models.ts";

/** Fails: a DureError `federation/model-not-of-study`. Takes the time of a local fit at a training site. */
export async function logisticFigures(study: StudyDocument, request: FiguresRequest): Promise<SiteFigures | undefined> {
  const { role, table, result, releasedModels } = request;
  const own = role === "training" ? await fitLocalModels(study, table) : undefined;
  return siteEvaluation(study, parseFrozenModels(study, result), {
    ...request,
    leavesSiteOut: study.evaluation.leaveOneSiteOut === true,
    ...(own?.kind === "done" ? { ownModels: own.result.models } : {}),
    ...(role === "training" ? {} : { localModelsOfOthers: parseAll(study, releasedModels()) }),
  });
}

/** A full local model, for the own release `local-model`. */
export const logisticLocalModels: LocalModels = {
  fit: async (study, table) => {
    const fit = await fitLocalModels(study, table);
    if (fit.kind !== "done") return undefined;
    // The covariance would tell more of this hospital's rows than the model needs.
    const { terms, coefficients } = fit.result.models.full;
    return { terms, coefficients };
  },
  parse: parseFrozenModel,
};

const parseAll = (study: StudyDocument, models: ReadonlyMap<string, JsonValue>): ReadonlyMap<string, FrozenModel> =>
  new Map([...models].map(([site, model]) => [site, parseFrozenModel(study, model)]));
