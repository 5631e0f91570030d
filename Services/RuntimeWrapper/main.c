// archetype-runc ARGUMENTS…   as runc(8), but that a new container lives in the network namespace that the agent has made for it
//
// The engine knows it as runtime `archetype`. Before a node's first process runs, all its interfaces are there: the agent makes them in a sandbox
// of its own and leaves a link to that under the container's id. Whoever else starts a node gets its sandbox too, or a clear refusal.
#include "wrapper.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Where distributions put it, if it isn't in the engine's PATH.
static const char *const places[] = {"/usr/bin/runc", "/usr/sbin/runc", "/usr/local/sbin/runc", "/usr/local/bin/runc"};

static void prepare(const struct call *call) {
  char path[PATH_MAX];
  if (!sandbox_find(call->id, path, sizeof path)) {
    const char *reason = strerror(errno);
    bool is_missing = errno == ENOENT;
    call_fail(call, is_missing ? "this node has no sandbox now: archetype-agent makes it and starts the node" : "the node's sandbox", reason);
  }
  struct ipv6 ipv6 = ipv6_find(path);
  const char *step = bundle_join(call->bundle, path, &ipv6);
  if (step != NULL) call_fail(call, step, strerror(errno));
}

int main(int argc, char **argv) {
  if (argc > 2 && strcmp(argv[1], restore_verb) == 0) return ipv6_restore(argv[2], argc - 3, argv + 3);
  struct call call = call_read(argc, argv);
  if (call.is_create) prepare(&call);
  char name[] = "runc";
  argv[0] = name;
  execvp(name, argv);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) execv(places[i], argv);
  call_fail(&call, "runc can't be run (install it)", strerror(errno));
}
