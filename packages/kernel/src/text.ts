/** What people read, in every language the product speaks. Written once, where the fact is known. */

export type Language = "en" | "ko";

export interface Text {
  readonly en: string;
  readonly ko: string;
}

export function text(en: string, ko: string): Text {
  return { en, ko };
}
