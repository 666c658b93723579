/* Logging: silent until asked, targets that begin with "tori", pictographs only when the environment says so. */
#include "check.h"

static int messages = 0, decorated = 0, dropped_times = 0;

static void record(void *user_data, int32_t level, const char *target, const char *message, size_t len) {
  (void)user_data;
  CHECK(level >= 1 && level <= 5);
  CHECK(strncmp(target, "tori", 4) == 0);
  CHECK(strlen(message) == len && len > 0);
  messages++;
  decorated += (unsigned char)message[0] >= 0x80;
}

/* A log callback may use the library; only shutting it down is refused. */
static void nested(void *user_data, int32_t level, const char *target, const char *message, size_t len) {
  static int inside = 0;
  tori_result *result = NULL;
  (void)user_data;
  (void)level;
  (void)target;
  (void)message;
  (void)len;
  messages++;
  if (inside++ == 0) {
    CHECK(tori_shutdown(0) == TORI_E_BUSY);
    CHECK(tori_ingest_text(NULL, PAPER, TORI_NUL_TERMINATED, &result, NULL) == TORI_OK);
    tori_result_free(result);
  }
  inside--;
}

static void dropped(void *user_data) {
  (void)user_data;
  dropped_times++;
}

int main(void) {
  tori_result *result = NULL;
  const char *emoji = getenv("ENABLE_EMOJI_LOGS");
  int expected = emoji != NULL && strcmp(emoji, "true") == 0;

  /* From the very first message on: those about making the pool and the default engine. */
  CHECK(tori_set_log(5, nested, NULL, NULL) == TORI_OK);
  CHECK(tori_ingest_text(NULL, PAPER, TORI_NUL_TERMINATED, &result, NULL) == TORI_OK);
  tori_result_free(result);
  CHECK(messages > 0);
  messages = 0;

  CHECK(tori_set_log(0, record, NULL, dropped) == TORI_E_ARGUMENT);
  CHECK(tori_set_log(6, record, NULL, dropped) == TORI_E_ARGUMENT);
  CHECK(dropped_times == 0);
  CHECK(tori_set_log(5, record, NULL, dropped) == TORI_OK);
  CHECK(tori_ingest_text(NULL, PAPER, TORI_NUL_TERMINATED, &result, NULL) == TORI_OK);
  tori_result_free(result);
  CHECK(messages > 0);
  CHECK(decorated == (expected ? messages : 0));
  CHECK(tori_set_log(0, NULL, NULL, NULL) == TORI_OK);
  CHECK(dropped_times == 1);
  CHECK(tori_set_log(0, NULL, NULL, dropped) == TORI_OK);
  CHECK(dropped_times == 2);
  messages = 0;
  CHECK(tori_ingest_text(NULL, PAPER, TORI_NUL_TERMINATED, &result, NULL) == TORI_OK);
  tori_result_free(result);
  CHECK(messages == 0);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
