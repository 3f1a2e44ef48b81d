/** For tests only: twelve tables in the style of a Korean hospital, and a vocabulary that knows their codes. All of it is invented. */

import { encodeCp949 } from "@dure/kernel";
import type { TestVocabulary } from "../vocabulary/testing-vocabulary.ts";

/** By file name: the header and the rows. */
export type KoreanTables = Readonly<Record<string, readonly string[]>>;

export const KOREAN_TABLES: KoreanTables = {
  "환자.csv": [
    "PATNO,RESNO1,RESNO2,ZIPCODE,INSTYPE,INSFROM",
    "00000001,600131,1,06236,4,20100101",
    "00000002,750615,2,48058,5,20120301",
    "00000003,20305,4,12345,4,20140101", // a spreadsheet took the zero of 020305
    "9007199254740993,880909,6,99999,7,20190101", // beyond 2^53: a number of its own
    "9007199254740992,300909,9,99999,9,20190101",
  ],
  "외래.csv": [
    "PATNO,VISITNO,MEDTIME,MEDDEPT,CHADR,PATFG",
    "00000001,V1,2020-03-02 09:30,IM,D7,O",
    "00000002,V2,2020-05-06 14:00,GS,D8,O",
    "00000003,V3,2021-01-01 23:50,ER,D9,E",
    "9007199254740993,V4,2021-02-01 10:00,IM,D7,O",
  ],
  "입원.csv": [
    "PATNO,VISITNO,ADMTIME,DSCHTIME,MEDDEPT,CHADR",
    "00000001,V5,2020-04-01 10:00,2020-04-10 11:00,IM,D7",
    "00000002,V6,2020-06-01 10:00,2999-12-31 00:00,GS,D8",
  ],
  "중환자실.csv": [
    "PATNO,ENTRTIME,OUTRMTIME,WARDNO",
    "00000001,2020-04-02 03:00,2020-04-04 12:00,MICU",
    "00000003,2021-01-02 03:00,2021-01-03 12:00,MICU", // no inpatient visit on that day
  ],
  "진단.csv": [
    "PATNO,VISITNO,DIAGCODE,DIAGDATE,MAINYN,IMPRESSYN,RULEOUTYN",
    "00000001,V1,N201,20200302,Y,N,N",
    "00000001,V1,I109,20200302,N,N,N",
    "00000001,V5,OLD1,20200401,Y,N,N", // means I109 until 2019, E119 from 2020
    "00000002,V2,K359,20200506,Y,Y,N",
    "00000002,V2,I219,20200506,N,N,Y",
    "00000003,V3,ZZZ9,20210101,Y,N,N", // in no table
  ],
  "진단코드.csv": [
    "DIAGCODE,FROMDATE,TODATE,STDIAGCD,KCDVERSION",
    "N201,20100101,99991231,N201,8",
    "I109,20100101,99991231,I109,8",
    "OLD1,20100101,20191231,I109,7",
    "OLD1,20200101,29991231,E119,8",
    "K359,20100101,,K359,8",
    "I219,20100101,,I219,8",
  ],
  "처방.csv": [
    "PATNO,VISITNO,ORDSEQNO,ORDCODE,ORDDATE,CONTQTY,CNT,DAY,CONTUNIT,METHODCD,DCYN,DCDATE",
    "00000001,V1,1,MET500,20200302,1,2,30,T,PO,N,",
    "00000001,V5,2,MET500,20200401,1,2,7,T,PO,Y,20200401", // discontinued on its day
    "00000001,V5,3,MET500,20200402,1,2,7,T,PO,Y,20200404", // after two days
    "00000002,V2,4,APPE,20200506,1,1,1,,,N,", // a procedure among the drugs
    "00000002,V2,5,LOCAL1,20200506,1,1,1,,IV,N,", // no EDI code, but in the site's own map
    "00000003,V3,6,NOBODY,20210101,1,1,1,,IV,N,",
  ],
  "처방코드.csv": ["ORDCODE,SUGACODE", "MET500,S100", "APPE,S200"],
  "수가.csv": [
    "SUGACODE,INSEDICODE,FROMDATE,TODATE",
    "S100,645100001,20100101,20201231",
    "S100,645100002,20210101,",
    "S200,Q2861,20100101,",
  ],
  "검사결과.csv": [
    "PATNO,VISITNO,EXAMCODE,RSLTNUM,RSLTTEXT,RSLTUNIT,NORLOW,NORHIGH,EXECDT",
    "00000001,V1,L2001,13.5,,g/dL,12,16,2020-03-02 10:15",
    "00000001,V1,L2001,135,,g/L,120,160,2020-03-02 10:15",
    "00000001,V1,L3013,88.42,,μmol/L,,,2020-03-02 10:15",
    "00000001,V1,L3014,<5.0,,㎎/㎗,70,110,2020-03-02 10:15",
    "00000001,V1,L7001,,양성,,,,2020-03-02 10:15",
    '00000002,V2,L2001,"1,350",,㎎/㎗,,,2020-05-06 15:00',
    "00000002,V2,L2001,13.5,,mm,,,2020-05-06 15:00", // no mass concentration
    "00000002,V2,L7001,검체 부족,,,,,2020-05-06 15:00",
    "00000003,V3,L9999,7,,U/L,,,2021-01-01 23:59",
  ],
  "활력징후.csv": [
    "PATNO,VISITNO,EXAMDT,HT,WT,BMI,SBP,DBP,PR,RR,BT,SPO2",
    "00000001,V1,2020-03-02 09:20,170,70,24.2,130,85,72,18,36.5,98",
    "00000003,V3,2021-01-01 23:55,,60,-,110,70,80,20,37.2,97",
    "00000003,V3,2021-01-02 00:55,900,60,-,110,70,80,20,37.2,97", // no such height
  ],
  "사망.csv": ["PATNO,DIEDATE,CAUSECD", "00000001,20200410,I109"],
};

