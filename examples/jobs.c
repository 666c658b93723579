/* Measures what jobs cost and gain.
 *
 *   jobs FILE...
 *
 * overhead    From tori_submit to the first word of a worker, and from the last word to the callback and to the queue's
 *             event: what a job costs besides its document. 2,000 short texts, one at a time, the pool idle before each.
 * cancel      From tori_job_cancel of a long document to the end of the next job, with one worker: the time for which
 *             a cancelled document goes on. 50 times, at moments of chance.
 * throughput  200 documents, FILEs in rotation, submitted as one batch: one worker against two, in turns, three times.
 *
 * The exit status is 0, or 1 when something failed, 2 for a wrong command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tori.h"

#define SHORT_TEXTS 2000
#define CANCELS 50
#define BATCH 200
#define ROUNDS 3

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void need(tori_status status, const char *what) {
  if (status != TORI_OK) {
    fprintf(stderr, "jobs: %s: %s\n", what, tori_status_name(status));
    exit(1);
  }
}

static int by_size(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

static void print(const char *name, double *values, size_t count) {
  qsort(values, count, sizeof *values, by_size);
  printf("%-34s p50 %8.1f us, p90 %8.1f us, p99 %8.1f us, max %8.1f us\n", name, values[count / 2],
         values[count * 9 / 10], values[count * 99 / 100], values[count - 1]);
  fflush(stdout);
}

struct times {
  double first, last, done;
};

static int on_progress(void *user_data, const tori_progress *progress) {
  struct times *times = user_data;
  times->last = now_us();
  if (progress->stage == 0) times->first = times->last;
  return 0;
}

static void on_done(void *user_data, tori_job *job) {
  (void)job;
  ((struct times *)user_data)->done = now_us();
}

static void overhead(void) {
  static double call[SHORT_TEXTS], to_worker[SHORT_TEXTS], to_callback[SHORT_TEXTS], to_queue[SHORT_TEXTS],
      sum[SHORT_TEXTS];
  tori_queue *queue = NULL;
  int i;
  need(tori_queue_new(&queue, NULL), "tori_queue_new");
  for (i = -50; i < SHORT_TEXTS; i++) {
    tori_request *request = tori_request_new();
    struct times times = {0, 0, 0};
    tori_event event;
    tori_job *job = NULL;
    double submitted, returned, taken;
    need(tori_request_text(request, "Log-structured merge trees.", TORI_NUL_TERMINATED), "tori_request_text");
    need(tori_request_progress(request, on_progress, &times, NULL), "tori_request_progress");
    need(tori_request_done(request, on_done, &times, NULL), "tori_request_done");
    need(tori_request_queue(request, queue), "tori_request_queue");
    usleep(1000);
    submitted = now_us();
    need(tori_submit(NULL, request, &job, NULL), "tori_submit");
    returned = now_us();
    do {
      memset(&event, 0, sizeof event);
      event.struct_size = sizeof event;
      need(tori_queue_next(queue, TORI_WAIT_FOREVER, &event), "tori_queue_next");
      taken = now_us();
    } while (event.kind != TORI_EVENT_DONE);
    need(tori_job_wait(job, TORI_WAIT_FOREVER), "tori_job_wait");
    need(event.status, "the job");
    if (i >= 0) {
      call[i] = returned - submitted;
      to_worker[i] = times.first - submitted;
      to_callback[i] = times.done - times.last;
      to_queue[i] = taken > times.last ? taken - times.last : 0;
      sum[i] = to_worker[i] + to_callback[i];
    }
    tori_job_free(job);
    tori_request_free(request);
  }
  tori_queue_free(queue);
  print("tori_submit returns after", call, SHORT_TEXTS);
  print("submit to the first word", to_worker, SHORT_TEXTS);
  print("last word to the callback", to_callback, SHORT_TEXTS);
  print("last word to the queue's taker", to_queue, SHORT_TEXTS);
  print("submit to callback, work left out", sum, SHORT_TEXTS);
}

/* Four megabytes of sentences, no two alike. */
static char *long_text(size_t *len) {
  static const char *const words[] = {"compaction", "merge", "tree", "latency", "throughput", "index", "block"};
  size_t room = 4u << 20, used = 0;
  unsigned long long random = 1;
  char *text = malloc(room);
  int i;
  if (text == NULL) exit(1);
  while (used + 300 < room) {
    for (i = 0; i < 12; i++) {
      random = random * 6364136223846793005ull + 1442695040888963407ull;
      used += (size_t)sprintf(text + used, "%s%s%u", i == 0 ? "The " : " ", words[(random >> 33) % 7],
                              (unsigned)((random >> 40) % 5000));
    }
    used += (size_t)sprintf(text + used, ".\n");
  }
  *len = used;
  return text;
}

