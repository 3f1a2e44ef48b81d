/**
 * Units as laboratories write them, in UCUM.
 *
 * A Korean laboratory system writes one unit in many manners: `mg/dl`, `MG/DL`, `㎎/㎗`, `10^3/uL`, `x10³/㎕`, `mEq/L`, `회/분`. The
 * compatibility letters (`㎎` is one character) are taken apart by Unicode's NFKC, powers are written as UCUM writes them, and each
 * part between strokes is looked up without regard to case. What is not in these lists is passed on as it stands: it may be UCUM.
 */

/** Whole units whose parts do not tell the meaning, by their plain form. */
const WHOLE: Readonly<Record<string, string>> = {
  "%": "%",
  percent: "%",
  퍼센트: "%",
  mmhg: "mm[Hg]",
  cmh2o: "cm[H2O]",
  "℃": "Cel",
  "°c": "Cel",
  c: "Cel",
  degc: "Cel",
  도: "Cel",
  섭씨: "Cel",
  "°f": "[degF]",
  "℉": "[degF]",
  f: "[degF]",
  degf: "[degF]",
  회: "{count}",
  개: "{count}",
  점: "{score}",
  score: "{score}",
  세: "a",
  yrs: "a",
  years: "a",
  inr: "{INR}",
  ratio: "{ratio}",
  비율: "{ratio}",
  index: "{index}",
  coi: "{COI}",
  "s/co": "{s_co_ratio}",
  "s/c.o": "{s_co_ratio}",
  titer: "{titer}",
  bpm: "/min",
  "beats/min": "/min",
  "breaths/min": "/min",
  ph: "[pH]",
  inch: "[in_i]",
  lb: "[lb_av]",
  lbs: "[lb_av]",
  "kg/m^2": "kg/m2",
  "kg/m2": "kg/m2",
  "ml/min/1.73m^2": "mL/min/{1.73_m2}",
  "ml/min/1.73m2": "mL/min/{1.73_m2}",
  "mosm/kg": "mosm/kg",
  "mosm/kgh2o": "mosm/kg",
  "mm/hr": "mm/h",
  "mm/1h": "mm/h",
  "mm/1hr": "mm/h",
  // Millions and, as European laboratories write them, tera: no metre or tablet has such a denominator.
  "m/ul": "10*6/uL",
  "m/mcl": "10*6/uL",
  "m/mm3": "10*6/mm3",
  "m/mm^3": "10*6/mm3",
  "m/cumm": "10*6/mm3",
  "t/l": "10*12/L",
  "#/ul": "/uL",
  "#/mm3": "/mm3",
  gpl: "[GPL'U]",
  mpl: "[MPL'U]",
  "cfu/ml": "[CFU]/mL",
  cells: "{cells}",
  세포: "{cells}",
};

/** Parts between strokes. A prefix in capitals is a laboratory's habit, never a mega. */
const PART: Readonly<Record<string, string>> = {
  ...prefixed("g", ["k", "", "m", "u", "n", "p", "f"]),
  ...prefixed("L", ["", "d", "c", "m", "u", "n", "f"]),
  ...prefixed("mol", ["", "m", "u", "n", "p", "f"]),
  ...prefixed("m", ["k", "", "c", "m", "u", "n"]),
  ...prefixed("U", ["k", "", "m", "u"]),
  mcg: "ug",
  mcl: "uL",
  mcmol: "umol",
  gm: "g",
  cc: "mL",
  eq: "eq",
  meq: "meq",
  ueq: "ueq",
  iu: "[IU]",
  kiu: "k[IU]",
  miu: "m[IU]",
  uiu: "u[IU]",
  osm: "osm",
  mosm: "mosm",
  cell: "{cells}",
  cells: "{cells}",
  copies: "{copies}",
  au: "[arb'U]",
  "/ul": "/uL",
  세포: "{cells}",
  개: "{count}",
  회: "",
  times: "",
  hpf: "[HPF]",
  lpf: "[LPF]",
  시야: "[HPF]",
  min: "min",
  분: "min",
  h: "h",
  hr: "h",
  hrs: "h",
  hour: "h",
  "24h": "(24.h)",
  "24hr": "(24.h)",
  "24hrs": "(24.h)",
  "24시간": "(24.h)",
  시간: "h",
  s: "s",
  sec: "s",
  secs: "s",
  seconds: "s",
  초: "s",
  d: "d",
  day: "d",
  일: "d",
  wk: "wk",
  주: "wk",
  mo: "mo",
  개월: "mo",
  yr: "a",
  a: "a",
  년: "a",
  "%": "%",
  "mm^3": "mm3",
  mm3: "mm3",
  cumm: "mm3",
  "m^2": "m2",
  m2: "m2",
  tab: "{tbl}",
  tablet: "{tbl}",
  t: "{tbl}",
  정: "{tbl}",
  cap: "{capsule}",
  캡슐: "{capsule}",
  amp: "{ampule}",
  앰플: "{ampule}",
  vial: "{vial}",
  바이알: "{vial}",
  포: "{packet}",
};

