#define _GNU_SOURCE
#include "floor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum { body_bytes = 100, most_samples = 4000000, batch = 32, batches_under_way = 2 };

// With more under way a queue of 128 may be full, as its writer learns of what was read only every 64: then a publisher drops.

static const char topic[] = "intent";

// A connection for requests that the hub has admitted.
static void *greet(void *context, enum dialect dialect, const char *folder, const char *name) {
  unsigned char frame[most_frame];
  void *socket = connect_to(context, ZMQ_DEALER, folder, "requests");
  size_t length = greeting(dialect, name, frame);
  zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
  if (zmq_send(socket, frame, length, 0) < 0) fail("greet");
  if (zmq_poll(&item, 1, 10000) <= 0 || zmq_recv(socket, frame, sizeof frame, 0) < 0) fail("nobody answers a greeting");
  return socket;
}

static void send_body(void *socket, const unsigned char *first, size_t length, const void *body) {
  if (zmq_send(socket, first, length, ZMQ_SNDMORE) < 0 || zmq_send(socket, body, body_bytes, 0) < 0) fail("send");
}

// All frames of a message; the last one's first eight bytes.
static long long receive(void *socket) {
  unsigned char bytes[4 * body_bytes];
  long long number = -1;
  int more = 1;
  size_t size = sizeof more;
  while (more) {
    if (zmq_recv(socket, bytes, sizeof bytes, 0) < 0) fail("receive");
    zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
  }
  memcpy(&number, bytes, sizeof number);
  return number;
}

static int later(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

// Answers until it is killed.
static void answer(enum dialect dialect, const char *folder) {
  unsigned char frame[most_frame], body[body_bytes] = {0};
  void *socket = greet(zmq_ctx_new(), dialect, folder, "configs");
  size_t length = request(dialect, "jobs", frame);
  for (;;) {
    long long number = receive(socket);
    memcpy(body, &number, sizeof number);
    send_body(socket, frame, length, body);
  }
}

void call(enum dialect dialect, const char *folder, double seconds, int depth) {
  pid_t other = fork();
  if (other == 0) answer(dialect, folder);
  unsigned char frame[most_frame], body[body_bytes] = {0};
  void *socket = greet(zmq_ctx_new(), dialect, folder, "jobs");
  size_t length = request(dialect, "configs", frame);
  float *times = calloc(most_samples, sizeof *times);
  if (!times) fail("memory");
  usleep(200000); // The other has greeted by then; a lost first request would be waited for in vain.
  double *sent = calloc((size_t)depth, sizeof *sent), begin = now(), end = begin + seconds;
  long long first = 0, last = 0, done = 0;
  for (; first < depth; first++) {
    sent[first] = now();
    memcpy(body, &first, sizeof first);
    send_body(socket, frame, length, body);
  }
  while (last < first) {
    long long number = receive(socket);
    double at = now();
    last++;
    if (done < most_samples) times[done++] = (float)(at - sent[number % depth]);
    if (at >= end) continue;
    sent[first % depth] = now();
    memcpy(body, &first, sizeof first);
    first++;
    send_body(socket, frame, length, body);
  }
  double took = now() - begin;
  kill(other, SIGKILL);
  waitpid(other, NULL, 0);
  qsort(times, (size_t)done, sizeof *times, later);
  printf("{\"rate\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", (double)done / took, times[done / 2] * 1e6, times[done * 99 / 100] * 1e6);
  free(times);
  free(sent);
}

// What is published before events are counted: until its subscription is in place a follower hears nothing.
enum { are_you_there = -1, count_from_here = -2 };

// Follows, and says `h` when it hears anything, `c` when it counts, `b` after each batch.
static void follow(const char *folder, int words) {
  void *socket = connect_to(zmq_ctx_new(), ZMQ_SUB, folder, "events");
  if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, sizeof topic) != 0) fail("subscribe");
  long long expected = 0;
  for (;;) {
    long long number = receive(socket);
    const char *word = number == are_you_there ? "h" : number == count_from_here ? "c" : "b";
    if (number >= 0 && number != expected++) fail("an event was lost");
    if ((number < 0 || expected % batch == 0) && write(words, word, 1) != 1) fail("write");
  }
}

void publish(enum dialect dialect, const char *folder, double seconds) {
  int words[2];
  char byte;
  if (pipe(words) < 0) fail("pipe");
  pid_t other = fork();
  if (other == 0) follow(folder, words[1]);
  close(words[1]);
  unsigned char frame[most_frame], body[body_bytes] = {0};
  void *socket = greet(zmq_ctx_new(), dialect, folder, "configs");
  // A plain topic has its NUL too, as `sizeof` in the subscription.
  size_t length = publication(dialect, topic, frame);
  if (dialect == plain) frame[length++] = 0;
  long long number = are_you_there;
  memcpy(body, &number, sizeof number);
  zmq_pollitem_t item = {NULL, words[0], ZMQ_POLLIN, 0};
  do send_body(socket, frame, length, body);
  while (zmq_poll(&item, 1, 20) == 0);
  number = count_from_here;
  memcpy(body, &number, sizeof number);
  send_body(socket, frame, length, body);
  do
    if (read(words[0], &byte, 1) != 1) fail("the follower is gone");
  while (byte != 'c');
  number = -1;
  double begin = now(), end = begin + seconds;
  int under_way = 0;
  while (now() < end || under_way > 0) {
    if (now() < end && under_way < batches_under_way) {
      for (int i = 0; i < batch; i++) {
        number++;
        memcpy(body, &number, sizeof number);
        send_body(socket, frame, length, body);
      }
      under_way++;
      continue;
    }
    if (read(words[0], &byte, 1) != 1) fail("the follower is gone");
    under_way--;
  }
  double took = now() - begin;
  kill(other, SIGKILL);
  waitpid(other, NULL, 0);
  printf("{\"rate\":%.0f}\n", (double)(number + 1) / took);
}

void idle(enum dialect dialect, const char *folder, int peers) {
  void *context = zmq_ctx_new();
  char name[32];
  zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 2 * peers + 16);
  for (int i = 0; i < peers; i++) {
    snprintf(name, sizeof name, "agent/h%d", i);
    greet(context, dialect, folder, name);
    void *events = connect_to(context, ZMQ_SUB, folder, "events");
    snprintf(name, sizeof name, "assign.h%d", i);
    if (zmq_setsockopt(events, ZMQ_SUBSCRIBE, name, strlen(name) + 1) != 0) fail("subscribe");
  }
  printf("{\"peers\":%d}\n", peers);
  fflush(stdout);
  for (;;) pause();
}
