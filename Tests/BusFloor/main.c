// archetype-bus-floor hub FOLDER
// archetype-bus-floor ours|plain FOLDER call SECONDS DEPTH | publish SECONDS | idle PEERS
//
// What ZeroMQ itself needs for a hub of the product's shape: a ROUTER that hands requests on by name, and an XPUB for what is published,
// with the options of the product's sockets. The load is the same program for both hubs. Prints one line of JSON.
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zmq.h>

void fail(const char *what) {
  fprintf(stderr, "archetype-bus-floor: %s: %s\n", what, zmq_strerror(zmq_errno()));
  exit(1);
}

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("setrlimit");
}

// As Shared/Bus/Socket.swift.
void *open_socket(void *context, int type) {
  static const struct {
    int option, value;
  } settings[] = {
      {ZMQ_LINGER, 300},           {ZMQ_SNDHWM, 128},          {ZMQ_RCVHWM, 128},
      {ZMQ_HEARTBEAT_IVL, 2000},   {ZMQ_HEARTBEAT_TIMEOUT, 3000}, {ZMQ_HEARTBEAT_TTL, 5000},
      {ZMQ_HANDSHAKE_IVL, 5000},   {ZMQ_RECONNECT_IVL, 20},    {ZMQ_RECONNECT_IVL_MAX, 500},
  };
  void *socket = zmq_socket(context, type);
  if (!socket) fail("socket");
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    if (zmq_setsockopt(socket, settings[i].option, &settings[i].value, sizeof(int)) != 0) fail("setsockopt");
  return socket;
}

void *connect_to(void *context, int type, const char *folder, const char *name) {
  char endpoint[most_path];
  void *socket = open_socket(context, type);
  snprintf(endpoint, sizeof endpoint, "ipc://%s/%s", folder, name);
  if (zmq_connect(socket, endpoint) != 0) fail(endpoint);
  return socket;
}

static size_t text(unsigned char *frame, int tag, const char *value) {
  size_t length = strlen(value);
  frame[0] = (unsigned char)tag;
  frame[1] = (unsigned char)length;
  memcpy(frame + 2, value, length);
  return length + 2;
}

static size_t word(unsigned char *frame, char what, const char *value) {
  frame[0] = (unsigned char)what;
  memcpy(frame + 1, value, strlen(value));
  return strlen(value) + 1;
}

// Of proto/envelope.proto: HubFrame.hello is 1, request 7, publish 9; Hello.name 1, instance 2, protocol_version 3.
size_t greeting(enum dialect dialect, const char *name, unsigned char *frame) {
  if (dialect == plain) return word(frame, 'h', name);
  unsigned long long instance = 0x5eed;
  for (const char *c = name; *c; c++) instance = instance * 31 + (unsigned char)*c;
  size_t length = 2 + text(frame + 2, 0x0a, name);
  frame[length++] = 0x11;
  memcpy(frame + length, &instance, 8);
  length += 8;
  frame[length++] = 0x18;
  frame[length++] = 1;
  frame[0] = 0x0a;
  frame[1] = (unsigned char)(length - 2);
  return length;
}

size_t request(enum dialect dialect, const char *to, unsigned char *frame) {
  return dialect == plain ? word(frame, 'r', to) : text(frame, 0x3a, to);
}

size_t publication(enum dialect dialect, const char *topic, unsigned char *frame) {
  return dialect == plain ? word(frame, 'p', topic) : text(frame, 0x4a, topic);
}

int main(int argc, char **argv) {
  raise_descriptor_limit();
  if (argc == 3 && strcmp(argv[1], "hub") == 0) serve(argv[2]);
  if (argc >= 5 && strlen(argv[2]) < most_path - 16) {
    enum dialect dialect = strcmp(argv[1], "plain") == 0 ? plain : ours;
    if (strcmp(argv[3], "call") == 0 && argc == 6) return call(dialect, argv[2], atof(argv[4]), atoi(argv[5])), 0;
    if (strcmp(argv[3], "publish") == 0) return publish(dialect, argv[2], atof(argv[4])), 0;
    if (strcmp(argv[3], "idle") == 0) return idle(dialect, argv[2], atoi(argv[4])), 0;
  }
  fprintf(stderr, "usage: archetype-bus-floor hub FOLDER, or ours|plain FOLDER call SECONDS DEPTH | publish SECONDS | idle PEERS\n");
  return 2;
}
