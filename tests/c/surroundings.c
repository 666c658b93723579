/* The process around the library: its locale changes no report, its signals stay its own: surroundings PAPER.pdf. */
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"

static const char *paper;
static volatile sig_atomic_t signals = 0;

static void count(int number) {
  (void)number;
  signals++;
}

static char *report(void) {
  tori_config *config = tori_config_new();
  tori_engine *engine = NULL;
  tori_result *result = NULL;
  tori_error *error = NULL;
  const char *json;
  char *copy;
  CHECK(tori_config_set(config, "report.timings", "false", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK(tori_config_set(config, "quality.title_boost", "1.25", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK(tori_engine_new(config, &engine, NULL) == TORI_OK);
  CHECK_STATUS(TORI_OK, tori_ingest_path(engine, paper, &result, &error), error);
  json = tori_result_json(result, NULL);
  CHECK(json != NULL);
  copy = malloc(strlen(json) + 1);
  CHECK(copy != NULL);
  strcpy(copy, json);
  tori_result_free(result);
  tori_engine_free(engine);
  tori_config_free(config);
  return copy;
}

static void locales_change_nothing(char **names, int count_of_names) {
  char *plain = report();
  int i;
  for (i = 0; i < count_of_names; i++) {
    char *other, *now;
    CHECK(setlocale(LC_ALL, names[i]) != NULL);
    other = report();
    CHECK(strcmp(plain, other) == 0);
    now = setlocale(LC_ALL, NULL);
    CHECK(now != NULL && strcmp(now, names[i]) == 0);
    free(other);
  }
  setlocale(LC_ALL, "C");
  free(plain);
}

static void dispositions(struct sigaction *all) {
  int number;
  for (number = 1; number < 65; number++) {
    memset(&all[number], 0, sizeof all[number]);
    sigaction(number, NULL, &all[number]);
  }
}

/* With the signal blocked on the only thread of the host, nobody is left to receive it. */
static void workers_receive_nothing(void) {
  tori_request *request = tori_request_new();
  tori_job *jobs[20];
  sigset_t blocked, pending;
  int i;
  CHECK(tori_request_path(request, paper) == TORI_OK);
  CHECK(signal(SIGUSR1, count) != SIG_ERR);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  CHECK(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
  for (i = 0; i < 20; i++) {
    CHECK(tori_submit(NULL, request, &jobs[i], NULL) == TORI_OK);
    CHECK(kill(getpid(), SIGUSR1) == 0);
  }
  for (i = 0; i < 20; i++) {
    CHECK(tori_job_wait(jobs[i], TORI_WAIT_FOREVER) == TORI_OK);
    CHECK(tori_job_poll(jobs[i], NULL) == TORI_OK);
    tori_job_free(jobs[i]);
  }
  CHECK(signals == 0);
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
  CHECK(sigprocmask(SIG_UNBLOCK, &blocked, NULL) == 0);
  CHECK(signals == 1);
  tori_request_free(request);
}

/* Waits that are interrupted all the time wait on; a timer with no SA_RESTART is the worst of hosts. */
static void waits_survive_interruptions(void) {
  struct sigaction action;
  struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
  tori_request *request = tori_request_new();
  tori_queue *queue = NULL;
  tori_event event;
  int before = signals, ended = 0, i;
  memset(&action, 0, sizeof action);
  action.sa_handler = count;
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  CHECK(tori_queue_new(&queue, NULL) == TORI_OK);
  CHECK(tori_request_path(request, paper) == TORI_OK);
  CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
  for (i = 0; i < 20; i++) {
    tori_result *result = NULL;
    CHECK(tori_ingest(NULL, request, &result, NULL) == TORI_OK);
    tori_result_free(result);
  }
  CHECK(tori_request_queue(request, queue) == TORI_OK);
  for (i = 0; i < 20; i++) {
    CHECK(tori_submit(NULL, request, NULL, NULL) == TORI_OK);
  }
  while (ended < 20) {
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    CHECK(tori_queue_next(queue, TORI_WAIT_FOREVER, &event) == TORI_OK);
    ended += event.kind == TORI_EVENT_DONE;
  }
  CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
  CHECK(signals > before);
  tori_request_free(request);
  tori_queue_free(queue);
}

int main(int argc, char **argv) {
  struct sigaction before[65], after[65];
  char folder_before[4096], folder_after[4096];
  sigset_t mask_before, mask_after;
  mode_t umask_before = umask(022);
  int number;

  CHECK(argc >= 2);
  paper = argv[1];
  umask(umask_before);
  dispositions(before);
  CHECK(sigprocmask(SIG_SETMASK, NULL, &mask_before) == 0);
  CHECK(getcwd(folder_before, sizeof folder_before) != NULL);

  free(report());
  locales_change_nothing(argv + 2, argc - 2);

  dispositions(after);
  for (number = 1; number < 65; number++) {
    CHECK(before[number].sa_handler == after[number].sa_handler);
    CHECK(before[number].sa_flags == after[number].sa_flags);
  }
  CHECK(sigprocmask(SIG_SETMASK, NULL, &mask_after) == 0);
  for (number = 1; number < 65; number++) {
    CHECK(sigismember(&mask_before, number) == sigismember(&mask_after, number));
  }
  CHECK(getcwd(folder_after, sizeof folder_after) != NULL && strcmp(folder_before, folder_after) == 0);
  CHECK(umask(umask_before) == umask_before);

  workers_receive_nothing();
  waits_survive_interruptions();
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
