#pragma once
// archetype-runc: what a container engine runs in place of runc for the nodes of labs. See main.c.
#include <stdbool.h>
#include <stddef.h>

/// What is wanted of us, as runc's own command line says it.
struct call {
  bool is_create;     // a container is about to be made
  const char *bundle; // folder of its config.json
  const char *id;     // of the container
  const char *log;    // where runc tells errors to the engine, or NULL
};

// call.c
struct call call_read(int argc, char *const *argv);
/// Tells the engine why there will be no container, where it looks for runc's words, and ends.
void call_fail(const struct call *call, const char *what, const char *why) __attribute__((noreturn));

/// The first argument of a hook of ours: a sandbox and what it should have follow.
static const char restore_verb[] = "--restore-ipv6";

// sandbox.c
/// The path of the network namespace in which container `id` belongs, in `path`. False with errno: ENOENT where nobody has made one, EINVAL where
/// what is there is none.
bool sandbox_find(const char *id, char *path, size_t size);

// ipv6.c
#define IPV6_MOST 64
/// IPv6 addresses and default routes of a sandbox, each in a few words.
struct ipv6 {
  int count;
  char words[IPV6_MOST][80];
};
struct ipv6 ipv6_find(const char *sandbox);
/// Gives a sandbox back what an engine has taken by turning IPv6 off in it. The exit code of a hook.
int ipv6_restore(const char *sandbox, int count, char *const *words);

// bundle.c
/// Has the container of the bundle live in the network namespace at `path`, with the IPv6 addresses that it has now. NULL, or what can't be done,
/// with errno.
const char *bundle_join(const char *bundle, const char *path, const struct ipv6 *ipv6);
