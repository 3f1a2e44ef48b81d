/**
 * The requirements of the HL7 FHIR-to-OMOP guide, by number, and how each is kept here. The words are ours; the numbers are the guide's.
 *
 * `load`: held against the rows of every load, and tested. `test`: tested. `declared`: the site's policy must say it; every load looks.
 * `document`: said in docs/fhir-to-omop.md. `deviation`: not kept, or kept otherwise, for the reason given.
 * Source: HL7 FHIR-to-OMOP implementation guide, Requirements resource of the narrative (56 statements, f2o-001 to f2o-132).
 */

import { type Text, text } from "@dure/kernel";

/** The guide as it was read: the version of its Requirements resource and pages. */
export const GUIDE_VERSION = "2.0.0-ballot";

/** Changes with any change of what the same resources become. */
export const TRANSFORMATION_VERSION = 1;

export interface Requirement {
  /** Such as `f2o-037`. */
  readonly requirement: string;
  readonly kept: "load" | "test" | "declared" | "document" | "deviation";
  readonly says: Text;
  readonly how: Text;
}

const requirement = (number: string, kept: Requirement["kept"], says: Text, how: Text): Requirement => ({
  requirement: `f2o-${number}`,
  kept,
  says,
  how,
});

export const REQUIREMENTS: readonly Requirement[] = [
  requirement(
    "001",
    "load",
    text("The output is OMOP CDM v5.4.", "결과는 OMOP CDM v5.4입니다."),
    text(
      "All 39 tables are made from the specification; required fields refuse empty values, and a load counts source values that are longer than their field.",
      "명세에 따라 39개 표를 만들고, 필수 항목은 빈 값을 거부하며, 적재할 때 길이를 넘는 원천 값을 셉니다.",
    ),
  ),
  requirement(
    "002",
    "document",
    text("Which versions of FHIR are read is declared.", "읽는 FHIR 버전을 밝힙니다."),
    text("FHIR R4 (4.0.1).", "FHIR R4(4.0.1)입니다."),
  ),
  requirement(
    "003",
    "test",
    text(
      "A manifest that programs can read says which inputs fill which tables.",
      "어떤 입력이 어떤 표를 채우는지 프로그램이 읽을 수 있게 밝힙니다.",
    ),
    text(
      "The report of each load is one: inputs by resource type with the rows of each table, as JSON.",
      "적재 보고서가 자원 종류별 입력과 표별 행 수를 JSON으로 제공합니다.",
    ),
  ),
  requirement(
    "004",
    "document",
    text("The uses that the transformation supports are declared.", "지원하는 용도를 밝힙니다."),
    text(
      "Observational research in a federation of hospitals; nothing that treats a patient.",
      "병원 연합의 관찰 연구용이며 진료에는 쓰지 않습니다.",
    ),
  ),
  requirement(
    "010",
    "document",
    text("The accepted profiles are declared.", "받아들이는 프로파일을 밝힙니다."),
    text(
      "Base FHIR R4; the extensions of US Core and KR Core that are read are listed.",
      "기본 FHIR R4이며, 읽는 US Core와 KR Core 확장을 나열합니다.",
    ),
  ),
  requirement(
    "011",
    "test",
    text("No element that a source may leave out is taken for granted.", "생략될 수 있는 요소가 있다고 가정하지 않습니다."),
    text(
      "Every resource type is mapped from a resource of its id alone, without an error.",
      "모든 자원 종류를 id만 있는 자원으로도 오류 없이 처리합니다.",
    ),
  ),
  requirement(
    "012",
    "test",
    text("Resources that do not fit are set aside, with the reason on record.", "맞지 않는 자원은 사유를 남기고 제외합니다."),
    text(
      "A resource without what OMOP requires is excluded and counted by reason.",
      "OMOP에 필요한 내용이 없는 자원은 사유별로 세어 제외합니다.",
    ),
  ),
  requirement(
    "013",
    "test",
    text("Single resources and bundles are read.", "단일 자원과 번들을 모두 읽습니다."),
    text(
      "Files of either kind give the same rows; of bundles also transactions, batches and searches are read.",
      "두 형식의 파일이 같은 행을 만들며, 거래·배치·검색 번들도 읽습니다.",
    ),
  ),
  requirement(
    "014",
    "test",
    text("Bulk NDJSON may be read.", "대량 NDJSON을 읽을 수 있습니다."),
    text("Exports of NDJSON are taken in line by line.", "NDJSON 내보내기를 한 줄씩 읽습니다."),
  ),
  requirement(
    "020",
    "load",
    text("No business identifier stands in a source value.", "원천 값에 업무용 식별자가 없습니다."),
    text(
      "Source values are codes; a load compares them with the hospital numbers that it met.",
      "원천 값은 코드이며, 적재할 때 병원 등록번호와 같은 값이 있는지 확인합니다.",
    ),
  ),
  requirement(
    "021",
    "test",
    text("No primary key comes from a business identifier.", "기본 키를 업무용 식별자에서 만들지 않습니다."),
    text("Ids of rows are counted; those of persons are random.", "행의 id는 순번이고, 사람의 id는 무작위입니다."),
  ),
  requirement(
    "022",
    "test",
    text("Nothing that identifies a patient stands in any field.", "어떤 항목에도 환자를 식별하는 내용이 없습니다."),
    text(
      "Canaries in names, addresses, numbers, contacts, notes and extensions are in no table, report or message.",
      "이름, 주소, 번호, 연락처, 메모, 확장에 심은 표지가 어떤 표·보고서·메시지에도 없습니다.",
    ),
  ),
  requirement(
    "023",
    "deviation",
    text("A table outside OMOP may link rows to resources.", "OMOP 밖의 표로 행과 자원을 이을 수 있습니다."),
    text(
      "Only persons can be found again, by the encrypted key table. A table of every row would be as large as the database and identify as much; the resources stay in the intake store, and the same load gives the same rows.",
      "암호화된 키 표로 사람만 다시 찾을 수 있습니다. 모든 행의 연결표는 데이터베이스만큼 크고 그만큼 식별력이 있습니다. 자원은 수신 저장소에 남고, 다시 적재하면 같은 행이 나옵니다.",
    ),
  ),
  requirement(
    "024",
    "test",
    text("Such a table lies outside OMOP's schema, with its own access.", "그런 표는 OMOP 밖에 두고 접근을 따로 관리합니다."),
    text(
      "The key table is a schema of its own, of no use without a key kept elsewhere.",
      "키 표는 별도 스키마이며, 따로 보관하는 키 없이는 쓸 수 없습니다.",
    ),
  ),
  requirement(
    "025",
    "declared",
    text("A privacy assessment is written for each identifier system.", "식별자 체계마다 개인정보 영향 판단을 적습니다."),
    text("The policy's identifierSystems: framework and determination.", "정책의 identifierSystems에 근거와 판단을 적습니다."),
  ),
  requirement(
    "026",
    "declared",
    text("For each identifier system the way of handling is written down.", "식별자 체계마다 처리 방법을 적습니다."),
    text("The policy's identifierSystems: strategy.", "정책의 identifierSystems에 처리 방법을 적습니다."),
  ),
  requirement(
    "030",
    "load",
    text("Concepts come from the OHDSI vocabularies and are checked.", "개념은 OHDSI 표준 용어에서 찾고 확인합니다."),
    text("A load counts concepts that its vocabulary does not list.", "적재할 때 용어에 없는 개념을 셉니다."),
  ),
  requirement(
    "031",
    "load",
    text(
      "A concept field holds a standard concept; others stand beside it.",
      "개념 항목에는 표준 개념만, 나머지는 원천 개념 항목에 둡니다.",
    ),
    text(
      "A load counts events whose concept is not standard; the site's and this program's own concepts are allowed.",
      "적재할 때 표준이 아닌 개념의 사건을 셉니다. 기관과 프로그램의 자체 개념은 허용합니다.",
    ),
  ),
  requirement(
    "032",
    "test",
    text("A code without a standard concept gives concept 0.", "표준 개념이 없는 코드는 개념 0이 됩니다."),
    text("The row is kept with 0, and counted by vocabulary.", "행은 0으로 남고 용어별로 셉니다."),
  ),
  requirement(
    "033",
    "test",
    text("The source's code is kept as it was written.", "원천 코드를 적힌 그대로 보존합니다."),
    text(
      "Codes of up to 50 characters stand in the source value; longer ones are cut there.",
      "50자까지의 코드를 원천 값에 두고, 더 긴 코드는 자릅니다.",
    ),
  ),
  requirement(
    "034",
    "test",
    text("Of several codes for one idea, one is chosen by a stated order.", "한 뜻의 여러 코드 가운데 정해진 순서로 하나를 고릅니다."),
    text(
      "Selected by the user, then by rank of the system, then as they came; the first with a standard concept.",
      "사용자가 고른 것, 체계의 순위, 적힌 순서로 보고 표준 개념이 있는 첫 코드를 씁니다.",
    ),
  ),
  requirement(
    "035",
    "test",
    text("A code that the source marks as preferred goes first.", "원천이 우선으로 표시한 코드를 먼저 씁니다."),
    text("userSelected stands before the rank of the system.", "userSelected가 체계의 순위보다 앞섭니다."),
  ),
  requirement(
    "036",
    "test",
    text(
      "Of a code and a more specific one of its system, the specific one is chosen.",
      "같은 체계의 상위와 하위 코드 가운데 하위를 씁니다.",
    ),
    text(
      "By the vocabulary's ancestors; for KCD and ICD also by the code itself.",
      "용어의 상하 관계로, KCD와 ICD는 코드 자체로도 판단합니다.",
    ),
  ),
  requirement(
    "037",
    "load",
    text("The concept's domain decides the table.", "개념의 도메인이 표를 정합니다."),
    text("A load counts events in a table that is not their domain's.", "적재할 때 도메인과 다른 표에 있는 사건을 셉니다."),
  ),
  requirement(
    "038",
    "deviation",
    text("Concepts should be looked up through a FHIR terminology server.", "FHIR 용어 서버로 개념을 찾는 것이 좋습니다."),
    text(
      "The vocabulary itself is loaded into the store and asked set-wise: no server to run, no network, a thousand times as fast. Each load records its release.",
      "용어를 저장소에 직접 적재해 한꺼번에 찾습니다. 서버와 네트워크가 필요 없고 훨씬 빠르며, 적재마다 용어 버전을 기록합니다.",
    ),
  ),
  requirement(
    "039",
    "load",
    text("Local concepts have ids from 2,000,000,000.", "자체 개념의 id는 20억 이상입니다."),
    text(
      "Those of this program and of a site's own list; a load counts others that no vocabulary has.",
      "프로그램과 기관의 자체 개념에 적용하며, 적재할 때 어느 용어에도 없는 개념을 셉니다.",
    ),
  ),
  requirement(
    "040",
    "load",
    text("Each run records its vocabulary release.", "적재마다 용어 버전을 기록합니다."),
    text(
      "CDM_SOURCE and the report name it; a load without a vocabulary fails this.",
      "CDM_SOURCE와 보고서에 적으며, 용어 없이 적재하면 실패로 표시합니다.",
    ),
  ),
  requirement(
    "050",
    "load",
    text("Every type concept is a standard one of its domain, never 0.", "유형 개념은 언제나 해당 도메인의 표준 개념이며 0이 아닙니다."),
    text("A load counts rows with another.", "적재할 때 그렇지 않은 행을 셉니다."),
  ),
  requirement(
    "051",
    "test",
    text("Type concepts follow from resource type, category and context.", "유형 개념은 자원 종류와 범주, 맥락으로 정합니다."),
    text(
      "A laboratory result, an encounter's diagnosis, a problem, a prescription differ.",
      "검사 결과, 내원 진단, 문제 목록, 처방이 구별됩니다.",
    ),
  ),
  requirement(
    "052",
    "test",
    text("Without context the most general type concept is taken.", "맥락이 없으면 가장 일반적인 유형 개념을 씁니다."),
    text("EHR.", "EHR을 씁니다."),
  ),
  requirement(
    "053",
    "test",
    text("What patients report is told from what clinicians record.", "환자가 말한 것과 의료진이 기록한 것을 구별합니다."),
    text("Patient self-report, by asserter, performer or source.", "말한 사람에 따라 환자 자가보고로 표시합니다."),
  ),
  requirement(
    "060",
    "test",
    text("What did not happen never becomes an event.", "일어나지 않은 일은 사건이 되지 않습니다."),
    text(
      "By the confirmed policy; no policy can bring in what was entered in error, not done or not taken.",
      "확정된 정책에 따르며, 오기나 하지 않은 일은 어떤 정책으로도 들이지 못합니다.",
    ),
  ),
  requirement(
    "061",
    "declared",
    text(
      "The same rules hold for every load, and changes are recorded with their day.",
      "모든 적재에 같은 규칙을 쓰고 변경을 날짜와 함께 기록합니다.",
    ),
    text(
      "Each load reads the whole source under one policy with version, day, author and reason.",
      "적재마다 버전, 날짜, 작성자, 사유가 있는 한 정책으로 전체를 읽습니다.",
    ),
  ),
  requirement(
    "062",
    "load",
    text("The run reports what was left out, by type and reason.", "제외한 것을 종류와 사유별로 보고합니다."),
    text(
      "Resources in = resources used + resources excluded by reason, counted by every load.",
      "입력 자원 = 사용한 자원 + 사유별 제외 자원을 적재마다 확인합니다.",
    ),
  ),
  requirement(
    "063",
    "test",
    text("Modifier elements are heeded, and failed look-ups recorded.", "수정 요소를 따르고, 실패한 조회를 기록합니다."),
    text(
      "Unknown modifier extensions exclude the resource, or the component; unmapped codes are counted.",
      "알 수 없는 수정 확장이 있는 자원이나 구성 요소를 제외하고, 매핑되지 않은 코드를 셉니다.",
    ),
  ),
  requirement(
    "070",
    "load",
    text("Every event has its required date.", "모든 사건에 필수 날짜가 있습니다."),
    text(
      "The columns refuse empty ones; a load counts resources left out for want of a date.",
      "빈 날짜는 열이 거부하며, 날짜가 없어 제외한 자원을 셉니다.",
    ),
  ),
  requirement(
    "071",
    "load",
    text("A date put together by a rule is marked by the type concept.", "규칙으로 채운 날짜는 유형 개념으로 표시합니다."),
    text(
      "Derived start dates carry 32882; a load compares their number with the partial dates that it read. Derived end dates are by CDM's conventions, and listed.",
      "추정한 시작일은 32882로 표시하고 읽은 부분 날짜 수와 비교합니다. 종료일 추정은 CDM 관례를 따르며 문서에 있습니다.",
    ),
  ),
  requirement(
    "072",
    "test",
    text("All times are of one time zone, which is stated.", "모든 시각은 밝혀 둔 한 시간대입니다."),
    text("The policy's timeZone; offsets are converted.", "정책의 timeZone으로 변환합니다."),
  ),
  requirement(
    "073",
    "test",
    text("Times of day are kept where the source has them.", "원천에 시각이 있으면 보존합니다."),
    text("The datetime fields; empty where only the day is known.", "datetime 항목에 두고, 날짜만 알면 비웁니다."),
  ),
  requirement(
    "080",
    "document",
    text("What is lost is written down.", "잃는 내용을 문서에 적습니다."),
    text("The table of losses.", "손실 표에 있습니다."),
  ),
  requirement(
    "081",
    "deviation",
    text("Content without a place should go to observations or notes.", "자리가 없는 내용은 관찰이나 메모에 두는 것이 좋습니다."),
    text(
      "Only coded content does; what people wrote stays out of OMOP and in the intake store, where text work with its own safeguards reads it.",
      "코드로 된 내용만 그렇게 합니다. 사람이 쓴 글은 OMOP에 넣지 않고 수신 저장소에 두어 별도 보호 아래 처리합니다.",
    ),
  ),
  requirement(
    "082",
    "document",
    text("The transformation is documented.", "변환 과정을 문서로 남깁니다."),
    text("docs/fhir-to-omop.md, and the site's policy with its reasons.", "docs/fhir-to-omop.md와 사유가 적힌 기관의 정책입니다."),
  ),
  requirement(
    "090",
    "load",
    text("The tables keep to the guide's logical models.", "표가 안내서의 논리 모델을 따릅니다."),
    text(
      "A load counts events that refer to a visit or person that is not there.",
      "적재할 때 없는 방문이나 사람을 가리키는 사건을 셉니다.",
    ),
  ),
  requirement(
    "091",
    "document",
    text(
      "The guide's StructureMaps may be run, or the same be done otherwise.",
      "안내서의 StructureMap을 실행하거나 같은 일을 달리 할 수 있습니다.",
    ),
    text("Done otherwise: pure functions, one a resource type.", "자원 종류마다 순수 함수로 구현했습니다."),
  ),
  requirement(
    "092",
    "document",
    text("Departures from the StructureMaps are recorded.", "StructureMap과 다른 점을 기록합니다."),
    text("The list of departures.", "차이 목록에 있습니다."),
  ),
  requirement(
    "093",
    "document",
    text("A fixed set of mappings is named with its release.", "고정 매핑은 출처와 버전을 밝힙니다."),
    text(
      "concept-ids.ts: from the guide's concept maps, which name no release; each load checks them against its vocabulary.",
      "concept-ids.ts는 버전이 없는 안내서 개념 지도에서 왔으며, 적재마다 용어와 비교합니다.",
    ),
  ),
  requirement(
    "100",
    "deviation",
    text("Rows should be traceable to their resources.", "행에서 자원을 추적할 수 있는 것이 좋습니다."),
    text(
      "By counts and by loading again, as for f2o-023: a lasting link of every row to a resource is a second way to identify.",
      "f2o-023과 같이 건수와 재적재로 확인합니다. 모든 행의 상시 연결은 또 하나의 식별 수단이 됩니다.",
    ),
  ),
  requirement(
    "102",
    "load",
    text(
      "Each run records CDM, vocabulary, guide and software version, and its time.",
      "적재마다 CDM, 용어, 안내서, 소프트웨어 버전과 시각을 기록합니다.",
    ),
    text("METADATA and CDM_SOURCE of each snapshot.", "각 적재본의 METADATA와 CDM_SOURCE에 있습니다."),
  ),
  requirement(
    "103",
    "test",
    text("The same source loaded twice gives the same rows once.", "같은 원천을 두 번 적재해도 행은 한 번만 있습니다."),
    text("The second load makes no snapshot.", "두 번째 적재는 새 적재본을 만들지 않습니다."),
  ),
  requirement(
    "110",
    "deviation",
    text("A terminology server is asked by the standard operations.", "용어 서버는 표준 연산으로 조회합니다."),
    text("No terminology server is used (f2o-038).", "용어 서버를 쓰지 않습니다(f2o-038)."),
  ),
  requirement(
    "111",
    "test",
    text("A cache of look-ups belongs to one vocabulary release.", "조회 캐시는 한 용어 버전에만 속합니다."),
    text("The cache lives for one load and ends with it.", "캐시는 적재 한 번 동안만 존재합니다."),
  ),
  requirement(
    "112",
    "deviation",
    text("A terminology server exposes the vocabularies as FHIR.", "용어 서버는 용어를 FHIR로 제공합니다."),
    text("This program is no terminology server.", "이 프로그램은 용어 서버가 아닙니다."),
  ),
  requirement(
    "120",
    "deviation",
    text("The guide's reference test suite is passed.", "안내서의 기준 시험을 통과합니다."),
    text(
      "No suite came with the guide in the form we have; the numbers here are tested in its place.",
      "가진 안내서에는 기준 시험이 없어 여기의 번호별 시험으로 대신합니다.",
    ),
  ),
  requirement(
    "121",
    "deviation",
    text("Results of that suite are published.", "그 시험 결과를 공개합니다."),
    text("As f2o-120; each load prints what can be checked on its data.", "f2o-120과 같으며, 적재마다 확인 가능한 항목을 출력합니다."),
  ),
  requirement(
    "122",
    "document",
    text("Tables filled fully, partly or not at all are disclosed.", "온전히, 일부만, 전혀 채우지 않는 표를 밝힙니다."),
    text("The table of tables; the rows of each are in the report of each load.", "표 목록에 있으며, 적재 보고서에 표별 행 수가 있습니다."),
  ),
  requirement(
    "132",
    "declared",
    text("What allows access to the source is documented.", "원천 접근의 근거를 문서로 남깁니다."),
    text("The policy's accessBasis.", "정책의 accessBasis에 적습니다."),
  ),
];
