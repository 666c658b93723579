/* Takes documents through libtori and prints their ranked concepts: progress on stderr, a table on stdout.
 *
 *   ingest [--json] FILE...
 *
 * Uses nothing but tori.h. The exit status is 0 when every file was read, 1 when one was not, 2 for a wrong
 * command line. */
#include <stdio.h>
#include <string.h>

#include "tori.h"

/* One line of progress, rewritten in place. */
static int show_progress(void *user_data, const tori_progress *progress) {
  (void)user_data;
  fprintf(stderr, "\r%3u %% %-10s %-50.50s", (unsigned)progress->percent, progress->stage_name,
          progress->message);
  if (progress->percent == 100) {
    fputc('\n', stderr);
  }
  return 0;
}

static const char *source_name(uint32_t source) {
  switch (source) {
    case TORI_SOURCE_STATISTICAL: return "text";
    case TORI_SOURCE_DATABASE: return "database";
    default: return "both";
  }
}

static int print_table(const tori_result *result) {
  tori_document document;
  tori_concept concept;
  size_t i, count = tori_result_count(result);

  memset(&document, 0, sizeof document);
  document.struct_size = sizeof document;
  if (tori_result_document(result, &document) != TORI_OK) {
    return 1;
  }
  printf("%s: %s\n", document.name, document.title != NULL ? document.title : "(no title)");
  printf("%lu pages, abstract %s, %lu candidates, %lu after the filters, %lu reported\n\n",
         (unsigned long)document.pages, document.abstract_found ? "found" : "not found",
         (unsigned long)document.raw_count, (unsigned long)document.pure_count,
         (unsigned long)document.final_count);
  printf("%4s  %-44s %7s %7s  %-8s  %-24s %-18s %4s %5s\n", "rank", "concept", "quality", "score", "found in",
         "category", "section", "page", "times");
  for (i = 0; i < count; i++) {
    memset(&concept, 0, sizeof concept);
    concept.struct_size = sizeof concept;
    if (tori_result_concept(result, i, &concept) != TORI_OK) {
      return 1;
    }
    printf("%4lu  %-44s %7.3f %7.3f  %-8s  %-24s %-18s %4u %5u\n", (unsigned long)(i + 1), concept.label,
           concept.quality, concept.score, source_name(concept.source), concept.category, concept.section,
           (unsigned)concept.first_page, (unsigned)concept.occurrences);
  }
  for (i = 0; i < document.warning_count; i++) {
    printf("warning: %s\n", tori_result_warning(result, i));
  }
  return 0;
}

static int ingest(const char *path, int as_json) {
  tori_result *result = NULL;
  tori_error *error = NULL;
  int failed = 0;

  if (tori_ingest_path(NULL, path, &result, &error) != TORI_OK) {
    fprintf(stderr, "\n%s: %s\n", tori_status_name(tori_error_status(error)), tori_error_message(error));
    tori_error_free(error);
    return 1;
  }
  if (as_json) {
    puts(tori_result_json(result, NULL));
  } else {
    failed = print_table(result);
  }
  tori_result_free(result);
  return failed;
}

int main(int argc, char **argv) {
  int i, failed = 0, first = 1, as_json = 0;

  if (tori_check_abi(TORI_ABI) != TORI_OK) {
    fprintf(stderr, "libtori %s is not the one this program was compiled for\n", tori_version());
    return 2;
  }
  if (argc > 1 && strcmp(argv[1], "--json") == 0) {
    as_json = 1;
    first = 2;
  }
  /* A file whose name begins with a dash is given as ./-name. */
  if (first >= argc || argv[first][0] == '-') {
    fprintf(stderr, "usage: %s [--json] FILE...\n", argc > 0 ? argv[0] : "ingest");
    return 2;
  }
  tori_set_progress(show_progress, NULL, NULL);
  for (i = first; i < argc; i++) {
    failed |= ingest(argv[i], as_json);
  }
  tori_set_progress(NULL, NULL, NULL);
  tori_shutdown(TORI_WAIT_FOREVER);
  return failed;
}
