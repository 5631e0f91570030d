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

// sandbox.c
/// The path of the network namespace in which container `id` belongs, in `path`. False with errno: ENOENT where nobody has made one, EINVAL where
/// what is there is none.
bool sandbox_find(const char *id, char *path, size_t size);

// bundle.c
/// Has the container of the bundle live in the network namespace at `path`. NULL, or what can't be done, with errno.
const char *bundle_join(const char *bundle, const char *path);
