/** Why a study ended without a result: in one clause for readers of a report, and for the researcher with what can be done about it. */

import type { RefusalCode } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";

interface RefusalWords {
  readonly brief: Text;
  /** With what the sums said against the model, and a remedy where there is one. */
  readonly full: Text;
}

const WORDS: Readonly<Record<RefusalCode, RefusalWords>> = {
  separated: {
    brief: text(
      "a variable separates the patients with the outcome from those without",
      "한 변수가 결과가 발생한 환자와 그렇지 않은 환자를 완전히 구분합니다",
    ),
    full: text(
      "a column separates the two outcomes completely, so that its coefficient has no finite estimate; leave it out or group it more coarsely",
      "한 열이 두 결과를 완전히 나누어 계수를 유한하게 추정할 수 없습니다. 이 열을 빼거나 더 크게 묶으십시오",
    ),
  },
  "unsupported-column": {
    brief: text("too few patients carry a variable", "한 변수에 해당하는 환자가 너무 적습니다"),
    full: text(
      "fewer patients than the minimum cell differ in a column; leave it out or group it more coarsely",
      "값이 다른 환자 수가 최소 셀보다 적은 열이 있습니다. 이 열을 빼거나 더 크게 묶으십시오",
    ),
  },
  "level-at-one-site": {
    brief: text("one hospital alone has a level of a variable", "변수의 한 수준이 한 병원에만 있습니다"),
    full: text(
      "one hospital alone has a level, so that its sums would be that hospital's own; join it with another level, or leave the column out",
      "한 병원에만 있는 수준이 있어 그 병원의 합계가 드러납니다. 다른 수준과 합치거나 그 열을 빼십시오",
    ),
  },
  "constant-column": {
    brief: text("a variable is the same in all patients", "한 변수의 값이 모든 환자에서 같습니다"),
    full: text("a column has the same value for every patient; leave it out", "모든 환자의 값이 같은 열이 있습니다. 이 열을 빼십시오"),
  },
  "collinear-column": {
    brief: text("a variable follows from the others", "한 변수가 다른 변수들로부터 결정됩니다"),
    full: text(
      "a column follows exactly from the others; leave one of them out",
      "다른 열로 정확히 계산되는 열이 있습니다. 그중 하나를 빼십시오",
    ),
  },
  "not-converged": {
    brief: text("the fit did not settle", "모형 적합이 수렴하지 않았습니다"),
    full: text(
      "the fit did not settle; look at the named columns for extreme values",
      "적합이 수렴하지 않았습니다. 해당 열에 극단값이 있는지 확인하십시오",
    ),
  },
  "monotone-likelihood": {
    brief: text(
      "a variable orders the events completely, so that its hazard ratio is infinite",
      "한 변수가 사건의 순서를 완전히 결정하여 위험비가 무한해집니다",
    ),
    full: text(
      "a column orders the events completely (such as a level without events), so that its hazard ratio has no finite estimate; leave it out or group it more coarsely",
      "한 열이 사건의 순서를 완전히 결정하여(예: 사건이 없는 수준) 위험비를 유한하게 추정할 수 없습니다. 이 열을 빼거나 더 크게 묶으십시오",
    ),
  },
  "no-events": {
    brief: text("no patient has the event", "사건이 발생한 환자가 없습니다"),
    full: text("no patient has the event", "사건이 발생한 환자가 없습니다"),
  },
  "too-few-events": {
    brief: text("too few patients have the event", "사건이 발생한 환자가 너무 적습니다"),
    full: text("fewer patients than the minimum cell have the event", "사건이 발생한 환자 수가 최소 셀보다 적습니다"),
  },
  "too-many-columns": {
    brief: text("there are too many variables for so few patients", "환자 수에 비해 변수가 너무 많습니다"),
    full: text(
      "the model has more columns than a third of the patients; leave some out",
      "변수가 환자 수의 3분의 1보다 많습니다. 변수를 줄이십시오",
    ),
  },
  "no-overdispersion": {
    brief: text("the counts vary no more than a Poisson distribution has them", "횟수의 변동이 포아송 분포보다 크지 않습니다"),
    full: text(
      "the counts vary no more than a Poisson distribution has them, so that θ has no finite estimate; use the family poisson",
      "횟수의 변동이 포아송 분포보다 크지 않아 θ를 유한하게 추정할 수 없습니다. poisson 모형을 쓰십시오",
    ),
  },
  "varies-at-one-site": {
    brief: text("a variable varies within one hospital at most", "변수의 값이 서로 다른 병원이 많아야 하나뿐입니다"),
    full: text(
      "within hospitals a column varies at one hospital at most, so that its figures would be that hospital's own; leave it out",
      "병원 안에서 값이 서로 다른 병원이 많아야 하나뿐인 열이 있어 그 병원의 수치가 드러납니다. 이 열을 빼십시오",
    ),
  },
  "fold-too-small": {
    brief: text(
      "a fifth of the patients is too few to choose the penalty",
      "환자를 다섯으로 나눈 묶음이 너무 작아 벌점을 고를 수 없습니다",
    ),
    full: text(
      "a fifth of the patients is too few to choose λ by leaving it out; give lambda, or leave columns out",
      "환자를 다섯으로 나눈 묶음이 너무 작아 λ를 고를 수 없습니다. lambda를 정하거나 변수를 줄이십시오",
    ),
  },
  "perfect-fit": {
    brief: text("the variables give every outcome exactly", "변수들이 결과를 정확히 결정합니다"),
    full: text(
      "the columns give every outcome exactly; nothing is left to estimate",
      "변수들이 결과를 정확히 결정하여 추정할 것이 없습니다",
    ),
  },
  "too-few-sites": {
    brief: text("too few hospitals took part", "참여한 병원이 너무 적습니다"),
    full: text(
      "fewer than five hospitals: their differences are no measure of a standard error; ask for sandwich errors",
      "병원이 다섯 곳보다 적어 병원 간 차이로 표준오차를 구할 수 없습니다. errors: sandwich를 쓰십시오",
    ),
  },
  "one-class": {
    brief: text("all patients have the same outcome", "모든 환자의 결과가 같습니다"),
    full: text("all patients have the same outcome", "모든 환자의 결과가 같습니다"),
  },
  "known-at-few-sites": {
    brief: text("fewer than three hospitals have a variable", "변수를 가진 병원이 세 곳보다 적습니다"),
    full: text(
      "fewer than three hospitals have a variable, so that what stands for it elsewhere would be theirs; leave it out",
      "변수를 가진 병원이 세 곳보다 적어 다른 병원에 채울 값이 그 병원들의 값이 됩니다. 이 변수를 빼십시오",
    ),
  },
  "too-few-complete-rows": {
    brief: text(
      "too few patients have what the model of a missing variable needs",
      "결측 변수의 모형에 필요한 값을 가진 환자가 너무 적습니다",
    ),
    full: text(
      "too few patients have what the model of a missing variable needs; leave the variable out, or choose single-imputation",
      "결측 변수의 모형에 필요한 값을 모두 가진 환자가 너무 적습니다. 변수를 빼거나 single-imputation을 선택하십시오",
    ),
  },
  "missing-patterns-too-close": {
    brief: text("two variables are missing in nearly the same patients", "두 변수가 거의 같은 환자에서 결측입니다"),
    full: text(
      "two variables are missing in rows that differ by too few patients; leave one of them out",
      "두 변수의 결측 행이 너무 적은 환자만 다릅니다. 둘 중 하나를 빼십시오",
    ),
  },
  "imputation-not-converged": {
    brief: text("the model of a missing variable did not settle", "결측 변수의 모형이 수렴하지 않았습니다"),
    full: text(
      "the model of a missing variable did not settle; leave the variable out, or look at it for extreme values",
      "결측 변수의 모형이 수렴하지 않았습니다. 변수를 빼거나 극단값이 있는지 확인하십시오",
    ),
  },
  "too-many-imputations": {
    brief: text("too many imputations for one run", "한 번에 실행하기에 대체 횟수가 너무 많습니다"),
    full: text(
      "so many imputations, iterations and columns are too much for one run; ask for fewer",
      "대체 횟수, 반복 횟수, 열이 한 번에 실행하기에 너무 많습니다. 줄이십시오",
    ),
  },
  "all-missing-column": {
    brief: text("a variable is missing for every patient", "모든 환자에서 결측인 변수가 있습니다"),
    full: text("a column is missing for every patient; leave it out", "모든 환자에서 결측인 열이 있습니다. 이 열을 빼십시오"),
  },
  "too-few-hospitals": {
    brief: text("too few hospitals have a fit of their own that could be pooled", "합칠 수 있는 자체 모형을 만든 병원이 너무 적습니다"),
    full: text(
      "too few hospitals have a fit of their own that could be pooled; the reasons of the others are named",
      "합칠 수 있는 자체 모형을 만든 병원이 너무 적습니다. 나머지 병원의 사유는 괄호 안과 같습니다",
    ),
  },
  "group-at-one-site": {
    brief: text("a group has patients at one hospital only", "한 병원에만 환자가 있는 집단이 있습니다"),
    full: text(
      "a group has patients at one hospital only, whose own figures these would be; join it with another",
      "한 병원에만 환자가 있는 집단이 있어 그 병원의 수치가 드러납니다. 다른 집단과 합치십시오",
    ),
  },
  "too-few-in-a-group": {
    brief: text("a group has too few patients", "환자가 너무 적은 집단이 있습니다"),
    full: text(
      "a group has fewer patients than the minimum cell; join it with another",
      "환자 수가 최소 셀보다 적은 집단이 있습니다. 다른 집단과 합치십시오",
    ),
  },
  "too-few-in-a-stratum": {
    brief: text("a stratum has too few patients", "환자가 너무 적은 층이 있습니다"),
    full: text(
      "a stratum of a group has fewer patients than the minimum cell; join it with another",
      "환자 수가 최소 셀보다 적은 층이 있습니다. 다른 층과 합치십시오",
    ),
  },
  "stratum-at-one-site": {
    brief: text("a stratum has patients at one hospital only", "한 병원에만 환자가 있는 층이 있습니다"),
    full: text(
      "a stratum of a group has patients at one hospital only, whose own follow-up it would be; join it with another",
      "한 병원에만 환자가 있는 층이 있어 그 병원의 추적 기간이 드러납니다. 다른 층과 합치십시오",
    ),
  },
  "no-person-time": {
    brief: text("a group or stratum was not followed for any time", "추적 기간이 없는 집단이나 층이 있습니다"),
    full: text("a group or stratum was not followed for any time", "추적 기간이 없는 집단이나 층이 있습니다"),
  },
  "unsupported-group": {
    brief: text("a group has too few events", "사건이 너무 적은 집단이 있습니다"),
    full: text(
      "a group has too few events, or too few patients without one, for the minimum cell; join it with another",
      "사건이 발생한 환자나 발생하지 않은 환자가 최소 셀보다 적은 집단이 있습니다. 다른 집단과 합치십시오",
    ),
  },
  "one-arm": {
    brief: text("all patients had the same treatment", "모든 환자가 같은 치료를 받았습니다"),
    full: text("all patients had the same treatment", "모든 환자가 같은 치료를 받았습니다"),
  },
  "arm-too-small": {
    brief: text("too few patients had one of the two treatments", "두 치료 중 하나를 받은 환자가 너무 적습니다"),
    full: text(
      "one of the two treatments has fewer patients than the minimum cell",
      "두 치료 중 하나를 받은 환자 수가 최소 셀보다 적습니다",
    ),
  },
  "arm-at-one-site": {
    brief: text("one of the two treatments was given at one hospital only", "두 치료 중 하나를 한 병원에서만 사용했습니다"),
    full: text(
      "patients with one of the two treatments are at one hospital only, whose own figures they would be",
      "두 치료 중 하나를 받은 환자가 한 병원에만 있어 그 병원의 수치가 드러납니다",
    ),
  },
  "arm-with-too-few-events": {
    brief: text("one of the two treatments has too few outcomes", "두 치료 중 하나에서 결과 발생이 너무 적습니다"),
    full: text(
      "the patients with one of the two treatments have too few outcomes, or too few without one, for the minimum cell",
      "두 치료 중 하나를 받은 환자에서 결과가 발생했거나 발생하지 않은 환자 수가 최소 셀보다 적습니다",
    ),
  },
  "level-in-one-arm": {
    brief: text("a level has patients with one treatment only", "한 가지 치료만 받은 수준이 있습니다"),
    full: text(
      "a level has patients with one of the two treatments only, so that nobody there can be compared; leave it out or group it more coarsely",
      "두 치료 중 하나만 받은 수준이 있어 비교할 환자가 없습니다. 이 수준을 빼거나 더 크게 묶으십시오",
    ),
  },
  "treatment-separated": {
    brief: text("a variable tells completely who was treated", "한 변수가 치료 여부를 완전히 결정합니다"),
    full: text(
      "a column tells completely who was treated, so that there is nobody to compare with; leave it out, or the patients for whom the treatment was certain",
      "한 열이 치료 여부를 완전히 결정하여 비교할 환자가 없습니다. 이 열을 빼거나 치료 여부가 정해져 있던 환자를 제외하십시오",
    ),
  },
  "propensity-at-bounds": {
    brief: text(
      "some patients were certain to have their treatment and cannot be compared",
      "치료 여부가 확실하여 비교할 수 없는 환자가 있습니다",
    ),
    full: text(
      "some patients were certain to have their treatment (a propensity of 0 or 1), so that their inverse weight has no limit; set `truncation`, leave such patients out, or use overlap weights",
      "치료 여부가 확실한 환자(성향점수 0 또는 1)가 있어 역확률 가중치가 무한히 커집니다. `truncation` 을 정하거나 그런 환자를 제외하거나 중첩 가중을 쓰십시오",
    ),
  },
  "weights-not-positive": {
    brief: text("the weights of an arm add up to nothing", "한 군의 가중치 합이 0입니다"),
    full: text("the weights of an arm add up to nothing", "한 군의 가중치 합이 0입니다"),
  },
  "unsupported-cause": {
    brief: text("a kind of event occurred too seldom", "너무 드물게 발생한 사건이 있습니다"),
    full: text(
      "a cause has too few events, or too few patients left without any, for the minimum cell; join it with another",
      "사건이 최소 셀보다 적은 원인이 있거나 사건이 없는 환자가 최소 셀보다 적습니다. 다른 원인과 합치십시오",
    ),
  },
  "too-many-intervals": {
    brief: text("the time grid is too fine for so many variables", "변수의 수에 비해 시간 격자가 너무 촘촘합니다"),
    full: text(
      "the time grid is too fine for so many columns; widen timeBinDays, or write strata: site",
      "열의 수에 비해 시간 격자가 너무 촘촘합니다. timeBinDays 를 넓히거나 strata: site 를 쓰십시오",
    ),
  },
  "too-few-rows": {
    brief: text("there are too few patients", "환자 수가 너무 적습니다"),
    full: text("there are too few patients for this model", "이 모형에는 환자 수가 너무 적습니다"),
  },
};

/** The code itself where it is unknown: a result on disk may be of a later version. */
export const refusalWords = (code: string): RefusalWords =>
  Object.entries(WORDS).find(([known]) => known === code)?.[1] ?? { brief: text(code, code), full: text(code, code) };
