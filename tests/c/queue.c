/* One thread, epoll and a queue serve many jobs: each job's end comes once, events of a job never go back. */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check.h"

#define JOBS 60

struct tag {
  int called;
};

/* Some callbacks take their time: the end is told after they have returned. */
static void on_done(void *user_data, tori_job *job) {
  struct tag *tag = user_data;
  if (tori_job_id(job) % 7 == 0) usleep(3000);
  __atomic_add_fetch(&tag->called, 1, __ATOMIC_SEQ_CST);
}

int main(int argc, char **argv) {
  tori_engine *engine = NULL;
  tori_queue *queue = NULL;
  tori_request *request = tori_request_new();
  struct epoll_event ready;
  int epoll = epoll_create1(EPOLL_CLOEXEC), ended[JOBS], percent[JOBS], i, open = JOBS, events = 0;
  int cancelled = 0, woken = 0;
  tori_job *jobs[JOBS];
  struct tag tags[JOBS];

  CHECK(argc == 2 && epoll >= 0);
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  CHECK(tori_queue_new(&queue, NULL) == TORI_OK);
  memset(&ready, 0, sizeof ready);
  ready.events = EPOLLIN;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, (int)tori_queue_fd(queue), &ready) == 0);
  CHECK(epoll_wait(epoll, &ready, 1, 0) == 0);

  CHECK(tori_request_path(request, argv[1]) == TORI_OK);
  CHECK(tori_request_queue(request, queue) == TORI_OK);
  for (i = 0; i < JOBS; i++) {
    ended[i] = percent[i] = tags[i].called = 0;
    CHECK(tori_request_tag(request, &tags[i]) == TORI_OK);
    CHECK(tori_request_done(request, on_done, &tags[i], NULL) == TORI_OK);
    CHECK(tori_submit(engine, request, &jobs[i], NULL) == TORI_OK);
    if (i % 5 == 4) {
      CHECK(tori_job_cancel(jobs[i]) == TORI_OK);
    }
  }
  tori_request_free(request);
  CHECK(tori_queue_wake(queue) == TORI_OK && tori_queue_wake(queue) == TORI_OK);

  while (open > 0) {
    tori_event event;
    tori_status status;
    int n = epoll_wait(epoll, &ready, 1, 30000);
    CHECK(n == 1 || (n < 0 && errno == EINTR));
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    while ((status = tori_queue_next(queue, 0, &event)) == TORI_OK) {
      int index = (int)((const struct tag *)event.tag - tags);
      events++;
      if (event.kind == TORI_EVENT_WAKE) {
        CHECK(event.job_id == 0 && event.tag == NULL);
        woken++;
        continue;
      }
      CHECK(index >= 0 && index < JOBS && event.job_id == tori_job_id(jobs[index]));
      CHECK(!ended[index] && (int)event.percent >= percent[index]);
      percent[index] = (int)event.percent;
      if (event.kind == TORI_EVENT_DONE) {
        CHECK(__atomic_load_n(&tags[index].called, __ATOMIC_SEQ_CST) == 1);
        ended[index] = 1;
        open--;
        CHECK(event.status == TORI_OK || event.status == TORI_E_CANCELLED);
        CHECK((event.status == TORI_OK) == (event.percent == 100));
        cancelled += event.status == TORI_E_CANCELLED;
        CHECK(tori_job_poll(jobs[index], NULL) == event.status);
      } else {
        CHECK(event.kind == TORI_EVENT_PROGRESS && event.status == TORI_PENDING);
      }
    }
    CHECK(status == TORI_E_TIMEOUT);
  }
  CHECK(woken == 1 && cancelled >= 1 && events >= JOBS);
  /* It may be readable once more, for an event that was taken before it was told of. */
  while (epoll_wait(epoll, &ready, 1, 0) != 0) {
    tori_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    CHECK(tori_queue_next(queue, 0, &event) == TORI_E_TIMEOUT);
  }
  for (i = 0; i < JOBS; i++) {
    tori_job_free(jobs[i]);
  }
  tori_queue_free(queue);
  tori_engine_free(engine);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