static void cancel(void) {
  static double next[CANCELS];
  size_t len;
  char *text = long_text(&len);
  tori_request *slow = tori_request_new(), *quick = tori_request_new();
  int i;
  need(tori_request_bytes_static(slow, text, len, NULL, NULL), "tori_request_bytes_static");
  need(tori_request_set(slow, "admin_mode", "true", TORI_NUL_TERMINATED, NULL), "tori_request_set");
  need(tori_request_text(quick, "Log-structured merge trees.", TORI_NUL_TERMINATED), "tori_request_text");
  for (i = 0; i < CANCELS; i++) {
    tori_job *job = NULL;
    tori_result *result = NULL;
    double cancelled;
    need(tori_submit(NULL, slow, &job, NULL), "tori_submit");
    usleep((useconds_t)(2000 + i * 37 % CANCELS * 7000));
    cancelled = now_us();
    need(tori_job_cancel(job), "tori_job_cancel");
    if (tori_job_poll(job, NULL) != TORI_E_CANCELLED) {
      fputs("jobs: the long document was not long enough\n", stderr);
      exit(1);
    }
    need(tori_ingest(NULL, quick, &result, NULL), "tori_ingest");
    next[i] = now_us() - cancelled;
    tori_result_free(result);
    tori_job_free(job);
  }
  print("cancel to the next job's end", next, CANCELS);
  tori_request_free(slow);
  tori_request_free(quick);
  need(tori_shutdown(TORI_WAIT_FOREVER), "tori_shutdown");
  free(text);
}

static double batch_ms(int count, char **paths) {
  const tori_request *requests[BATCH];
  tori_request *own[BATCH];
  tori_job *jobs[BATCH];
  tori_result *warm = NULL;
  double started, ended;
  int i;
  /* The engine and the threads are there. */
  need(tori_ingest_text(NULL, "Log-structured merge trees.", TORI_NUL_TERMINATED, &warm, NULL), "tori_ingest_text");
  tori_result_free(warm);
  for (i = 0; i < BATCH; i++) {
    requests[i] = own[i] = tori_request_new();
    need(tori_request_path(own[i], paths[i % count]), "tori_request_path");
  }
  started = now_us();
  need(tori_submit_batch(NULL, requests, BATCH, jobs, NULL), "tori_submit_batch");
  for (i = 0; i < BATCH; i++) {
    need(tori_job_wait(jobs[i], TORI_WAIT_FOREVER), "tori_job_wait");
  }
  ended = now_us();
  for (i = 0; i < BATCH; i++) {
    need(tori_job_poll(jobs[i], NULL), paths[i % count]);
    tori_job_free(jobs[i]);
    tori_request_free(own[i]);
  }
  return (ended - started) / 1e3;
}

/* The number of workers belongs to a process. */
static double in_child(const char *workers, int count, char **paths, int what) {
  int ends[2], status = 0;
  double value = 0;
  pid_t child;
  fflush(stdout);
  if (pipe(ends) != 0 || (child = fork()) < 0) {
    perror("jobs");
    exit(1);
  }
  if (child == 0) {
    setenv("MAX_PARALLEL_WORKERS_OVERRIDE", workers, 1);
    switch (what) {
      case 'o': overhead(); break;
      case 'c': cancel(); break;
      default: value = batch_ms(count, paths);
    }
    _exit(write(ends[1], &value, sizeof value) == (ssize_t)sizeof value ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], &value, sizeof value) != (ssize_t)sizeof value || waitpid(child, &status, 0) != child ||
      status != 0) {
    exit(1);
  }
  close(ends[0]);
  return value;
}

int main(int argc, char **argv) {
  double one[ROUNDS], two[ROUNDS];
  int i;
  if (argc < 2 || argv[1][0] == '-') {
    fputs("usage: jobs FILE...\n", stderr);
    return 2;
  }
  in_child("2", 0, NULL, 'o');
  in_child("1", 0, NULL, 'c');
  for (i = 0; i < ROUNDS; i++) {
    one[i] = in_child("1", argc - 1, argv + 1, 't');
    two[i] = in_child("2", argc - 1, argv + 1, 't');
    printf("%d documents: one worker %.0f ms, two workers %.0f ms, ratio %.2f\n", BATCH, one[i], two[i],
           one[i] / two[i]);
    fflush(stdout);
  }
  qsort(one, ROUNDS, sizeof *one, by_size);
  qsort(two, ROUNDS, sizeof *two, by_size);
  printf("of the medians: %.2f\n", one[ROUNDS / 2] / two[ROUNDS / 2]);
  return 0;
}
