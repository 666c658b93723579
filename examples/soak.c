/* Works through documents for a long time, many at once, and checks that nothing is lost, doubled, changed or leaked.
 *
 *   soak [-n DOCUMENTS] [-f IN_FLIGHT] [-s SEED] FILE...
 *
 * Every file is taken in twice first, one after the other: as it is, and with some of its bytes changed by chance.
 * Then DOCUMENTS (10,000) of these are taken in as jobs, in rotation, IN_FLIGHT (64) at a time, one in ten cancelled
 * at a moment of chance. Each job must end once, say so once by its callback and once in the queue, and come to what
 * the same document came to before, byte for byte. Memory is looked at in ten parts of the run: in the last three it
 * may be at most 5 %, and the 2 MiB that an allocator keeps or not, above the second to fourth. The exit status is 0 when all of that held, 1 when not, 2 for a wrong
 * command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tori.h"

#define PARTS 10

struct document {
  const char *path;    /* NULL: the bytes are taken in */
  unsigned char *bytes;
  size_t len;
  tori_status status;
  unsigned long long hash;
};

struct flight {
  tori_job *job;
  const struct document *document;
  int cancelled;
  int ended; /* calls of the callback; written on threads of the library */
};

static unsigned long long state = 1;

static unsigned long chance(unsigned long below) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return (unsigned long)((state >> 33) % below);
}

static void fail(const char *what, const struct document *document, tori_status status) {
  fprintf(stderr, "soak: %s: %s%s, %s\n", what, document->path != NULL ? document->path : "changed bytes",
          document->path != NULL ? "" : " of the file before", tori_status_name(status));
  exit(1);
}

/* FNV-1a, 64 bits. */
static unsigned long long hash_of(const tori_result *result) {
  unsigned long long hash = 14695981039346656037ull;
  const char *json = tori_result_json(result, NULL);
  for (; json != NULL && *json != '\0'; json++) {
    hash = (hash ^ (unsigned char)*json) * 1099511628211ull;
  }
  return hash;
}

static void out_of_memory(void) {
  fputs("soak: out of memory\n", stderr);
  exit(1);
}

static int read_file(const char *path, struct document *document) {
  FILE *file = fopen(path, "rb");
  long size;
  if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
    fprintf(stderr, "soak: cannot read %s\n", path);
    return 0;
  }
  rewind(file);
  document->len = (size_t)size;
  document->bytes = malloc(document->len + 1);
  if (document->bytes == NULL) out_of_memory();
  if (fread(document->bytes, 1, document->len, file) != document->len) {
    fprintf(stderr, "soak: cannot read %s\n", path);
    fclose(file);
    return 0;
  }
  fclose(file);
  return 1;
}

static void change(struct document *document) {
  int i;
  for (i = 0; i < 20 && document->len > 0; i++) {
    document->bytes[chance(document->len)] = (unsigned char)chance(256);
  }
}

static tori_request *request_of(const struct document *document) {
  tori_request *request = tori_request_new();
  tori_status status = document->path != NULL
                           ? tori_request_path(request, document->path)
                           : tori_request_bytes_static(request, document->bytes, document->len, NULL, NULL);
  if (status != TORI_OK) fail("the request was refused", document, status);
  return request;
}

/* What the document comes to when it is alone. */
static void learn(const tori_engine *engine, struct document *document) {
  tori_request *request = request_of(document);
  tori_result *result = NULL;
  document->status = tori_ingest(engine, request, &result, NULL);
  document->hash = hash_of(result);
  tori_result_free(result);
  tori_request_free(request);
}

static void on_done(void *user_data, tori_job *job) {
  struct flight *flight = user_data;
  (void)job;
  __atomic_add_fetch(&flight->ended, 1, __ATOMIC_SEQ_CST);
}

static void start(const tori_engine *engine, tori_queue *queue, struct flight *flight,
                  const struct document *document) {
  tori_request *request = request_of(document);
  tori_status status;
  flight->document = document;
  flight->cancelled = 0;
  __atomic_store_n(&flight->ended, 0, __ATOMIC_SEQ_CST);
  tori_request_tag(request, flight);
  tori_request_queue(request, queue);
  tori_request_done(request, on_done, flight, NULL);
  status = tori_submit(engine, request, &flight->job, NULL);
  if (status != TORI_OK) fail("the job was refused", document, status);
  tori_request_free(request);
}

static void end(struct flight *flight, tori_status told) {
  tori_result *result = NULL;
  tori_status status;
  if (tori_job_wait(flight->job, TORI_WAIT_FOREVER) != TORI_OK) fail("no end", flight->document, told);
  status = tori_job_result(flight->job, &result, NULL);
  if (status != told) fail("queue and job differ", flight->document, status);
  if (__atomic_load_n(&flight->ended, __ATOMIC_SEQ_CST) != 1) fail("not one callback", flight->document, status);
  if (!(flight->cancelled && status == TORI_E_CANCELLED)) {
    if (status != flight->document->status) fail("another status than alone", flight->document, status);
    if (hash_of(result) != flight->document->hash) fail("another report than alone", flight->document, status);
  }
  tori_result_free(result);
  tori_job_free(flight->job);
  flight->job = NULL;
}

