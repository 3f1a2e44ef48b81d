/** Words of the vocabulary commands, in both languages. */

import { type Text, text } from "@dure/kernel";
import type { ConceptChange, VocabularyStatus } from "@dure/site/vocabulary";

export const vocabularyStates: Readonly<Record<VocabularyStatus["state"], Text>> = {
  current: text("in use", "사용 중"),
  candidate: text("waits to be accepted", "승인 대기"),
  former: text("of earlier snapshots", "이전 적재본용"),
};

export const conceptChanges: Readonly<Record<ConceptChange, Text>> = {
  missing: text("no longer there", "삭제됨"),
  invalid: text("no longer valid", "유효하지 않게 됨"),
  "non-standard": text("no longer standard", "비표준이 됨"),
  domain: text("in another domain", "도메인이 바뀜"),
};
