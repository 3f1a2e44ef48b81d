/** The first thing read: the question, the answer in one sentence, four figures. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { aucInterval, formatDecimal, formatInteger, formatInterval } from "../format.ts";
import { type Html, html } from "../html.ts";
import { withObjectParticle } from "../korean.ts";

export function renderHeadline(edition: Edition): Html {
  const { words, record } = edition.options;
  return html`<header class="masthead">
<p class="kicker">${edition.say(text("Study report", "연구 결과 보고서"))} · ${record.reportedOn}</p>
<h1>${edition.say(words.title)}</h1>
<p class="question">${edition.say(words.question)}</p>
<p class="answer">${edition.say(answer(edition))}</p>
${keyFigures(edition)}</header>
`;
}

/** One sentence on how well the shared model does where it has never been, and one on what each hospital reaches alone. */
function answer(edition: Edition): Text {
  const { analysis } = edition.result;
  if (analysis.outcome !== "converged") return refusalText(analysis);
  const external = edition.externalHospitals.flatMap((hospital) => {
    const auc = edition.evaluationOf(hospital.siteId)?.auc;
    return auc?.federated === undefined ? [] : [{ name: hospital.displayName, auc: quoteAuc(auc.federated, auc.federatedSe) }];
  });
  return external.length === 0 ? withoutExternal(edition) : joinSentences(externalSentence(edition, external), aloneSentence(edition));
}

function quoteAuc(auc: number, standardError: number | undefined): Text {
  const estimate = formatDecimal(auc, 3);
  if (standardError === undefined) return text(estimate, estimate);
  const interval = formatInterval(aucInterval(auc, standardError), 3);
  return text(`${estimate} (95 % interval ${interval})`, `${estimate}(95 % 신뢰구간 ${interval})`);
}

function externalSentence(edition: Edition, external: readonly { readonly name: Text; readonly auc: Text }[]): Text {
  const { outcome } = edition.options.words;
  const count = edition.trainingHospitals.length;
  const list = (language: Language) => external.map((site) => `${site.name[language]} ${site.auc[language]}`).join(", ");
  const [first] = external;
  if (external.length > 1 || first === undefined) {
    return text(
      `${count} hospitals built one model together, without any patient record leaving its hospital. It predicts ${outcome.en} at hospitals that it had never seen with these AUCs: ${list("en")}.`,
      `${count}개 병원이 환자 기록을 밖으로 내보내지 않고 함께 하나의 모형을 만들었습니다. 학습에 참여하지 않은 병원에서 ${withObjectParticle(outcome.ko)} 예측한 AUC는 다음과 같습니다: ${list("ko")}.`,
    );
  }
  return text(
    `${count} hospitals built one model together, without any patient record leaving its hospital; at ${first.name.en}, which it had never seen, it predicts ${outcome.en} with an AUC of ${first.auc.en}.`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고 함께 만든 모형은, 학습에 참여하지 않은 ${first.name.ko}에서 ${withObjectParticle(outcome.ko)} AUC ${first.auc.ko}의 성능으로 예측했습니다.`,
  );
}

function aloneSentence(edition: Edition): Text | undefined {
  const rows = edition.comparisonsOf({});
  if (rows.length === 0) return undefined;
  const aucs = rows.map((row) => row.auc);
  const low = formatDecimal(Math.min(...aucs), 3);
  const high = formatDecimal(Math.max(...aucs), 3);
  const range = low === high ? low : `${low}\u2060–\u2060${high}`;
  return text(
    `The models that the hospitals built each on its own reach ${range} there.`,
    `같은 환자에서 각 병원이 혼자 만든 모형의 AUC는 ${range}입니다.`,
  );
}

function withoutExternal(edition: Edition): Text {
  const pooled = edition.result.evaluation.pooled;
  const count = edition.trainingHospitals.length;
  const outcome = edition.options.words.outcome;
  const built = text(
    `${count} hospitals built one model for ${outcome.en} together, without any patient record leaving its hospital.`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고 ${withObjectParticle(outcome.ko)} 예측하는 모형을 함께 만들었습니다.`,
  );
  if (pooled === undefined) return built;
  const auc = formatDecimal(pooled.auc, 3);
  return joinSentences(
    built,
    text(
      `On the patients it was built on its AUC is ${auc}; no external hospital has tested it yet.`,
      `모형을 만든 환자에서의 AUC는 ${auc}이며, 아직 외부 병원의 검증은 없습니다.`,
    ),
  );
}

const REFUSALS: ReadonlyMap<string, Text> = new Map([
  [
    "separated",
    text(
      "a variable separates the patients with the outcome from those without",
      "한 변수가 결과가 발생한 환자와 그렇지 않은 환자를 완전히 구분합니다",
    ),
  ],
  ["unsupported-column", text("too few patients carry a variable", "한 변수에 해당하는 환자가 너무 적습니다")],
  ["constant-column", text("a variable is the same in all patients", "한 변수의 값이 모든 환자에서 같습니다")],
  ["collinear-column", text("a variable follows from the others", "한 변수가 다른 변수들로부터 결정됩니다")],
  ["too-few-sites", text("too few hospitals took part", "참여한 병원이 너무 적습니다")],
  ["patience-over", text("a hospital stayed away for too long", "한 병원이 너무 오래 응답하지 않았습니다")],
  ["not-converged", text("the fit did not settle", "모형 적합이 수렴하지 않았습니다")],
  ["too-few-rows", text("there are too few patients", "환자 수가 너무 적습니다")],
  ["one-class", text("all patients have the same outcome", "모든 환자의 결과가 같습니다")],
]);

function refusalText(analysis: StudyResult["analysis"]): Text {
  const code = analysis.refusal?.code ?? analysis.outcome;
  const reason = REFUSALS.get(code) ?? text(code, code);
  const columns = analysis.refusal?.columns.join(", ") ?? "";
  const place = columns === "" ? "" : ` (${columns})`;
  return text(`The study ended without a model: ${reason.en}${place}.`, `이 연구에서는 모형을 만들지 못했습니다: ${reason.ko}${place}.`);
}

function keyFigures(edition: Edition): Html {
  const { analysis } = edition.result;
  const share = analysis.n === 0 ? 0 : Math.round((100 * analysis.events) / analysis.n);
  const figures: readonly [string, Text][] = [
    [
      `${edition.result.run.sites} + ${edition.externalHospitals.length}`,
      text("hospitals: training + external", "참여 병원: 학습 + 외부 검증"),
    ],
    [formatInteger(analysis.n), text("patients the model was built on", "모형을 만든 환자 수")],
    [`${formatInteger(analysis.events)} (${share} %)`, text("with the outcome", "결과가 발생한 환자 수")],
    ["0", text("patient records that left a hospital", "병원 밖으로 나간 환자 기록")],
  ];
  const items = figures.map(([value, label]) => html`<div><dt>${edition.say(label)}</dt><dd>${value}</dd></div>`);
  return html`<dl class="key-figures">${items}</dl>\n`;
}

function joinSentences(first: Text, second: Text | undefined): Text {
  return second === undefined ? first : text(`${first.en} ${second.en}`, `${first.ko} ${second.ko}`);
}
