/** The made-up hospital's twelve tables, with the faults that real exports have. The same seed is the same export on every machine. */

import { SeededRandom } from "@dure/kernel";
import { DEPARTMENTS, DISEASES, ITEMS, TESTS, type Test } from "./codes.ts";
import type { TextTable } from "./files.ts";

type Row = readonly string[];

const MS_PER_MINUTE = 60_000;
const MINUTES_PER_DAY = 1440;
const FIRST_DAY_MS = Date.UTC(2019, 0, 2);
const EXPORT_MS = Date.UTC(2025, 9, 31);

interface Patient {
  readonly number: string;
  readonly fromMs: number;
  diedMs: number | undefined;
}

interface Visit {
  readonly patient: Patient;
  readonly number: string;
  readonly startMs: number;
  readonly days: number;
}

export function makeHospital(seed: number, patientCount: number): readonly TextTable[] {
  return new Hospital(new SeededRandom(seed)).tables(patientCount);
}

type TableName = "patients" | "outpatients" | "inpatients" | "intensive" | "diagnoses" | "orders" | "results" | "vitals" | "deaths";

class Hospital {
  readonly #random: SeededRandom;
  readonly #rows: Readonly<Record<TableName, Row[]>> = {
    patients: [],
    outpatients: [],
    inpatients: [],
    intensive: [],
    diagnoses: [],
    orders: [],
    results: [],
    vitals: [],
    deaths: [],
  };
  #orderNumber = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  tables(patientCount: number): readonly TextTable[] {
    for (let i = 0; i < patientCount; i++) this.#addPatient(i);
    const [twice] = this.#rows.patients;
    if (twice !== undefined) this.#rows.patients.push(twice); // registered twice
    const { patients, outpatients, inpatients, intensive, diagnoses, orders, results, vitals, deaths } = this.#rows;
    const cp949 = { encoding: "cp949", delimiter: "," } as const;
    const marked = { encoding: "utf-8-bom", delimiter: "," } as const;
    return [
      { ...cp949, name: "PT_MST.csv", header: "CHT_NO PT_NM JUMIN_NO ZIP_CD ABO RH INSR_TP FRST_VST_DT".split(" "), rows: patients },
      { ...marked, name: "OPD_RCPT.csv", header: "RCPT_NO CHT_NO MED_DTM DEPT_CD DR_ID VST_TP INSR_TP".split(" "), rows: outpatients },
      {
        ...cp949,
        name: "IPD_ADM.csv",
        header: "ADM_NO CHT_NO ADM_DTM DSCH_DTM WARD DEPT_CD DR_ID ADM_PATH DSCH_TP".split(" "),
        rows: inpatients,
      },
      { ...cp949, name: "ICU_STAY.csv", header: "ADM_NO CHT_NO IN_DTM OUT_DTM ICU_CD".split(" "), rows: intensive },
      { ...cp949, name: "DX_HIST.csv", header: "CHT_NO VST_NO DX_DT DX_CD DX_NM MAIN_YN SUSP_YN RO_YN".split(" "), rows: diagnoses },
      { ...marked, name: "DX_MST.csv", header: "DX_CD STRT_DT END_DT KCD_CD KCD_VER KOR_NM ENG_NM".split(" "), rows: diseaseMaster() },
      {
        ...{ name: "ORD_HIST.txt", encoding: "cp949", delimiter: "|", rows: orders },
        header: "ORD_SEQ CHT_NO VST_NO ORD_DT ORD_TP ORD_CD QTY QTY_UNIT TIMES DAYS ROUTE DC_YN DC_DT".split(" "),
      },
      { ...cp949, name: "ORD_MST.csv", header: "ORD_CD USE_FR USE_TO FEE_CD ORD_TP KOR_NM ENG_NM".split(" "), rows: orderMaster() },
      {
        name: "FEE_MST.csv",
        encoding: "utf-8",
        delimiter: ",",
        header: "FEE_CD APLY_DT EXPR_DT EDI_CD PRICE".split(" "),
        rows: feeMaster(),
      },
      {
        ...{ name: "LAB_RSLT.tsv", encoding: "cp949", delimiter: "\t", rows: results },
        header: "CHT_NO VST_NO ORD_CD TEST_CD TEST_NM SPC_DTM RPT_DTM RSLT RSLT_TXT UNIT REF_L REF_H".split(" "),
      },
      {
        ...{ ...marked, name: "VS_FORM.csv", rows: vitals },
        header: "CHT_NO VST_NO REC_DTM HGT_CM WGT_KG BP_SYS BP_DIA PULSE RESP BDTMP O2SAT".split(" "),
      },
      { ...cp949, name: "DTH_MST.csv", header: "CHT_NO DTH_DT DTH_CAUSE DTH_PLACE".split(" "), rows: deaths },
    ];
  }

  #addPatient(index: number): void {
    const [age, number] = [Math.min(95, Math.floor(52 + 19 * this.#random.normal())), String(10_000_000 + 37 * index).padStart(10, "0")];
    const bornMs = EXPORT_MS - (Math.max(1, age) * 365.25 + this.#random.below(365)) * MINUTES_PER_DAY * MS_PER_MINUTE;
    const firstMs = Math.max(FIRST_DAY_MS, bornMs + 30 * MINUTES_PER_DAY * MS_PER_MINUTE);
    const patient: Patient = { number, fromMs: firstMs, diedMs: undefined };
    this.#addVisits(patient);
    const sex = this.#random.below(2) + (this.#chance(0.02) ? 4 : 0) + (new Date(bornMs).getUTCFullYear() < 2000 ? 1 : 3);
    const resident = this.#chance(0.001) ? "000000-0******" : `${day(bornMs).slice(2)}-${sex}******`;
    this.#rows.patients.push([
      ...[number, `환자${index}`, resident, this.#chance(0.03) ? "" : String(10_000 + this.#random.below(53_000)).padStart(5, "0")],
      ...[this.#pick(["A", "B", "O", "AB", ""]), this.#pick(["+", "+", "+", "-", ""]), this.#insurance(), day(firstMs)],
    ]);
  }

  #addVisits(patient: Patient): void {
    const count = 2 + this.#random.below(17);
    const ids = Array.from({ length: 3 }, () => this.#random.below(DISEASES.length));
    let atMs = patient.fromMs + this.#random.below(400 * MINUTES_PER_DAY) * MS_PER_MINUTE;
    for (let i = 0; i < count && atMs < EXPORT_MS && patient.diedMs === undefined; i++) {
      const isInpatient = this.#chance(0.06);
      const visit = isInpatient ? this.#admit(patient, atMs) : this.#receive(patient, atMs);
      this.#addDiagnoses(visit, ids);
      this.#addOrders(visit, isInpatient ? 6 : 2);
      if (this.#chance(isInpatient ? 0.95 : 0.4)) this.#addResults(visit);
      if (this.#chance(0.4)) this.#addVitals(visit);
      atMs += (visit.days + 7 + this.#random.below(240)) * MINUTES_PER_DAY * MS_PER_MINUTE;
    }
    if (patient.diedMs === undefined) return;
    const cause = this.#chance(0.1) ? "" : this.#disease(ids).local;
    this.#rows.deaths.push([patient.number, day(patient.diedMs), cause, this.#pick(["1", "2"])]);
  }

  #receive(patient: Patient, startMs: number): Visit {
    const number = `O${String(this.#rows.outpatients.length + 1).padStart(8, "0")}`;
    const kind = this.#chance(0.08) ? "E" : "O";
    this.#rows.outpatients.push([
      number,
      patient.number,
      slashed(startMs),
      this.#pick(DEPARTMENTS),
      this.#doctor(),
      kind,
      this.#insurance(),
    ]);
    return { patient, number, startMs, days: 0 };
  }

  #admit(patient: Patient, startMs: number): Visit {
    const days = 1 + this.#random.below(14);
    const number = `I${String(this.#rows.inpatients.length + 1).padStart(8, "0")}`;
    const endMs = startMs + days * MINUTES_PER_DAY * MS_PER_MINUTE;
    const isDead = this.#chance(0.07);
    if (isDead) patient.diedMs = endMs;
    const isThere = endMs > EXPORT_MS;
    const ended = isThere ? "29991231235959" : this.#chance(0.002) ? minute(startMs - 3 * MINUTES_PER_DAY * MS_PER_MINUTE) : minute(endMs);
    const left = isThere ? "" : isDead ? "5" : this.#pick(["1", "1", "1", "2"]);
    const [path, ward] = [this.#pick(["1", "2", "2"]), `W${51 + this.#random.below(9)}`];
    this.#rows.inpatients.push([number, patient.number, minute(startMs), ended, ward, this.#pick(DEPARTMENTS), this.#doctor(), path, left]);
    if (this.#chance(isDead ? 0.6 : 0.1)) {
      const inMs = startMs + this.#random.below(720) * MS_PER_MINUTE;
      this.#rows.intensive.push([
        number,
        patient.number,
        minute(inMs),
        isThere ? "29991231235959" : minute(endMs),
        this.#pick(["MICU", "SICU", "CCU"]),
      ]);
    }
    return { patient, number, startMs, days };
  }

  #addDiagnoses(visit: Visit, ids: readonly number[]): void {
    const count = 1 + this.#random.below(visit.days > 0 ? 4 : 3);
    for (let i = 0; i < count; i++) {
      const disease = this.#disease(ids);
      const state = this.#random.uniform();
      const [isSuspected, isRuledOut] = [state < 0.08, state >= 0.08 && state < 0.11];
      const written = this.#random.uniform();
      const code = written < 0.006 ? "" : written < 0.012 ? "X0000" : disease.local;
      const on = this.#chance(0.0005) ? "20230231" : day(visit.startMs);
      const number = this.#chance(0.001) ? "0099999999" : visit.patient.number; // nobody has it
      const name = isSuspected ? `${disease.korean}(의증)` : disease.korean;
      this.#rows.diagnoses.push([
        number,
        visit.number,
        on,
        code,
        name,
        i === 0 ? "Y" : "N",
        isSuspected ? "Y" : "N",
        isRuledOut ? "Y" : "N",
      ]);
    }
  }

  #addOrders(visit: Visit, typical: number): void {
    const count = 1 + this.#random.below(2 * typical);
    for (let i = 0; i < count; i++) {
      const item = ITEMS[this.#random.below(ITEMS.length)];
      if (item === undefined) continue;
      const isDrug = item.kind === "D";
      const isRare = item.fee === "" && !this.#chance(0.45);
      const code = isRare ? "AAP500" : this.#chance(0.004) ? "" : item.local;
      const isStopped = this.#chance(0.03);
      const stoppedMs = visit.startMs + this.#random.below(3) * MINUTES_PER_DAY * MS_PER_MINUTE;
      const days = visit.days > 0 ? 1 + this.#random.below(5) : this.#pick([7, 14, 28, 30, 60, 90]);
      const isInjected = ["VIAL", "BAG", "AMP"].includes(item.unit);
      this.#orderNumber++;
      this.#rows.orders.push([
        ...[String(this.#orderNumber), visit.patient.number, visit.number, day(visit.startMs), item.kind, code],
        ...(isDrug ? [this.#pick(["1", "1", "0.5", "2"]), isRare ? "TAB" : item.unit, this.#pick(["1", "2", "3"])] : ["1", "", "1"]),
        ...[isDrug ? String(this.#chance(0.001) ? 999 : days) : "1", isDrug ? (isInjected ? "IV" : this.#pick(["PO", "PO", "po"])) : ""],
        ...[isStopped ? "Y" : "N", isStopped ? day(stoppedMs) : ""],
      ]);
    }
  }

  #addResults(visit: Visit): void {
    const first = this.#random.below(TESTS.length);
    const count = 3 + this.#random.below(7);
    const atMs = visit.startMs + this.#random.below(180) * MS_PER_MINUTE;
    for (let i = 0; i < count; i++) {
      const test = TESTS[(first + i) % TESTS.length];
      if (test === undefined) continue;
      const order = test.local.startsWith("LH") ? "LABCBC" : "LABCHEM";
      const code = this.#chance(0.003) ? "LX9999" : test.local;
      const times = [seconds(atMs), seconds(atMs + (60 + this.#random.below(600)) * MS_PER_MINUTE)];
      this.#rows.results.push([visit.patient.number, visit.number, order, code, test.korean, ...times, ...this.#result(test)]);
    }
  }

  /** Number, word, unit and the bounds of the reference range. */
  #result(test: Test): Row {
    if (test.mean === 0) return ["", this.#pick(["음성", "음성", "음성", "양성", "Negative", "Positive"]), "", "", ""];
    if (this.#chance(0.003)) return ["", "검체부족", "", "", ""];
    const value = Math.max(test.mean / 10, test.mean + test.deviation * this.#random.normal());
    const bounds = [test.mean - 2 * test.deviation, test.mean + 2 * test.deviation].map((bound) =>
      Math.max(0, bound).toFixed(test.decimals),
    );
    const written = this.#random.uniform();
    if (test.loinc === "2160-0" && written < 0.02) return [(value * 88.4).toFixed(0), "", "μmol/L", ...bounds];
    if (test.loinc === "718-7" && written < 0.02) return [(value * 10).toFixed(0), "", "g/L", ...bounds];
    const unit = written > 0.99 ? "" : this.#pick(test.spellings);
    return [written > 0.98 && written < 0.985 ? `<${bounds[0]}` : value.toFixed(test.decimals), "", unit, ...bounds];
  }

  #addVitals(visit: Visit): void {
    const normal = (mean: number, deviation: number, decimals = 0): string =>
      this.#chance(0.08) ? "-" : (mean + deviation * this.#random.normal()).toFixed(decimals);
    const temperature = this.#chance(0.003) ? "365" : normal(36.6, 0.4, 1); // the point was forgotten
    this.#rows.vitals.push([
      ...[visit.patient.number, visit.number, dashed(visit.startMs), this.#chance(0.5) ? "" : normal(163, 9, 1), normal(63, 11, 1)],
      ...[normal(126, 15), normal(77, 10), normal(76, 11), normal(18, 2), temperature, this.#chance(0.3) ? "" : normal(97, 1)],
    ]);
  }

  #disease(ids: readonly number[]): (typeof DISEASES)[number] {
    const index = this.#chance(0.7) ? (ids[this.#random.below(ids.length)] ?? 0) : this.#random.below(DISEASES.length);
    const chosen = DISEASES[index];
    if (chosen === undefined) throw new Error("broken invariant: an index beyond the list of diseases");
    return chosen;
  }

  #insurance = (): string => this.#pick(["4", "4", "4", "4", "4", "5", "7", "9", ""]);
  #doctor = (): string => `D${100 + this.#random.below(60)}`;
  #chance = (probability: number): boolean => this.#random.uniform() < probability;

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)] as Item; // below() stays within the list
  }
}

const OPEN_END = "29991231";

/** One code is reused: what it means depends on the day. */
function diseaseMaster(): readonly Row[] {
  return DISEASES.flatMap(({ local, kcd, english, korean, inVocabulary }): readonly Row[] => {
    const code = kcd.replace(".", "");
    const now = [local, "20210101", OPEN_END, code, inVocabulary === "parent" ? "9" : "8", korean, english];
    if (local === "U071") return [[local, "20200201", OPEN_END, code, "8", korean, english]];
    if (local === "NR003") return [[local, "20150101", "20201231", "I639", "7", korean, english], now];
    return [[local, "20150101", "20201231", code, "7", korean, english], now];
  });
}

function orderMaster(): readonly Row[] {
  return ITEMS.flatMap(({ local, fee, kind, korean, english }): readonly Row[] => {
    const now = [local, "20200101", OPEN_END, fee, kind, korean, english];
    return [[local, "20150101", "20191231", fee, kind, korean, english], now];
  });
}

/** A price has a new row each year; a spreadsheet took one drug's leading zero. */
function feeMaster(): readonly Row[] {
  const billed = ITEMS.filter(({ fee }) => fee !== "");
  return billed.flatMap(({ fee, edi }, i): readonly Row[] =>
    Array.from({ length: 7 }, (_, year) => {
      const to = year === 6 ? OPEN_END : `${2019 + year}1231`;
      return [fee, `${2019 + year}0101`, to, edi.replace(/^0/, ""), String(120 + 13 * i + 5 * year)];
    }),
  );
}

const iso = (ms: number): string => new Date(ms).toISOString();
const day = (ms: number): string => iso(ms).slice(0, 10).replaceAll("-", "");
const slashed = (ms: number): string => iso(ms).slice(0, 16).replaceAll("-", "/").replace("T", " ");
const dashed = (ms: number): string => iso(ms).slice(0, 16).replace("T", " ");
const seconds = (ms: number): string => iso(ms).slice(0, 19).replace("T", " ");
const minute = (ms: number): string => iso(ms).slice(0, 19).replaceAll(/\D/g, "");
