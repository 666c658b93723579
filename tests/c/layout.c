/* Prints what a compiled program depends on: the numbers, and size and offsets of each struct. */
#include <stddef.h>
#include <stdio.h>

#include "tori.h"

#define SIZE(type) printf("%s %lu\n", #type, (unsigned long)sizeof(type))
#define FIELD(type, field) printf("%s.%s %lu\n", #type, #field, (unsigned long)offsetof(type, field))
#define NUMBER(name) printf("%s %ld\n", #name, (long)name)

int main(void) {
  NUMBER(TORI_ABI);
  NUMBER(TORI_OK);
  NUMBER(TORI_E_ARGUMENT);
  NUMBER(TORI_E_CONFIG);
  NUMBER(TORI_E_IO);
  NUMBER(TORI_E_FORMAT);
  NUMBER(TORI_E_ENCRYPTED);
  NUMBER(TORI_E_LIMIT);
  NUMBER(TORI_E_DATABASE);
  NUMBER(TORI_E_CANCELLED);
  NUMBER(TORI_E_TIMEOUT);
  NUMBER(TORI_E_BUSY);
  NUMBER(TORI_E_SHUTDOWN);
  NUMBER(TORI_E_FORKED);
  NUMBER(TORI_E_UNSUPPORTED);
  NUMBER(TORI_E_ABI);
  NUMBER(TORI_E_PANIC);
  NUMBER(TORI_SOURCE_STATISTICAL);
  NUMBER(TORI_SOURCE_DATABASE);
  NUMBER(TORI_SOURCE_BOTH);
  NUMBER(TORI_KIND_PDF);
  NUMBER(TORI_KIND_MARKDOWN);
  NUMBER(TORI_KIND_TEXT);
  NUMBER(TORI_KIND_HTML);
  NUMBER(TORI_KIND_DOCX);
  NUMBER(TORI_PENDING);
  NUMBER(TORI_END);
  NUMBER(TORI_EVENT_WAKE);
  NUMBER(TORI_EVENT_PROGRESS);
  NUMBER(TORI_EVENT_DONE);
  SIZE(tori_event);
  FIELD(tori_event, kind);
  FIELD(tori_event, job_id);
  FIELD(tori_event, tag);
  FIELD(tori_event, status);
  FIELD(tori_event, stage);
  FIELD(tori_event, percent);
  SIZE(tori_progress);
  FIELD(tori_progress, job_id);
  FIELD(tori_progress, stage);
  FIELD(tori_progress, percent);
  FIELD(tori_progress, units_done);
  FIELD(tori_progress, units_total);
  FIELD(tori_progress, stage_name);
  FIELD(tori_progress, message);
  FIELD(tori_progress, tag);
  SIZE(tori_concept);
  FIELD(tori_concept, occurrences);
  FIELD(tori_concept, score);
  FIELD(tori_concept, quality);
  FIELD(tori_concept, concept_id);
  FIELD(tori_concept, label);
  FIELD(tori_concept, label_len);
  FIELD(tori_concept, category);
  FIELD(tori_concept, section);
  FIELD(tori_concept, first_page);
  FIELD(tori_concept, source);
  FIELD(tori_concept, sections);
  FIELD(tori_concept, span_count);
  FIELD(tori_concept, form);
  FIELD(tori_concept, form_len);
  FIELD(tori_concept, base);
  FIELD(tori_concept, sum);
  FIELD(tori_concept, factor_count);
  FIELD(tori_concept, acronym_count);
  SIZE(tori_factor);
  FIELD(tori_factor, effect);
  FIELD(tori_factor, aspect);
  FIELD(tori_factor, words);
  SIZE(tori_decision);
  FIELD(tori_decision, score);
  FIELD(tori_decision, quality);
  FIELD(tori_decision, form);
  FIELD(tori_decision, reason);
  FIELD(tori_decision, why);
  FIELD(tori_decision, better);
  SIZE(tori_span);
  FIELD(tori_span, start);
  FIELD(tori_span, end);
  SIZE(tori_document);
  FIELD(tori_document, kind);
  FIELD(tori_document, name);
  FIELD(tori_document, sha256);
  FIELD(tori_document, title);
  FIELD(tori_document, bytes);
  FIELD(tori_document, text_bytes);
  FIELD(tori_document, pages);
  FIELD(tori_document, abstract_found);
  FIELD(tori_document, warning_count);
  FIELD(tori_document, raw_count);
  FIELD(tori_document, pure_count);
  FIELD(tori_document, final_count);
  FIELD(tori_document, author_count);
  FIELD(tori_document, keyword_count);
  FIELD(tori_document, decision_count);
  SIZE(tori_tag);
  FIELD(tori_tag, concept_id);
  FIELD(tori_tag, start);
  FIELD(tori_tag, end);
  FIELD(tori_tag, label);
  FIELD(tori_tag, label_len);
  return 0;
}
