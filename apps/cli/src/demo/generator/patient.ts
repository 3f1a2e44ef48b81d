/**
 * Invented breast-cancer patients: what a hospital would know of each, and how it went.
 *
 * Covariates are correlated through two latent traits, as in real series: how aggressive a tumour is (grade, receptors) and how far it
 * has come (size, nodes). Time to recurrence is Weibull with proportional hazards; death follows recurrence, or comes of other causes
 * with Gompertz hazard. Effects are of the size found in METABRIC and Rotterdam; no patient of either was used.
 */

import type { SeededRandom } from "@dure/kernel";

/** A hospital's mix of patients and its habits of treatment. */
export interface CaseMix {
  readonly ageMeanYears: number;
  readonly ageSdYears: number;
  /** Shift of the latent spread of tumours: below 0 where screening finds them early. */
  readonly spread: number;
  /** Standard deviation of the latent spread: small where all patients are alike. */
  readonly spreadSd: number;
  /** Shift of latent aggressiveness. */
  readonly aggressiveness: number;
  readonly aggressivenessSd: number;
  /** Share of receptor-positive patients who are given hormone therapy. */
  readonly hormoneTherapyShare: number;
  /** How readily chemotherapy is given to those with many positive nodes; it halves their hazard and is no variable of the study. */
  readonly chemotherapyForNodes: number;
  /** Days since 1970-01-01. */
  readonly firstDiagnosisDay: number;
  readonly lastDiagnosisDay: number;
  /** The day of the export: follow-up ends here at the latest. */
  readonly exportDay: number;
  readonly lostToFollowUpPerYear: number;
}

export interface Patient {
  readonly female: boolean;
  readonly birthDay: number;
  readonly diagnosisDay: number;
  readonly postMenopausal: boolean;
  /** Millimetres, whole. Undefined: not recorded, here and below. */
  readonly sizeMm: number | undefined;
  readonly grade: 1 | 2 | 3 | undefined;
  readonly positiveNodes: number | undefined;
  /** Receptor content of cytosol, whole fmol/mg protein; positive from 10. */
  readonly oestrogenReceptor: number | undefined;
  readonly progesteroneReceptor: number | undefined;
  readonly hormoneTherapy: boolean | undefined;
  readonly chemotherapy: boolean;
  /** First recurrence that was seen, and whether it was a distant one. */
  readonly recurrence: { readonly day: number; readonly distant: boolean } | undefined;
  readonly deathDay: number | undefined;
  /** The last day on which the hospital knew of the patient; the day of death if that is known. */
  readonly lastSeenDay: number;
}

export const RECEPTOR_POSITIVE_FROM = 10;

/** Age at diagnosis, with decimals. */
export const ageYears = (patient: Patient): number => (patient.diagnosisDay - patient.birthDay) / DAYS_PER_YEAR;

const DAYS_PER_YEAR = 365.25;
/** Every value that may be missing is missing for this share of patients, between 1 and 3 %. */
const MISSING = { size: 0.012, grade: 0.025, nodes: 0.014, oestrogen: 0.011, progesterone: 0.015, hormone: 0.016 } as const;

/** Draws one patient. The same generator state and case mix give the same patient. */
export function drawPatient(random: SeededRandom, mix: CaseMix): Patient {
  const aggressive = mix.aggressiveness + mix.aggressivenessSd * random.normal();
  const spread = mix.spread + mix.spreadSd * random.normal();
  const ageYears = Math.min(94, Math.max(24, mix.ageMeanYears + mix.ageSdYears * random.normal()));
  const diagnosisDay = mix.firstDiagnosisDay + random.below(mix.lastDiagnosisDay - mix.firstDiagnosisDay + 1);
  const tumour = drawTumour(random, { aggressive, spread, ageYears });
  const treatment = drawTreatment(random, tumour, mix);
  const course = drawCourse(random, { ageYears, tumour, treatment, diagnosisDay, mix });
  const known = <Value>(value: Value, missingShare: number) => (random.uniform() < missingShare ? undefined : value);
  return {
    female: random.uniform() >= 0.006,
    birthDay: diagnosisDay - Math.round(ageYears * DAYS_PER_YEAR),
    diagnosisDay,
    postMenopausal: ageYears + 2.5 * random.normal() > 51,
    sizeMm: known(tumour.sizeMm, MISSING.size),
    grade: known(tumour.grade, MISSING.grade),
    positiveNodes: known(tumour.positiveNodes, MISSING.nodes),
    oestrogenReceptor: known(tumour.oestrogenReceptor, MISSING.oestrogen),
    progesteroneReceptor: known(tumour.progesteroneReceptor, MISSING.progesterone),
    hormoneTherapy: known(treatment.hormoneTherapy, MISSING.hormone),
    chemotherapy: treatment.chemotherapy,
    ...course,
  };
}

interface Tumour {
  readonly sizeMm: number;
  readonly grade: 1 | 2 | 3;
  readonly positiveNodes: number;
  readonly oestrogenReceptor: number;
  readonly progesteroneReceptor: number;
}

function drawTumour(
  random: SeededRandom,
  traits: { readonly aggressive: number; readonly spread: number; readonly ageYears: number },
): Tumour {
  const { aggressive, spread, ageYears } = traits;
  const sizeMm = Math.min(160, Math.max(2, Math.round(Math.exp(3.05 + 0.42 * spread + 0.12 * aggressive + 0.2 * random.normal()))));
  const gradeScore = aggressive + 0.15 * spread + 0.7 * random.normal();
  const grade = gradeScore < -0.95 ? 1 : gradeScore < 0.45 ? 2 : 3;
  const involved = logistic(-0.55 + 1.15 * spread + 0.25 * aggressive) > random.uniform();
  const positiveNodes = involved ? Math.min(45, 1 + Math.floor(Math.exp(0.35 + 0.75 * spread + 0.75 * random.normal()))) : 0;
  const oestrogenPositive = logistic(1.55 - 1.25 * aggressive + 0.02 * (ageYears - 55)) > random.uniform();
  const progesteronePositive = logistic((oestrogenPositive ? 1.35 : -2.1) - 0.35 * aggressive) > random.uniform();
  return {
    sizeMm,
    grade,
    positiveNodes,
    oestrogenReceptor: drawReceptor(random, oestrogenPositive),
    progesteroneReceptor: drawReceptor(random, progesteronePositive),
  };
}

