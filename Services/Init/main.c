// archetype-init --spawn FD [FOLDER…]   makes nodes for the agent at the other end of socket FD; each copy is its node's first process
// archetype-init --machine              first process of a testbed's virtual host: reaps, waits
// archetype-init --pause PIN            first process of a container that only holds the sandbox pinned at PIN
#include "init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *words, *words_end;

void show_as(const char *text) {
  memset(words, 0, (size_t)(words_end - words));
  strncpy(words, text, (size_t)(words_end - words) - 1);
}

int main(int argc, char **argv) {
  // The arguments lie one behind the other.
  words = argv[0];
  words_end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;
  if (argc == 2 && strcmp(argv[1], "--machine") == 0) return machine_main();
  if (argc == 3 && strcmp(argv[1], "--pause") == 0) return pause_main(argv[2]);
  if (argc >= 3 && strcmp(argv[1], "--spawn") == 0) return spawner_main(atoi(argv[2]), argv + 3, argc - 3);
  dprintf(2, "usage: archetype-init --machine | --pause PIN | --spawn FD [FOLDER…]\n");
  return 2;
}