static double resident_mib(void) {
  unsigned long size, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%lu %lu", &size, &resident) != 2) {
    fputs("soak: cannot read /proc/self/statm\n", stderr);
    exit(1);
  }
  fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double mean(const double *values, int from, int to) {
  double sum = 0;
  int i;
  for (i = from; i < to; i++) sum += values[i];
  return sum / (to - from);
}

static long number(const char *text, const char *option) {
  char *rest;
  long value = strtol(text, &rest, 10);
  if (*rest != '\0' || value < 1 || value > 100000000) {
    fprintf(stderr, "soak: %s takes a whole number from 1 to 100000000, not \"%s\"\n", option, text);
    exit(2);
  }
  return value;
}

int main(int argc, char **argv) {
  long documents = 10000, in_flight = 64, started = 0, ended = 0, cancelled = 0, failed = 0;
  double memory[PARTS] = {0}, before, after, clock, cpu;
  struct document *all;
  struct flight *flights;
  tori_config *config = tori_config_new();
  tori_engine *engine = NULL;
  tori_queue *queue = NULL;
  tori_error *error = NULL;
  size_t count = 0, next = 0;
  long i;
  int option;

  while ((option = getopt(argc, argv, "n:f:s:")) != -1) {
    switch (option) {
      case 'n': documents = number(optarg, "-n"); break;
      case 'f': in_flight = number(optarg, "-f"); break;
      case 's': state = (unsigned long long)number(optarg, "-s"); break;
      default: argc = 0;
    }
  }
  if (optind >= argc || in_flight > 100000) {
    fputs("usage: soak [-n DOCUMENTS] [-f IN_FLIGHT] [-s SEED] FILE...\n", stderr);
    return 2;
  }
  all = calloc((size_t)(argc - optind) * 2, sizeof *all);
  flights = calloc((size_t)in_flight, sizeof *flights);
  if (all == NULL || flights == NULL) out_of_memory();
  if (tori_config_set(config, "report.timings", "false", TORI_NUL_TERMINATED, &error) != TORI_OK ||
      tori_config_set(config, "jobs.waiting", "100000", TORI_NUL_TERMINATED, &error) != TORI_OK ||
      tori_engine_new(config, &engine, &error) != TORI_OK || tori_queue_new(&queue, &error) != TORI_OK) {
    fprintf(stderr, "soak: %s\n", tori_error_message(error));
    return 1;
  }
  tori_config_free(config);

  for (i = optind; i < argc; i++) {
    all[count].path = argv[i];
    if (!read_file(argv[i], &all[count + 1])) return 1;
    change(&all[count + 1]);
    learn(engine, &all[count++]);
    learn(engine, &all[count++]);
  }
  for (next = 0; next < count; next++) failed += all[next].status != TORI_OK;
  printf("%lu documents, %ld of them refused by themselves; %ld to go, %ld at a time\n", (unsigned long)count, failed,
         documents, in_flight);
  fflush(stdout);

  next = 0;
  clock = seconds(CLOCK_MONOTONIC);
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  while (started < in_flight && started < documents) {
    start(engine, queue, &flights[started++], &all[next++ % count]);
  }
  while (ended < documents) {
    tori_event event;
    struct flight *flight, *victim;
    int part;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    if (tori_queue_next(queue, 300000, &event) != TORI_OK) {
      fprintf(stderr, "soak: no event for five minutes, %ld jobs open\n", started - ended);
      return 1;
    }
    if (event.kind != TORI_EVENT_DONE) {
      continue;
    }
    flight = (struct flight *)(size_t)event.tag;
    if (flight->job == NULL || event.job_id != tori_job_id(flight->job)) {
      fail("an end that was told before", flight->document, event.status);
    }
    cancelled += event.status == TORI_E_CANCELLED;
    end(flight, event.status);
    ended++;
    if (started < documents) {
      start(engine, queue, flight, &all[next++ % count]);
      started++;
      victim = &flights[chance((unsigned long)in_flight)];
      if (victim->job != NULL && chance(10) == 0) {
        victim->cancelled = 1;
        tori_job_cancel(victim->job);
      }
    }
    part = (int)((ended - 1) * PARTS / documents);
    if (ended % 16 == 0) {
      double now = resident_mib();
      if (now > memory[part]) memory[part] = now;
    }
    if (ended == documents || (int)(ended * PARTS / documents) > part) {
      printf("%8ld ended, at most %.1f MiB\n", ended, memory[part]);
      fflush(stdout);
    }
  }
  clock = seconds(CLOCK_MONOTONIC) - clock;
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  before = mean(memory, 1, 4);
  after = mean(memory, PARTS - 3, PARTS);
  printf("%ld documents in %.1f s (%.1f a second, %.1f s of CPU), %ld cancelled; memory %.1f MiB, then %.1f MiB\n",
         documents, clock, (double)documents / clock, cpu, cancelled, before, after);
  for (i = 0; i < in_flight; i++) {
    if (flights[i].job != NULL) fail("an end that was not told", flights[i].document, TORI_PENDING);
  }
  tori_queue_free(queue);
  tori_engine_free(engine);
  if (tori_shutdown(60000) != TORI_OK) {
    fputs("soak: the library does not come to its end\n", stderr);
    return 1;
  }
  for (next = 0; next < count; next++) free(all[next].bytes);
  free(all);
  free(flights);
  if (after > before * 1.05 + 2) {
    fputs("soak: memory grew by more than 5 % and 2 MiB\n", stderr);
    return 1;
  }
  return 0;
}