const POWER = /^(?:x|×|\*)?10(?:\^|\*\*?|e)?(?:\(([1-9]|1[0-2])\)|([1-9]|1[0-2]))$/;
const THOUSAND = /^(?:k|thou|thousand|천)$/;
const MILLION = /^(?:mil|mill|million|백만)$/;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** A unit's text longer than this is a sentence. */
const UNIT_LENGTH_MAX = 60;

/**
 * The UCUM code that a source's unit is taken for; undefined for an empty or overlong text. Whether the code exists is not judged here.
 */
export function toUcumCode(sourceUnit: string): string | undefined {
  const given = sourceUnit.trim();
  if (given === "" || given.length > UNIT_LENGTH_MAX) return undefined;
  const plain = plainForm(given);
  const whole = find(WHOLE, plain.toLowerCase());
  if (whole !== undefined) return whole;
  if (/[[\]{}]/.test(given)) return given; // brackets and braces are UCUM's own
  const parts = plain.split("/");
  const codes = parts.map((part, i) => (part === "" && i === 0 ? "" : partCode(part, i)));
  if (codes.some((code) => code === undefined)) return given;
  const code = codes.join("/");
  return code === "" ? undefined : code;
}

/**
 * A unit that a person declares in a document is UCUM, whose letters tell units apart by case: `K/uL` is kelvin per microlitre there, and
 * `MG/DL` nothing. What can mean but one thing is brought to the code that OMOP's vocabulary has: `10^3/uL`, which UCUM has as well as
 * `10*3/uL`, powers with a sign of multiplication, `l` for `L`, `µ` and `㎎`. Any other manner of writing is told with the code that it is taken
 * for, and the person decides.
 *
 * Source: UCUM 2.1, dimensionless units (`10*` and `10^`), `l` and `L` for litre; case-sensitive form.
 */
export function readDeclaredUnit(given: string): { readonly kind: "code" | "meant"; readonly code: string } | undefined {
  const code = toUcumCode(given);
  if (code === given.trim()) return ASCII.test(code) ? { kind: "code", code } : undefined;
  return code === undefined ? undefined : { kind: sameLetters(given) === code ? "code" : "meant", code };
}

const ASCII = /^[\x21-\x7e]+$/;

const sameLetters = (unit: string): string =>
  plainForm(unit.trim())
    .replaceAll(/(?<![\w.*])[x×*]?10[\^*](?=\d)/gi, "10*")
    .replaceAll(/(?<=m)\^(?=[23](?!\d))/g, "")
    .replaceAll(/(?<![A-Za-z])([dcmunf]?)l(?![A-Za-z])/g, "$1L");

/** One character for each sign that has several, no spaces, superscripts as powers. */
const plainForm = (unit: string): string =>
  unit
    .replace(new RegExp(`[${SUPERSCRIPTS}]+`, "g"), (digits) => `^${[...digits].map((digit) => SUPERSCRIPTS.indexOf(digit)).join("")}`)
    .normalize("NFKC")
    .replaceAll(/[μµ]/g, "u")
    .replaceAll(/[\s,]/g, "")
    .replaceAll("⁄", "/")
    .replaceAll("ℓ", "L");

function partCode(part: string, index: number): string | undefined {
  const power = POWER.exec(part.toLowerCase());
  if (power !== null) return `10*${power[1] ?? power[2]}`;
  if (index === 0 && THOUSAND.test(part.toLowerCase())) return "10*3";
  if (index === 0 && MILLION.test(part.toLowerCase())) return "10*6";
  return find(PART, part.toLowerCase());
}

const find = (list: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(list, key) ? list[key] : undefined;

function prefixed(unit: string, prefixes: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(prefixes.map((prefix) => [`${prefix}${unit}`.toLowerCase(), `${prefix}${unit}`]));
}
