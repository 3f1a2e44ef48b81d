/** The answer of a study that built a model: how well it predicts, beside what each hospital reaches alone. */

import { type Language, type Text, text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { aucInterval, formatDecimal, formatInterval } from "../format.ts";
import { withObjectParticle } from "../korean.ts";

/** One sentence on how well the shared model does where it has never been, and one on what each hospital reaches alone. */
export function modelAnswer(edition: Edition): Text {
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
  const { auc, outOfFold } = pooled;
  const judged =
    outOfFold === undefined
      ? text(`On the patients it was built on its AUC is ${formatDecimal(auc, 3)}`, `모형을 만든 환자에서의 AUC는 ${formatDecimal(auc, 3)}`)
      : text(
          `Each patient scored by a model that was fitted without that patient, its AUC is ${formatDecimal(outOfFold.auc, 3)}`,
          `환자마다 그 환자를 빼고 만든 모형으로 예측했을 때 AUC는 ${formatDecimal(outOfFold.auc, 3)}`,
        );
  return joinSentences(
    built,
    text(`${judged.en}; no external hospital has tested it yet.`, `${judged.ko}이며, 아직 외부 병원의 검증은 없습니다.`),
  );
}

function joinSentences(first: Text, second: Text | undefined): Text {
  return second === undefined ? first : text(`${first.en} ${second.en}`, `${first.ko} ${second.ko}`);
}