/** Log-normal above the threshold, uniform below it. */
const drawReceptor = (random: SeededRandom, positive: boolean): number =>
  positive ? RECEPTOR_POSITIVE_FROM + Math.round(Math.exp(4.2 + 0.9 * random.normal())) : random.below(RECEPTOR_POSITIVE_FROM);

interface Treatment {
  readonly hormoneTherapy: boolean;
  readonly chemotherapy: boolean;
}

function drawTreatment(random: SeededRandom, tumour: Tumour, mix: CaseMix): Treatment {
  const receptive = isPositive(tumour.oestrogenReceptor) || isPositive(tumour.progesteroneReceptor);
  const hormoneTherapy = random.uniform() < (receptive ? mix.hormoneTherapyShare : 0.06);
  const inclination = -1.6 + mix.chemotherapyForNodes * Math.log1p(tumour.positiveNodes) + (receptive ? 0 : 0.9);
  return { hormoneTherapy, chemotherapy: random.uniform() < logistic(inclination) };
}

const isPositive = (content: number): boolean => content >= RECEPTOR_POSITIVE_FROM;

interface Course {
  readonly recurrence: Patient["recurrence"];
  readonly deathDay: number | undefined;
  readonly lastSeenDay: number;
}

interface CourseInput {
  readonly ageYears: number;
  readonly tumour: Tumour;
  readonly treatment: Treatment;
  readonly diagnosisDay: number;
  readonly mix: CaseMix;
}

/** Log hazard ratios of recurrence: the truth that a study should find, up to what it does not measure. */
const EFFECTS = {
  perSizeClass: 0.55,
  grade3: 0.6,
  grade1: -0.3,
  perLogNodes: 0.74,
  oestrogenPositive: -0.2,
  progesteronePositive: -0.45,
  hormoneTherapy: -0.6,
  chemotherapy: -0.95,
  under40: 0.3,
} as const;

/** Weibull of recurrence for a patient with no risk factor: scale in years, shape above 1 since the hazard first rises. */
const RECURRENCE = { scaleYears: 27, shape: 1.15 } as const;
/** Gompertz of death from other causes: hazard a year at 60, and its growth a year of age. */
const OTHER_DEATH = { hazardAt60: 0.004, growthPerYear: 0.1 } as const;
const DEATH_AFTER_RECURRENCE_YEARS = { local: 8, distant: 2.2 } as const;

function drawCourse(random: SeededRandom, input: CourseInput): Course {
  const { diagnosisDay, mix } = input;
  const after = (years: number) => diagnosisDay + Math.max(1, Math.round(years * DAYS_PER_YEAR));
  const recurrenceYears = RECURRENCE.scaleYears * (exponential(random) / Math.exp(recurrenceLogHazard(input))) ** (1 / RECURRENCE.shape);
  const distant = random.uniform() < 0.68;
  const cancerDeathYears = recurrenceYears + DEATH_AFTER_RECURRENCE_YEARS[distant ? "distant" : "local"] * exponential(random);
  const deathDay = after(Math.min(otherDeathYears(random, input.ageYears), cancerDeathYears));
  const lostDay = after(exponential(random) / mix.lostToFollowUpPerYear);
  const endDay = Math.min(mix.exportDay, lostDay);
  const recurrenceDay = after(recurrenceYears);
  const seesDeath = deathDay <= endDay;
  const lastSeenDay = seesDeath ? deathDay : endDay;
  return {
    recurrence: recurrenceDay <= lastSeenDay && recurrenceDay < deathDay ? { day: recurrenceDay, distant } : undefined,
    deathDay: seesDeath ? deathDay : undefined,
    lastSeenDay,
  };
}

function recurrenceLogHazard({ ageYears, tumour, treatment }: CourseInput): number {
  const sizeClass = tumour.sizeMm <= 20 ? 0 : tumour.sizeMm <= 50 ? 1 : 2;
  return (
    EFFECTS.perSizeClass * sizeClass +
    (tumour.grade === 3 ? EFFECTS.grade3 : tumour.grade === 1 ? EFFECTS.grade1 : 0) +
    EFFECTS.perLogNodes * Math.log1p(tumour.positiveNodes) +
    (isPositive(tumour.oestrogenReceptor) ? EFFECTS.oestrogenPositive : 0) +
    (isPositive(tumour.progesteroneReceptor) ? EFFECTS.progesteronePositive : 0) +
    (treatment.hormoneTherapy ? EFFECTS.hormoneTherapy : 0) +
    (treatment.chemotherapy ? EFFECTS.chemotherapy : 0) +
    (ageYears < 40 ? EFFECTS.under40 : 0)
  );
}

/** Inverse of the Gompertz distribution function. */
function otherDeathYears(random: SeededRandom, ageYears: number): number {
  const { hazardAt60, growthPerYear } = OTHER_DEATH;
  const hazardNow = hazardAt60 * Math.exp(growthPerYear * (ageYears - 60));
  return Math.log1p((growthPerYear * exponential(random)) / hazardNow) / growthPerYear;
}

const exponential = (random: SeededRandom): number => -Math.log1p(-random.uniform());

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
