/** A warning where the minimum cell made the steps of a curve so wide that a figure at a day is one of long before. */

import { text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import { paragraph } from "./parts.ts";

interface AtTime {
  readonly time: number;
  /** Where bins are merged: the day on which the curve last moved. */
  readonly lastStep?: number;
}

/** Of the time itself: a curve that last moved so long before is told as one that may have moved since. */
const LAG_SHARE_MAX = 0.05;

export const isFresh = ({ time, lastStep }: AtTime): boolean => lastStep === undefined || time - lastStep <= LAG_SHARE_MAX * time;

/** Empty where every figure is of a step near its day. */
export function wideStepWarning(edition: Edition, times: readonly AtTime[]): Html {
  const stale = times.filter((at) => !isFresh(at));
  if (stale.length === 0) return html``;
  const days = [...new Set(stale.map(({ time }) => time))]
    .sort((a, b) => a - b)
    .map(formatInteger)
    .join(", ");
  return paragraph(
    edition,
    text(
      `Caution at day ${days}: a curve last moved long before (see “Last step”), because the smallest cell joined its steps. Within such a step whoever leaves counts as followed to its end, so that the true share may lie outside of the interval shown. More patients, or a shorter horizon, make the steps narrower.`,
      `${days}일의 값은 주의해서 보십시오. 최소 셀 때문에 구간을 합쳐 곡선이 한참 전에 마지막으로 움직인 경우가 있습니다(‘마지막 계단’ 참조). 그런 구간 안에서 추적이 끝난 환자는 구간 끝까지 추적된 것으로 보므로, 실제 비율이 표시된 신뢰구간 밖에 있을 수 있습니다. 환자 수를 늘리거나 분석 범위를 줄이면 구간이 좁아집니다.`,
    ),
  );
}
