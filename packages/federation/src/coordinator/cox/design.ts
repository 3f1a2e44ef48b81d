/** What a Cox study says before any row is seen. Equal at every party. */

import { DureError, text } from "@dure/kernel";
import type { Ties } from "@dure/statistics";
import { designMatrix, type StudyDocument } from "@dure/study";
import { excludedReasons, type Feature } from "../logistic/design.ts";

export interface CoxDesign {
  readonly studyId: string;
  readonly time: string;
  readonly event: string;
  /** Columns of the design matrix, in the order of the document. */
  readonly features: readonly Feature[];
  /** Cells that the columns give away by subtraction: counted with the support, in no model. */
  readonly impliedCells: readonly Feature[];
  readonly names: readonly string[];
  readonly ties: Ties;
  /** Times at which a baseline hazard is given, ascending. */
  readonly at: readonly number[];
  /** Five fits that each leave one fold of rows out; where the study holds rows out itself there are none. */
  readonly hasFolds: boolean;
  readonly minimumCell: number;
  readonly reasons: readonly string[];
}

/**
 * Fails: throws DureError `federation/cox-without-strata` for a model with one baseline hazard for all hospitals; RangeError on a study that
 * is no Cox regression or lacks time or event: the study's schema admits neither.
 */
export function coxDesign(study: StudyDocument): CoxDesign {
  const { analysis } = study;
  const byRole = (role: string) => study.data.variables.find((variable) => variable.role === role);
  const [time, event] = [byRole("time"), byRole("event")];
  if (analysis.kind !== "cox" || time === undefined || event === undefined)
    throw new RangeError("not a Cox regression with time and event");
  if (analysis.strata !== "site") throw withoutStrata();
  const { columns: features, impliedCells } = designMatrix(study);
  return {
    studyId: study.id,
    time: time.name,
    event: event.name,
    features,
    impliedCells,
    names: features.map((feature) => feature.name),
    ties: analysis.ties,
    at: analysis.at,
    hasFolds: study.data.split === undefined,
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, [time, event, ...study.data.variables.filter(({ role }) => role === "feature")]),
  };
}

const withoutStrata = (): DureError =>
  new DureError({
    code: "federation/cox-without-strata",
    severity: "error",
    place: { path: "analysis.strata" },
    what: text(
      "This version runs a Cox regression in which each hospital has its own baseline hazard; one baseline hazard for all hospitals together is not available.",
      "이 버전에서는 병원마다 기저 위험을 따로 두는 콕스 회귀만 실행할 수 있습니다. 모든 병원에 공통인 기저 위험은 아직 쓸 수 없습니다.",
    ),
    remedy: text("Write `strata: site` under `analysis`.", "`analysis` 아래에 `strata: site` 를 적어 주십시오."),
  });
