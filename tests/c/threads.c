/* Many threads, small stacks, one that ticks while another waits: threads PAPER.pdf. */
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "check.h"

static volatile int done = 0;
static const char *paper;
static tori_engine *engine;

static void *tick(void *ticks) {
  while (!done) {
    ++*(volatile unsigned long *)ticks;
    usleep(100);
  }
  return NULL;
}

static void *ingest(void *json) {
  tori_result *result = NULL;
  tori_error *error = NULL;
  CHECK_STATUS(TORI_OK, tori_ingest_path(engine, paper, &result, &error), error);
  *(tori_result **)json = result;
  return NULL;
}

int main(int argc, char **argv) {
  tori_result *results[8];
  pthread_t threads[8], ticker;
  pthread_attr_t small;
  unsigned long ticks = 0;
  tori_config *config = tori_config_new();
  size_t i;

  CHECK(argc == 2);
  paper = argv[1];
  CHECK(tori_config_set(config, "report.timings", "false", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK(tori_engine_new(config, &engine, NULL) == TORI_OK);
  tori_config_free(config);

  CHECK(pthread_create(&ticker, NULL, tick, &ticks) == 0);
  CHECK(pthread_attr_init(&small) == 0);
  CHECK(pthread_attr_setstacksize(&small, 65536) == 0);
  for (i = 0; i < 8; i++) {
    CHECK(pthread_create(&threads[i], &small, ingest, &results[i]) == 0);
  }
  for (i = 0; i < 8; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(strcmp(tori_result_json(results[i], NULL), tori_result_json(results[0], NULL)) == 0);
  }
  CHECK(ticks > 0);
  done = 1;
  CHECK(pthread_join(ticker, NULL) == 0);
  for (i = 0; i < 8; i++) {
    tori_result_free(results[i]);
  }
  pthread_attr_destroy(&small);
  tori_engine_free(engine);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
