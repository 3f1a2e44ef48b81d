export type { VocabularyReport } from "./load-vocabulary.ts";
export type { ChangedConcept, CodeChange, ConceptChange, VocabularyDifference } from "./vocabulary-difference.ts";
export {
  acceptVocabulary,
  loadVocabularyIntoHome,
  type VocabularyAcceptance,
  type VocabularyStatus,
  vocabularyDifference,
  vocabularyStatus,
} from "./vocabulary-in-home.ts";
