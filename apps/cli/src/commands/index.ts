/** Every command of `dure`. A command stands here when it does what it says. */

import { type Text, text } from "@dure/kernel";
import type { Command } from "../command.ts";
import { allianceInit } from "./alliance/init.ts";
import { allianceInvite } from "./alliance/invite.ts";
import { allianceRevoke } from "./alliance/revoke.ts";
import { coordinatorBackup } from "./coordinator/backup.ts";
import { coordinatorRestore } from "./coordinator/restore.ts";
import { coordinatorStart } from "./coordinator/start.ts";
import { demo } from "./demo.ts";
import { ledgerVerify } from "./ledger/verify.ts";
import { simulateCommand } from "./simulate.ts";
import { siteApprove } from "./site/approve.ts";
import { siteDecline } from "./site/decline.ts";
import { siteEnrol } from "./site/enrol.ts";
import { siteFhirPolicy } from "./site/fhir/policy.ts";
import { siteFhirRequirements } from "./site/fhir/requirements.ts";
import { siteImagesTake } from "./site/images/take.ts";
import { siteImagesTensors } from "./site/images/tensors.ts";
import { siteIngest } from "./site/ingest.ts";
import { siteInit } from "./site/init.ts";
import { siteIntakeBulk } from "./site/intake/bulk.ts";
import { siteIntakeFhir } from "./site/intake/fhir.ts";
import { siteIntakeHl7 } from "./site/intake/hl7.ts";
import { siteIntakeListen } from "./site/intake/listen.ts";
import { siteIntakeStatus } from "./site/intake/status.ts";
import { siteLedger } from "./site/ledger.ts";
import { siteLoad } from "./site/load.ts";
import { siteMapAdd } from "./site/map/add.ts";
import { siteMapDecide } from "./site/map/decide.ts";
import { siteMapExport, siteMapImport, siteMapPublish } from "./site/map/exchange.ts";
import { siteMapFind } from "./site/map/find.ts";
import { siteMapShow } from "./site/map/show.ts";
import { siteMapSuggest } from "./site/map/suggest.ts";
import { siteQualityOverride } from "./site/quality/override.ts";
import { siteQualityReport } from "./site/quality/report.ts";
import { siteQualityRun } from "./site/quality/run.ts";
import { siteQualityTrend } from "./site/quality/trend.ts";
import { siteReview } from "./site/review.ts";
import { siteSniff } from "./site/sniff.ts";
import { siteStandingApproval } from "./site/standing-approval.ts";
import { siteStart } from "./site/start.ts";
import { siteStore } from "./site/store.ts";
import { siteView } from "./site/view.ts";
import { siteVocabularyAccept } from "./site/vocabulary/accept.ts";
import { siteVocabularyDiff } from "./site/vocabulary/diff.ts";
import { siteVocabularyLoad } from "./site/vocabulary/load.ts";
import { siteVocabularyStatus } from "./site/vocabulary/status.ts";
import { studyCheck } from "./study/check.ts";
import { studyCount } from "./study/count.ts";
import { studyList } from "./study/list.ts";
import { studyPropose } from "./study/propose.ts";
import { studyResult } from "./study/result.ts";
import { studyRun } from "./study/run.ts";

export const COMMANDS: readonly Command[] = [
  allianceInit,
  allianceInvite,
  allianceRevoke,
  coordinatorStart,
  coordinatorBackup,
  coordinatorRestore,
  siteInit,
  siteEnrol,
  siteSniff,
  siteIngest,
  siteLoad,
  siteIntakeFhir,
  siteIntakeBulk,
  siteIntakeHl7,
  siteIntakeListen,
  siteIntakeStatus,
  siteFhirPolicy,
  siteFhirRequirements,
  siteMapAdd,
  siteMapSuggest,
  siteMapShow,
  siteMapFind,
  siteMapDecide,
  siteMapPublish,
  siteMapExport,
  siteMapImport,
  siteImagesTake,
  siteImagesTensors,
  siteStore,
  siteView,
  siteQualityRun,
  siteQualityReport,
  siteQualityTrend,
  siteQualityOverride,
  siteVocabularyLoad,
  siteVocabularyStatus,
  siteVocabularyDiff,
  siteVocabularyAccept,
  siteReview,
  siteApprove,
  siteDecline,
  siteStandingApproval,
  siteStart,
  siteLedger,
  ledgerVerify,
  studyCheck,
  studyCount,
  studyPropose,
  studyList,
  studyRun,
  studyResult,
  simulateCommand,
  demo,
];

/** The words before the last of a command with several. */
export const GROUPS: Readonly<Record<string, Text>> = {
  alliance: text("the alliance of hospitals and its certificates", "병원 연합과 인증서"),
  coordinator: text("the coordinator of an alliance", "연합의 코디네이터"),
  site: text("a hospital's own records, decisions and agent", "병원의 자료, 결정, 에이전트"),
  "site fhir": text("FHIR on its way into OMOP: policy and requirements", "FHIR의 OMOP 변환: 정책과 요구 사항"),
  "site intake": text("FHIR and HL7 v2 as they come in", "FHIR와 HL7 v2 자료의 반입"),
  "site map": text("codes of this hospital's own lists, and the concepts they stand for", "이 병원 고유 코드와 표준 개념의 연결"),
  "site images": text("medical images, de-identified, for this hospital's own models", "이 병원의 모델을 위한 비식별 의료영상"),
  "site quality": text("data quality: check, report, thresholds", "데이터 품질: 점검, 보고서, 기준값"),
  "site vocabulary": text("standard vocabularies: load, compare, accept", "표준 용어집: 적재, 비교, 승인"),
  ledger: text("the record of what left a hospital", "병원 밖으로 나간 자료의 기록"),
  study: text("studies: check, count, propose, run, result", "연구: 점검, 대상자 수, 제안, 실행, 결과"),
};
