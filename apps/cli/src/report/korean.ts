/** Particles that depend on whether the word before them ends in a consonant. */

const HANGUL_FIRST = 0xac00;
const HANGUL_LAST = 0xd7a3;
const FINAL_CONSONANTS = 28;

/** "을" after a final consonant, "를" after a vowel; "을(를)" where the word does not end in Hangul. */
export function withObjectParticle(word: string): string {
  const last = word.charCodeAt(word.length - 1);
  if (Number.isNaN(last) || last < HANGUL_FIRST || last > HANGUL_LAST) return `${word}을(를)`;
  return `${word}${(last - HANGUL_FIRST) % FINAL_CONSONANTS === 0 ? "를" : "을"}`;
}
