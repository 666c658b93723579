/* Why concepts have their scores, and why others are not listed: only when asked for, and adding up. */
#include "check.h"

#define TEXT \
  "The sparse graph kernel is used. The multi-agent planner and the multiagent planner are used. A graph kernel " \
  "compares graphs. Results are given in figure 3."

static tori_result *ingest(const char *explain) {
  tori_request *request = tori_request_new();
  tori_result *result = NULL;
  tori_error *error = NULL;
  CHECK(tori_request_text(request, TEXT, TORI_NUL_TERMINATED) == TORI_OK);
  CHECK_STATUS(TORI_OK, tori_request_set(request, "report.explain", explain, TORI_NUL_TERMINATED, &error), error);
  CHECK_STATUS(TORI_OK, tori_ingest(NULL, request, &result, &error), error);
  tori_request_free(request);
  return result;
}

static tori_document document_of(const tori_result *result) {
  tori_document document;
  memset(&document, 0, sizeof document);
  document.struct_size = sizeof document;
  CHECK(tori_result_document(result, &document) == TORI_OK);
  return document;
}

static tori_concept concept_of(const tori_result *result, size_t index) {
  tori_concept concept;
  memset(&concept, 0, sizeof concept);
  concept.struct_size = sizeof concept;
  CHECK(tori_result_concept(result, index, &concept) == TORI_OK);
  return concept;
}

int main(void) {
  tori_result *silent = ingest("false");
  tori_result *told = ingest("true");
  tori_document document = document_of(told);
  size_t i, spelling = 0;
  CHECK(document_of(silent).decision_count == 0 && concept_of(silent, 0).factor_count == 0);
  CHECK(strstr(tori_result_json(silent, NULL), "decisions") == NULL);
  CHECK(tori_result_count(silent) == tori_result_count(told));
  for (i = 0; i < tori_result_count(told); i++) {
    tori_concept concept = concept_of(told, i);
    double sum = concept.base;
    size_t n;
    CHECK(concept.factor_count > 5 && concept.score == concept_of(silent, i).score);
    for (n = 0; n <= concept.factor_count; n++) {
      tori_factor factor;
      memset(&factor, 0, sizeof factor);
      factor.struct_size = sizeof factor;
      CHECK(tori_result_factor(told, i, n, &factor) == (n < concept.factor_count ? TORI_OK : TORI_E_ARGUMENT));
      if (n < concept.factor_count) {
        CHECK(factor.aspect[0] != 0 && factor.words[0] != 0 && factor.effect != 0);
        sum += factor.effect;
      }
    }
    CHECK(sum - concept.sum < 1e-9 && concept.sum - sum < 1e-9);
  }
  CHECK(document.decision_count == document.raw_count - document.final_count);
  for (i = 0; i <= document.decision_count; i++) {
    tori_decision decision;
    memset(&decision, 0, sizeof decision);
    decision.struct_size = sizeof decision;
    CHECK(tori_result_decision(told, i, &decision) == (i < document.decision_count ? TORI_OK : TORI_E_ARGUMENT));
    if (i < document.decision_count) {
      CHECK(decision.form[0] != 0 && decision.why[0] != 0 && (decision.score >= 0) == (decision.quality >= 0));
      if (strcmp(decision.reason, "spelling") == 0) {
        CHECK(strstr(decision.better, "planner") != NULL && decision.score > 0);
        spelling++;
      }
    }
  }
  CHECK(spelling == 1);
  tori_result_free(silent);
  tori_result_free(told);
  return 0;
}
