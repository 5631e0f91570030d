#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { most_names = 4096, routing_bytes = 5, most_round = 32 };

struct peer {
  char name[most_frame];
  unsigned char routing[routing_bytes];
};

static struct peer peers[most_names];
static int count;

// A name's peer, by hash and the next free place.
static struct peer *find(const char *name, size_t length, int isNew) {
  unsigned hash = 5381;
  for (size_t i = 0; i < length; i++) hash = hash * 33 + (unsigned char)name[i];
  for (int step = 0; step < most_names; step++) {
    struct peer *peer = &peers[(hash + (unsigned)step) % most_names];
    if (peer->name[0] == 0) {
      if (!isNew) return NULL;
      memcpy(peer->name, name, length);
      count++;
      return peer;
    }
    if (strlen(peer->name) == length && memcmp(peer->name, name, length) == 0) return peer;
  }
  return NULL;
}

// Whose name a connection has said.
static struct peer *sender(const void *routing) {
  static struct peer *last;
  if (last && memcmp(last->routing, routing, routing_bytes) == 0) return last;
  for (int i = 0; i < most_names; i++)
    if (peers[i].name[0] && memcmp(peers[i].routing, routing, routing_bytes) == 0) return last = &peers[i];
  return NULL;
}

static void send_on(void *socket, const void *first, size_t first_length, const char *from, zmq_msg_t *body) {
  if (zmq_send(socket, first, first_length, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) return;
  zmq_send(socket, from, strlen(from), ZMQ_SNDMORE | ZMQ_DONTWAIT);
  zmq_msg_send(body, socket, ZMQ_DONTWAIT);
}

// [routing id][what it is][body]; 0: there was none.
static int forward(void *requests, void *events) {
  zmq_msg_t routing, first, body;
  zmq_msg_init(&routing);
  if (zmq_msg_recv(&routing, requests, ZMQ_DONTWAIT) < 0) {
    zmq_msg_close(&routing);
    return 0;
  }
  zmq_msg_init(&first);
  zmq_msg_init(&body);
  zmq_msg_recv(&first, requests, ZMQ_DONTWAIT);
  if (zmq_msg_more(&first)) zmq_msg_recv(&body, requests, ZMQ_DONTWAIT);
  const char *word = zmq_msg_data(&first);
  size_t length = zmq_msg_size(&first);
  if (length > 1 && length < most_frame && word[0] == 'h') {
    struct peer *peer = find(word + 1, length - 1, 1);
    if (peer) memcpy(peer->routing, zmq_msg_data(&routing), routing_bytes);
    zmq_send(requests, zmq_msg_data(&routing), routing_bytes, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    zmq_send(requests, "w", 1, ZMQ_DONTWAIT);
  } else if (length > 1) {
    struct peer *from = sender(zmq_msg_data(&routing));
    struct peer *to = word[0] == 'r' ? find(word + 1, length - 1, 0) : NULL;
    if (from && to) send_on(requests, to->routing, routing_bytes, from->name, &body);
    if (from && word[0] == 'p') send_on(events, word + 1, length - 1, from->name, &body);
  }
  zmq_msg_close(&routing);
  zmq_msg_close(&first);
  zmq_msg_close(&body);
  return 1;
}

// Rounds are short: what a follower has read is learned only when its socket is looked at, and a queue that seems full loses messages.
void serve(const char *folder) {
  char endpoint[most_path];
  void *context = zmq_ctx_new();
  void *requests = open_socket(context, ZMQ_ROUTER), *events = open_socket(context, ZMQ_XPUB);
  snprintf(endpoint, sizeof endpoint, "ipc://%s/events", folder);
  if (zmq_bind(events, endpoint) != 0) fail(endpoint);
  snprintf(endpoint, sizeof endpoint, "ipc://%s/requests", folder);
  if (zmq_bind(requests, endpoint) != 0) fail(endpoint);
  for (;;) {
    zmq_pollitem_t items[] = {{requests, 0, ZMQ_POLLIN, 0}, {events, 0, ZMQ_POLLIN, 0}};
    if (zmq_poll(items, 2, -1) < 0) fail("poll");
    char subscription[most_frame];
    while (zmq_recv(events, subscription, sizeof subscription, ZMQ_DONTWAIT) >= 0) continue;
    for (int i = 0; i < most_round && forward(requests, events); i++) continue;
  }
}