export const encodeTable = (lines: readonly string[], encoding: "cp949" | "utf-8"): Uint8Array => {
  const content = `${lines.join("\r\n")}\r\n`;
  // Signs that CP949 lacks are written as its Greek letter.
  return encoding === "cp949" ? encodeCp949(content) : new TextEncoder().encode(content);
};

const S = "S" as const;
const standard = (id: number, vocabulary: string, code: string, domain: string) => ({ id, vocabulary, code, domain, standard: S });
const source = (id: number, vocabulary: string, code: string, domain: string) => ({ id, vocabulary, code, domain });

/** Ids of invented concepts, by what they are. */
export const TEST_IDS = {
  stone: 5001,
  hypertension: 5002,
  diabetes: 5003,
  appendicitis: 5004,
  infarction: 5005,
  metformin: 5010,
  appendectomy: 5011,
  saline: 5012,
  haemoglobin: 5020,
  creatinine: 5021,
  glucose: 5022,
  surfaceAntigen: 5023,
  government: 5030,
} as const;

const VITALS = ["8302-2", "29463-7", "39156-5", "8480-6", "8462-4", "8867-4", "9279-1", "8310-5", "2708-6"];
const UNITS = ["g/dL", "mg/dL", "cm", "kg", "kg/m2", "mm[Hg]", "/min", "Cel", "%", "U/L"];

export const KOREAN_VOCABULARY: TestVocabulary = {
  concepts: [
    standard(TEST_IDS.stone, "SNOMED", "95570007", "Condition"),
    standard(TEST_IDS.hypertension, "SNOMED", "59621000", "Condition"),
    standard(TEST_IDS.diabetes, "SNOMED", "44054006", "Condition"),
    standard(TEST_IDS.appendicitis, "SNOMED", "85189001", "Condition"),
    standard(TEST_IDS.infarction, "SNOMED", "57054005", "Condition"),
    standard(TEST_IDS.metformin, "RxNorm", "861007", "Drug"),
    standard(TEST_IDS.saline, "RxNorm", "313002", "Drug"),
    standard(TEST_IDS.appendectomy, "SNOMED", "80146002", "Procedure"),
    standard(TEST_IDS.haemoglobin, "LOINC", "718-7", "Measurement"),
    standard(TEST_IDS.creatinine, "LOINC", "2160-0", "Measurement"),
    standard(TEST_IDS.glucose, "LOINC", "2345-7", "Measurement"),
    standard(TEST_IDS.surfaceAntigen, "LOINC", "5196-1", "Measurement"),
    ...VITALS.map((code, i) => standard(5100 + i, "LOINC", code, "Measurement")),
    ...UNITS.map((code, i) => standard(5200 + i, "UCUM", code, "Unit")),
    standard(TEST_IDS.government, "SOPT", "3", "Payer"),
    standard(9191, "SNOMED", "10828004", "Meas Value"),
    standard(9189, "SNOMED", "260385009", "Meas Value"),
    standard(5301, "SNOMED", "26643006", "Route"),
    standard(5302, "SNOMED", "47625008", "Route"),
    ...["N20.1", "I10.9", "E11.9", "K35.9", "I21.9"].map((code, i) => source(6001 + i, "KCD7", code, "Condition")),
    source(6010, "EDI", "645100001", "Drug"),
    source(6011, "EDI", "645100002", "Drug"),
    source(6012, "EDI", "Q2861", "Procedure"),
  ],
  relations: [
    ...[TEST_IDS.stone, TEST_IDS.hypertension, TEST_IDS.diabetes, TEST_IDS.appendicitis, TEST_IDS.infarction].map((to, i) => ({
      ...{ from: 6001 + i, relation: "Maps to", to },
    })),
    { from: 6010, relation: "Maps to", to: TEST_IDS.metformin },
    { from: 6011, relation: "Maps to", to: TEST_IDS.metformin },
    { from: 6012, relation: "Maps to", to: TEST_IDS.appendectomy },
  ],
};
