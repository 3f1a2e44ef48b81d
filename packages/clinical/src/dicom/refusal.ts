/**
 * Whether an image may be taken at all: only pictures of which nobody writes a name into the pixels.
 *
 * Ultrasound, endoscopy, scanned paper, screenshots and reports often carry the patient's name as pixels, and no list of attributes removes
 * that (PS3.15 E.3.1, Clean Pixel Data). So an image is taken only where its kind makes such text improbable, or its maker says that there
 * is none (Burned In Annotation = NO).
 */

export type Refusal =
  | "not-an-image"
  | "burned-in-annotation"
  | "burned-in-possible-modality"
  | "burned-in-possible-secondary-capture"
  | "burned-in-possible-screen"
  | "not-grey";

export interface ImageFacts {
  readonly sopClassUid: string;
  readonly modality: string;
  /** Values of (0008,0008). */
  readonly imageType: readonly string[];
  /** (0028,0301), empty where it is absent. */
  readonly burnedInAnnotation: string;
  /** (0008,0064), empty where it is absent. */
  readonly conversionType: string;
  readonly photometricInterpretation: string;
  readonly hasPixels: boolean;
}

/** The scanner writes its text beside the picture, not into it. */
const PLAIN_MODALITIES: ReadonlySet<string> = new Set(["CT", "MR", "PT", "NM", "CR", "DX", "MG"]);
/** Secondary capture and its multi-frame forms, PS3.4 B.5: pictures of pictures. */
const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
const GREY: ReadonlySet<string> = new Set(["MONOCHROME1", "MONOCHROME2"]);
/** Values 3 and 4 of Image Type by which makers mark a page of text or a report. */
const SCREENS = /^(?:SCREEN SAVE|DOSE_INFO|REPORT|TEXT|LOCALIZER_TEXT|CAPTURE|PROTOCOL)$/;

/** Undefined for an image that may be taken. */
export function refusalOf(facts: ImageFacts): Refusal | undefined {
  if (!facts.hasPixels) return "not-an-image";
  if (facts.burnedInAnnotation === "YES") return "burned-in-annotation";
  const isSecondary = facts.sopClassUid === SECONDARY_CAPTURE || facts.sopClassUid.startsWith(`${SECONDARY_CAPTURE}.`);
  const isDeclaredClean = facts.burnedInAnnotation === "NO";
  if (!isDeclaredClean && (isSecondary || facts.conversionType !== "")) return "burned-in-possible-secondary-capture";
  if (!isDeclaredClean && !PLAIN_MODALITIES.has(facts.modality)) return "burned-in-possible-modality";
  if (!isDeclaredClean && facts.imageType.some((value) => SCREENS.test(value))) return "burned-in-possible-screen";
  return GREY.has(facts.photometricInterpretation) ? undefined : "not-grey";
}
